// SPDX-License-Identifier: GPL-2.0
/*
 * Guest entry and exit: the hottest lines of the module; and page faults.
 *
 * Each reads the per-CPU slot that the scheduler's hook left, one clock, and
 * adds to counters of its own thread.  Entry looks whether the scheduler has
 * charged the thread since (sched.c).  No look-up, no allocation, no cache
 * line that another CPU writes, except the period's once a period.
 *
 * Context: the vCPU's thread, preemption off but for faults, which from 7.0 on
 * may be preempted: they count in their thread's slot.  Entry has interrupts off.
 * Exit has them off on 6.12 and with Intel.  An arm64 has let interrupts in by
 * then, but no switch.  AMD on 6.1 reports the exit from its handler, after host
 * interrupts were served and perhaps after a switch.  Then sched_out has closed
 * the guest interval already, and what follows is host time.  A fast-path re-entry
 * on 6.1 shows as an entry without an exit: the time since the last entry was the
 * guest's.
 */
#include <linux/kvm_host.h>

#include "compat/arch.h"
#include "cpu/call.h"
#include "cpu/event.h"
#include "cpu/kvm.h"
#include "cpu/sched.h"
#include "cpu/slice.h"
#include "cpu/slot.h"

static __always_inline void vcpu_entered(struct kvm_vcpu *vcpu)
{
	struct kvmeter_slot *slot = this_cpu_read(kvmeter_current);
	u64 now;

	if (unlikely(!slot || slot->vcpu != vcpu)) {
		slot = kvmeter_slot_attach(vcpu);
		if (!slot)
			return;
	}
	now = kvmeter_clock_cyc();
	kvmeter_slot_turn(slot, now, now | KVMETER_IN_GUEST);
	/* the scheduler's tick was here; the first anchor is a switch's, which is exact */
	if (unlikely(current->se.sum_exec_runtime != slot->anchor.exec_ns) &&
	    slot->anchor.exec_ns)
		kvmeter_slot_anchor(slot);
	if (unlikely(READ_ONCE(slot->limited))) {
		/* the flag before slot->vm: pairs with kvmeter_thread_adopt() */
		smp_rmb();
		kvmeter_slice_entry(slot);
	}
}

/* kvm_entry: a guest is about to be entered.  Preemption and interrupts are off. */
KVMETER_PROBE_ENTRY(kvmeter_probe_entry)
{
	vcpu_entered(KVMETER_PROBE_VCPU(&kvmeter_preempt_ops));
}

static __always_inline void vcpu_left(const struct kvm_vcpu *vcpu)
{
	struct kvmeter_slot *slot = this_cpu_read(kvmeter_current);
	u64 now;

	if (unlikely(!slot || slot->vcpu != vcpu))
		return;
	now = kvmeter_clock_cyc();
	kvmeter_slot_turn(slot, now, now);
	slot->ev.nr_exits++;
	if (unlikely(kvmeter_slot_used_cyc(slot) >= READ_ONCE(slot->attention_cyc))) {
		/* the level before slot->vm: pairs with kvmeter_thread_adopt() */
		smp_rmb();
		/* once: the period sets the next level */
		WRITE_ONCE(slot->attention_cyc, U64_MAX);
		kvmeter_call_rang(slot->vm);
	}
}

/* kvm_exit: a guest has been left.  Preemption is off. */
KVMETER_PROBE_EXIT(kvmeter_probe_vmexit)
{
	vcpu_left(KVMETER_PROBE_VCPU(&kvmeter_preempt_ops));
}

static __always_inline void vcpu_faulted(const struct kvm_vcpu *vcpu, u64 why)
{
	struct kvmeter_slot *slot = this_cpu_read(kvmeter_current);
	enum kvmeter_fault_kind kind;

	if (unlikely(!slot || slot->vcpu != vcpu))
		return;
	kind = kvmeter_arch_fault_fetch(why) ? KVMETER_FAULT_EXEC :
	       kvmeter_arch_fault_write(why) ? KVMETER_FAULT_WRITE : KVMETER_FAULT_READ;
	slot->nr_fault[kind - KVMETER_NR_KVM_FAULTS]++;
}

/* A guest faulted.  From 7.0 on it may be preempted. */
KVMETER_PROBE_FAULT(kvmeter_probe_fault)
{
	vcpu_faulted(KVMETER_PROBE_VCPU(&kvmeter_preempt_ops), KVMETER_PROBE_WHY);
}
