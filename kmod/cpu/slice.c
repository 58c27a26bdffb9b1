// SPDX-License-Identifier: GPL-2.0
/*
 * Slice: the CPU time that a vCPU's thread may use before it draws again.
 *
 * A hard timer, pinned to the vCPU's CPU, ends the slice by interrupting the guest.
 * Sleeping is not allowed there, so it queues task work (throttle.c), which KVM runs
 * before it enters the guest again.
 *
 * What the thread ran beyond its slice is a debt, which it pays before the next
 * slice.  A debt may be more than a slice: the VMM worked long on behalf of a vCPU, or
 * the host was stolen its CPU.  It is paid by a 16th at a time, so the vCPU is
 * slowed, not stopped.  A vCPU that overruns by d every time settles at a debt
 * of 16 d and repays d per slice.
 *
 * A vCPU may enter before its time: a signal has ended its sleep.  Then it leaves at
 * once (leave.c).
 */
#include <linux/task_work.h>

#include "base/clock.h"
#include "core/q.h"
#include "cpu/cpu.h"
#include "cpu/event.h"
#include "cpu/leave.h"
#include "cpu/pool.h"
#include "cpu/slice.h"
#include "cpu/slot.h"
#include "cpu/stat.h"
#include "vm/vm.h"

#define TIMER_SLOP_NS	(20 * NSEC_PER_USEC)	/* a remainder not worth another interrupt */
#define HOLD_NS		(2 * NSEC_PER_MSEC)	/* an entry that must not run, at most so often */

#define DEBT_PARTS	16		/* a slice pays this part of the debt */
#define DEBT_MAX_NS	(10ULL * NSEC_PER_SEC)	/* no larger debt is a VM's doing */

static void timer_arm(struct kvmeter_slot *slot, u64 ns)
{
	slot->slice.timer_on = true;
	slot->slice.timer_cpu = smp_processor_id();
	hrtimer_start(&slot->slice.timer, ns_to_ktime(ns), HRTIMER_MODE_REL_PINNED_HARD);
}

/* Make the thread sleep before it runs guest code: own thread, or its CPU's timer. */
static void work_queue(struct kvmeter_slot *slot)
{
	if (slot->slice.work_on)
		return;
	slot->slice.work_on = true;
	if (task_work_add(slot->task, &slot->slice.work, KVMETER_TWA_RESUME))
		slot->slice.work_on = false;	/* the thread is exiting */
}

/*
 * The slice is used up at @used_cyc: draw the next.  Returns how long the guest
 * may run on, 0 when it must not.
 */
static u64 slice_renew(struct kvmeter_slot *slot, u64 used_cyc)
{
	u64 over_ns = kvmeter_cyc_to_ns(kmc_sat_sub(used_cyc, slot->slice.end_cyc));
	struct kvmeter_pool *pool = &slot->vm->cpu->pool;
	u64 now = ktime_get_ns(), pay_ns, slice, start;

	slot->slice.debt_ns = min(slot->slice.debt_ns + over_ns, DEBT_MAX_NS);
	pay_ns = max(slot->slice.debt_ns / DEBT_PARTS, READ_ONCE(pool->slice_ns));
	pay_ns = min(pay_ns, slot->slice.debt_ns);
	slot->slice.debt_ns -= pay_ns;
	start = kvmeter_pool_draw(pool, now, pay_ns, &slice);
	slot->slice.end_cyc = used_cyc + kvmeter_ns_to_cyc(slice);
	if (start <= now)
		return slice;
	slot->slice.sleep_until_ns = start;
	return 0;
}

/* What the thread used up to now, amid an interval too; interrupts off. */
static u64 slot_used_now(const struct kvmeter_slot *slot)
{
	return kvmeter_slot_used_cyc(slot) + kvmeter_clock_cyc() -
	       (slot->ev.open_cyc & ~KVMETER_IN_GUEST);
}

/* A limit begins, or halt polling has gone on: KVM's choice, it is not counted. */
static void slice_follow(struct kvmeter_slot *slot, u64 used_cyc)
{
	u64 poll_ns = kvmeter_poll_ns(slot->vcpu);
	u32 gen = READ_ONCE(slot->vm->cpu->pool.gen);

	if (slot->slice.pool_gen != gen) {	/* the limit is new: nothing is owed */
		slot->slice.pool_gen = gen;
		slot->slice.end_cyc = used_cyc;
		slot->slice.debt_ns = 0;
		slot->slice.sleep_until_ns = 0;
		slot->slice.poll_seen_ns = poll_ns;
	}
	if (slot->slice.poll_seen_ns != poll_ns) {
		slot->slice.end_cyc += kvmeter_ns_to_cyc(poll_ns - slot->slice.poll_seen_ns);
		slot->slice.poll_seen_ns = poll_ns;
	}
}

/* KVM looks for work before entry, and that is behind us: leave at once. */
static void entry_refuse(struct kvmeter_slot *slot)
{
	work_queue(slot);
	kvmeter_leave_guest();
}

/**
 * kvmeter_slice_entry - a vCPU whose VM is limited is about to enter
 * @slot: its slot, adopted
 *
 * Context: kvm_entry, interrupts off.
 */
void kvmeter_slice_entry(struct kvmeter_slot *slot)
{
	u64 used = kvmeter_slot_used_cyc(slot), left, now;

	slice_follow(slot, used);
	if (slot->slice.sleep_until_ns) {	/* a signal ended the sleep before its time */
		now = ktime_get_ns();
		if (now < slot->slice.sleep_until_ns) {
			slot->slice.hold_until_ns = now + HOLD_NS;
			entry_refuse(slot);
			return;
		}
		slot->slice.sleep_until_ns = 0;
	}
	left = kvmeter_cyc_to_ns(kmc_sat_sub(slot->slice.end_cyc, used));
	if (!left) {
		left = slice_renew(slot, used);
		if (!left) {
			entry_refuse(slot);
			return;
		}
	}
	if (!slot->slice.timer_on || slot->slice.timer_cpu != smp_processor_id())
		timer_arm(slot, left);
}

/**
 * kvmeter_slice_grant_ns - when has a vCPU's thread a slice, outside of the guest?
 * @slot: of current
 *
 * Context: interrupts off.
 * Return: CLOCK_MONOTONIC; 0: it has one, or needs none.
 */
u64 kvmeter_slice_grant_ns(struct kvmeter_slot *slot)
{
	u64 used = slot_used_now(slot);

	if (!READ_ONCE(slot->limited))
		return 0;
	slice_follow(slot, used);
	if (slot->slice.sleep_until_ns) {
		if (ktime_get_ns() < slot->slice.sleep_until_ns)
			return slot->slice.sleep_until_ns;
		slot->slice.sleep_until_ns = 0;
	}
	if (kvmeter_cyc_to_ns(kmc_sat_sub(slot->slice.end_cyc, used)) >= TIMER_SLOP_NS)
		return 0;
	return slice_renew(slot, used) ? 0 : slot->slice.sleep_until_ns;
}

/**
 * kvmeter_slice_credit - something else pays for a part of what a thread uses
 * @slot: of current
 * @ns: that much
 *
 * Context: interrupts off.
 */
void kvmeter_slice_credit(struct kvmeter_slot *slot, u64 ns)
{
	slot->slice.end_cyc += kvmeter_ns_to_cyc(ns);
}

/**
 * kvmeter_slice_slept - a vCPU's thread slept for its limit outside of the guest
 * @slot: of current
 * @ns: that long
 *
 * Context: preemption off.
 */
void kvmeter_slice_slept(struct kvmeter_slot *slot, u64 ns)
{
	WRITE_ONCE(slot->slice.throttled_ns, slot->slice.throttled_ns + ns);
}

/* Hard interrupt, on the CPU that armed it. */
static enum hrtimer_restart slice_timer(struct hrtimer *timer)
{
	struct kvmeter_slot *slot = container_of(timer, struct kvmeter_slot, slice.timer);
	u64 used, left;

	/* the thread moved on: it arms the timer anew where it enters next */
	if (this_cpu_read(kvmeter_current) != slot || !READ_ONCE(slot->limited))
		goto off;
	if (slot->slice.sleep_until_ns) {
		work_queue(slot);
		goto off;
	}
	/* amid an event of the thread the sum misses an interval: the timer comes again */
	used = slot_used_now(slot);
	left = kvmeter_cyc_to_ns(kmc_sat_sub(slot->slice.end_cyc, used));
	if (left < TIMER_SLOP_NS) {
		left = slice_renew(slot, used);
		if (!left) {
			work_queue(slot);
			goto off;
		}
	}
	hrtimer_forward_now(timer, ns_to_ktime(left));
	return HRTIMER_RESTART;
off:
	slot->slice.timer_on = false;
	return HRTIMER_NORESTART;
}

/**
 * kvmeter_slice_used_ns - what a thread used up to now
 * @slot: of current
 *
 * Context: interrupts off.
 * Return: ns, on CPU.
 */
u64 kvmeter_slice_used_ns(const struct kvmeter_slot *slot)
{
	return kvmeter_cyc_to_ns(slot_used_now(slot));
}

/**
 * kvmeter_slice_init - a slot is made: its timer
 * @slice: the slot's, zeroed
 */
void kvmeter_slice_init(struct kvmeter_slice *slice)
{
	hrtimer_setup(&slice->timer, slice_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
}
