/* SPDX-License-Identifier: GPL-2.0 */
/* A token bucket for bytes, kept as one instant. */
#ifndef KVMETER_NET_BUCKET_H
#define KVMETER_NET_BUCKET_H

#include <linux/types.h>

/**
 * struct kvmeter_bucket - when the next packet may pass; the caller's lock protects all
 * @limited: there is a rate
 * @rem_q24: what @tat_ns lacks, Q24 of a ns
 * @tat_ns: when the next packet may pass; CLOCK_MONOTONIC
 * @inv_rate_q24: ns per byte, Q24
 * @debt_max_bytes: what one packet may owe
 * @lease_until_ns: no limit after this; CLOCK_MONOTONIC
 */
struct kvmeter_bucket {
	bool limited;
	u32 rem_q24;
	u64 tat_ns;
	u64 inv_rate_q24;
	u64 debt_max_bytes;
	u64 lease_until_ns;
};

bool kvmeter_bucket_limits(struct kvmeter_bucket *bucket, u64 now_ns);
bool kvmeter_bucket_ready(struct kvmeter_bucket *bucket, u64 now_ns);
bool kvmeter_bucket_exceeds(const struct kvmeter_bucket *bucket, u64 bytes);
bool kvmeter_bucket_fits(const struct kvmeter_bucket *bucket, u64 bytes);
void kvmeter_bucket_charge(struct kvmeter_bucket *bucket, u64 bytes);
void kvmeter_bucket_set(struct kvmeter_bucket *bucket, u64 rate, u64 now_ns, u64 lease_until_ns);

#endif /* KVMETER_NET_BUCKET_H */
