/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Leash: a thread of a VMM that is bound by its VM's limit outside of the guest.
 */
#ifndef KVMETER_LEASH_H
#define KVMETER_LEASH_H

#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/preempt.h>
#include <linux/task_work.h>
#include <linux/types.h>

struct kvmeter_crew;
struct task_struct;

/**
 * struct kvmeter_leash - a thread of a VMM
 * @notifier: called when the thread is switched in and out
 * @work: task work that sleeps, and frees the leash when the thread exits
 * @timer: looks at the thread
 * @hash: entry in the table, by @task; herd_lock
 * @task: referenced
 * @crew: what it draws from; referenced; changed under herd_lock, freed after RCU
 * @bound: @notifier is registered; herd_lock
 * @work_on: @work is queued or runs
 * @timer_on: @timer is armed
 * @vcpu: the thread was on its way into a guest: guest time is in @used_ns, too
 * @timer_cpu: the CPU that armed it
 * @in_ns: CLOCK_MONOTONIC, begin of its time on a CPU; 0: off CPU
 * @used_ns: time on CPUs, up to the last switch
 * @end_ns: time on CPUs at which its slice is used up
 * @debt_ns: ran beyond its slices, not yet paid
 * @exits: of its vCPU, when it last drew
 *
 * The thread is the one writer, and the timer, but where said otherwise.
 */
struct kvmeter_leash {
	struct preempt_notifier notifier;
	struct callback_head work;
	struct hrtimer timer;
	struct hlist_node hash;
	struct task_struct *task;
	struct kvmeter_crew *crew;
	bool bound;
	bool work_on;
	bool timer_on;
	bool vcpu;
	u16 timer_cpu;
	u64 in_ns;
	u64 used_ns;
	u64 end_ns;
	u64 debt_ns;
	u64 exits;
};

extern struct preempt_ops kvmeter_leash_ops;	/* constant */

void kvmeter_leash_init(struct kvmeter_leash *leash);
void kvmeter_leash_queue(struct kvmeter_leash *leash);
void kvmeter_leash_wait(struct kvmeter_leash *leash);
void kvmeter_leash_left(struct kvmeter_leash *leash);

#endif /* KVMETER_LEASH_H */
