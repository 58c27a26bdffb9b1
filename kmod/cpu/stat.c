// SPDX-License-Identifier: GPL-2.0
/*
 * Stat: KVM's own counters of a vCPU, and where each began for us.
 *
 * KVM counts from the vCPU's creation, the scheduler from the thread's.  We
 * count from the first entry that we saw: what was before is the base, and is
 * subtracted.
 */
#include <linux/kvm_host.h>

#include "cpu/slot.h"
#include "cpu/stat.h"

/**
 * kvmeter_stat_exits - how often the guest exited, by reason
 * @vcpu: valid
 * @stat: set, per enum kvmeter_exit_class; the last one, the rest, is 0
 *
 * Context: any.
 */
void kvmeter_stat_exits(const struct kvm_vcpu *vcpu, u64 stat[KVMETER_NR_EXITS])
{
	const struct kvm_vcpu_stat *s = &vcpu->stat;

	stat[KVMETER_EXIT_IO] = READ_ONCE(s->io_exits);
	stat[KVMETER_EXIT_MMIO] = READ_ONCE(s->mmio_exits);
	stat[KVMETER_EXIT_HALT] = READ_ONCE(s->halt_exits);
	stat[KVMETER_EXIT_IRQ] = READ_ONCE(s->irq_exits);
	stat[KVMETER_EXIT_WINDOW] = READ_ONCE(s->irq_window_exits) +
				    READ_ONCE(s->nmi_window_exits);
	stat[KVMETER_EXIT_FAULT] = READ_ONCE(s->pf_taken);
	stat[KVMETER_EXIT_HYPERCALL] = READ_ONCE(s->hypercalls);
	stat[KVMETER_EXIT_SIGNAL] = READ_ONCE(s->signal_exits);
	stat[KVMETER_EXIT_OTHER] = 0;
}

/**
 * kvmeter_stat_faults - the guest's page faults, by what came of them
 * @vcpu: valid
 * @fault: set, per enum kvmeter_fault_kind
 *
 * Context: any.
 */
void kvmeter_stat_faults(const struct kvm_vcpu *vcpu, u64 fault[KVMETER_NR_KVM_FAULTS])
{
	const struct kvm_vcpu_stat *s = &vcpu->stat;

	fault[KVMETER_FAULT_TAKEN] = READ_ONCE(s->pf_taken);
	fault[KVMETER_FAULT_FIXED] = READ_ONCE(s->pf_fixed);
	fault[KVMETER_FAULT_EMULATED] = READ_ONCE(s->pf_emulate);
	fault[KVMETER_FAULT_SPURIOUS] = READ_ONCE(s->pf_spurious);
	fault[KVMETER_FAULT_FAST] = READ_ONCE(s->pf_fast);
	fault[KVMETER_FAULT_MMIO] = READ_ONCE(s->pf_mmio_spte_created);
}

/**
 * kvmeter_poll_ns - KVM's halt polling on a vCPU so far
 * @vcpu: valid
 *
 * Context: any.
 * Return: ns, successful and failed polls, since the vCPU was made.
 */
u64 kvmeter_poll_ns(const struct kvm_vcpu *vcpu)
{
	return READ_ONCE(vcpu->stat.generic.halt_poll_success_ns) +
	       READ_ONCE(vcpu->stat.generic.halt_poll_fail_ns);
}

/**
 * kvmeter_slot_base - a thread is seen for the first time: all its counts start here
 * @slot: its slot; task and vcpu are set
 *
 * Context: kvm_entry.
 */
void kvmeter_slot_base(struct kvmeter_slot *slot)
{
	slot->account.exec_base_ns = slot->task->se.sum_exec_runtime;
	slot->account.exec_ns = slot->account.exec_base_ns;
	slot->account.run_delay_base_ns = slot->task->sched_info.run_delay;
	slot->account.poll_base_ns = kvmeter_poll_ns(slot->vcpu);
	kvmeter_stat_exits(slot->vcpu, slot->account.stat_base);
	kvmeter_stat_faults(slot->vcpu, slot->account.fault_base);
}
