// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

static void policy_defaults_pass(void **state)
{
	struct kmc_budget_conf b;
	struct kmc_policy p;
	struct kmc_tariff t;

	(void)state;
	memset(&p, 0xff, sizeof(p));
	memset(&t, 0xff, sizeof(t));
	memset(&b, 0xff, sizeof(b));
	kmc_policy_default(&p);
	kmc_tariff_default(&t);
	kmc_budget_default(&b);
	assert_null(kmc_policy_check(KMC_RES_CPU, &p));
	assert_null(kmc_tariff_check(&t));
	assert_null(kmc_budget_check(&b));
}

#define policy_check(p)		kmc_policy_check(KMC_RES_CPU, p)
#define tariff_check(t)		kmc_tariff_check(t)
#define budget_check(b)		kmc_budget_check(b)

/*
 * Set one field of a default to something out of range: the sentence must
 * begin with that field's name
 */
#define assert_refused(kind, type, field, value) do {				\
	type _s;								\
	const char *_why;							\
	kmc_##kind##_default(&_s);						\
	_s.field = (value);							\
	_why = kind##_check(&_s);							\
	assert_non_null(_why);							\
	assert_memory_equal(_why, #field, strcspn(#field, "["));		\
} while (0)

static void policy_bounds(void **state)
{
	(void)state;
	assert_refused(policy, struct kmc_policy, mode, KMC_NR_MODES);
	assert_refused(policy, struct kmc_policy, shadow, KMC_NR_MODES);
	assert_refused(policy, struct kmc_policy, nominal_bp, 99);
	assert_refused(policy, struct kmc_policy, nominal_bp, 10001);
	assert_refused(policy, struct kmc_policy, threshold_mbit, 999);
	assert_refused(policy, struct kmc_policy, threshold_mbit, 30001);
	assert_refused(policy, struct kmc_policy, sensitivity_mbit, 99);
	assert_refused(policy, struct kmc_policy, sensitivity_mbit, 1000001);
	assert_refused(policy, struct kmc_policy, floor_bp, 99);
	assert_refused(policy, struct kmc_policy, floor_bp, 10001);
	assert_refused(policy, struct kmc_policy, ceiling_bp, 9999);
	assert_refused(policy, struct kmc_policy, ceiling_bp, KMC_GRANT_MAX_BP + 1);
	assert_refused(policy, struct kmc_policy, step_bp, 0);
	assert_refused(policy, struct kmc_policy, step_bp, 499);
	assert_refused(policy, struct kmc_policy, step_bp, KMC_GRANT_MAX_BP + 1);
	assert_refused(policy, struct kmc_policy, dead_band_bp, 10001);
	assert_refused(policy, struct kmc_policy, dwell_ms, 3600001);
	assert_refused(policy, struct kmc_policy, half_life_s, 0);
	assert_refused(policy, struct kmc_policy, half_life_s, 2592001);
}

/* Each resource has its own kind of nominal allotment */
static void policy_nominal(void **state)
{
	struct kmc_policy p;

	(void)state;
	kmc_policy_default(&p);
	assert_true(kmc_policy_sold(KMC_RES_CPU, &p));
	assert_false(kmc_policy_sold(KMC_RES_DISK, &p));
	assert_non_null(kmc_policy_check(KMC_RES_EXITS, &p));
	p.nominal = KMC_NOMINAL_MAX;
	assert_null(kmc_policy_check(KMC_RES_MEMORY, &p));
	assert_true(kmc_policy_sold(KMC_RES_MEMORY, &p));
	assert_non_null(kmc_policy_check(KMC_RES_CPU, &p));
	p.nominal++;
	assert_non_null(kmc_policy_check(KMC_RES_MEMORY, &p));
	p.nominal = 1;
	p.nominal_bp = 5000;
	assert_non_null(kmc_policy_check(KMC_RES_MEMORY, &p));
	p.nominal_bp = KMC_BP;
	p.follow = (1U << KMC_NR_RES) - 1;
	assert_null(kmc_policy_check(KMC_RES_DISK, &p));
	p.follow++;
	assert_non_null(kmc_policy_check(KMC_RES_DISK, &p));
}

/* What a grant of a flow lets through */
static void policy_flow(void **state)
{
	struct kmc_policy p;

	(void)state;
	kmc_policy_default(&p);
	assert_true(kmc_policy_flow_bytes_s(&p, KMC_BP) == U64_MAX);
	assert_true(kmc_policy_flow_bytes_s(&p, KMC_GRANT_MIN_BP) == KMC_TRICKLE_BYTES_S);
	p.nominal = 100;
	assert_int_equal(kmc_policy_flow_bytes_s(&p, KMC_BP), 102400);
	assert_int_equal(kmc_policy_flow_bytes_s(&p, 3333), 34129);
	p.nominal = KMC_NOMINAL_MAX;
	assert_true(kmc_policy_flow_bytes_s(&p, KMC_GRANT_MAX_BP) == 10 * KMC_NOMINAL_MAX << 10);
}

static void policy_tariff_bounds(void **state)
{
	(void)state;
	assert_refused(tariff, struct kmc_tariff, ceiling_ncr_h, KMC_NCR_MAX + 1);
	assert_refused(tariff, struct kmc_tariff, base_ncr_h, 10000000001ULL);
	assert_refused(tariff, struct kmc_tariff, floor_ncr_h, 1000000001);
	assert_refused(tariff, struct kmc_tariff, slew_ncr_h_min, KMC_NCR_MAX + 1);
	assert_refused(tariff, struct kmc_tariff, notice_ms, 3600001);
	assert_refused(tariff, struct kmc_tariff, cost_ncr_h[KMC_RES_DISK], KMC_NCR_MAX + 1);
	assert_refused(tariff, struct kmc_tariff, rate_ncr[KMC_RES_NETWORK], KMC_NCR_MAX + 1);
}

static void policy_budget_bounds(void **state)
{
	(void)state;
	assert_refused(budget, struct kmc_budget_conf, cap_ncr, KMC_NCR_MAX + 1);
	assert_refused(budget, struct kmc_budget_conf, period_s, 366 * 86400 + 1);
	assert_refused(budget, struct kmc_budget_conf, action, KMC_NR_CAP_ACTIONS);
	assert_refused(budget, struct kmc_budget_conf, pace, true);
}

UNIT_SUITE(unit_policy,
	   cmocka_unit_test(policy_defaults_pass),
	   cmocka_unit_test(policy_bounds),
	   cmocka_unit_test(policy_nominal),
	   cmocka_unit_test(policy_flow),
	   cmocka_unit_test(policy_tariff_bounds),
	   cmocka_unit_test(policy_budget_bounds));
