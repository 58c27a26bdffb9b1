// SPDX-License-Identifier: GPL-2.0
/*
 * Hints: the guest asks, by a hypercall.
 *
 * KVM's tracepoint of hypercalls fires for numbers that KVM does not know and
 * before it looks at the privilege level.  So an application in a guest can
 * hint without a driver; and so can any other process of that guest.  Hence a
 * hint is trusted least of all.  It counts only where the operator has allowed
 * hints for the VM.  It is a suggestion like others, within policy and budget.
 * It neither replaces nor ends a suggestion of the VMM or the operator.  Each
 * vCPU may make 10 hints per s, more are dropped where they arise.  A pass of
 * the period makes one suggestion per resource of them.  A VM wakes the period
 * for 10 hints per s at most.
 *
 * The tracepoint's context allows nothing but to note it.  The hint goes, in
 * one word, into the mailbox of the vCPU's slot, where the next replaces it.
 * Then the period is woken.  A hypercall that is no hint costs the comparison
 * of its number, and nothing at all where the guest makes none.
 *
 * Worked: a guest of 4 vCPUs spams 1 000 000 hints per s.  It makes 40 stores
 * per s into mailboxes and 10 passes of the period.  These make 10 suggestions,
 * and 10 more at periods' ends.  The other hints cost it one look at a clock
 * each.
 */
#include <uapi/linux/kvmeter.h>

#include "base/host.h"
#include "base/rate.h"
#include "base/wake.h"
#include "core/policy.h"
#include "core/units.h"
#include "cpu/slot.h"
#include "period/hint.h"
#include "period/suggest.h"
#include "vm/vm.h"

#define HINT_INTERVAL_NS	(100 * NSEC_PER_MSEC)
#define HINT_BURST		10

/* A hint in a word: valid, resource, grant, duration */
#define HINT_VALID		BIT_ULL(63)
#define HINT_RES_SHIFT		56
#define HINT_GRANT_SHIFT	32
#define HINT_GRANT_MASK		0xffffff

static atomic_t hints_waiting = ATOMIC_INIT(0);

static void hint_drop(struct kvmeter_slot *slot)
{
	WRITE_ONCE(slot->hint.dropped, slot->hint.dropped + 1);
}

/* Is it one at all?  The guest says what it likes. */
static bool hint_valid(unsigned long resource, unsigned long grant_bp, unsigned long duration_ms)
{
	return resource < KMC_NR_ACT && grant_bp <= KMC_GRANT_MAX_BP && duration_ms <= U32_MAX;
}

/* The guest of @slot hints, at @resource.  Context: the vCPU's thread. */
static void hint_take(struct kvmeter_slot *slot, unsigned long resource, unsigned long grant_bp,
		      unsigned long duration_ms)
{
	u64 now_ns = ktime_get_ns();

	if (!hint_valid(resource, grant_bp, duration_ms) ||
	    kvmeter_rate_take(&slot->hint.rate, now_ns, HINT_INTERVAL_NS, HINT_BURST)) {
		hint_drop(slot);
		return;
	}
	WRITE_ONCE(slot->hint.word, HINT_VALID | (u64)resource << HINT_RES_SHIFT |
		   (u64)grant_bp << HINT_GRANT_SHIFT | duration_ms);
	/* after the mailbox: pairs with atomic_xchg() in kvmeter_hints_take() */
	atomic_set_release(&hints_waiting, 1);
	/* what is not worth a pass of its own is seen at the period's end */
	if (!kvmeter_rate_take(&slot->vm->hints->rate, now_ns, HINT_INTERVAL_NS, HINT_BURST))
		kvmeter_wake();
}

/* The guest makes a hypercall.  Interrupts are on; from 7.0 on it may be preempted. */
KVMETER_PROBE_HYPERCALL(kvmeter_probe_hypercall)
{
	struct kvmeter_slot *slot;

	if (likely(KVMETER_PROBE_HINT_NR != KVMETER_HINT_NR))
		return;
	slot = this_cpu_read(kvmeter_current);
	/* the flag before slot->vm: pairs with kvmeter_hints_slot() */
	if (slot && smp_load_acquire(&slot->hints))
		hint_take(slot, KVMETER_PROBE_HINT_A0(slot->vcpu),
			  KVMETER_PROBE_HINT_A1(slot->vcpu), KVMETER_PROBE_HINT_A2(slot->vcpu));
}

static void hint_follow(struct kvmeter_vm *vm, u32 resource, u64 hint)
{
	u32 grant_bp = hint >> HINT_GRANT_SHIFT & HINT_GRANT_MASK;

	if (kvmeter_suggest(vm, KVMETER_BY_GUEST, resource, grant_bp, (u32)hint).accepted_bp)
		vm->hints->taken++;
	else
		vm->hints->refused++;
}

/* Of several vCPUs' hints at one resource, one counts. */
static void vm_hints_take(struct kvmeter_vm *vm)
{
	u64 hints[KMC_NR_ACT] = {};
	struct kvmeter_slot *slot;
	u64 hint;
	int r;

	list_for_each_entry(slot, &vm->slots, node) {
		if (!READ_ONCE(slot->hint.word))
			continue;
		hint = xchg(&slot->hint.word, 0);
		hints[(hint & ~HINT_VALID) >> HINT_RES_SHIFT] = hint;
	}
	for (r = 0; r < KMC_NR_ACT; r++)
		if (hints[r])
			hint_follow(vm, r, hints[r]);
}

/**
 * kvmeter_hints_take - follow the hints that came since the last pass
 *
 * Context: the period, kvmeter_lock.
 */
void kvmeter_hints_take(void)
{
	struct kvmeter_vm *vm;

	lockdep_assert_held(&kvmeter_lock);
	/* pairs with the release in kvmeter_probe_hypercall() */
	if (!atomic_read(&hints_waiting) || !atomic_xchg(&hints_waiting, 0))
		return;
	list_for_each_entry(vm, &kvmeter_vms, node)
		if (vm->hints->on && !vm->over)
			vm_hints_take(vm);
}

/**
 * kvmeter_hints_slot - a thread of the VM is new: may it hint?
 * @slot: the thread's, adopted
 *
 * Context: kvmeter_lock.
 */
void kvmeter_hints_slot(struct kvmeter_slot *slot)
{
	/* slot->vm first: pairs with kvmeter_probe_hypercall() */
	smp_store_release(&slot->hints, slot->vm->hints->on);
}

/**
 * kvmeter_hints_allow - may this guest hint?
 * @vm: the VM
 * @on: yes
 *
 * What was hinted stays in force until it lapses.  Context: kvmeter_lock.
 */
void kvmeter_hints_allow(struct kvmeter_vm *vm, bool on)
{
	struct kvmeter_slot *slot;

	lockdep_assert_held(&kvmeter_lock);
	vm->hints->on = on;
	list_for_each_entry(slot, &vm->slots, node) {
		WRITE_ONCE(slot->hint.word, 0);
		kvmeter_hints_slot(slot);
	}
}

/**
 * kvmeter_hints_fold - a thread of the VM goes: what it dropped stays counted
 * @slot: the thread's
 *
 * Context: kvmeter_lock.
 */
void kvmeter_hints_fold(struct kvmeter_slot *slot)
{
	slot->vm->hints->gone += slot->hint.dropped;
}

/**
 * kvmeter_hints_dropped - hints that were dropped where they arose
 * @vm: the VM
 *
 * They were too many, or nonsense.
 *
 * Context: kvmeter_lock.
 * Return: how many, since the VM appeared.
 */
u64 kvmeter_hints_dropped(const struct kvmeter_vm *vm)
{
	u64 sum = vm->hints->gone;
	struct kvmeter_slot *slot;

	list_for_each_entry(slot, &vm->slots, node)
		sum += READ_ONCE(slot->hint.dropped);
	return sum;
}
