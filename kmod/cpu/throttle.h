/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Throttle: a grant below all of the vCPUs' time becomes sleep.
 */
#ifndef KVMETER_THROTTLE_H
#define KVMETER_THROTTLE_H

#include <linux/hrtimer.h>
#include <linux/task_work.h>
#include <linux/types.h>

struct kvmeter_slot;
struct kvmeter_vm;

/**
 * struct kvmeter_slice - the CPU time that a thread may use, and the sleep after it
 * @end_cyc: guest and host cycles of the thread at which the slice is used up
 * @debt_ns: ran beyond its slices, not yet paid
 * @timer_on: @timer is armed
 * @timer_cpu: the CPU that armed it
 * @sleep_until_ns: CLOCK_MONOTONIC; 0: may run; the period may clear it
 * @throttled_ns: sum of ended throttle sleeps
 * @credited_ns: part of @throttled_ns, credited to the thread's run delay as steal
 * @since_ns: CLOCK_MONOTONIC, begin of the present sleep; 0: none
 * @poll_seen_ns: halt polling that @end_cyc allows for
 * @pool_gen: the limit that @end_cyc belongs to
 * @work_on: @work is queued or runs, so the slot must stay
 * @timer: ends the slice
 * @work: task work that sleeps
 *
 * The thread is the one writer, but where said otherwise.
 */
struct kvmeter_slice {
	u64 end_cyc;
	u64 debt_ns;
	bool timer_on;
	u16 timer_cpu;
	u64 sleep_until_ns;
	u64 throttled_ns;
	u64 credited_ns;
	u64 since_ns;
	u64 poll_seen_ns;
	u32 pool_gen;
	bool work_on;
	struct hrtimer timer;
	struct callback_head work;
};

/* the event path */
void kvmeter_act_cpu_entry(struct kvmeter_slot *slot);

/* the period */
void kvmeter_act_cpu_init(struct kvmeter_vm *vm);
u32 kvmeter_act_cpu_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);
void kvmeter_act_cpu_revert(struct kvmeter_vm *vm);
void kvmeter_throttle_init_slot(struct kvmeter_slot *slot);
void kvmeter_throttle_drop(struct kvmeter_slot *slot);

/* unload */
void kvmeter_throttle_drain(struct kvmeter_slot *slot);

#endif /* KVMETER_THROTTLE_H */
