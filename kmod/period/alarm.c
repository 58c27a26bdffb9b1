// SPDX-License-Identifier: GPL-2.0
/*
 * Alarm: it rings inside the period.
 *
 * Its level is the CPU time that the VM may use in the next period; it is
 * computed at the end of this one.  Each vCPU thread compares its own counter with
 * its own share of the level, so no cache line is shared.  A thread that passes its
 * share rings, and the period looks at the VM's sum.
 *
 * The problem is the look: it reads the whole VM.  With equal shares, one busy
 * thread of n rings at the n-th part of the level, again at the n-th part of the
 * rest, and so on: 12 times in each period of a VM of 16 where one is busy.  So the
 * level is shared out by what each thread used last, and SLACK_PART of it comes
 * on top, in equal parts, for those that used nothing.  A VM that goes on as
 * before does not ring below its level, and above it at once.  One that does not is
 * seen SLACK_PART of the level too late at most.
 *
 * Looks are few whatever the threads do.  After a look in vain the rest is shared
 * out anew, by what was used in this period.  After the third each thread gets
 * the whole rest: a fourth ring is the sum's for sure, or halt polling, which rings
 * but is not used.  After that there is none until the next period.
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

#define LOOKS_MAX	4	/* at a VM in a period */
#define SLACK_PART	8	/* of the level, shared out beyond it */

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

/* Used in this period; at its begin: in the last one. */
static u64 recent_ns(const struct kvmeter_slot *slot, bool begin)
{
	return begin ? slot->last_used_ns : kvmeter_on_cpu_ns(&slot->times) -
				kvmeter_on_cpu_ns(&slot->period_times);
}

static void slot_arm(struct kvmeter_slot *slot, u64 share_ns)
{
	WRITE_ONCE(slot->attention_cyc, share_ns == U64_MAX ? U64_MAX :
		   kvmeter_ns_to_cyc(kvmeter_on_cpu_ns(&slot->times) + share_ns));
}

/* Each thread gets as much: U64_MAX: no alarm. */
static void alarm_share_all(struct kvmeter_vm *vm, u64 share_ns)
{
	struct kvmeter_slot *slot;

	list_for_each_entry(slot, &vm->slots, node)
		slot_arm(slot, share_ns);
}

/* Share @ns out by what each thread used last. */
static void alarm_share(struct kvmeter_vm *vm, u64 ns, bool begin)
{
	u64 sum = 0, even = div_u64(ns, SLACK_PART * max(vm->nr_slots, 1U));
	struct kvmeter_slot *slot;

	list_for_each_entry(slot, &vm->slots, node)
		sum += recent_ns(slot, begin);
	if (!sum)	/* nothing is known of them */
		even = div_u64(ns, max(vm->nr_slots, 1U));
	list_for_each_entry(slot, &vm->slots, node)
		slot_arm(slot, even + kmc_muldiv_floor(recent_ns(slot, begin), ns, max(sum, 1ULL)));
}

/**
 * kvmeter_alarm_set - a period begins: arm the alarm for it
 * @vm: the VM, its meter up to date
 *
 * Context: kvmeter_lock.
 */
void kvmeter_alarm_set(struct kvmeter_vm *vm)
{
	u64 level = alarm_ns(vm);

	vm->cpu->looks = 0;
	if (level == U64_MAX)
		alarm_share_all(vm, U64_MAX);
	else
		alarm_share(vm, level, true);
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
	vm->cpu->looks++;
	if (used >= level || level == U64_MAX || vm->cpu->looks >= LOOKS_MAX)
		alarm_share_all(vm, U64_MAX);
	else if (vm->cpu->looks == LOOKS_MAX - 1)
		alarm_share_all(vm, level - used);
	else
		alarm_share(vm, level - used, false);
	return used >= level;
}
