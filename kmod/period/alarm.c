// SPDX-License-Identifier: GPL-2.0
/*
 * Alarm: it rings inside the period.
 *
 * Its level is the CPU time that the VM may use in the next period; it is
 * computed at the end of this one.  The sum of n vCPU threads passes the level
 * only if one thread passes the n-th part of it.  So each thread compares its own
 * counter with its own share, and no cache line is shared.  If a thread rings
 * while the sum is below the level, the rest of the level is handed out anew.
 */
#include "base/clock.h"
#include "core/pipeline.h"
#include "core/q.h"
#include "core/units.h"
#include "cpu/cpu.h"
#include "cpu/slot.h"
#include "cpu/times.h"
#include "period/alarm.h"
#include "vm/vm.h"

#define RINGS_MAX	100	/* of a VM in a period, by halt polling alone */

/* What the VM may use in the period that begins before the alarm rings; U64_MAX: all. */
static u64 alarm_ns(const struct kvmeter_vm *vm)
{
	const struct kmc_vm *core = &vm->core;
	u64 alarm_bp = core->alarm[KMC_RES_CPU];

	if (alarm_bp == U64_MAX)
		return U64_MAX;
	alarm_bp = max(alarm_bp, core->predict[KMC_RES_CPU].next.mean +
		       core->policy[KMC_RES_CPU].dead_band_bp);
	return kmc_muldiv_floor(alarm_bp, core->period_ns * max(vm->nr_vcpus, 1U), KMC_BP);
}

static u64 slot_used_ns(const struct kvmeter_times *t)
{
	return t->guest_ns + t->host_ns + t->halt_poll_ns;
}

/* Hand @ns out as shares to the threads; U64_MAX: no alarm. */
static void alarm_share(struct kvmeter_vm *vm, u64 ns)
{
	struct kvmeter_slot *slot;
	u64 share = ns == U64_MAX ? 0 : div_u64(ns, max(vm->nr_slots, 1U));

	list_for_each_entry(slot, &vm->slots, node) {
		WRITE_ONCE(slot->rang, false);
		WRITE_ONCE(slot->attention_cyc, ns == U64_MAX ? U64_MAX :
			   kvmeter_ns_to_cyc(slot_used_ns(&slot->times) + share));
	}
}

/**
 * kvmeter_alarm_rang - did a thread of the VM pass its share?
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 */
bool kvmeter_alarm_rang(const struct kvmeter_vm *vm)
{
	struct kvmeter_slot *slot;

	list_for_each_entry(slot, &vm->slots, node)
		if (READ_ONCE(slot->rang))
			return true;
	return false;
}

/**
 * kvmeter_alarm_set - a period begins: arm the alarm for it
 * @vm: the VM, its meter up to date
 *
 * Context: kvmeter_lock.
 */
void kvmeter_alarm_set(struct kvmeter_vm *vm)
{
	alarm_share(vm, alarm_ns(vm));
}

/**
 * kvmeter_alarm_passed - a share was passed: did the VM's sum pass the level?
 * @vm: the VM, its meter up to date
 *
 * If it did not, the rest of the level is shared out anew; if it did, the alarm
 * is off until the next period.
 *
 * Context: kvmeter_lock.
 */
bool kvmeter_alarm_passed(struct kvmeter_vm *vm)
{
	u64 level = alarm_ns(vm), used;

	used = kvmeter_billable_ns(&vm->cpu->times) - kvmeter_billable_ns(&vm->cpu->period_times);
	if (used >= level) {
		alarm_share(vm, U64_MAX);
		return true;
	}
	/*
	 * Halt polling rings but is not used.  A part of the level is handed out at
	 * least each time, so that a VM rings RINGS_MAX times at most.
	 */
	alarm_share(vm, level == U64_MAX ? U64_MAX :
		    max(level - used, div_u64(level, RINGS_MAX)));
	return false;
}
