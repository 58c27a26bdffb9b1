/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Crew: all threads of a VMM, and what they may use together.
 */
#ifndef KVMETER_CREW_H
#define KVMETER_CREW_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "cpu/pool.h"

struct kvmeter_group;
struct kvmeter_vm;
struct task_struct;

/**
 * struct kvmeter_crew - all threads of a VMM
 * @ref: one of the group's, one of each leash
 * @rcu: frees it
 * @lock: protects @vm and @drawn_ns; raw, as the slice timer takes it; outside pool.lock
 * @vm: its grant pays for threads that are no vCPU; NULL: none does
 * @drawn_ns: drawn by threads that are no vCPU, overruns included
 * @side: what the VMM may always use
 * @lease_until_ns: leashes hold until then, CLOCK_MONOTONIC; read without a lock
 * @nr_leashes: threads that are on one
 * @look_at: thread where the next look begins, referenced, or NULL; kvmeter_lock
 * @look_ns: when the last look was, CLOCK_MONOTONIC; kvmeter_lock
 * @charged: the grant of @vm pays already; kvmeter_lock
 * @unseen_ns: use of others that no leash drew, charged so far; kvmeter_lock
 * @other_base_ns: use of others when the crew began; kvmeter_lock
 */
struct kvmeter_crew {
	struct kref ref;
	struct rcu_head rcu;
	raw_spinlock_t lock;
	struct kvmeter_vm *vm;
	u64 drawn_ns;
	struct kvmeter_pool side;
	u64 lease_until_ns;
	atomic_t nr_leashes;
	struct task_struct *look_at;
	u64 look_ns;
	bool charged;
	u64 unseen_ns;
	u64 other_base_ns;
};

/* the threads */
u64 kvmeter_crew_draw(struct kvmeter_crew *crew, u64 now_ns, u64 *debt_ns, u64 *slice_ns);
u64 kvmeter_crew_draw_side(struct kvmeter_crew *crew, u64 now_ns, u64 *debt_ns, u64 *slice_ns);
void kvmeter_crew_left(struct kvmeter_crew *crew, u64 debt_ns, u64 now_ns);
bool kvmeter_crew_bound(struct kvmeter_crew *crew, u64 now_ns);
void kvmeter_crew_put(struct kvmeter_crew *crew);

/* the period */
struct kvmeter_crew *kvmeter_crew_of(struct kvmeter_vm *vm);
void kvmeter_crew_limit(struct kvmeter_crew *crew, struct kvmeter_vm *vm, u64 now_ns);
void kvmeter_crew_vm_gone(struct kvmeter_vm *vm);
void kvmeter_crew_group_gone(struct kvmeter_group *group);

#endif /* KVMETER_CREW_H */
