// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of prediction.
 */
#include <kunit/test.h>

#include "../../kmod/core/pipeline.h"
#include "../../kmod/core/predict.h"
#include "../vectors/digest.h"
#include "../vectors/predict_vectors.h"
#include "core_kunit.h"

static void predict_test_mixture(struct kunit *test)
{
	struct kmc_predict *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	struct kmc_sample s = {};
	u64 missed = 0;
	int i, j;

	KUNIT_ASSERT_NOT_NULL(test, p);
	kmc_predict_init(p, 0);
	for (i = 0; i < 5000; i++) {
		u32 sum = 0;

		/* a saw: where it was last is where it is next, nearly */
		s.demand = i % 1000 * 5;
		s.usage = s.demand;
		if (i > 4000)
			missed += max(p->next.mean, s.demand) - min(p->next.mean, s.demand);
		kmc_predict_observe(p, &s, 1);
		for (j = 0; j < KMC_NR_EXPERTS; j++)
			sum += p->weight_q16[j];
		KUNIT_EXPECT_EQ(test, sum, 65536U);
		KUNIT_EXPECT_LE(test, p->next.mean, p->next.p95);
		KUNIT_EXPECT_LE(test, p->next.p95, p->next.p99);
	}
	/* the last value is off by 5, the mean by 1250 */
	KUNIT_EXPECT_LE(test, missed, 999 * 6ULL);
	KUNIT_EXPECT_LT(test, p->weight_q16[KMC_EXPERT_EWMA256], 100U);
}

static void predict_test_digest(struct kunit *test)
{
	struct kmc_predict *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	struct kmc_model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_EXPECT_EQ(test, predict_digest_run(p, m), PREDICT_DIGEST_WANT);
	KUNIT_EXPECT_NULL(test, kmc_model_check(m, sizeof(*m)));
	m->output_bias_q12[0] ^= 1;
	KUNIT_EXPECT_NOT_NULL(test, kmc_model_check(m, sizeof(*m)));
}

static struct kunit_case predict_cases[] = {
	KUNIT_CASE(predict_test_digest),
	KUNIT_CASE(predict_test_mixture),
	{}
};

struct kunit_suite predict_suite = {
	.name = "kvmeter_predict",
	.test_cases = predict_cases,
};
