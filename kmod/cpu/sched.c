// SPDX-License-Identifier: GPL-2.0
/*
 * Switch-in and switch-out of vCPU threads, by preempt notifier: a task that
 * is no vCPU pays nothing.
 *
 * The scheduler charges a thread from when it is picked to when it is put back;
 * the notifiers run a little after both.  On a thread that halts often that
 * adds up (10 % at 1000 halts a second, emulated).  Where the kernel accounts
 * for interrupts apart, it charges a thread less than it was on its CPU (0.7 %,
 * on a slow one).  At switch-out the scheduler's account is final, so host time
 * is set right by it there.  A guest that spins may not be switched for
 * seconds, so it is also set right at the first entry after each tick.  Over
 * any number of these the two accounts are one.
 *
 * sched_in runs with preemption off; sched_out under the run-queue lock with
 * interrupts off.  Neither may wake, print or unregister a notifier; they
 * touch the thread's own slot and this CPU's pointer to it.
 */
#include <linux/kvm_host.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "cpu/event.h"
#include "cpu/sched.h"
#include "cpu/slot.h"

static void sched_in(struct preempt_notifier *notifier, int cpu)
{
	struct kvmeter_slot *slot = container_of(notifier, struct kvmeter_slot, notifier);

	WRITE_ONCE(slot->ev.open_cyc, kvmeter_clock_cyc());
	this_cpu_write(kvmeter_current, slot);
}

/**
 * kvmeter_slot_anchor - host time takes up what the scheduler's account and ours differ by
 * @slot: of current, its sums complete
 *
 * Host time never falls below what it was at the last time.  What cannot be taken
 * off now stays in anchor.used_cyc for the next time.
 *
 * Context: the slot's thread, preemption off.
 */
void kvmeter_slot_anchor(struct kvmeter_slot *slot)
{
	u64 exec_ns = slot->task->se.sum_exec_runtime;
	u64 used = kvmeter_slot_used_cyc(slot);
	u64 target = used;
	s64 off;

	if (slot->anchor.exec_ns)
		target = slot->anchor.used_cyc + kvmeter_ns_to_cyc(exec_ns - slot->anchor.exec_ns);
	off = max_t(s64, target - used, slot->anchor.host_cyc - slot->ev.host_cyc);
	slot->ev.host_cyc += off;
	slot->anchor.host_cyc = slot->ev.host_cyc;
	slot->anchor.used_cyc = target;
	slot->anchor.exec_ns = exec_ns;
}

static void sched_out(struct preempt_notifier *notifier, struct task_struct *next)
{
	struct kvmeter_slot *slot = container_of(notifier, struct kvmeter_slot, notifier);

	this_cpu_write(kvmeter_current, NULL);
	/* a thread that left the CPU has left the guest, reported or not */
	kvmeter_slot_turn(slot, kvmeter_clock_cyc(), 0);
	kvmeter_slot_anchor(slot);
}

struct preempt_ops kvmeter_preempt_ops = {
	.sched_in = sched_in,
	.sched_out = sched_out,
};

/*
 * kvmeter_probe_task_exit - a thread is exiting
 *
 * It is called with preemption on from 7.0 on.  Between look and use it is off, so
 * that unload, in the stopper, does not take the slot away.
 *
 * Context: sched_process_exit, in the dying thread, before its files are closed.
 */
KVMETER_TASK_EXIT_PROBE(kvmeter_probe_task_exit)
{
	struct kvmeter_slot *slot;

	preempt_disable();
	slot = this_cpu_read(kvmeter_current);
	if (unlikely(slot) && slot->task == task)
		kvmeter_slot_exit_task(slot);
	preempt_enable();
}

/**
 * kvmeter_sched_in_run - is current inside KVM_RUN?
 * @vcpu: of current
 *
 * KVM's own notifier is on the thread's list from KVM_RUN's begin to its end.
 *
 * Context: the vCPU's thread, outside of its notifiers.
 * Return: true when it is.
 */
bool kvmeter_sched_in_run(const struct kvm_vcpu *vcpu)
{
	struct preempt_notifier *notifier;
	bool found = false;

	/* unload takes our notifier off the list when no CPU is here */
	preempt_disable();
	hlist_for_each_entry(notifier, &current->preempt_notifiers, link)
		found |= notifier == &vcpu->preempt_notifier;
	preempt_enable();
	return found;
}
