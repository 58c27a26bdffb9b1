// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of the pipeline, from samples to money.
 */
#include <kunit/test.h>

#include "../../kmod/core/pipeline.h"
#include "../vectors/digest.h"
#include "../vectors/cpu_only.h"
#include "core_kunit.h"

static void pipeline_test_digest(struct kunit *test)
{
	struct kmc_record *ring = kunit_kcalloc(test, DIGEST_RING, sizeof(*ring), GFP_KERNEL);
	struct kmc_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);
	u32 reasons[KMC_NR_ACT] = {};

	KUNIT_ASSERT_NOT_NULL(test, ring);
	KUNIT_ASSERT_NOT_NULL(test, vm);
	KUNIT_EXPECT_EQ(test, digest_run(vm, ring, reasons), DIGEST_WANT);
	KUNIT_EXPECT_TRUE(test, reasons[KMC_RES_CPU] & 1U << KMC_REASON_RISE);
	KUNIT_EXPECT_TRUE(test, reasons[KMC_RES_NETWORK] & 1U << KMC_REASON_BUDGET_CAP);
}

static void pipeline_test_split(struct kunit *test)
{
	struct kmc_record *ring = kunit_kcalloc(test, 8, sizeof(*ring), GFP_KERNEL);
	struct kmc_vm *whole = kunit_kzalloc(test, sizeof(*whole), GFP_KERNEL);
	struct kmc_vm *parts = kunit_kzalloc(test, sizeof(*parts), GFP_KERNEL);
	struct kmc_budget_conf budget;
	struct kmc_notice notice;
	struct kmc_policy policy;
	struct kmc_tariff tariff;
	struct kmc_now now = {};

	KUNIT_ASSERT_NOT_NULL(test, ring);
	KUNIT_ASSERT_NOT_NULL(test, whole);
	KUNIT_ASSERT_NOT_NULL(test, parts);
	kmc_policy_default(&policy);
	kmc_tariff_default(&tariff);
	kmc_budget_default(&budget);
	budget.cap_ncr = 20000000;
	budget.period_s = 77;
	cpu_vm_init(whole, &policy, &tariff, &budget, 100 * KMC_NS_PER_MS, ring, 4, &now);
	cpu_vm_init(parts, &policy, &tariff, &budget, 100 * KMC_NS_PER_MS, ring + 4, 4, &now);
	while (now.at_ns < KMC_NS_PER_HOUR) {
		now.at_ns += 1234567891;
		cpu_settle(parts, KMC_BP, 0, &notice, &now);
	}
	cpu_settle(whole, KMC_BP, 0, &notice, &now);
	KUNIT_EXPECT_EQ(test, whole->price.charged_ncr[KMC_CHARGE_TIME],
			parts->price.charged_ncr[KMC_CHARGE_TIME]);
	KUNIT_EXPECT_EQ(test, whole->price.waived_ncr, parts->price.waived_ncr);
	KUNIT_EXPECT_EQ(test, whole->budget.spent_ncr, parts->budget.spent_ncr);
	KUNIT_EXPECT_GT(test, whole->price.waived_ncr, 0ULL);
	/* what was cut off at the cap and what was not make up the hour */
	KUNIT_EXPECT_EQ(test,
			whole->price.charged_ncr[KMC_CHARGE_TIME] + whole->price.waived_ncr,
			kmc_muldiv_floor(tariff.base_ncr_h, now.at_ns, KMC_NS_PER_HOUR));
}

static struct kunit_case pipeline_cases[] = {
	KUNIT_CASE(pipeline_test_digest),
	KUNIT_CASE(pipeline_test_split),
	{}
};

struct kunit_suite pipeline_suite = {
	.name = "kvmeter_pipeline",
	.test_cases = pipeline_cases,
};
