// SPDX-License-Identifier: GPL-2.0
/*
 * Stat: KVM's own counters of a vCPU, and where each began for us.
 *
 * KVM counts from the vCPU's creation, the scheduler from the thread's.  We
 * count from the first entry that we saw: what was before is the base, and is
 * subtracted.
 */
#include <linux/kvm_host.h>

#include "compat/arch.h"
#include "cpu/slot.h"
#include "cpu/stat.h"

static const struct kvmeter_stat_field exit_fields[] = KVMETER_ARCH_EXITS;
static const struct kvmeter_stat_field fault_fields[] = KVMETER_ARCH_FAULTS;

static void stat_add(const struct kvm_vcpu *vcpu, const struct kvmeter_stat_field *fields,
		     size_t n, u64 *sums)
{
	const void *stat = &vcpu->stat;
	size_t i;

	for (i = 0; i < n; i++)
		sums[fields[i].what] += READ_ONCE(*(const u64 *)(stat + fields[i].offset));
}

/**
 * kvmeter_stat_exits - how often the guest exited, by reason
 * @vcpu: valid
 * @stat: set, per enum kvmeter_exit_class; the last one, the rest, is 0
 *
 * Context: any.
 */
void kvmeter_stat_exits(const struct kvm_vcpu *vcpu, u64 stat[KVMETER_NR_EXITS])
{
	memset(stat, 0, KVMETER_NR_EXITS * sizeof(*stat));
	stat_add(vcpu, exit_fields, ARRAY_SIZE(exit_fields), stat);
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
	memset(fault, 0, KVMETER_NR_KVM_FAULTS * sizeof(*fault));
	stat_add(vcpu, fault_fields, ARRAY_SIZE(fault_fields), fault);
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
