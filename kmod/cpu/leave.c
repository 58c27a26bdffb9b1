// SPDX-License-Identifier: GPL-2.0
/*
 * Leave: a guest that is about to be entered, and must not run, exits at once.
 *
 * KVM's last look for work is before the tracepoint, so the entry cannot be kept from
 * happening.  But an interrupt that this CPU sends to itself is pending then, and ends
 * it before the guest gets far.
 */
#include <linux/irq_work.h>
#include <linux/percpu.h>

#include "cpu/leave.h"

/* Nothing: its interrupt, pending at the entry, makes the guest exit. */
static void leave_work(struct irq_work *work)
{
}

static DEFINE_PER_CPU(struct irq_work, leave_guest);

/**
 * kvmeter_leave_guest - the guest that this CPU is about to enter exits at once
 *
 * Context: kvm_entry, interrupts off.
 */
void kvmeter_leave_guest(void)
{
	irq_work_queue(this_cpu_ptr(&leave_guest));
}

/**
 * kvmeter_leave_init - what makes a guest exit, per CPU
 *
 * Not by initialiser: a module's per-CPU data is not relocated.
 *
 * Return: 0.
 */
int kvmeter_leave_init(void)
{
	struct irq_work *work;
	int cpu;

	for_each_possible_cpu(cpu) {
		work = per_cpu_ptr(&leave_guest, cpu);
		*work = IRQ_WORK_INIT_HARD(leave_work);
	}
	return 0;
}

/**
 * kvmeter_leave_exit - no interrupt of ours is pending any more
 *
 * Context: unload; no entry is seen any more.
 */
void kvmeter_leave_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		irq_work_sync(per_cpu_ptr(&leave_guest, cpu));
}
