// SPDX-License-Identifier: GPL-2.0
/*
 * Leases of what nobody passes by.
 *
 * A limit on packets or on a vCPU's time ends by itself: whoever meets it looks
 * at the clock.  A priority or a cgroup's file must be put back by someone, and
 * not by the period, whose absence is the reason.  A work does it, which needs
 * no lock that a period may hold.
 *
 * It is not a delayed work: those have timers that run in soft interrupts, and
 * these may end with the periods.  Both are lost where a CPU is taken by a
 * real-time task: the period's thread has the lowest such priority, ksoftirqd
 * has none, and before 6.5 a CPU whose ksoftirqd wants to run serves no soft
 * interrupt without it.  So the timer runs in the hard interrupt, and the work
 * wherever there is room.
 */
#include "kvmeter.h"
#include "base/lease.h"

static enum hrtimer_restart lease_timer(struct hrtimer *timer)
{
	struct kvmeter_lease *lease = container_of(timer, struct kvmeter_lease, timer);

	queue_work(system_unbound_wq, &lease->work);
	return HRTIMER_NORESTART;
}

static void lease_work(struct work_struct *work)
{
	struct kvmeter_lease *lease = container_of(work, struct kvmeter_lease, work);

	if (kvmeter_lease_over(lease))
		lease->lapse(lease);
}

/* @lapse: see struct kvmeter_lease */
void kvmeter_lease_init(struct kvmeter_lease *lease, void (*lapse)(struct kvmeter_lease *lease))
{
	hrtimer_init(&lease->timer, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_HARD);
	lease->timer.function = lease_timer;
	INIT_WORK(&lease->work, lease_work);
	lease->lapse = lapse;
}

/* It holds for another kvmeter_lease_ns(); kvmeter_lock. */
void kvmeter_lease_renew(struct kvmeter_lease *lease)
{
	u64 until_ns = ktime_get_ns() + kvmeter_lease_ns();

	lockdep_assert_held(&kvmeter_lock);
	WRITE_ONCE(lease->until_ns, until_ns);
	hrtimer_start(&lease->timer, ns_to_ktime(until_ns), HRTIMER_MODE_ABS_HARD);
}

bool kvmeter_lease_over(const struct kvmeter_lease *lease)
{
	return ktime_get_ns() >= READ_ONCE(lease->until_ns);
}

/* Nobody renews it any more, and when this returns nothing lapses any more.  Sleeps. */
void kvmeter_lease_stop(struct kvmeter_lease *lease)
{
	hrtimer_cancel(&lease->timer);
	cancel_work_sync(&lease->work);
}
