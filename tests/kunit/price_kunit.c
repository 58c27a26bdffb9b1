// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of prices.
 */
#include <kunit/test.h>

#include "../../kmod/core/price.h"
#include "../vectors/price_vectors.h"
#include "core_kunit.h"

static void price_test_targets(struct kunit *test)
{
	struct kmc_tariff t;
	int i;

	price_vector_tariff(&t);
	for (i = 0; i < ARRAY_SIZE(price_target_vectors); i++) {
		const u32 grant_bp[KMC_NR_RES] = { price_target_vectors[i].cpu_bp, KMC_BP };

		KUNIT_EXPECT_EQ_MSG(test, kmc_price_target(&t, grant_bp),
				    price_target_vectors[i].want_ncr_h, "grant %u", grant_bp[0]);
	}
}

static void price_vector_describe(const struct price_move_vector *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(price, price_move_vectors, price_vector_describe);

static void price_test_moves(struct kunit *test)
{
	const struct price_move_vector *v = test->param_value;
	const struct kmc_now start = {};
	struct kmc_tariff t;
	struct kmc_price p;
	u32 i;

	price_vector_tariff(&t);
	t.slew_ncr_h_min = v->slew_ncr_h_min;
	t.notice_ms = v->notice_ms;
	kmc_price_init(&p, &t, &start);
	for (i = 0; i < PRICE_STEPS_MAX && v->step[i].cpu_bp; i++)
		KUNIT_EXPECT_TRUE_MSG(test, price_vector_run(v, i, &p, &t),
				      "at %u ms: now %llu, pending %llu from %llu",
				      v->step[i].at_ms, p.now_ncr_h, p.pending_ncr_h,
				      p.pending_at_ns);
}

static struct kunit_case price_cases[] = {
	KUNIT_CASE(price_test_targets),
	KUNIT_CASE_PARAM(price_test_moves, price_gen_params),
	{}
};

struct kunit_suite price_suite = { .name = "kvmeter_price", .test_cases = price_cases };
