/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the unit tests share.  Three kinds of test: tables (tests/vectors),
 * properties over random input with fixed seeds, and comparisons with a naive
 * twin in double or 128-bit arithmetic.
 */
#ifndef UNIT_H
#define UNIT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "detect.h"
#include "blob.h"
#include "pipeline.h"

#define u128	unsigned __int128

struct unit_suite {
	const struct CMUnitTest *test;
	size_t nr;
};

extern const struct unit_suite unit_q, unit_hist, unit_profile, unit_detect, unit_detect_time,
	unit_near, unit_lms, unit_band, unit_rnn, unit_predict, unit_policy, unit_decide,
	unit_price, unit_budget, unit_ledger, unit_pipeline, unit_pipeline_many, unit_blob,
	unit_blob_lies, unit_tenant;

#define UNIT_SUITE(name, ...)							\
	static const struct CMUnitTest name##_tests[] = { __VA_ARGS__ };	\
	const struct unit_suite name = { name##_tests, ARRAY_SIZE(name##_tests) }

/* splitmix64: small, and good enough for tests */
static inline u64 unit_random(u64 *state)
{
	u64 z = (*state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* a number of random length: small ones are as likely as large ones */
static inline u64 unit_random_wide(u64 *state)
{
	return unit_random(state) >> (unit_random(state) & 63);
}

static inline u64 unit_below(u64 *state, u64 n)
{
	return unit_random(state) % n;
}

/* in (0, 1] */
static inline double unit_uniform(u64 *state)
{
	return ldexp((unit_random(state) >> 11) + 1, -53);
}

static inline double unit_normal(u64 *state)
{
	return sqrt(-2 * log(unit_uniform(state))) * cos(2 * M_PI * unit_uniform(state));
}

#define assert_near(got, want, tolerance) do {					\
	double _got = (got), _want = (want), _tol = (tolerance);		\
	if (!(fabs(_got - _want) <= _tol))					\
		fail_msg("%s: %g, not within %g of %g", #got, _got, _tol, _want);\
} while (0)

#define assert_at_most(got, most) do {						\
	double _got = (got), _most = (most);					\
	if (!(_got <= _most))							\
		fail_msg("%s: %g is above %g", #got, _got, _most);		\
} while (0)

#endif /* UNIT_H */
