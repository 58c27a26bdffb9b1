// SPDX-License-Identifier: GPL-2.0
/*
 * Pool: a VM's CPU tokens, dealt out as slices.
 *
 * The problem.  A VM with n vCPUs may use R vCPUs' worth of time (n = 4 at 25 %
 * is R = 1).  The scheduler's own bandwidth control hands each period's quota
 * out at its start and freezes the VM for the rest.  At 5 % of a 100 ms period
 * a spinning vCPU stalls 95 ms.  We want short stalls, an exact share over time
 * whatever timers overshoot by, and fairness between vCPUs.
 *
 * The model: a token bucket kept as one instant.  tat (theoretical arrival
 * time) is when the next slice may begin if the VM used its share exactly.  A
 * vCPU that has used up its slice draws the next one:
 *
 *	start = max(tat, now - burst) + debt / R
 *	tat   = start + slice / R
 *
 * It runs at once if start has passed, else it sleeps until start (throttle.c).
 * debt is what it ran beyond the last slice, so no overshoot is ever lost or
 * gained: it comes before the next slice.  burst is how far tat may lag behind
 * now: unused tokens bank up to burst * R.  Each draw reserves the next place
 * in line: vCPUs are served first come first served, with no herd of wake-ups
 * and no refill timer.
 *
 * Worked: one vCPU at 5 %: slice 250 us, R = 0.05.  Each draw moves tat by 5
 * ms; the vCPU runs 250 us and sleeps 4.75 ms.  The timer fires 60 us late:
 * debt 60 us, the next slice begins 1.2 ms later.  Over a second the share is
 * exact but for one slice.
 *
 * Everything lapses: a limit holds until lease_until, which each period
 * renews.  When the period stops, so do all limits.
 *
 * Budget.  Near the cap, runway is the vCPU time that the money left pays for
 * (kmc_budget_runway_ns()).  Draws take from it and none is dealt when it is
 * used up.  What runs after that is at most the slices in hand.
 *
 * A budget that is used up, or whose end is near, does not lapse with the lease.
 * Whoever tops it up calls kvmeter_pool_set(), and a new budget period begins at a
 * time that is known: closed_until.  So while the period's thread exists, the
 * module can tell that there is no money, late or not.  When that thread has ended
 * by an oops, or the module goes, it cannot, and the VM runs.
 */
#include <linux/math64.h>
#include <linux/minmax.h>

#include "base/host.h"
#include "base/lease.h"
#include "base/wake.h"
#include "cpu/pool.h"

#define CYCLE_NS	(5 * NSEC_PER_MSEC)	/* slice + sleep of a vCPU at its share */
#define SLICE_MAX_NS	(4ULL * NSEC_PER_MSEC)	/* at shares of 80 % and more */
#define CHARGE_MAX_NS	((u64)NSEC_PER_SEC)	/* vCPUs stand still so long at most */
#define RUNWAY_SLICE_NS	(2 * NSEC_PER_MSEC)	/* slice when only the budget limits */

/*
 * How long the VM earns for @ns of a vCPU's time: at most 2^34 * 2^46 >> 32.  Q32, as
 * 1 / R of a thousand vCPUs has only seven significant bits in Q16: 1 %.
 */
static u64 pool_wall_ns(const struct kvmeter_pool *pool, u64 ns)
{
	return mul_u64_u64_shr(ns, pool->inv_rate_q32, 32);
}

/* Was the limit not renewed, and is it not the budget's? */
static bool pool_lapsed(const struct kvmeter_pool *pool, u64 now_ns)
{
	return now_ns >= READ_ONCE(pool->lease_until_ns) &&
	       (now_ns >= READ_ONCE(pool->closed_until_ns) || !kvmeter_wake_alive());
}

/**
 * kvmeter_pool_bound - is there a limit, and does it hold?
 * @pool: a VM's
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: any; takes no lock.
 */
bool kvmeter_pool_bound(const struct kvmeter_pool *pool, u64 now_ns)
{
	return READ_ONCE(pool->limited) && !pool_lapsed(pool, now_ns);
}

/* Nobody sleeps longer before it asks again: the lease may lapse then. */
static u64 pool_ask_ns(const struct kvmeter_pool *pool, u64 now_ns)
{
	return now_ns < pool->lease_until_ns ? pool->lease_until_ns : now_ns + pool->lease_ns;
}

/**
 * kvmeter_pool_draw - draw the next slice for a vCPU
 * @pool: its VM's
 * @now_ns: CLOCK_MONOTONIC
 * @debt_ns: it ran so long beyond its last slice
 * @slice_ns: set to what it may run from the returned instant on; 0: nothing is
 *            dealt, and it must ask again then
 *
 * Context: any, interrupts off included.
 * Return: the instant, CLOCK_MONOTONIC; 0: there is no limit.
 */
u64 kvmeter_pool_draw(struct kvmeter_pool *pool, u64 now_ns, u64 debt_ns, u64 *slice_ns)
{
	unsigned long flags;
	u64 start;

	raw_spin_lock_irqsave(&pool->lock, flags);
	*slice_ns = pool->slice_ns;
	if (!kvmeter_pool_bound(pool, now_ns)) {
		start = 0;
		goto out;
	}
	start = now_ns;
	if (pool->inv_rate_q32) {
		start = max(pool->tat_ns, kmc_sat_sub(now_ns, pool->burst_ns)) +
			pool_wall_ns(pool, debt_ns);
		pool->tat_ns = start;
	}
	if (pool->runway_ns != U64_MAX) {
		pool->runway_ns = kmc_sat_sub(pool->runway_ns, debt_ns);
		*slice_ns = min(*slice_ns, pool->runway_ns);
	}
	if (pool->paused || !*slice_ns || start >= pool_ask_ns(pool, now_ns)) {
		*slice_ns = 0;
		start = pool_ask_ns(pool, now_ns);
		goto out;
	}
	if (pool->runway_ns != U64_MAX)
		pool->runway_ns -= *slice_ns;
	if (pool->inv_rate_q32)
		pool->tat_ns = start + pool_wall_ns(pool, *slice_ns);
out:
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return start;
}

/**
 * kvmeter_pool_next - when would a slice begin that is drawn now?
 * @pool: a VM's
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: any, interrupts off included.
 * Return: CLOCK_MONOTONIC, perhaps in the past; when to ask again if none is dealt;
 * 0: there is no limit.
 */
u64 kvmeter_pool_next(struct kvmeter_pool *pool, u64 now_ns)
{
	unsigned long flags;
	u64 next = 0;

	raw_spin_lock_irqsave(&pool->lock, flags);
	if (kvmeter_pool_bound(pool, now_ns)) {
		next = pool->inv_rate_q32 ?
		       max(pool->tat_ns, kmc_sat_sub(now_ns, pool->burst_ns)) : now_ns;
		if (pool->paused || !pool->runway_ns)
			next = pool_ask_ns(pool, now_ns);
	}
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return next;
}

/**
 * kvmeter_pool_closed_ns - is nothing dealt out, whatever was drawn before?
 * @pool: a VM's
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: any, interrupts off included.
 * Return: until when, CLOCK_MONOTONIC; 0: something is, or there is no limit.
 */
u64 kvmeter_pool_closed_ns(struct kvmeter_pool *pool, u64 now_ns)
{
	unsigned long flags;
	u64 until = 0;

	raw_spin_lock_irqsave(&pool->lock, flags);
	if (kvmeter_pool_bound(pool, now_ns) && (pool->paused || !pool->runway_ns))
		until = pool_ask_ns(pool, now_ns);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
	return until;
}

/**
 * kvmeter_pool_charge - something was used that nobody drew
 * @pool: a VM's
 * @ns: vCPU time
 * @now_ns: CLOCK_MONOTONIC
 *
 * The next slices begin later, by CHARGE_MAX_NS at most.
 *
 * Context: any, interrupts off included.
 */
void kvmeter_pool_charge(struct kvmeter_pool *pool, u64 ns, u64 now_ns)
{
	unsigned long flags;
	u64 tat;

	raw_spin_lock_irqsave(&pool->lock, flags);
	if (pool->inv_rate_q32) {
		tat = max(pool->tat_ns, kmc_sat_sub(now_ns, pool->burst_ns));
		ns = min(ns, CHARGE_MAX_NS);
		pool->tat_ns = max(tat, min(tat + pool_wall_ns(pool, ns),
					    now_ns + CHARGE_MAX_NS));
	}
	if (pool->runway_ns != U64_MAX)
		pool->runway_ns = kmc_sat_sub(pool->runway_ns, ns);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/**
 * kvmeter_pool_init - no limit
 * @pool: zeroed
 */
void kvmeter_pool_init(struct kvmeter_pool *pool)
{
	raw_spin_lock_init(&pool->lock);
	pool->runway_ns = U64_MAX;
}

/**
 * kvmeter_pool_rescale - a reservation keeps its place in line when the rate changes
 * @at_ns: the reservation, CLOCK_MONOTONIC
 * @now_ns: CLOCK_MONOTONIC
 * @inv_q32: wall ns per vCPU ns from now on, Q32
 * @old_inv_q32: the same until now, Q32; not 0
 *
 * Return: the reservation as far from now in vCPU time as it was.
 */
u64 kvmeter_pool_rescale(u64 at_ns, u64 now_ns, u64 inv_q32, u64 old_inv_q32)
{
	if (at_ns <= now_ns)
		return at_ns;
	return now_ns + kmc_muldiv_floor(at_ns - now_ns, inv_q32, old_inv_q32);
}

/**
 * kvmeter_pool_set - set a limit and renew its lease
 * @pool: a VM's
 * @cap_bp: share of all vCPUs' time; 0: none; KMC_BP: all
 * @nr_vcpus: of the VM, at least 1
 * @runway_ns: vCPU ns that the budget still pays; U64_MAX: no limit
 * @now_ns: CLOCK_MONOTONIC
 *
 * A new limit begins with nothing owed.
 *
 * Context: kvmeter_lock.
 */
void kvmeter_pool_set(struct kvmeter_pool *pool, u32 cap_bp, u32 nr_vcpus, u64 runway_ns,
		      u64 now_ns)
{
	bool limited = cap_bp < KMC_BP || runway_ns != U64_MAX;
	u64 share_bp = (u64)cap_bp * nr_vcpus;
	u64 inv = cap_bp && cap_bp < KMC_BP ? div64_u64((u64)KMC_BP << 32, share_bp) : 0;
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	if (limited && !kvmeter_pool_bound(pool, now_ns)) {
		WRITE_ONCE(pool->gen, pool->gen + 1);
		pool->tat_ns = now_ns;
	} else if (inv && pool->inv_rate_q32) {
		pool->tat_ns = kvmeter_pool_rescale(pool->tat_ns, now_ns, inv, pool->inv_rate_q32);
	}
	WRITE_ONCE(pool->limited, limited);
	pool->paused = !cap_bp;
	pool->inv_rate_q32 = inv;
	pool->slice_ns = cap_bp == KMC_BP ? RUNWAY_SLICE_NS :
			 clamp_t(u64, div_u64(CYCLE_NS * cap_bp, KMC_BP),
				 KVMETER_SLICE_MIN_NS, SLICE_MAX_NS);
	pool->burst_ns = kvmeter_conf.burst_ns;
	pool->lease_ns = kvmeter_lease_ns();
	WRITE_ONCE(pool->lease_until_ns, now_ns + pool->lease_ns);
	pool->runway_ns = runway_ns;
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/**
 * kvmeter_pool_close - the limit is the budget's: it holds without a lease, too
 * @pool: a VM's
 * @until_ns: when a new budget period begins, CLOCK_MONOTONIC; 0: it is not the
 *            budget's
 *
 * Context: kvmeter_lock.
 */
void kvmeter_pool_close(struct kvmeter_pool *pool, u64 until_ns)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	WRITE_ONCE(pool->closed_until_ns, until_ns);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}

/**
 * kvmeter_pool_open - no limit any more
 * @pool: a VM's
 *
 * Context: kvmeter_lock.
 */
void kvmeter_pool_open(struct kvmeter_pool *pool)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool->lock, flags);
	WRITE_ONCE(pool->limited, false);
	raw_spin_unlock_irqrestore(&pool->lock, flags);
}
