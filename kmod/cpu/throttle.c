// SPDX-License-Identifier: GPL-2.0
/*
 * Throttle: a grant below all of the vCPUs' time becomes sleep.
 *
 * pool.c deals out slices of time.  A vCPU that has used up its slice draws the
 * next one, and sleeps until that begins.
 *
 * What it ran beyond its slice is a debt, which it pays before the next slice.
 * A debt may be more than a slice: the VMM worked long on behalf of a vCPU, or
 * the host was stolen its CPU.  It is paid by a 16th at a time, so the vCPU is
 * slowed, not stopped.  A vCPU that overruns by d every time settles at a debt
 * of 16 d and repays d per slice.
 *
 * The mechanism.  A hard timer, pinned to the vCPU's CPU, ends the slice by
 * interrupting the guest.  Sleeping is not allowed there, so it queues task
 * work, which KVM runs before it enters the guest again.  The sleep is
 * interruptible: a signal for the VMM ends it at once, and KVM_RUN returns.  If
 * the vCPU enters again before its time, an immediate timer sends it back to
 * sleep.  The sleep is added to the thread's run delay, which KVM shows to the
 * guest as steal time: a throttled guest knows.
 */
#include <linux/freezer.h>
#include <linux/sched/signal.h>
#include <linux/task_work.h>

#include "base/clock.h"
#include "base/host.h"
#include "core/budget.h"
#include "core/decide.h"
#include "core/pipeline.h"
#include "core/q.h"
#include "core/units.h"
#include "cpu/boost.h"
#include "cpu/cpu.h"
#include "cpu/event.h"
#include "cpu/pool.h"
#include "cpu/sched.h"
#include "cpu/slot.h"
#include "cpu/stat.h"
#include "cpu/throttle.h"
#include "vm/trace.h"
#include "vm/vm.h"

#define TIMER_SLOP_NS	(20 * NSEC_PER_USEC)	/* a remainder not worth another interrupt */

#define DEBT_PARTS	16		/* a slice pays this part of the debt */
#define DEBT_MAX_NS	(10ULL * NSEC_PER_SEC)	/* no larger debt is a VM's doing */

/* the runway limits when the money may end within these: periods may be late by some */
#define RUNWAY_PERIODS	8

#define DRAIN_POLL_MS	4		/* a tick at HZ=250: unload need not be faster */
#define DRAIN_NUDGE_MS	20		/* a vCPU that runs has passed its work by then */
#define DRAIN_TELL_MS	10000		/* say now and then what unload waits for */

/* the vCPU's side: event path */

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

/**
 * kvmeter_act_cpu_entry - a vCPU whose VM is limited is about to enter
 * @slot: its slot, adopted
 *
 * Context: kvm_entry, interrupts off.
 */
void kvmeter_act_cpu_entry(struct kvmeter_slot *slot)
{
	u64 used = kvmeter_slot_used_cyc(slot), left;
	u64 poll_ns = kvmeter_poll_ns(slot->vcpu);
	u32 gen = READ_ONCE(slot->vm->cpu->pool.gen);

	if (slot->slice.pool_gen != gen) {	/* the limit is new: nothing is owed */
		slot->slice.pool_gen = gen;
		slot->slice.end_cyc = used;
		slot->slice.debt_ns = 0;
		slot->slice.sleep_until_ns = 0;
		slot->slice.poll_seen_ns = poll_ns;
	}
	/* halt polling is KVM's choice: not counted */
	if (slot->slice.poll_seen_ns != poll_ns) {
		slot->slice.end_cyc += kvmeter_ns_to_cyc(poll_ns - slot->slice.poll_seen_ns);
		slot->slice.poll_seen_ns = poll_ns;
	}
	if (slot->slice.sleep_until_ns) {	/* a signal ended the sleep before its time */
		if (ktime_get_ns() < slot->slice.sleep_until_ns) {
			work_queue(slot);
			timer_arm(slot, 0);
			return;
		}
		slot->slice.sleep_until_ns = 0;
	}
	left = kvmeter_cyc_to_ns(kmc_sat_sub(slot->slice.end_cyc, used));
	if (!left) {
		left = slice_renew(slot, used);
		if (!left) {
			/* KVM looks for work before entry, and that is behind us: leave at once */
			work_queue(slot);
			timer_arm(slot, 0);
			return;
		}
	}
	if (!slot->slice.timer_on || slot->slice.timer_cpu != smp_processor_id())
		timer_arm(slot, left);
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
	used = kvmeter_slot_used_cyc(slot) + kvmeter_clock_cyc() -
	       (slot->ev.open_cyc & ~KVMETER_IN_GUEST);
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

/* Show the guest as steal what the scheduler did not count of the sleep. */
static void steal_credit(struct kvmeter_slot *slot, u64 slept_ns, u64 run_delay_before)
{
	u64 counted = current->sched_info.run_delay - run_delay_before;

	if (slept_ns <= counted)
		return;
	/* the scheduler adds to it at this thread's own switches: none in here */
	preempt_disable();
	/* first: a reader in between takes the sleep for neither, not for waiting */
	WRITE_ONCE(slot->slice.credited_ns, slot->slice.credited_ns + slept_ns - counted);
	/* pairs with kvmeter_slot_read() */
	smp_wmb();
	current->sched_info.run_delay += slept_ns - counted;
	preempt_enable();
}

static bool must_sleep(const struct kvmeter_slot *slot)
{
	return READ_ONCE(slot->limited) && slot->slice.sleep_until_ns &&
	       ktime_get_ns() < slot->slice.sleep_until_ns && !signal_pending(current);
}

/* Task work of the vCPU's thread, preemptible. */
static void throttle_work(struct callback_head *work)
{
	struct kvmeter_slot *slot = container_of(work, struct kvmeter_slot, slice.work);
	u64 run_delay = current->sched_info.run_delay;
	u64 begin, slept;
	ktime_t until;

	/* on the way to the VMM, not to the guest: a signal is to be handled first */
	if (!kvmeter_sched_in_run(slot->vcpu) || !must_sleep(slot))
		goto out;

	begin = ktime_get_ns();
	trace_kvmeter_throttle_begin(slot->vm->id, slot->vcpu_id,
				     slot->slice.sleep_until_ns - begin);
	WRITE_ONCE(slot->slice.since_ns, begin);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE | TASK_FREEZABLE);
		/* pairs with limited = false, then wake, in act_cpu_unlimit() */
		if (!must_sleep(slot))
			break;
		until = ns_to_ktime(slot->slice.sleep_until_ns);
		schedule_hrtimeout(&until, HRTIMER_MODE_ABS);
	}
	__set_current_state(TASK_RUNNING);
	slept = ktime_get_ns() - begin;
	WRITE_ONCE(slot->slice.since_ns, 0);
	/* in this order a reader may miss the sleep, and never counts it twice */
	smp_wmb();
	WRITE_ONCE(slot->slice.throttled_ns, slot->slice.throttled_ns + slept);
	steal_credit(slot, slept, run_delay);
	trace_kvmeter_throttle_end(slot->vm->id, slot->vcpu_id, slept);
out:
	/*
	 * Pairs with kvmeter_slot_idle(): the slot may be freed from here
	 * on; unload keeps this text for an RCU-tasks period longer.
	 */
	smp_store_release(&slot->slice.work_on, false);
}

/**
 * kvmeter_throttle_init_slot - a slot is made: its timer and its sleep
 * @slot: zeroed
 */
void kvmeter_throttle_init_slot(struct kvmeter_slot *slot)
{
	hrtimer_setup(&slot->slice.timer, slice_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	init_task_work(&slot->slice.work, throttle_work);
}

/**
 * kvmeter_throttle_drop - a slot goes: its timer ends
 * @slot: unlinked, so that its thread cannot arm the timer any more
 *
 * Context: process.
 */
void kvmeter_throttle_drop(struct kvmeter_slot *slot)
{
	hrtimer_cancel(&slot->slice.timer);
}

static void act_cpu_unlimit(struct kvmeter_slot *slot)
{
	WRITE_ONCE(slot->limited, false);
	/* pairs with set_current_state() in throttle_work() */
	smp_mb();
	if (READ_ONCE(slot->slice.since_ns))
		wake_up_process(slot->task);
}

/**
 * kvmeter_throttle_drain - wait until no work of ours is left in a thread
 * @slot: its slot; no probe, notifier or period uses it any more
 *
 * Work that was queued when its vCPU went to wait in HLT runs when the vCPU
 * wakes.  Unload does not wait for that: a second work, queued with a signal's
 * urgency, makes KVM_RUN return -EINTR once.
 */
void kvmeter_throttle_drain(struct kvmeter_slot *slot)
{
	unsigned int ms = 0;

	act_cpu_unlimit(slot);
	hrtimer_cancel(&slot->slice.timer);
	while (!kvmeter_slot_idle(slot)) {
		if (ms >= DRAIN_NUDGE_MS)
			kvmeter_slot_nudge(slot);
		if (ms && ms % DRAIN_TELL_MS == 0)
			pr_info("kvmeter: waiting for thread %d to run\n", slot->tid);
		schedule_timeout_uninterruptible(msecs_to_jiffies(DRAIN_POLL_MS));
		ms += DRAIN_POLL_MS;
	}
}

/* the period's side: kvmeter_lock */

/* A VM is born: it has no limit. */
void kvmeter_act_cpu_init(struct kvmeter_vm *vm)
{
	kvmeter_pool_init(&vm->cpu->pool);
}

/* A sleeper's reservation follows the rate; a sleeper that is to ask again asks now. */
static void sleeper_update(struct kvmeter_slot *slot, const struct kvmeter_pool *old, u64 now_ns)
{
	const struct kvmeter_pool *pool = &slot->vm->cpu->pool;
	u64 until = READ_ONCE(slot->slice.sleep_until_ns), next = until;

	if (!until || !READ_ONCE(slot->slice.since_ns))
		return;
	if (old->paused || !old->runway_ns || !pool->inv_rate_q16)
		next = pool->paused ? until : 0;
	else if (old->inv_rate_q16)
		next = kvmeter_pool_rescale(until, now_ns, pool->inv_rate_q16,
					    old->inv_rate_q16);
	/* the thread itself may have moved on meanwhile: then its word counts */
	if (next != until && cmpxchg(&slot->slice.sleep_until_ns, until, next) == until)
		wake_up_process(slot->task);
}

/* The runway when the money may end before the period has looked a few times. */
static u64 runway_of(const struct kvmeter_vm *vm)
{
	const struct kmc_vm *core = &vm->core;
	u64 runway = kmc_budget_runway_ns(&core->budget, &core->budget_conf, &core->tariff,
					  &core->price);

	/* at the cap the grant holds the VM, not the money */
	if (core->budget.capped || runway > RUNWAY_PERIODS * kvmeter_conf.period_ns * vm->nr_vcpus)
		return U64_MAX;
	/* the last unit of money is worth a slice, or it could never be spent */
	return max(runway, KVMETER_SLICE_MIN_NS);
}

/**
 * kvmeter_act_cpu_apply - bring a grant in force, renew its lease
 * @vm: the VM
 * @grant_bp: the grant
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: kvmeter_lock.
 * Return: the grant that is in force: less than asked where it cannot be
 * enforced (vm->unenforceable says why), so that nobody pays for it.
 */
u32 kvmeter_act_cpu_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns)
{
	u32 cap_bp = kmc_grant_cap_bp(&vm->core.policy[KMC_RES_CPU], grant_bp);
	const struct kmc_vm *core = &vm->core;
	struct kvmeter_slot *slot;
	struct kvmeter_pool old;
	u64 runway_ns;
	bool limited;

	lockdep_assert_held(&kvmeter_lock);
	vm->unenforceable[KMC_RES_CPU] = NULL;
	kvmeter_boost_apply(vm, grant_bp, now_ns);
	if (vm->cpu->knob_conflict) {
		vm->unenforceable[KMC_RES_CPU] =
			"someone else changed the nice value of a vCPU thread";
		grant_bp = min(grant_bp, kvmeter_boost_floor_bp(vm));
	}

	/* all but tat_ns and runway_ns is written here only: reads need no lock */
	old = vm->cpu->pool;
	runway_ns = runway_of(vm);
	kvmeter_pool_set(&vm->cpu->pool, cap_bp, vm->nr_vcpus, runway_ns, now_ns);
	/* at the cap, and near it, the limit is the budget's */
	kvmeter_pool_close(&vm->cpu->pool, !core->budget.capped && runway_ns == U64_MAX ? 0 :
			   kmc_budget_renews_at(&core->budget, &core->budget_conf));
	limited = vm->cpu->pool.limited;
	list_for_each_entry(slot, &vm->slots, node) {
		if (limited && !slot->limited) {
			WRITE_ONCE(slot->limited, true);
			/* a guest that does not exit would not notice for a tick */
			if (cap_bp < KMC_BP && !slot->exited)
				kick_process(slot->task);
		} else if (!limited && slot->limited) {
			act_cpu_unlimit(slot);
		} else if (limited) {
			sleeper_update(slot, &old, now_ns);
		}
	}
	return grant_bp;
}

/**
 * kvmeter_act_cpu_revert - no limit and no boost any more
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 */
void kvmeter_act_cpu_revert(struct kvmeter_vm *vm)
{
	struct kvmeter_slot *slot;

	lockdep_assert_held(&kvmeter_lock);
	kvmeter_pool_open(&vm->cpu->pool);
	list_for_each_entry(slot, &vm->slots, node) {
		act_cpu_unlimit(slot);
		kvmeter_boost_revert(slot);
	}
}
