// SPDX-License-Identifier: GPL-2.0
/*
 * A token bucket kept as one instant, as cpu/pool.c does for CPU.
 *
 * tat is when the next packet may pass:
 *
 *	tat = max(tat, now - burst) when nothing waits; a packet passes if
 *	tat <= now, and then  tat += bytes / rate
 *
 * A packet may be larger than what is left: the next waits the longer.  bytes /
 * rate is kept with 24 fractional bits, the remainder carried.  At 10 Gbit/s a
 * small packet is 51.2 ns, and 51 would be 0.4 % of rate less.  While packets
 * wait, tat is not held to now: a timer that comes late costs the VM nothing.
 *
 * The debt is bounded.  A packet moves tat by 7 s at most, so no packet keeps all
 * others away for longer.  That is what the largest frame, 64 KiB, takes at the lowest
 * rate, 10 kB/s.  What would take longer does not fit, and the shaper drops it.
 *
 * Worked: 10 MB/s; a segment of 1514 bytes moves tat by 151.4 us.  The burst
 * after idleness is 10 ms, 100 kB.  What fits are 70 MB.
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "core/q.h"
#include "net/bucket.h"

#define BURST_NS	(10 * NSEC_PER_MSEC)	/* tokens that bank while nothing is sent */
#define DEBT_MAX_NS	(7ULL * NSEC_PER_SEC)	/* what one packet may owe */

/**
 * kvmeter_bucket_limits - is there a limit?
 * @bucket: the bucket; a limit whose lease is over ends here
 * @now_ns: CLOCK_MONOTONIC
 */
bool kvmeter_bucket_limits(struct kvmeter_bucket *bucket, u64 now_ns)
{
	if (now_ns >= bucket->lease_until_ns)
		bucket->limited = false;
	return bucket->limited;
}

/**
 * kvmeter_bucket_ready - may a packet pass now, when none waits?
 * @bucket: the bucket, with a limit
 * @now_ns: CLOCK_MONOTONIC
 */
bool kvmeter_bucket_ready(struct kvmeter_bucket *bucket, u64 now_ns)
{
	bucket->tat_ns = max(bucket->tat_ns, kmc_sat_sub(now_ns, BURST_NS));
	return bucket->tat_ns <= now_ns;
}

/**
 * kvmeter_bucket_exceeds - is this more than the burst?
 * @bucket: the bucket
 * @bytes: of a packet
 *
 * Return: false also if there is no limit.
 */
bool kvmeter_bucket_exceeds(const struct kvmeter_bucket *bucket, u64 bytes)
{
	bytes = min(bytes, bucket->debt_max_bytes);
	return bucket->limited && bytes * bucket->inv_rate_q24 >> 24 > BURST_NS;
}

/**
 * kvmeter_bucket_fits - is this no more than what one packet may owe?
 * @bucket: the bucket, with a limit
 * @bytes: of a packet
 */
bool kvmeter_bucket_fits(const struct kvmeter_bucket *bucket, u64 bytes)
{
	return bytes <= bucket->debt_max_bytes;
}

/**
 * kvmeter_bucket_charge - a packet passes
 * @bucket: the bucket
 * @bytes: of the packet.  7 s in Q24 of a ns are 57 bits
 */
void kvmeter_bucket_charge(struct kvmeter_bucket *bucket, u64 bytes)
{
	u64 ns_q24;

	bytes = min(bytes, bucket->debt_max_bytes);
	ns_q24 = bucket->rem_q24 + bytes * bucket->inv_rate_q24;
	bucket->tat_ns += ns_q24 >> 24;
	bucket->rem_q24 = ns_q24 & (BIT(24) - 1);
}

/**
 * kvmeter_bucket_set - begin a limit, change its rate, or renew its lease
 * @bucket: the bucket
 * @rate: bytes per second, 10^4 .. 10^12
 * @now_ns: CLOCK_MONOTONIC
 * @lease_until_ns: no limit after this
 */
void kvmeter_bucket_set(struct kvmeter_bucket *bucket, u64 rate, u64 now_ns, u64 lease_until_ns)
{
	u64 inv = div64_u64((u64)NSEC_PER_SEC << 24, rate);

	if (!kvmeter_bucket_limits(bucket, now_ns)) {
		bucket->tat_ns = now_ns;
		bucket->rem_q24 = 0;
	} else if (bucket->tat_ns > now_ns && inv != bucket->inv_rate_q24) {
		/* what is owed is bytes: their time follows the rate */
		bucket->tat_ns = now_ns + min(DEBT_MAX_NS,
					      kmc_muldiv_floor(bucket->tat_ns - now_ns, inv,
							       bucket->inv_rate_q24));
	}
	bucket->limited = true;
	bucket->inv_rate_q24 = inv;
	bucket->debt_max_bytes = kmc_muldiv_floor(rate, DEBT_MAX_NS, NSEC_PER_SEC);
	bucket->lease_until_ns = lease_until_ns;
}
