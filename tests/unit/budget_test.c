// SPDX-License-Identifier: GPL-2.0
#include "unit.h"
#include "cpu_only.h"

static const struct kmc_now start = { .at_ns = 5 * KMC_NS_PER_S };

static u32 charge_at(struct kmc_budget *b, const struct kmc_budget_conf *conf, u64 time, u64 cpu,
		     struct kmc_charge *waive, u64 at_ns)
{
	const struct kmc_charge due = { { time, cpu } };
	const struct kmc_now now = { .at_ns = at_ns };

	return kmc_budget_charge(b, conf, &due, waive, &now);
}

static void budget_clips_exactly(void **state)
{
	struct kmc_budget_conf conf = { .cap_ncr = 1000 };
	struct kmc_charge waive;
	struct kmc_budget b;

	(void)state;
	kmc_budget_init(&b, &start);
	assert_int_equal(charge_at(&b, &conf, 400, 99, &waive, 6), 0);
	assert_int_equal(charge_at(&b, &conf, 0, 1, &waive, 6), KMC_BUDGET_WARN);
	assert_int_equal(charge_at(&b, &conf, 0, 1, &waive, 6), 0);
	assert_int_equal(kmc_budget_left_ncr(&b, &conf), 499);
	/* two warnings in one step are one event; time goes before CPU */
	assert_int_equal(charge_at(&b, &conf, 450, 60, &waive, 6),
			 KMC_BUDGET_WARN | KMC_BUDGET_CAPPED);
	assert_int_equal(waive.ncr[KMC_CHARGE_TIME], 0);
	assert_int_equal(waive.ncr[KMC_CHARGE_CPU], 11);
	assert_int_equal(b.spent_ncr, 1000);
	assert_true(b.capped);
	assert_int_equal(charge_at(&b, &conf, 7, 8, &waive, 6), 0);
	assert_int_equal(waive.ncr[KMC_CHARGE_TIME], 7);
	assert_int_equal(waive.ncr[KMC_CHARGE_CPU], 8);
}

static void budget_cap_moves(void **state)
{
	struct kmc_budget_conf conf = { .cap_ncr = 1000 };
	struct kmc_charge waive;
	struct kmc_budget b;

	(void)state;
	kmc_budget_init(&b, &start);
	charge_at(&b, &conf, 600, 0, &waive, 6);
	conf.cap_ncr = 500;		/* below what is spent: at once */
	assert_int_equal(kmc_budget_left_ncr(&b, &conf), 0);
	assert_int_equal(charge_at(&b, &conf, 10, 0, &waive, 7),
			 KMC_BUDGET_WARN | KMC_BUDGET_CAPPED);
	assert_int_equal(waive.ncr[KMC_CHARGE_TIME], 10);
	assert_int_equal(b.spent_ncr, 600);
	conf.cap_ncr = 10000;
	assert_int_equal(charge_at(&b, &conf, 10, 0, &waive, 8), 0);
	assert_false(b.capped);
	assert_int_equal(waive.ncr[KMC_CHARGE_TIME], 0);
	assert_int_equal(b.spent_ncr, 610);
	/* warnings come again under the new cap */
	assert_int_equal(charge_at(&b, &conf, 4390, 0, &waive, 9), KMC_BUDGET_WARN);
	conf.cap_ncr = KMC_BUDGET_NONE;
	assert_int_equal(charge_at(&b, &conf, KMC_NCR_MAX, 0, &waive, 9), 0);
	assert_int_equal(waive.ncr[KMC_CHARGE_TIME], 0);
	assert_true(kmc_budget_left_ncr(&b, &conf) == KMC_BUDGET_NONE);
}

static void budget_renews_without_drift(void **state)
{
	struct kmc_budget_conf conf = { .cap_ncr = 1000, .period_s = 10 };
	struct kmc_charge waive;
	struct kmc_budget b;

	(void)state;
	kmc_budget_init(&b, &start);
	assert_int_equal(kmc_budget_renews_at(&b, &conf), 15 * KMC_NS_PER_S);
	charge_at(&b, &conf, 2000, 0, &waive, 15 * KMC_NS_PER_S - 1);
	assert_true(b.capped);
	assert_int_equal(charge_at(&b, &conf, 30, 0, &waive, 15 * KMC_NS_PER_S + 7),
			 KMC_BUDGET_RENEWED);
	assert_int_equal(b.spent_ncr, 30);
	assert_false(b.capped);
	assert_int_equal(b.started_at_ns, 15 * KMC_NS_PER_S);
	/* a long gap skips whole periods */
	assert_int_equal(charge_at(&b, &conf, 0, 0, &waive, 1239 * KMC_NS_PER_S),
			 KMC_BUDGET_RENEWED);
	assert_int_equal(b.started_at_ns, 1235 * KMC_NS_PER_S);
	conf.period_s = 0;
	assert_true(kmc_budget_renews_at(&b, &conf) == U64_MAX);
}

/* Whatever falls due whenever: never beyond the cap, nothing lost */
static void budget_never_beyond_cap(void **state)
{
	u64 seed = 50;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct kmc_budget_conf conf = {
			.cap_ncr = unit_random_wide(&seed) >> 14,
			.period_s = unit_below(&seed, 3) * 10,
		};
		u64 at_ns = start.at_ns, booked = 0;
		struct kmc_budget b;

		kmc_budget_init(&b, &start);
		for (int j = 0; j < 100; j++) {
			u64 time = unit_random_wide(&seed) >> 18;
			u64 cpu = unit_random_wide(&seed) >> 18;
			struct kmc_charge waive;
			u64 part;
			u32 events;

			at_ns += unit_below(&seed, 2 * KMC_NS_PER_S);
			events = charge_at(&b, &conf, time, cpu, &waive, at_ns);
			if (events & KMC_BUDGET_RENEWED)
				booked = 0;
			assert_true(waive.ncr[KMC_CHARGE_TIME] <= time);
			assert_true(waive.ncr[KMC_CHARGE_CPU] <= cpu);
			part = time + cpu - kmc_charge_sum(&waive);
			booked += part;
			assert_true(booked <= conf.cap_ncr);
			assert_int_equal(b.spent_ncr, booked);
			assert_int_equal(b.capped, booked == conf.cap_ncr);
			/* nothing is waived while there is money left */
			if (kmc_charge_sum(&waive))
				assert_int_equal(booked, conf.cap_ncr);
		}
	}
}

static void budget_warnings(void **state)
{
	static const u32 want[KMC_NR_WARNINGS] = { 5000, 8000, 9500 };
	struct kmc_budget_conf conf = { .cap_ncr = 10000 };
	u32 at[4], nr = 0;
	struct kmc_charge waive;
	struct kmc_budget b;

	(void)state;
	kmc_budget_init(&b, &start);
	for (u32 i = 1; i <= 10001; i++)
		if (charge_at(&b, &conf, 1, 0, &waive, 6))
			at[nr++] = i;
	assert_int_equal(nr, 4);
	for (u32 i = 0; i < KMC_NR_WARNINGS; i++)
		assert_int_equal(at[i], want[i]);
	assert_int_equal(at[3], 10000);
}

static void budget_runway(void **state)
{
	struct kmc_budget_conf conf = { .cap_ncr = 5000000000ULL };
	struct kmc_tariff t;
	struct kmc_budget b;
	struct kmc_price p;

	(void)state;
	kmc_tariff_default(&t);
	t.base_ncr_h = 3600000000000ULL;
	t.ceiling_ncr_h = KMC_NCR_MAX;
	kmc_budget_init(&b, &start);
	kmc_price_init(&p, &t, &start);
	assert_int_equal(kmc_budget_runway_ns(&b, &conf, &t, &p), 5 * KMC_NS_PER_S);
	t.rate_ncr[KMC_RES_CPU] = 3600000000000ULL;
	assert_int_equal(kmc_budget_runway_ns(&b, &conf, &t, &p), 5 * KMC_NS_PER_S / 2);
	p.pending_ncr_h = 4 * 3600000000000ULL;
	p.pending_at_ns = 1;
	assert_int_equal(kmc_budget_runway_ns(&b, &conf, &t, &p), KMC_NS_PER_S);
	b.spent_ncr = conf.cap_ncr;
	assert_int_equal(kmc_budget_runway_ns(&b, &conf, &t, &p), 0);
	conf.cap_ncr = KMC_BUDGET_NONE;
	assert_true(kmc_budget_runway_ns(&b, &conf, &t, &p) == U64_MAX);
}

static void budget_limit_at_cap(void **state)
{
	struct kmc_budget_conf conf = { .cap_ncr = 100, .period_s = 10 };
	struct kmc_now now = { .at_ns = 6 * KMC_NS_PER_S };
	struct kmc_policy policy;
	enum kmc_reason reason;
	struct kmc_tariff t;
	struct kmc_budget b;

	(void)state;
	kmc_policy_default(&policy);
	kmc_tariff_default(&t);
	kmc_budget_init(&b, &start);
	assert_true(cpu_budget_limit(&b, &conf, &policy, &t, 1, &now, &reason) == U32_MAX);
	assert_int_equal(reason, KMC_REASON_NONE);
	b.spent_ncr = 100;
	assert_int_equal(cpu_budget_limit(&b, &conf, &policy, &t, 1, &now, &reason), 2000);
	assert_int_equal(reason, KMC_REASON_BUDGET_CAP);
	conf.action = KMC_CAP_PAUSE;
	assert_int_equal(cpu_budget_limit(&b, &conf, &policy, &t, 1, &now, &reason), 0);
	/* the next budget period has begun, though no charge came by yet */
	now.at_ns = 15 * KMC_NS_PER_S;
	assert_true(cpu_budget_limit(&b, &conf, &policy, &t, 1, &now, &reason) == U32_MAX);
}

/* What has a rate is held at the cap, whether it was sold or not */
static void budget_cap_of_unsold(void **state)
{
	struct kmc_budget_conf conf = { .cap_ncr = 100, .period_s = 10, .pace = true };
	struct kmc_now now = { .at_ns = 6 * KMC_NS_PER_S };
	struct kmc_budget_size size = { .nr_vcpus = 1 };
	struct kmc_policy policy[KMC_NR_ACT];
	struct kmc_budget b;
	struct kmc_tariff t;
	u32 limit_bp[KMC_NR_ACT];
	int r;

	(void)state;
	for (r = 0; r < KMC_NR_ACT; r++)
		kmc_policy_default(&policy[r]);
	kmc_tariff_default(&t);
	for (r = 0; r < KMC_NR_ACT; r++)
		t.rate_ncr[r] = 1;
	kmc_budget_init(&b, &start);
	b.spent_ncr = 99;
	kmc_budget_limit(&b, &conf, policy, &t, &size, &now, limit_bp);
	assert_true(limit_bp[KMC_RES_NETWORK] == U32_MAX);	/* pacing is of what is sold */
	b.spent_ncr = 100;
	assert_int_equal(kmc_budget_limit(&b, &conf, policy, &t, &size, &now, limit_bp),
			 KMC_REASON_BUDGET_CAP);
	assert_int_equal(limit_bp[KMC_RES_CPU], policy[0].floor_bp);
	assert_int_equal(limit_bp[KMC_RES_NETWORK], KMC_GRANT_MIN_BP);
	assert_int_equal(limit_bp[KMC_RES_DISK], KMC_GRANT_MIN_BP);
	assert_true(limit_bp[KMC_RES_MEMORY] == U32_MAX);	/* cannot be taken away */
	policy[KMC_RES_NETWORK].nominal = 1000;
	t.rate_ncr[KMC_RES_DISK] = 0;
	kmc_budget_limit(&b, &conf, policy, &t, &size, &now, limit_bp);
	assert_int_equal(limit_bp[KMC_RES_NETWORK], policy[KMC_RES_NETWORK].floor_bp);
	assert_true(limit_bp[KMC_RES_DISK] == U32_MAX);		/* it costs nothing */
}

static u128 budget_twin_rate(const struct kmc_policy *p, const struct kmc_tariff *t, u32 nr_vcpus,
			     u32 g)
{
	const u32 grant_bp[KMC_NR_RES] = { g, KMC_BP };

	return kmc_price_target(t, grant_bp) +
	       (u128)t->rate_ncr[KMC_RES_CPU] * nr_vcpus * kmc_grant_cap_bp(p, g) / KMC_BP;
}

/* The largest grant whose worst spending fits what is left, or the floor */
static void budget_pace_fits(void **state)
{
	u64 seed = 51;
	u32 nr[3] = {};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct kmc_budget_conf conf = {
			.cap_ncr = 1 + (unit_random_wide(&seed) >> 26), .period_s = 3600,
			.pace = true };
		u32 nr_vcpus = 1 + unit_below(&seed, 64), g;
		struct kmc_budget b = { .spent_ncr = unit_below(&seed, conf.cap_ncr) };
		struct kmc_now now = { .at_ns = unit_below(&seed, KMC_NS_PER_HOUR) };
		u128 money = (u128)(conf.cap_ncr - b.spent_ncr) * KMC_NS_PER_HOUR;
		u64 left_ns = KMC_NS_PER_HOUR - now.at_ns;
		struct kmc_policy p;
		enum kmc_reason reason;
		struct kmc_tariff t;

		kmc_policy_default(&p);
		p.nominal_bp = 100 + unit_below(&seed, 9901);
		kmc_tariff_default(&t);
		t.rate_ncr[KMC_RES_CPU] = unit_random_wide(&seed) >> 30;
		g = cpu_budget_limit(&b, &conf, &p, &t, nr_vcpus, &now, &reason);
		if (g == U32_MAX) {
			nr[0]++;
			g = p.ceiling_bp;
			assert_int_equal(reason, KMC_REASON_NONE);
		} else {
			assert_int_equal(reason, KMC_REASON_BUDGET_PACE);
			assert_in_range(g, p.floor_bp, p.ceiling_bp - 1);
			/* one more would not fit */
			assert_true(budget_twin_rate(&p, &t, nr_vcpus, g + 1) * left_ns > money);
			nr[g == p.floor_bp ? 1 : 2]++;
		}
		if (g != p.floor_bp)
			assert_true(budget_twin_rate(&p, &t, nr_vcpus, g) * left_ns <= money);
	}
	for (size_t i = 0; i < ARRAY_SIZE(nr); i++)
		assert_true(nr[i] > 100);
}

UNIT_SUITE(unit_budget,
	   cmocka_unit_test(budget_clips_exactly),
	   cmocka_unit_test(budget_cap_moves),
	   cmocka_unit_test(budget_renews_without_drift),
	   cmocka_unit_test(budget_never_beyond_cap),
	   cmocka_unit_test(budget_warnings),
	   cmocka_unit_test(budget_runway),
	   cmocka_unit_test(budget_limit_at_cap),
	   cmocka_unit_test(budget_cap_of_unsold),
	   cmocka_unit_test(budget_pace_fits));
