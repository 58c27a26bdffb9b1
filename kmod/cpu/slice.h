/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slice: the CPU time that a vCPU's thread may use before it draws again.
 */
#ifndef KVMETER_SLICE_H
#define KVMETER_SLICE_H

#include <linux/hrtimer.h>
#include <linux/task_work.h>
#include <linux/types.h>

struct kvmeter_slot;

/**
 * struct kvmeter_slice - the CPU time that a thread may use, and the sleep after it
 * @end_cyc: guest and host cycles of the thread at which the slice is used up
 * @debt_ns: ran beyond its slices, not yet paid
 * @timer_on: @timer is armed
 * @timer_cpu: the CPU that armed it
 * @sleep_until_ns: CLOCK_MONOTONIC; 0: may run; the period may clear it
 * @hold_until_ns: CLOCK_MONOTONIC; a signal does not end the sleep before
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
	u64 hold_until_ns;
	u64 throttled_ns;
	u64 credited_ns;
	u64 since_ns;
	u64 poll_seen_ns;
	u32 pool_gen;
	bool work_on;
	struct hrtimer timer;
	struct callback_head work;
};

void kvmeter_slice_init(struct kvmeter_slice *slice);

/* the event path */
void kvmeter_slice_entry(struct kvmeter_slot *slot);

/* the thread itself */
u64 kvmeter_slice_used_ns(const struct kvmeter_slot *slot);
u64 kvmeter_slice_grant_ns(struct kvmeter_slot *slot);
void kvmeter_slice_credit(struct kvmeter_slot *slot, u64 ns);
void kvmeter_slice_slept(struct kvmeter_slot *slot, u64 ns);

#endif /* KVMETER_SLICE_H */
