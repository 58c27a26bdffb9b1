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
 * Exit has them off on 6.12 and with Intel.  AMD on 6.1 reports the exit from
 * its handler, after host interrupts were served and perhaps after a switch.
 * Then sched_out has closed the guest interval already, and what follows is
 * host time.  A fast-path re-entry on 6.1 shows as an entry without an exit:
 * the time since the last entry was the guest's.
 */
#include <linux/kvm_host.h>
#include <asm/cpufeature.h>

#include "cpu/call.h"
#include "cpu/event.h"
#include "cpu/kvm.h"
#include "cpu/sched.h"
#include "cpu/slot.h"
#include "cpu/throttle.h"

/**
 * kvmeter_probe_entry - a guest is about to be entered
 * @data: unused
 * @vcpu: current runs it
 * @force_immediate_exit: unused
 *
 * Context: kvm_entry, preemption and interrupts off.
 */
void kvmeter_probe_entry(void *data, struct kvm_vcpu *vcpu, bool force_immediate_exit)
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
	if (unlikely(current->se.sum_exec_runtime != slot->anchor.exec_ns) && slot->anchor.exec_ns)
		kvmeter_slot_anchor(slot);
	if (unlikely(READ_ONCE(slot->limited)))
		kvmeter_act_cpu_entry(slot);
}

/**
 * kvmeter_probe_vmexit - a guest has been left
 * @data: unused
 * @vcpu: current runs it
 * @isa: unused
 *
 * Context: kvm_exit, preemption off.
 */
void kvmeter_probe_vmexit(void *data, struct kvm_vcpu *vcpu, u32 isa)
{
	struct kvmeter_slot *slot = this_cpu_read(kvmeter_current);
	u64 now;

	if (unlikely(!slot || slot->vcpu != vcpu))
		return;
	now = kvmeter_clock_cyc();
	kvmeter_slot_turn(slot, now, now);
	slot->ev.nr_exits++;
	if (unlikely(kvmeter_slot_used_cyc(slot) >= READ_ONCE(slot->attention_cyc))) {
		/* once: the period sets the next level */
		WRITE_ONCE(slot->attention_cyc, U64_MAX);
		kvmeter_call_rang(slot->vm);
	}
}

/**
 * kvmeter_probe_fault - what a guest wanted when it faulted
 * @data: unused
 * @vcpu: current runs it
 * @address: unused
 * @why: error code or qualification
 *
 * AMD says so by a page fault's error code (bit 1 write, bit 4 instruction
 * fetch).  Intel with EPT says so by the exit's qualification (bit 0 read, bit
 * 1 write, bit 2 fetch).
 *
 * Context: kvm_page_fault; from 7.0 on it may be preempted.
 */
void kvmeter_probe_fault(void *data, struct kvm_vcpu *vcpu, u64 address, u64 why)
{
	u64 fetch = boot_cpu_has(X86_FEATURE_VMX) ? BIT_ULL(2) : BIT_ULL(4);
	struct kvmeter_slot *slot = this_cpu_read(kvmeter_current);
	enum kvmeter_fault_kind kind;

	if (unlikely(!slot || slot->vcpu != vcpu))
		return;
	kind = why & fetch ? KVMETER_FAULT_EXEC :
	       why & BIT_ULL(1) ? KVMETER_FAULT_WRITE : KVMETER_FAULT_READ;
	slot->nr_fault[kind - KVMETER_NR_KVM_FAULTS]++;
}
