// SPDX-License-Identifier: GPL-2.0
#include "sim.h"
#include "digest.h"

static struct sim the_sim;

static void pipeline_elastic_spike(void **state)
{
	struct sim *s = &the_sim;
	struct kmc_budget_conf b;
	struct kmc_policy p;
	struct kmc_tariff t;
	u64 seed = 70;
	int i;

	(void)state;
	sim_default(&p, &t, &b);
	p.mode = KMC_MODE_ELASTIC;
	sim_init(s, &p, &t, &b);
	sim_learn(s, &seed, 20000);
	assert_int_equal(s->vm.decide[KMC_RES_CPU].grant_bp, KMC_BP);
	assert_int_equal(s->vm.price.now_ncr_h, t.base_ncr_h);

	/* 7500 bp of demand: a cap of 8000 needs a grant of 20 000 */
	for (i = 0; i < 5; i++)
		sim_period(s, 7500, false);
	assert_int_equal(s->vm.decide[KMC_RES_CPU].grant_bp, 20000);
	assert_int_equal(s->vm.price.now_ncr_h, 2 * t.base_ncr_h);
	for (i = 0; i < 20; i++)
		sim_period(s, 7500, false);
	assert_int_equal(s->vm.decide[KMC_RES_CPU].grant_bp, 20000);

	/* over: after the dwell time it steps back, and the price with it */
	for (i = 0; s->vm.decide[KMC_RES_CPU].grant_bp != KMC_BP && i < 100; i++) {
		u32 before = s->vm.decide[KMC_RES_CPU].grant_bp;

		sim_period(s, 2000, false);
		assert_true(before - s->vm.decide[KMC_RES_CPU].grant_bp <= p.step_bp);
		if (before != s->vm.decide[KMC_RES_CPU].grant_bp)
			assert_int_equal(s->plan.verdict[KMC_RES_CPU].reason, KMC_REASON_RETURN);
	}
	assert_in_range(i, 11, 20);
	assert_int_equal(s->vm.price.now_ncr_h, t.base_ncr_h);
	sim_period(s, 2000, false);
	assert_true(kmc_vm_at_rest(&s->vm));
}

static void pipeline_guard_spike(void **state)
{
	struct sim *s = &the_sim;
	struct kmc_budget_conf b;
	struct kmc_policy p;
	struct kmc_tariff t;
	u64 seed = 71, alarm;
	int i;

	(void)state;
	sim_default(&p, &t, &b);
	p.mode = KMC_MODE_GUARD;
	p.nominal_bp = 10000;
	p.contended_only = true;
	sim_init(s, &p, &t, &b);
	sim_learn(s, &seed, 20000);
	alarm = s->vm.alarm[KMC_RES_CPU];
	assert_in_range(alarm, 2800, 3400);
	for (i = 0; i < 10; i++)
		sim_period(s, 9000, false);
	assert_int_equal(s->vm.decide[KMC_RES_CPU].grant_bp, KMC_BP);	/* nobody waits */
	for (i = 0; i < 10; i++)
		sim_period(s, 9000, true);
	assert_int_equal(s->vm.decide[KMC_RES_CPU].grant_bp, alarm);
	assert_true(s->vm.price.now_ncr_h < t.base_ncr_h);
	assert_true(kmc_profile_judge(&s->vm.profile[KMC_RES_CPU], 9000).mbit >= 8000);
	for (i = 0; i < 40; i++)
		sim_period(s, 2000, true);
	assert_int_equal(s->vm.decide[KMC_RES_CPU].grant_bp, KMC_BP);
	assert_int_equal(s->vm.price.now_ncr_h, t.base_ncr_h);
}

/* Held for good: after KMC_PROFILE_CENSOR_MAX_S it is the VM's new nature */
static void pipeline_guard_gives_in(void **state)
{
	struct sim *s = &the_sim;
	struct kmc_budget_conf b;
	struct kmc_policy p;
	struct kmc_tariff t;
	u64 seed = 72;
	int i;

	(void)state;
	sim_default(&p, &t, &b);
	p.mode = KMC_MODE_GUARD;
	p.nominal_bp = 10000;
	sim_init(s, &p, &t, &b);
	sim_learn(s, &seed, 20000);
	for (i = 0; i < 9000; i++)
		sim_period(s, 9000, true);
	assert_true(s->vm.decide[KMC_RES_CPU].grant_bp < 4000);
	for (; i < 12000 && s->vm.decide[KMC_RES_CPU].grant_bp != KMC_BP; i++)
		sim_period(s, 9000, true);
	assert_int_equal(s->vm.decide[KMC_RES_CPU].grant_bp, KMC_BP);
	assert_true(i < 10000);
}

static void pipeline_observe_applies_nothing(void **state)
{
	struct sim *s = &the_sim;
	struct kmc_budget_conf b;
	struct kmc_policy p;
	struct kmc_tariff t;
	u64 seed = 73;
	u32 would = 0;

	(void)state;
	sim_default(&p, &t, &b);
	p.nominal_bp = 10000;
	sim_init(s, &p, &t, &b);
	sim_learn(s, &seed, 20000);
	for (int i = 0; i < 50; i++) {
		sim_period(s, i < 10 ? 9900 : 2000, true);
		would += s->plan.verdict[KMC_RES_CPU].would &&
			 s->plan.verdict[KMC_RES_CPU].old_bp != s->plan.verdict[KMC_RES_CPU].new_bp;
		assert_int_equal(s->vm.decide[KMC_RES_CPU].grant_bp, KMC_BP);
		assert_int_equal(s->vm.price.now_ncr_h, t.base_ncr_h);
	}
	assert_int_equal(would, 8);	/* four up, four down */
}

static void pipeline_early_does_not_learn(void **state)
{
	struct kmc_plan_in in = { .sample[KMC_RES_CPU] = { 3900, 3900, false }, .repeat = 1,
				  .nr_vcpus = 1, .early = true };
	struct sim *s = &the_sim;
	struct kmc_budget_conf b;
	struct kmc_policy p;
	struct kmc_tariff t;
	struct kmc_profile before;
	struct kmc_forecast next;
	u64 seed = 74;

	(void)state;
	sim_default(&p, &t, &b);
	p.mode = KMC_MODE_ELASTIC;
	sim_init(s, &p, &t, &b);
	sim_learn(s, &seed, 20000);
	before = s->vm.profile[KMC_RES_CPU];
	next = s->vm.predict[KMC_RES_CPU].next;
	kmc_plan(&s->vm, &in, &s->plan, &s->now);
	assert_memory_equal(&before, &s->vm.profile[KMC_RES_CPU], sizeof(before));
	assert_memory_equal(&next, &s->vm.predict[KMC_RES_CPU].next, sizeof(next));
	assert_int_equal(s->plan.verdict[KMC_RES_CPU].reason, KMC_REASON_RISE);
	assert_int_equal(s->plan.obs[KMC_RES_CPU].predicted_bp, next.mean);
	assert_int_equal(s->plan.obs[KMC_RES_CPU].p99_bp, next.p99);
	in.early = false;
	kmc_plan(&s->vm, &in, &s->plan, &s->now);
	assert_int_equal(s->plan.obs[KMC_RES_CPU].predicted_bp, next.mean);
	assert_true(s->vm.profile[KMC_RES_CPU].nr_samples == before.nr_samples + 1);
}

/*
 * The alarm level announced after one period is where surprise crosses the
 * threshold in the next
 */
static void pipeline_alarm_is_the_threshold(void **state)
{
	struct sim *s = &the_sim;
	struct kmc_budget_conf b;
	struct kmc_policy p;
	struct kmc_tariff t;
	u64 seed = 75;

	(void)state;
	sim_default(&p, &t, &b);
	p.nominal_bp = 10000;
	sim_init(s, &p, &t, &b);
	for (int i = 0; i < 20000; i++) {
		u64 alarm = s->vm.alarm[KMC_RES_CPU];
		u32 demand = unit_below(&seed, 100) ? 1000 + unit_below(&seed, 1500) :
						      unit_below(&seed, 10001);
		const struct kmc_surprise *got = &s->vm.surprise[KMC_RES_CPU];

		sim_period(s, demand, false);
		assert_int_equal(got->dir > 0 && got->mbit >= p.threshold_mbit, demand >= alarm);
	}
	/* lowering the threshold lowers the alarm at once */
	assert_true(s->vm.alarm[KMC_RES_CPU] > 5000);
	p.threshold_mbit = 2000;
	kmc_vm_set_policy(&s->vm, KMC_RES_CPU, &p);
	assert_in_range(s->vm.alarm[KMC_RES_CPU], 2300, 2600);
}

/* At constant grant any split of time and usage bills the same sum */
static void pipeline_charges_any_split(void **state)
{
	static struct kmc_vm whole, parts;
	struct kmc_record ring[2][SIM_RING];
	struct kmc_budget_conf b;
	struct kmc_policy p;
	struct kmc_tariff t;
	u64 seed = 76;

	(void)state;
	sim_default(&p, &t, &b);
	t.rate_ncr[KMC_RES_CPU] = 123456789;
	for (int i = 0; i < 200; i++) {
		u64 span = unit_below(&seed, 100 * KMC_NS_PER_HOUR);
		struct kmc_now now = {}, end = { .at_ns = span };
		struct kmc_notice notice;

		b.cap_ncr = i & 1 ? unit_below(&seed, 30 * t.base_ncr_h) : KMC_BUDGET_NONE;
		b.period_s = i & 2 ? 1 + unit_below(&seed, 360000) : 0;
		cpu_vm_init(&whole, &p, &t, &b, SIM_PERIOD_NS, ring[0], SIM_RING, &now);
		cpu_vm_init(&parts, &p, &t, &b, SIM_PERIOD_NS, ring[1], SIM_RING, &now);
		cpu_settle(&whole, KMC_BP, 0, &notice, &end);
		while (now.at_ns < span) {
			now.at_ns = min(span, now.at_ns + 1 + unit_below(&seed, span / 20 + 1));
			cpu_settle(&parts, KMC_BP, 0, &notice, &now);
		}
		assert_memory_equal(&whole.price, &parts.price, sizeof(whole.price) -
				    sizeof(whole.price.waived_ncr));
		assert_int_equal(whole.price.waived_ncr, parts.price.waived_ncr);
		assert_int_equal(whole.budget.spent_ncr, parts.budget.spent_ncr);
		assert_int_equal(whole.budget.started_at_ns, parts.budget.started_at_ns);
		assert_int_equal(whole.ledger.open.total_ncr, parts.ledger.open.total_ncr);
		if (b.cap_ncr == KMC_BUDGET_NONE)
			assert_int_equal(whole.price.charged_ncr[KMC_CHARGE_TIME],
					 (u64)((u128)t.base_ncr_h * span / KMC_NS_PER_HOUR));
	}
}

/* The cap holds over random loads under any policy, and the books agree */
static void pipeline_budget_holds(void **state)
{
	struct sim *s = &the_sim;
	u64 seed = 77;

	(void)state;
	for (int i = 0; i < 60; i++) {
		u64 in_period = 0, booked = 0;
		struct kmc_budget_conf b;
		struct kmc_policy p;
		struct kmc_tariff t;
		bool paused = false;

		sim_default(&p, &t, &b);
		p.mode = i % KMC_NR_MODES;
		t.rate_ncr[KMC_RES_CPU] = 1000000000;
		b.cap_ncr = 1000000 + unit_below(&seed, 6000000);
		b.period_s = 10;
		b.action = i / 3 % 2;
		b.pace = i / 6 % 2;
		sim_init(s, &p, &t, &b);
		for (int j = 0; j < 1000; j++) {
			u64 renews = kmc_budget_renews_at(&s->vm.budget, &b);
			u64 sum;

			sim_period(s, unit_below(&seed, 10001), unit_below(&seed, 2));
			sum = kmc_charge_sum(&s->notice.charge);
			booked += sum;
			in_period = s->now.at_ns < renews ? in_period + sum :
							    s->vm.budget.spent_ncr;
			assert_true(in_period <= b.cap_ncr);
			assert_int_equal(s->vm.budget.spent_ncr, in_period);
			paused |= !s->vm.decide[KMC_RES_CPU].grant_bp;
			if (j % 7 == 0)
				kmc_ledger_close(&s->vm.ledger, &s->vm.price, &s->now);
		}
		assert_int_equal(booked, s->vm.price.charged_ncr[KMC_CHARGE_TIME] +
					 s->vm.price.charged_ncr[KMC_CHARGE_CPU]);
		assert_int_equal(booked, s->vm.ledger.open.total_ncr);
		assert_int_equal(s->vm.price.waived_ncr, s->vm.ledger.open.total_waived_ncr);
		if (!b.pace && b.cap_ncr < 2000000)
			assert_int_equal(paused, b.action == KMC_CAP_PAUSE);
	}
}

/* Pacing spreads: money lasts to the end of the budget period where it can */
static void pipeline_pace_lasts(void **state)
{
	struct sim *s = &the_sim;
	struct kmc_budget_conf b;
	struct kmc_policy p;
	struct kmc_tariff t;

	(void)state;
	sim_default(&p, &t, &b);
	p.nominal_bp = 10000;
	p.mode = KMC_MODE_ELASTIC;
	t.rate_ncr[KMC_RES_CPU] = 1000000000;
	/* full speed costs 2e9/h, the floor 0.4e9/h; the cap allows 1e9/h */
	b.cap_ncr = 1000000000ULL * 600 / 3600;
	b.period_s = 600;
	b.pace = true;
	sim_init(s, &p, &t, &b);
	for (int j = 0; j < 5990; j++) {
		sim_period(s, 10000, false);
		assert_false(s->vm.budget.capped);
		assert_true(s->vm.decide[KMC_RES_CPU].grant_bp >= p.floor_bp);
	}
	assert_true(s->vm.budget.spent_ncr > b.cap_ncr * 9 / 10);
}

static void pipeline_settle_tells(void **state)
{
	struct sim *s = &the_sim;
	struct kmc_budget_conf b;
	struct kmc_policy p;
	struct kmc_tariff t;

	(void)state;
	sim_default(&p, &t, &b);
	t.notice_ms = 500;
	sim_init(s, &p, &t, &b);
	sim_pass(s, KMC_NS_PER_HOUR);
	cpu_settle(&s->vm, 15000, 0, &s->notice, &s->now);
	/* the hour before was at the old price */
	assert_int_equal(s->notice.charge.ncr[KMC_CHARGE_TIME], t.base_ncr_h);
	assert_true(s->notice.price_changed);
	assert_int_equal(s->notice.old_ncr_h, t.base_ncr_h);
	assert_int_equal(s->notice.new_ncr_h, 1500000000);
	assert_int_equal(s->notice.effective_at_ns, s->now.at_ns + 500 * KMC_NS_PER_MS);
	assert_false(kmc_vm_at_rest(&s->vm));
	/* half at the old price, half at the new: the instant counts */
	sim_pass(s, KMC_NS_PER_S);
	cpu_settle(&s->vm, KMC_BP, 0, &s->notice, &s->now);
	assert_int_equal(s->notice.charge.ncr[KMC_CHARGE_TIME], (138888 + 208334));
	assert_int_equal(s->notice.new_ncr_h, t.base_ncr_h);
	assert_int_equal(s->notice.effective_at_ns, s->now.at_ns);
	cpu_settle(&s->vm, KMC_BP, 0, &s->notice, &s->now);
	assert_false(s->notice.price_changed);
	assert_int_equal(kmc_charge_sum(&s->notice.charge), 0);
}

static void pipeline_half_life(void **state)
{
	static struct kmc_vm vm;

	(void)state;
	kmc_policy_default(&vm.policy[KMC_RES_CPU]);
	vm.period_ns = SIM_PERIOD_NS;
	assert_int_equal(kmc_vm_profile_half_life(&vm, KMC_RES_CPU), 36000);
	assert_int_equal(kmc_vm_profile_half_life(&vm, KMC_RES_EXITS), 36000);
	vm.policy[KMC_RES_CPU].half_life_s = 1;
	vm.period_ns = 10 * KMC_NS_PER_S;
	assert_int_equal(kmc_vm_profile_half_life(&vm, KMC_RES_CPU), 1);
	vm.policy[KMC_RES_CPU].half_life_s = 30 * 86400;
	vm.period_ns = 10 * KMC_NS_PER_MS;
	assert_int_equal(kmc_vm_profile_half_life(&vm, KMC_RES_CPU), KMC_HIST_HALF_LIFE_MAX);
}

static void pipeline_digest(void **state)
{
	const u32 want = 1U << KMC_REASON_RISE | 1U << KMC_REASON_RETURN |
			 1U << KMC_REASON_BUDGET_PACE | 1U << KMC_REASON_BUDGET_CAP |
			 1U << KMC_REASON_BUDGET_FREE;
	static struct kmc_record ring[DIGEST_RING];
	static struct kmc_vm vm;
	u32 reasons[KMC_NR_ACT] = {};
	u64 got = digest_run(&vm, ring, reasons);

	(void)state;
	assert_int_equal(reasons[KMC_RES_CPU] & want, want);
	assert_true(reasons[KMC_RES_MEMORY] & 1U << KMC_REASON_RISE);
	assert_true(reasons[KMC_RES_NETWORK] & 1U << KMC_REASON_RISE);
	assert_true(reasons[KMC_RES_NETWORK] & 1U << KMC_REASON_BUDGET_CAP);
	/* it has a rate and no allotment */
	assert_int_equal(reasons[KMC_RES_DISK],
			 1U << KMC_REASON_BUDGET_CAP | 1U << KMC_REASON_BUDGET_FREE);
	assert_true(vm.ledger.nr_merged > 0);
	assert_true(vm.price.waived_ncr > 0);
	if (got != DIGEST_WANT)
		fail_msg("digest is 0x%llxULL", got);
}

UNIT_SUITE(unit_pipeline,
	   cmocka_unit_test(pipeline_elastic_spike),
	   cmocka_unit_test(pipeline_guard_spike),
	   cmocka_unit_test(pipeline_guard_gives_in),
	   cmocka_unit_test(pipeline_observe_applies_nothing),
	   cmocka_unit_test(pipeline_early_does_not_learn),
	   cmocka_unit_test(pipeline_alarm_is_the_threshold),
	   cmocka_unit_test(pipeline_charges_any_split),
	   cmocka_unit_test(pipeline_budget_holds),
	   cmocka_unit_test(pipeline_pace_lasts),
	   cmocka_unit_test(pipeline_settle_tells),
	   cmocka_unit_test(pipeline_half_life),
	   cmocka_unit_test(pipeline_digest));
