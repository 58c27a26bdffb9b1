// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of budgets.
 */
#include <kunit/test.h>

#include "../../kmod/core/budget.h"
#include "../vectors/cpu_only.h"
#include "core_kunit.h"

static void budget_test_clip(struct kunit *test)
{
	const struct kmc_budget_conf conf = { .cap_ncr = 1000, .period_s = 10 };
	struct kmc_charge due = { { 700, 200 } }, waive;
	struct kmc_now now = {};
	struct kmc_budget b;

	kmc_budget_init(&b, &now);
	KUNIT_EXPECT_EQ(test, kmc_budget_charge(&b, &conf, &due, &waive, &now),
			(u32)KMC_BUDGET_WARN);
	KUNIT_EXPECT_EQ(test, kmc_charge_sum(&waive), 0ULL);
	due.ncr[KMC_CHARGE_TIME] = 60;
	KUNIT_EXPECT_EQ(test, kmc_budget_charge(&b, &conf, &due, &waive, &now),
			(u32)(KMC_BUDGET_WARN | KMC_BUDGET_CAPPED));
	KUNIT_EXPECT_EQ(test, waive.ncr[KMC_CHARGE_TIME], 0ULL);
	KUNIT_EXPECT_EQ(test, waive.ncr[KMC_CHARGE_CPU], 160ULL);
	KUNIT_EXPECT_EQ(test, b.spent_ncr, 1000ULL);
	now.at_ns = 25 * KMC_NS_PER_S;
	KUNIT_EXPECT_EQ(test, kmc_budget_charge(&b, &conf, &due, &waive, &now),
			(u32)KMC_BUDGET_RENEWED);
	KUNIT_EXPECT_EQ(test, b.spent_ncr, 260ULL);
	KUNIT_EXPECT_EQ(test, b.started_at_ns, 20 * KMC_NS_PER_S);
}

static void budget_test_pace(struct kunit *test)
{
	struct kmc_budget_conf conf = { .cap_ncr = 1000000000, .period_s = 3600, .pace = true };
	struct kmc_now now = {};
	struct kmc_policy policy;
	enum kmc_reason reason;
	struct kmc_tariff t;
	struct kmc_budget b;

	kmc_policy_default(&policy);
	kmc_tariff_default(&t);
	kmc_budget_init(&b, &now);
	/* a price of 1e9 and an hour left: nominal fits, no more */
	KUNIT_EXPECT_EQ(test, cpu_budget_limit(&b, &conf, &policy, &t, 1, &now, &reason), 10000U);
	KUNIT_EXPECT_EQ(test, (u32)reason, (u32)KMC_REASON_BUDGET_PACE);
	t.rate_ncr[KMC_RES_CPU] = 1000000000;
	KUNIT_EXPECT_EQ(test, cpu_budget_limit(&b, &conf, &policy, &t, 1, &now, &reason), 5000U);
	KUNIT_EXPECT_EQ(test, cpu_budget_limit(&b, &conf, &policy, &t, 3, &now, &reason), 2500U);
	conf.cap_ncr = 0;
	KUNIT_EXPECT_EQ(test, cpu_budget_limit(&b, &conf, &policy, &t, 1, &now, &reason), 2000U);
	KUNIT_EXPECT_EQ(test, (u32)reason, (u32)KMC_REASON_BUDGET_CAP);
	conf.cap_ncr = KMC_BUDGET_NONE;
	KUNIT_EXPECT_EQ(test, cpu_budget_limit(&b, &conf, &policy, &t, 1, &now, &reason), U32_MAX);
}

static struct kunit_case budget_cases[] = {
	KUNIT_CASE(budget_test_clip),
	KUNIT_CASE(budget_test_pace),
	{}
};

struct kunit_suite budget_suite = {
	.name = "kvmeter_budget",
	.test_cases = budget_cases,
};
