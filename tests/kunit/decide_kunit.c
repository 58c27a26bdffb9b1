// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of decisions.
 */
#include <kunit/test.h>

#include "../../kmod/core/decide.h"
#include "../vectors/decide_vectors.h"
#include "core_kunit.h"

static void decide_vector_describe(const struct decide_vector *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(decide, decide_vectors, decide_vector_describe);

static void decide_test_vector(struct kunit *test)
{
	const struct decide_vector *v = test->param_value;
	struct kmc_decide d;
	int i;

	kmc_decide_init(&d);
	for (i = 0; i < DECIDE_STEPS_MAX && v->step[i].at_ms; i++) {
		struct kmc_verdict got;
		bool good = decide_vector_run(v, &v->step[i], &d, &got);

		KUNIT_EXPECT_TRUE_MSG(test, good, "at %u ms: %u to %u, reason %u, would %d",
				      v->step[i].at_ms, got.old_bp, got.new_bp, got.reason,
				      got.would);
	}
}

static struct kunit_case decide_cases[] = {
	KUNIT_CASE_PARAM(decide_test_vector, decide_gen_params),
	{}
};

struct kunit_suite decide_suite = {
	.name = "kvmeter_decide",
	.test_cases = decide_cases,
};
