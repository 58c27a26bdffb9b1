// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of arithmetic.
 */
#include <kunit/test.h>

#include "../../kmod/core/q.h"
#include "../vectors/q_vectors.h"
#include "core_kunit.h"

static void q_test_muldiv(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(q_muldiv_vectors); i++) {
		const struct q_muldiv_vector *v = &q_muldiv_vectors[i];

		KUNIT_EXPECT_EQ_MSG(test, kmc_muldiv_floor(v->a, v->b, v->c), v->want,
				    "row %d", i);
	}
}

static void q_test_accrue(struct kunit *test)
{
	u64 rem = 0, sum = 0;
	int i;

	for (i = 0; i < 360000; i++)
		sum += kmc_accrue(50000000, 10000000, KMC_NS_PER_HOUR, &rem);
	KUNIT_EXPECT_EQ(test, sum, 50000000ULL);
	KUNIT_EXPECT_EQ(test, rem, 0ULL);
	rem = 1;
	KUNIT_EXPECT_EQ(test, kmc_accrue(U64_MAX, U64_MAX, 2, &rem), U64_MAX);
	KUNIT_EXPECT_EQ(test, rem, 0ULL);
}

static void q_test_log2(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(q_log2_vectors); i++) {
		u32 want = q_log2_vectors[i].want_mbit;
		u32 got = kmc_log2_mbit(q_log2_vectors[i].v);

		KUNIT_EXPECT_LE_MSG(test, max(got, want) - min(got, want), 1U, "row %d", i);
	}
}

static void q_test_exp2neg(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(q_exp2neg_vectors); i++) {
		u32 got = kmc_exp2neg_q16(q_exp2neg_vectors[i].mbit);

		KUNIT_EXPECT_LE_MSG(test, got - q_exp2neg_vectors[i].want_q16, 1U, "row %d", i);
	}
}

static struct kunit_case q_cases[] = {
	KUNIT_CASE(q_test_muldiv),
	KUNIT_CASE(q_test_accrue),
	KUNIT_CASE(q_test_log2),
	KUNIT_CASE(q_test_exp2neg),
	{}
};

struct kunit_suite q_suite = { .name = "kvmeter_q", .test_cases = q_cases };
