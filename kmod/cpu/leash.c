// SPDX-License-Identifier: GPL-2.0
/*
 * Leash: a thread of a VMM that is bound by its VM's limit outside of the guest.
 *
 * The problem.  A thread of the VMM is the tenant's: it computes, makes system calls,
 * sends signals, makes threads that end before anybody looked at them.  The limit of
 * its VM has to bind it, at no cost to other threads of the host, and with no lock
 * held while it waits.
 *
 * The model.  While a VM is limited each thread of its VMM has a leash: a preempt
 * notifier that tells when the thread is on a CPU, and a timer that looks at it there
 * each LOOK_NS.  A thread that has used up its slice gets task work, which draws the
 * next one (crew.c) and sleeps until that begins.  Task work runs on the way to user
 * mode, or to the guest: the thread holds nothing then but its vCPU.  A thread that
 * sleeps of itself costs nothing.
 *
 * A vCPU's thread in the guest is throttle.c's.  Outside, its leash looks whether its
 * slot has a slice.  Has it none, it draws from the side, to handle a signal.
 *
 * Nobody is missed.  A thread that is made by one on a leash is on one from its first
 * instant (herd.c).  The period looks for those that were there before, or that found no
 * memory.
 *
 * The sleep goes on although signals come: else a second thread that sends them lifts
 * the limit.  SIGKILL ends it.  A stop, by ptrace or the freezer, ends it after
 * PATIENCE_NS; then the next look is RELOOK_NS later, so that a tracer cannot lift the
 * limit either.  Worked: 0.2 ms of each 20 ms, 1 % of a CPU.
 */
#include <linux/freezer.h>
#include <linux/kvm_host.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>
#include <linux/task_work.h>

#include "base/clock.h"
#include "cpu/crew.h"
#include "cpu/event.h"
#include "cpu/leash.h"
#include "cpu/sched.h"
#include "cpu/slice.h"
#include "cpu/slot.h"

#define LOOK_NS		(2 * NSEC_PER_MSEC)	/* a thread on a CPU is looked at so often */
#define GUEST_LOOK_NS	(10 * NSEC_PER_MSEC)	/* the slice timer is there, too */
#define RELOOK_NS	(200 * NSEC_PER_USEC)	/* after a sleep that had to end */
#define IDLE_LOOK_NS	(100 * NSEC_PER_MSEC)	/* while no VM of the VMM is limited */
#define PATIENCE_NS	(20 * NSEC_PER_MSEC)	/* a stop waits so long at most */
#define TIMER_SLOP_NS	(20 * NSEC_PER_USEC)	/* a remainder not worth another interrupt */
#define DEBT_MAX_NS	(10ULL * NSEC_PER_SEC)	/* no system call is longer */

static u64 leash_used_ns(const struct kvmeter_leash *leash, u64 now_ns)
{
	return leash->used_ns + (leash->in_ns ? now_ns - leash->in_ns : 0);
}

/**
 * kvmeter_leash_queue - make the thread draw before it goes on
 * @leash: its leash, in the table
 *
 * Context: any.
 */
void kvmeter_leash_queue(struct kvmeter_leash *leash)
{
	if (xchg(&leash->work_on, true))
		return;
	if (task_work_add(leash->task, &leash->work, KVMETER_TWA_RESUME))
		WRITE_ONCE(leash->work_on, false);	/* the thread is exiting */
}

static void leash_arm(struct kvmeter_leash *leash, u64 ns)
{
	leash->timer_on = true;
	leash->timer_cpu = smp_processor_id();
	hrtimer_start(&leash->timer, ns_to_ktime(ns), HRTIMER_MODE_REL_PINNED_HARD);
}

/* Is there a limit?  If not, the next one begins with nothing owed: what ran was free. */
static bool leash_holding(struct kvmeter_leash *leash, u64 now_ns)
{
	if (now_ns < READ_ONCE(READ_ONCE(leash->crew)->lease_until_ns))
		return true;
	leash->end_ns = 0;
	leash->debt_ns = 0;
	return false;
}

/* When to look again at a thread that runs here; whether it must draw first, in @draw. */
static u64 leash_next_ns(struct kvmeter_leash *leash, u64 now_ns, bool *draw)
{
	const struct kvmeter_slot *slot = this_cpu_read(kvmeter_current);
	u64 used = leash_used_ns(leash, now_ns);

	*draw = false;
	if (!leash_holding(leash, now_ns))
		return IDLE_LOOK_NS;
	if (slot && slot->ev.open_cyc & KVMETER_IN_GUEST) {
		leash->vcpu = true;
		return GUEST_LOOK_NS;
	}
	if (!slot && used + TIMER_SLOP_NS < leash->end_ns)
		return leash->end_ns - used;
	*draw = true;
	return LOOK_NS;
}

/* Hard interrupt, on the CPU that armed it; the thread may be elsewhere. */
static enum hrtimer_restart leash_timer(struct hrtimer *timer)
{
	struct kvmeter_leash *leash = container_of(timer, struct kvmeter_leash, timer);
	u64 next_ns;
	bool draw;

	if (leash->task != current) {
		/* it arms the timer when it is back; one that is elsewhere, when it draws */
		leash->timer_on = false;
		if (READ_ONCE(leash->in_ns))
			kvmeter_leash_queue(leash);
		return HRTIMER_NORESTART;
	}
	next_ns = leash_next_ns(leash, ktime_get_ns(), &draw);
	if (draw)
		kvmeter_leash_queue(leash);
	hrtimer_forward_now(timer, ns_to_ktime(next_ns));
	return HRTIMER_RESTART;
}

static void leash_in(struct preempt_notifier *notifier, int cpu)
{
	struct kvmeter_leash *leash = container_of(notifier, struct kvmeter_leash, notifier);
	u64 now = ktime_get_ns(), next_ns = IDLE_LOOK_NS;

	WRITE_ONCE(leash->in_ns, now);
	if (leash_holding(leash, now)) {
		next_ns = LOOK_NS;
		if (leash->used_ns + TIMER_SLOP_NS < leash->end_ns)
			next_ns = min(next_ns, leash->end_ns - leash->used_ns);
		else	/* one that is away whenever the timer comes draws all the same */
			kvmeter_leash_queue(leash);
	}
	if (!leash->timer_on || leash->timer_cpu != cpu)
		leash_arm(leash, next_ns);
}

/* Under the run-queue lock: touches the leash only. */
static void leash_out(struct preempt_notifier *notifier, struct task_struct *next)
{
	struct kvmeter_leash *leash = container_of(notifier, struct kvmeter_leash, notifier);

	leash->used_ns = leash_used_ns(leash, ktime_get_ns());
	WRITE_ONCE(leash->in_ns, 0);
}

struct preempt_ops kvmeter_leash_ops = {
	.sched_in = leash_in,
	.sched_out = leash_out,
};

/* drawing and sleeping: task work, the thread's own */

/* What a vCPU's thread ran beyond its end outside of the guest. */
static u64 vcpu_over_ns(struct kvmeter_leash *leash, const struct kvmeter_slot *slot, u64 used_ns)
{
	u64 over = used_ns - min(leash->end_ns, used_ns);
	u64 open = slot->ev.open_cyc & ~KVMETER_IN_GUEST;

	/* it was in the guest since: only what came after that was outside for sure */
	if (leash->exits != slot->ev.nr_exits)
		over = min(over, kvmeter_cyc_to_ns(kvmeter_clock_cyc() - open));
	leash->exits = slot->ev.nr_exits;
	return over;
}

/* A vCPU's thread, outside of the guest: by its grant, else by the side. */
static u64 leash_ask_vcpu(struct kvmeter_leash *leash, struct kvmeter_slot *slot, u64 now_ns)
{
	u64 used = leash_used_ns(leash, now_ns), debt, start, slice;

	if (!kvmeter_slice_grant_ns(slot)) {
		leash->end_ns = used;
		leash->exits = slot->ev.nr_exits;
		leash->debt_ns = 0;
		return 0;
	}
	if (used + TIMER_SLOP_NS < leash->end_ns)
		return 0;
	leash->debt_ns = min(leash->debt_ns + vcpu_over_ns(leash, slot, used), DEBT_MAX_NS);
	debt = leash->debt_ns;
	start = kvmeter_crew_draw_side(leash->crew, now_ns, &leash->debt_ns, &slice);
	leash->end_ns = used + slice;
	/* the side pays: it is not owed to the grant as well */
	kvmeter_slice_credit(slot, debt - leash->debt_ns + slice);
	return start;
}

static u64 leash_ask_other(struct kvmeter_leash *leash, u64 now_ns)
{
	u64 used = leash_used_ns(leash, now_ns), start, slice = 0;

	if (used + TIMER_SLOP_NS < leash->end_ns)
		return 0;
	/* the first slice of a limit: nothing is owed */
	if (kvmeter_crew_bound(leash->crew, now_ns) && leash->end_ns)
		leash->debt_ns = min(leash->debt_ns + used - min(leash->end_ns, used), DEBT_MAX_NS);
	start = kvmeter_crew_draw(leash->crew, now_ns, &leash->debt_ns, &slice);
	/* 0: the next limit begins with nothing owed */
	leash->end_ns = start ? used + slice : 0;
	return start;
}

/**
 * kvmeter_leash_left - current is exiting: what it owes is left to the others
 * @leash: of current, bound
 *
 * A vCPU's thread owes to its slot (slice.c).
 *
 * Context: preemption off.
 */
void kvmeter_leash_left(struct kvmeter_leash *leash)
{
	u64 now = ktime_get_ns(), used = leash_used_ns(leash, now), debt;

	if (leash->vcpu || !leash_holding(leash, now) || !leash->end_ns)
		return;
	debt = min(leash->debt_ns + used - min(leash->end_ns, used), DEBT_MAX_NS);
	if (debt)
		kvmeter_crew_left(READ_ONCE(leash->crew), debt, now);
}

/* When the thread may go on, CLOCK_MONOTONIC; 0: now. */
static u64 leash_ask(struct kvmeter_leash *leash)
{
	struct kvmeter_slot *slot;
	u64 start;

	local_irq_disable();
	slot = this_cpu_read(kvmeter_current);
	start = slot ? leash_ask_vcpu(leash, slot, ktime_get_ns()) :
		leash_ask_other(leash, ktime_get_ns());
	local_irq_enable();
	return start;
}

/* Does the limit that made the thread wait still hold? */
static bool leash_holds(struct kvmeter_leash *leash)
{
	struct kvmeter_slot *slot;
	bool holds;

	local_irq_disable();
	slot = this_cpu_read(kvmeter_current);
	holds = slot ? kvmeter_slice_grant_ns(slot) :
		kvmeter_crew_bound(leash->crew, ktime_get_ns());
	local_irq_enable();
	return holds;
}

static bool stop_wanted(void)
{
	return READ_ONCE(current->jobctl) & (JOBCTL_PENDING_MASK | JOBCTL_TRAP_FREEZE) ||
	       freezing(current);
}

/* Sleep until then, or until the thread has to go on before. */
static void leash_sleep(struct kvmeter_leash *leash, u64 until_ns)
{
	ktime_t until;
	u64 now;

	while (!fatal_signal_pending(current)) {
		now = ktime_get_ns();
		if (now >= until_ns || !leash_holds(leash))
			return;
		until = ns_to_ktime(min(until_ns, now + PATIENCE_NS));
		set_current_state(TASK_KILLABLE | TASK_NOLOAD);
		schedule_hrtimeout(&until, HRTIMER_MODE_ABS);
		if (stop_wanted())
			return;
	}
}

/* On its way into the guest the thread is throttle.c's. */
static bool leash_enters(struct kvmeter_leash *leash)
{
	struct kvmeter_slot *slot;
	bool enters;

	preempt_disable();
	slot = this_cpu_read(kvmeter_current);
	enters = slot && kvmeter_sched_in_run(slot->vcpu) && !signal_pending(current);
	if (enters)
		leash->vcpu = true;
	preempt_enable();
	return enters;
}

/**
 * kvmeter_leash_wait - current sleeps until it may go on
 * @leash: of current, bound
 *
 * Context: task work.
 */
void kvmeter_leash_wait(struct kvmeter_leash *leash)
{
	u64 begin = ktime_get_ns(), start = leash_enters(leash) ? 0 : leash_ask(leash);
	struct kvmeter_slot *slot;

	if (start)
		leash_sleep(leash, start);
	preempt_disable();
	/* unload may have been here */
	if (READ_ONCE(leash->bound)) {
		if (start)
			leash_arm(leash, RELOOK_NS);
		else if (!leash->timer_on || leash->timer_cpu != smp_processor_id())
			leash_arm(leash, LOOK_NS);
	}
	slot = this_cpu_read(kvmeter_current);
	if (start && slot)
		kvmeter_slice_slept(slot, ktime_get_ns() - begin);
	preempt_enable();
}

/**
 * kvmeter_leash_init - a leash is made: its timer
 * @leash: zeroed
 */
void kvmeter_leash_init(struct kvmeter_leash *leash)
{
	hrtimer_setup(&leash->timer, leash_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
}
