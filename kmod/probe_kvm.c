// SPDX-License-Identifier: GPL-2.0
/*
 * Guest entry and exit: the hottest lines of the module.
 *
 * Each reads the per-CPU slot that the scheduler's hook left, one clock, and
 * adds to counters of its own thread.  No look-up, no allocation, no cache
 * line that another CPU writes, except the period's once a period.
 *
 * Context: the vCPU's thread, preemption off.  Entry has interrupts off.
 * Exit has them off on 6.12 and with Intel; AMD on 6.1 reports the exit from
 * its handler, after host interrupts were served and perhaps after a switch.
 * Then sched_out has closed the guest interval already, and what follows is
 * host time.  A fast-path re-entry on 6.1 shows as an entry without an exit:
 * the time since the last entry was the guest's.
 */
#include "event.h"

void kvmeter_probe_entry(void *data, struct kvm_vcpu *vcpu, bool force_immediate_exit)
{
	struct kvmeter_slot *slot = this_cpu_read(kvmeter_current);

	if (unlikely(!slot || slot->vcpu != vcpu)) {
		slot = kvmeter_slot_attach(vcpu);
		if (!slot)
			return;
	}
	kvmeter_slot_write_begin(slot);
	kvmeter_slot_close(slot, local_clock());
	slot->in_guest = true;
	kvmeter_slot_write_end(slot);
	if (unlikely(READ_ONCE(slot->limited)))
		kvmeter_act_cpu_entry(slot);
}

void kvmeter_probe_vmexit(void *data, struct kvm_vcpu *vcpu, u32 isa)
{
	struct kvmeter_slot *slot = this_cpu_read(kvmeter_current);

	if (unlikely(!slot || slot->vcpu != vcpu))
		return;
	kvmeter_slot_write_begin(slot);
	kvmeter_slot_close(slot, local_clock());
	slot->in_guest = false;
	slot->nr_exits++;
	kvmeter_slot_write_end(slot);
	if (unlikely(kvmeter_slot_used(slot) >= READ_ONCE(slot->attention_ns))) {
		/* once: the period sets the next level */
		WRITE_ONCE(slot->attention_ns, U64_MAX);
		WRITE_ONCE(slot->rang, true);
		kvmeter_period_kick();
	}
}
