// SPDX-License-Identifier: GPL-2.0
/*
 * Gap: the time between the ends of two periods, and what it says.
 *
 * The problem.  All that kvmeter keeps from a VM hangs on its periods: they renew
 * the leases of limits.  Whatever keeps the period's thread from its lock or its
 * CPU lifts limits in the end, and nobody would know.
 *
 * The model.  A period that ends two periods or more after the last one is late.
 * One that ends a lease after it is worse: what was limited ran free meanwhile.
 * Both are counted, the second is told.
 *
 * Worked: periods of 100 ms, leases of 5 s.  A thread stops the period for 7 s:
 * the gap is 7.1 s, one period is late, and leases lapsed 2.1 s before it ended.
 */
#include <linux/printk.h>

#include "base/host.h"
#include "base/lease.h"
#include "core/q.h"
#include "core/units.h"
#include "period/gap.h"
#include "period/notify.h"

struct kvmeter_gaps kvmeter_gaps;

/* both under kvmeter_lock: of the last period, when it ended and how long it was to be */
static u64 ended_ns;
static u64 expected_ns;

static void gap_set(u64 *value, u64 to)
{
	WRITE_ONCE(*value, to);
}

/**
 * kvmeter_gap_begin - the first period begins
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: the period's thread, before its first pass.
 */
void kvmeter_gap_begin(u64 now_ns)
{
	ended_ns = now_ns;
	expected_ns = kvmeter_conf.period_ns;
}

/**
 * kvmeter_gap_note - a period ends
 * @now_ns: CLOCK_MONOTONIC
 *
 * A period that was made shorter or longer meanwhile is late by the longer one.
 *
 * Context: the period, kvmeter_lock.
 */
void kvmeter_gap_note(u64 now_ns)
{
	u64 gap_ns = kmc_sat_sub(now_ns, ended_ns);
	u64 period_ns = max(expected_ns, kvmeter_conf.period_ns);

	lockdep_assert_held(&kvmeter_lock);
	ended_ns = now_ns;
	expected_ns = kvmeter_conf.period_ns;
	if (gap_ns > kvmeter_gaps.longest_ns)
		gap_set(&kvmeter_gaps.longest_ns, gap_ns);
	if (gap_ns < 2 * period_ns)
		return;
	gap_set(&kvmeter_gaps.late, kvmeter_gaps.late + 1);
	if (gap_ns < kvmeter_lease_ns())
		return;
	gap_set(&kvmeter_gaps.lapsed, kvmeter_gaps.lapsed + 1);
	pr_warn_ratelimited("kvmeter: no period for %llu ms: limits had lapsed\n",
			    div_u64(gap_ns, NSEC_PER_MSEC));
	kvmeter_notify_lapsed();
}
