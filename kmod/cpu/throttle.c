// SPDX-License-Identifier: GPL-2.0
/*
 * Throttle: a grant below all of the vCPUs' time becomes sleep.
 *
 * pool.c deals out slices of time.  A vCPU that has used up its slice (slice.c)
 * sleeps until the next one begins.
 *
 * The mechanism.  Task work is queued in the vCPU's thread, and KVM runs it before it
 * enters the guest again.  The sleep is interruptible: a signal for the VMM ends it at
 * once, and KVM_RUN returns.
 *
 * A storm of signals would have the vCPU enter before its time without end.  So the
 * sleep after such an entry goes on for 2 ms whatever comes but SIGKILL.  Worked: 500
 * such entries a second, of 2 us each, are 0.1 % of a CPU.  What the thread does
 * outside of the guest is leash.c's.
 *
 * The guest knows.  The sleep is added to the thread's run delay, which KVM shows
 * as steal time.  The vCPU is shown as preempted, so that others do not spin on a
 * lock that it holds, or wait for it to flush its TLB.  After a sleep of STOPPED_NS
 * the guest is told that it was stopped, so that its watchdogs stay quiet.
 */
#include <linux/kvm_host.h>
#include <linux/sched/signal.h>
#include <linux/task_work.h>

#include "base/host.h"
#include "compat/arch.h"
#include "compat/thread.h"
#include "core/budget.h"
#include "core/decide.h"
#include "core/pipeline.h"
#include "core/purse.h"
#include "core/q.h"
#include "core/units.h"
#include "cpu/boost.h"
#include "cpu/cpu.h"
#include "cpu/pool.h"
#include "cpu/sched.h"
#include "cpu/slice.h"
#include "cpu/slot.h"
#include "cpu/throttle.h"
#include "vm/trace.h"
#include "vm/vm.h"

#define STOPPED_NS	NSEC_PER_SEC		/* a guest that sleeps longer was stopped */

/* the runway limits when the money may end within these: periods may be late by some */
#define RUNWAY_PERIODS	8

#define DRAIN_POLL_MS	4		/* a tick at HZ=250: unload need not be faster */
#define DRAIN_TELL_MS	10000		/* say now and then what unload waits for */

/* Show the guest as steal what it was kept from running. */
static void steal_credit(struct kvmeter_slot *slot, u64 slept_ns)
{
	/* the scheduler adds to it at this thread's own switches: none in here */
	preempt_disable();
	/* first: a reader in between takes the sleep for neither, not for waiting */
	WRITE_ONCE(slot->slice.credited_ns, slot->slice.credited_ns + slept_ns);
	/* pairs with kvmeter_slot_read() */
	smp_wmb();
	current->sched_info.run_delay += slept_ns;
	preempt_enable();
}

/*
 * Is it not yet time?  A pause outlives its lease: when that was renewed, the sleep
 * goes on to the end of the new one.
 */
static bool slice_later(struct kvmeter_slot *slot)
{
	u64 until = READ_ONCE(slot->slice.sleep_until_ns), now = ktime_get_ns(), closed;

	if (!READ_ONCE(slot->limited) || !until)
		return false;
	if (now < until)
		return true;
	closed = kvmeter_pool_closed_ns(&slot->vm->cpu->pool, now);
	/* the period may have moved it meanwhile: then its word counts */
	if (closed)
		cmpxchg(&slot->slice.sleep_until_ns, until, closed);
	return closed;
}

static bool must_sleep(struct kvmeter_slot *slot)
{
	return slice_later(slot) && !signal_pending(current);
}

/*
 * Sleep until it is time, or a signal wants the thread.  The freezer's is one: the
 * thread holds its vCPU and must not be frozen here.
 */
static void throttle_sleep(struct kvmeter_slot *slot)
{
	ktime_t until;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		/* pairs with limited = false, then wake, in act_cpu_unlimit() */
		if (!must_sleep(slot))
			break;
		/* others see a vCPU that does not run; kvm_sched_in() takes it back */
		WRITE_ONCE(slot->vcpu->preempted, true);
		until = ns_to_ktime(slot->slice.sleep_until_ns);
		schedule_hrtimeout(&until, HRTIMER_MODE_ABS);
	}
	__set_current_state(TASK_RUNNING);
	WRITE_ONCE(slot->vcpu->preempted, false);
}

/* It entered though it must not: not so soon again, whatever signals come. */
static void throttle_hold(struct kvmeter_slot *slot)
{
	ktime_t until = ns_to_ktime(slot->slice.hold_until_ns);

	while (slice_later(slot) && ktime_get_ns() < slot->slice.hold_until_ns &&
	       !fatal_signal_pending(current)) {
		set_current_state(TASK_KILLABLE | TASK_NOLOAD);
		WRITE_ONCE(slot->vcpu->preempted, true);
		schedule_hrtimeout(&until, HRTIMER_MODE_ABS);
	}
}

/* What the thread did since: running and waiting, by the accounts that show them. */
static u64 thread_busy_ns(const struct kvmeter_slot *slot)
{
	u64 ns;

	local_irq_disable();
	ns = kvmeter_slice_used_ns(slot) + current->sched_info.run_delay;
	local_irq_enable();
	return ns;
}

/* Task work of the vCPU's thread, preemptible. */
static void throttle_work(struct callback_head *work)
{
	struct kvmeter_slot *slot = container_of(work, struct kvmeter_slot, slice.work);
	u64 begin, busy, slept;

	/* on the way to the VMM, not to the guest: see leash.c */
	if (current->flags & PF_EXITING || !kvmeter_sched_in_run(slot->vcpu) || !slice_later(slot))
		goto out;

	begin = ktime_get_ns();
	busy = thread_busy_ns(slot);
	trace_kvmeter_throttle_begin(slot->vm->id, slot->vcpu_id,
				     slot->slice.sleep_until_ns - begin);
	WRITE_ONCE(slot->slice.since_ns, begin);
	throttle_hold(slot);
	throttle_sleep(slot);
	slept = ktime_get_ns() - begin;
	if (slept >= STOPPED_NS)
		kvmeter_arch_tell_stopped(slot->vcpu);
	/* neither what it ran on the way in and out, nor what it waited for a CPU */
	slept = kmc_sat_sub(slept, thread_busy_ns(slot) - busy);
	steal_credit(slot, slept);
	WRITE_ONCE(slot->slice.since_ns, 0);
	/* in this order a reader may miss the sleep, and never counts it twice */
	smp_wmb();
	WRITE_ONCE(slot->slice.throttled_ns, slot->slice.throttled_ns + slept);
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
	kvmeter_slice_init(&slot->slice);
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
 * wakes, and in a thread that is stopped when somebody lets it.  Unload does not
 * wait for that: what was not begun is taken back.
 */
void kvmeter_throttle_drain(struct kvmeter_slot *slot)
{
	unsigned int ms = 0;

	act_cpu_unlimit(slot);
	hrtimer_cancel(&slot->slice.timer);
	for (;;) {
		if (READ_ONCE(slot->slice.work_on) &&
		    kvmeter_task_work_cancel(slot->task, &slot->slice.work))
			WRITE_ONCE(slot->slice.work_on, false);
		if (slot->nudge_on && kvmeter_task_work_cancel(slot->task, &slot->nudge))
			slot->nudge_on = false;
		if (kvmeter_slot_idle(slot))
			return;
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
	if (old->paused || !old->runway_ns || !pool->inv_rate_q32)
		next = pool->paused ? until : 0;
	else if (old->inv_rate_q32)
		next = kvmeter_pool_rescale(until, now_ns, pool->inv_rate_q32,
					    old->inv_rate_q32);
	/* the thread itself may have moved on meanwhile: then its word counts */
	if (next != until && cmpxchg(&slot->slice.sleep_until_ns, until, next) == until)
		wake_up_process(slot->task);
}

/* What the period looks a few times in */
static u64 near_ns(const struct kvmeter_vm *vm)
{
	return RUNWAY_PERIODS * kvmeter_conf.period_ns * vm->nr_vcpus;
}

/* The runway when the money may end before the period has looked a few times. */
static u64 runway_of(const struct kvmeter_vm *vm)
{
	u64 runway = kmc_vm_runway_ns(&vm->core);

	if (runway > near_ns(vm))
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
	kvmeter_pool_close(&vm->cpu->pool, kmc_vm_closed_until_ns(core, near_ns(vm)));
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
