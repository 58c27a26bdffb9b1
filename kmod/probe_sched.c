// SPDX-License-Identifier: GPL-2.0
/*
 * Switch-in and switch-out of vCPU threads, by preempt notifier: a task that
 * is no vCPU pays nothing.
 *
 * sched_in runs with preemption off; sched_out under the run-queue lock with
 * interrupts off.  Neither may wake, print or unregister a notifier; they
 * touch the thread's own slot and this CPU's pointer to it.
 */
#include "event.h"

static void sched_in(struct preempt_notifier *notifier, int cpu)
{
	struct kvmeter_slot *slot = container_of(notifier, struct kvmeter_slot, notifier);

	WRITE_ONCE(slot->open_cyc, kvmeter_clock_cyc());
	this_cpu_write(kvmeter_current, slot);
}

static void sched_out(struct preempt_notifier *notifier, struct task_struct *next)
{
	struct kvmeter_slot *slot = container_of(notifier, struct kvmeter_slot, notifier);

	this_cpu_write(kvmeter_current, NULL);
	/* a thread that left the CPU has left the guest, reported or not */
	kvmeter_slot_turn(slot, kvmeter_clock_cyc(), 0);
}

struct preempt_ops kvmeter_preempt_ops = {
	.sched_in = sched_in,
	.sched_out = sched_out,
};

/* sched_process_exit, in the dying thread, before its files are closed. */
void kvmeter_probe_task_exit(void *data, struct task_struct *task)
{
	struct kvmeter_slot *slot = this_cpu_read(kvmeter_current);

	if (unlikely(slot) && slot->task == task)
		kvmeter_slot_exit_task(slot);
}
