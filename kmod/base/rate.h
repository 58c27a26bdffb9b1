/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rates: an amount per second, and a limit on how often.
 *
 * A rate limit in one word (the generic cell rate algorithm): the instant up to
 * which what was allowed so far is paid.  Each allowance moves it on by the
 * interval; it may be ahead of the clock by burst intervals.  Idle time is
 * saved up to the burst, never more.
 *
 * Worked: 10 per s and burst 20: 20 at once, then one each 100 ms.
 */
#ifndef KVMETER_RATE_H
#define KVMETER_RATE_H

#include <linux/atomic.h>
#include <linux/minmax.h>
#include <linux/time64.h>

#include "core/q.h"

/**
 * struct kvmeter_rate - the state of a rate limit
 * @paid_ns: CLOCK_MONOTONIC, up to which what was allowed is paid; atomic, no lock
 */
struct kvmeter_rate {
	atomic64_t paid_ns;
};

/**
 * kvmeter_rate_take - may this be done now?
 * @rate: the limit's state
 * @now_ns: CLOCK_MONOTONIC
 * @interval_ns: one per
 * @burst: so many at once
 *
 * Any context.
 *
 * Return: 0: yes, and it is paid; else for how many ns the answer stays no.
 */
static inline u64 kvmeter_rate_take(struct kvmeter_rate *rate, u64 now_ns, u64 interval_ns,
				    u32 burst)
{
	s64 paid = atomic64_read(&rate->paid_ns);
	u64 next;

	do {
		next = max_t(u64, paid, now_ns) + interval_ns;
		if (next > now_ns + burst * interval_ns)
			return next - now_ns - burst * interval_ns;
	} while (!atomic64_try_cmpxchg(&rate->paid_ns, &paid, next));
	return 0;
}

/**
 * kvmeter_per_s - an amount per second
 * @amount: in any unit
 * @span_ns: in how many ns; 0 counts as 1
 *
 * Return: @amount per second, to the nearest; U64_MAX where it would be more.
 */
static inline u64 kvmeter_per_s(u64 amount, u64 span_ns)
{
	span_ns = max(span_ns, 1ULL);
	return kmc_sat_add(kmc_muldiv_floor(amount, 2 * NSEC_PER_SEC, span_ns), 1) / 2;
}

#endif /* KVMETER_RATE_H */
