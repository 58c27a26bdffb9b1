// SPDX-License-Identifier: GPL-2.0
/*
 * Leases for limits that no code path checks.
 *
 * A limit on packets or on a vCPU's time ends by itself: the code that enforces
 * it looks at the clock.  A priority or a cgroup file must be restored, and not
 * by the period: a lease lapses because the period has stopped.  A work
 * restores it, which needs no lock that a period may hold.
 *
 * It is not a delayed work: those have timers that run in soft interrupts, and
 * these may end with the periods.  Both are lost where a CPU is taken by a
 * real-time task.  The period's thread has the lowest such priority, ksoftirqd
 * has none.  Before 6.5 a CPU whose ksoftirqd wants to run serves no soft
 * interrupt without it.  So the timer runs in the hard interrupt, and the work
 * wherever there is room.
 */
#include "base/host.h"
#include "base/lease.h"

static enum hrtimer_restart lease_timer(struct hrtimer *timer)
{
	struct kvmeter_lease *lease = container_of(timer, struct kvmeter_lease, timer);

	queue_work(system_dfl_wq, &lease->work);
	return HRTIMER_NORESTART;
}

static void lease_work(struct work_struct *work)
{
	struct kvmeter_lease *lease = container_of(work, struct kvmeter_lease, work);

	if (kvmeter_lease_over(lease))
		lease->lapse(lease);
}

/**
 * kvmeter_lease_init - a lease that nobody has renewed yet
 * @lease: the lease
 * @lapse: undoes what it is for, in process context
 */
void kvmeter_lease_init(struct kvmeter_lease *lease, void (*lapse)(struct kvmeter_lease *lease))
{
	hrtimer_setup(&lease->timer, lease_timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_HARD);
	INIT_WORK(&lease->work, lease_work);
	lease->lapse = lapse;
}

/**
 * kvmeter_lease_renew - the lease holds for another kvmeter_lease_ns()
 * @lease: the lease
 *
 * Context: kvmeter_lock.
 */
void kvmeter_lease_renew(struct kvmeter_lease *lease)
{
	u64 until_ns = ktime_get_ns() + kvmeter_lease_ns();

	lockdep_assert_held(&kvmeter_lock);
	WRITE_ONCE(lease->until_ns, until_ns);
	hrtimer_start(&lease->timer, ns_to_ktime(until_ns), HRTIMER_MODE_ABS_HARD);
}

/**
 * kvmeter_lease_over - has nobody renewed the lease in time?
 * @lease: the lease
 *
 * Context: any.
 */
bool kvmeter_lease_over(const struct kvmeter_lease *lease)
{
	return ktime_get_ns() >= READ_ONCE(lease->until_ns);
}

/**
 * kvmeter_lease_stop - nothing lapses any more when this returns
 * @lease: one that nobody renews any more
 *
 * Context: process, sleeps.
 */
void kvmeter_lease_stop(struct kvmeter_lease *lease)
{
	hrtimer_cancel(&lease->timer);
	cancel_work_sync(&lease->work);
}
