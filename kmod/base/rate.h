/* SPDX-License-Identifier: GPL-2.0 */
/*
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

#endif /* KVMETER_RATE_H */
