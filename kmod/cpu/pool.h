/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pool: a VM's CPU tokens, dealt out as slices.
 */
#ifndef KVMETER_POOL_H
#define KVMETER_POOL_H

#include <linux/spinlock.h>
#include <linux/time64.h>
#include <linux/types.h>

#define KVMETER_SLICE_MIN_NS	(200ULL * NSEC_PER_USEC)	/* below, switching costs more */

/**
 * struct kvmeter_pool - a VM's CPU tokens, dealt out as slices
 * @lock: protects all below; raw, as kvm_entry takes it with interrupts off;
 *        inside kvmeter_lock, a leaf
 * @limited: slices are dealt out at all
 * @paused: no slice is dealt out
 * @gen: counts beginnings of limits; read without the lock
 * @tat_ns: when the next slice may begin, CLOCK_MONOTONIC
 * @inv_rate_q32: wall ns per vCPU ns, Q32; 0: only the runway limits
 * @slice_ns: length of a slice; read without the lock
 * @burst_ns: how far @tat_ns may lag behind now
 * @lease_until_ns: no limit after this, CLOCK_MONOTONIC; read without the lock
 * @lease_ns: length of a lease
 * @closed_until_ns: the budget's limit holds until then without a lease; read
 *                   without the lock
 * @runway_ns: vCPU ns that the budget still pays; U64_MAX: no limit
 *
 * All but @tat_ns and @runway_ns is written under kvmeter_lock, too, by the
 * period's side only.
 */
struct kvmeter_pool {
	raw_spinlock_t lock;
	bool limited;
	bool paused;
	u32 gen;
	u64 tat_ns;
	u64 inv_rate_q32;
	u64 slice_ns;
	u64 burst_ns;
	u64 lease_until_ns;
	u64 lease_ns;
	u64 closed_until_ns;
	u64 runway_ns;
};

void kvmeter_pool_init(struct kvmeter_pool *pool);
void kvmeter_pool_set(struct kvmeter_pool *pool, u32 cap_bp, u32 nr_vcpus, u64 runway_ns,
		      u64 now_ns);
void kvmeter_pool_close(struct kvmeter_pool *pool, u64 until_ns);
void kvmeter_pool_open(struct kvmeter_pool *pool);
bool kvmeter_pool_bound(const struct kvmeter_pool *pool, u64 now_ns);
u64 kvmeter_pool_draw(struct kvmeter_pool *pool, u64 now_ns, u64 debt_ns, u64 *slice_ns);
u64 kvmeter_pool_next(struct kvmeter_pool *pool, u64 now_ns);
u64 kvmeter_pool_closed_ns(struct kvmeter_pool *pool, u64 now_ns);
void kvmeter_pool_charge(struct kvmeter_pool *pool, u64 ns, u64 now_ns);
u64 kvmeter_pool_rescale(u64 at_ns, u64 now_ns, u64 inv_q32, u64 old_inv_q32);

#endif /* KVMETER_POOL_H */
