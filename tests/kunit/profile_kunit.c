// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of profiles.
 */
#include <kunit/test.h>

#include "../../kmod/core/profile.h"
#include "core_kunit.h"

#define CENSOR_MAX	9000

static void profile_learn_demand(struct kmc_profile *p, u64 demand, u32 repeat)
{
	const struct kmc_sample s = { demand, demand, false };

	kmc_profile_fold(p, &s, repeat, CENSOR_MAX);
}

static struct kmc_profile *profile_new(struct kunit *test)
{
	struct kmc_profile *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	kmc_profile_init(p, 36000);
	return p;
}

static void profile_test_spike(struct kunit *test)
{
	struct kmc_profile *p = profile_new(test);
	int i;

	for (i = 0; i < 20000; i++)
		profile_learn_demand(p, 2000 + i % 1000, 1);
	for (i = 0; i < KMC_PROFILE_LAG; i++) {
		struct kmc_surprise s = kmc_profile_judge(p, 9000);

		KUNIT_EXPECT_EQ(test, s.dir, 1);
		KUNIT_EXPECT_GT(test, s.mbit, 12000U);
		profile_learn_demand(p, 9000, 1);
	}
	profile_learn_demand(p, 9000, KMC_PROFILE_LAG);
	KUNIT_EXPECT_LT(test, kmc_profile_judge(p, 9000).mbit, 7500U);
}

static void profile_test_censored(struct kunit *test)
{
	const struct kmc_sample held = { 2000, 8000, true };
	struct kmc_profile *p = profile_new(test);

	profile_learn_demand(p, 3500, 36000);
	kmc_profile_fold(p, &held, CENSOR_MAX, CENSOR_MAX);
	KUNIT_EXPECT_GT(test, kmc_profile_judge(p, 8000).mbit, 10000U);
	kmc_profile_fold(p, &held, 27000, CENSOR_MAX);
	KUNIT_EXPECT_LT(test, kmc_profile_judge(p, 8000).mbit, 2000U);
	KUNIT_EXPECT_EQ(test, p->hist.bin[kmc_hist_bin(2000)], 0U);
	KUNIT_EXPECT_EQ(test, kmc_profile_judge(p, 2000).dir, -1);
}

static void profile_test_prior(struct kunit *test)
{
	struct kmc_profile *vm = profile_new(test), *prior = profile_new(test);
	struct kmc_profile *next = profile_new(test);

	profile_learn_demand(vm, 4000, 50000);
	kmc_profile_merge(prior, vm);
	kmc_profile_seed(next, prior, 600);
	KUNIT_EXPECT_EQ(test, kmc_profile_mean(next), 4000ULL);
	KUNIT_EXPECT_GE(test, kmc_hist_samples(&next->hist), 590U);
	KUNIT_EXPECT_LE(test, kmc_hist_samples(&next->hist), 610U);
	KUNIT_EXPECT_GT(test, kmc_profile_judge(next, 9000).mbit, 8000U);
}

static struct kunit_case profile_cases[] = {
	KUNIT_CASE(profile_test_spike),
	KUNIT_CASE(profile_test_censored),
	KUNIT_CASE(profile_test_prior),
	{}
};

struct kunit_suite profile_suite = {
	.name = "kvmeter_profile",
	.test_cases = profile_cases,
};
