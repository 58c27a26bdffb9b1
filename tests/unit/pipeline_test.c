// SPDX-License-Identifier: GPL-2.0
#include "unit.h"
#include "digest.h"
#include "cpu_only.h"

#define PERIOD_NS	(100 * KMC_NS_PER_MS)
#define RING		8

/* A VM on a machine that does what it is told: effect = verdict */
struct sim {
	struct kmc_vm vm;
	struct kmc_record ring[RING];
	struct kmc_now now;
	struct kmc_plan plan;
	struct kmc_notice notice;
	u32 cap_bp;
};

static struct sim the_sim;

static void sim_init(struct sim *s, const struct kmc_policy *p, const struct kmc_tariff *t,
		     const struct kmc_budget_conf *b)
{
	memset(s, 0, sizeof(*s));
	s->now.at_ns = 77;
	s->now.real_ns = 1000077;
	assert_null(kmc_policy_check(KMC_RES_CPU, p));
	assert_null(kmc_tariff_check(t));
	assert_null(kmc_budget_check(b));
	cpu_vm_init(&s->vm, p, t, b, PERIOD_NS, s->ring, RING, &s->now);
	s->cap_bp = kmc_grant_cap_bp(p, KMC_BP);
}

static void sim_pass(struct sim *s, u64 ns)
{
	s->now.at_ns += ns;
	s->now.real_ns += ns;
}

/* One period in which the guest wants @demand bp of its one vCPU's time */
static void sim_period(struct sim *s, u32 demand, bool contended)
{
	u32 usage = min(demand, s->cap_bp);
	struct kmc_plan_in in = {
		.sample[KMC_RES_CPU] = { usage, demand, usage < demand },
		.repeat = 1,
		.nr_vcpus = 1,
		.contended = contended,
	};

	sim_pass(s, PERIOD_NS);
	kmc_plan(&s->vm, &in, &s->plan, &s->now);
	cpu_settle(&s->vm, s->vm.decide[KMC_RES_CPU].grant_bp, usage * (PERIOD_NS / KMC_BP), &s->notice,
		   &s->now);
	s->cap_bp = kmc_grant_cap_bp(&s->vm.policy[KMC_RES_CPU], s->vm.decide[KMC_RES_CPU].grant_bp);
}

static void sim_learn(struct sim *s, u64 *seed, int periods)
{
	for (int i = 0; i < periods; i++)
		sim_period(s, 1500 + unit_below(seed, 1500), true);
}

static void sim_default(struct kmc_policy *p, struct kmc_tariff *t, struct kmc_budget_conf *b)
{
	kmc_policy_default(p);
	p->nominal_bp = 4000;
	p->threshold_mbit = 8000;
	kmc_tariff_default(t);
	kmc_budget_default(b);
}

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

/* The alarm level announced after one period is where surprise crosses the
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
	struct kmc_record ring[2][RING];
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
		cpu_vm_init(&whole, &p, &t, &b, PERIOD_NS, ring[0], RING, &now);
		cpu_vm_init(&parts, &p, &t, &b, PERIOD_NS, ring[1], RING, &now);
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
	vm.period_ns = PERIOD_NS;
	assert_int_equal(kmc_vm_profile_half_life(&vm, KMC_RES_CPU), 36000);
	assert_int_equal(kmc_vm_profile_half_life(&vm, KMC_RES_EXITS), 36000);
	vm.policy[KMC_RES_CPU].half_life_s = 1;
	vm.period_ns = 10 * KMC_NS_PER_S;
	assert_int_equal(kmc_vm_profile_half_life(&vm, KMC_RES_CPU), 1);
	vm.policy[KMC_RES_CPU].half_life_s = 30 * 86400;
	vm.period_ns = 10 * KMC_NS_PER_MS;
	assert_int_equal(kmc_vm_profile_half_life(&vm, KMC_RES_CPU), KMC_HIST_HALF_LIFE_MAX);
}

/* A VM that sells CPU and network and may follow one with the other */
static void many_init(struct sim *s, u32 follow)
{
	struct kmc_policy policy[KMC_NR_ACT];
	struct kmc_budget_conf b;
	struct kmc_tariff t;
	int r;

	kmc_budget_default(&b);
	kmc_tariff_default(&t);
	t.cost_ncr_h[KMC_RES_NETWORK] = 500000000;
	for (r = 0; r < KMC_NR_ACT; r++) {
		kmc_policy_default(&policy[r]);
		policy[r].mode = KMC_MODE_ELASTIC;
		policy[r].threshold_mbit = 6000;
	}
	policy[KMC_RES_CPU].nominal_bp = 5000;
	policy[KMC_RES_NETWORK].nominal = 10000;
	policy[KMC_RES_NETWORK].follow = follow;
	memset(s, 0, sizeof(*s));
	kmc_vm_init(&s->vm, policy, &t, &b, PERIOD_NS, s->ring, RING, &s->now);
}

static void many_period(struct sim *s, u64 cpu, u64 network, u64 disk)
{
	struct kmc_plan_in in = {
		.sample[KMC_RES_CPU] = { cpu, cpu, false },
		.sample[KMC_RES_NETWORK] = { network, network, false },
		.sample[KMC_RES_DISK] = { disk, disk, false },
		.repeat = 1,
		.nr_vcpus = 1,
	};
	const struct kmc_used used = { .of = { cpu, 0, network, disk } };
	u32 effect_bp[KMC_NR_ACT];
	int r;

	sim_pass(s, PERIOD_NS);
	kmc_plan(&s->vm, &in, &s->plan, &s->now);
	for (r = 0; r < KMC_NR_ACT; r++)
		effect_bp[r] = s->vm.decide[r].grant_bp;
	kmc_settle(&s->vm, effect_bp, &used, &s->notice, &s->now);
}

/* One period in which the guest holds @mib */
static void memory_period(struct sim *s, u64 mib)
{
	const struct kmc_plan_in in = {
		.sample[KMC_RES_MEMORY] = { mib, mib, false },
		.repeat = 1,
		.nr_vcpus = 1,
	};

	sim_pass(s, PERIOD_NS);
	kmc_plan(&s->vm, &in, &s->plan, &s->now);
}

/* 1 MiB a period, which each forecast expects: memory gets more all the same, to what
 * it can use, and a change smaller than the dead band moves nothing.
 */
static void pipeline_memory_creeps(void **state)
{
	struct sim *s = &the_sim;
	u64 mib;
	int i;

	(void)state;
	many_init(s, 0);
	s->vm.policy[KMC_RES_MEMORY].nominal = 200;
	for (i = 0; i < 2000; i++)
		memory_period(s, 160 + i % 3);
	for (mib = 163; mib <= 260; mib++) {
		memory_period(s, mib);
		assert_true(s->plan.obs[KMC_RES_MEMORY].demand_bp <
			    s->plan.obs[KMC_RES_MEMORY].predicted_bp +
			    s->vm.policy[KMC_RES_MEMORY].dead_band_bp);
		if (mib < 200)
			assert_int_equal(s->vm.decide[KMC_RES_MEMORY].grant_bp, KMC_BP);
	}
	/* 260 of 200 are 13 000, and so much may it have at least */
	assert_in_range(s->vm.decide[KMC_RES_MEMORY].grant_bp, 13000, 13500);
	for (i = 0; i < 1000; i++)
		memory_period(s, 160 + i % 3);
	assert_int_equal(s->vm.decide[KMC_RES_MEMORY].grant_bp, KMC_BP);
}

/* Each resource goes by its own surprise; one that is not sold is profiled only */
static void pipeline_resources_apart(void **state)
{
	struct sim *s = &the_sim;
	u64 base, seed = 5;
	int i;

	(void)state;
	many_init(s, 0);
	base = s->vm.price.now_ncr_h;
	for (i = 0; i < 2000; i++)
		many_period(s, 2000 + unit_below(&seed, 500), 1000 + unit_below(&seed, 500),
			    100 + unit_below(&seed, 50));
	for (i = 0; i < 3; i++)
		many_period(s, 2200, 10000, 20000);
	assert_int_equal(s->vm.decide[KMC_RES_CPU].grant_bp, KMC_BP);
	assert_true(s->vm.decide[KMC_RES_NETWORK].grant_bp > KMC_BP);
	assert_true(s->vm.surprise[KMC_RES_DISK].mbit >= 6000);
	assert_int_equal(s->vm.decide[KMC_RES_DISK].grant_bp, KMC_BP);
	/* 10 000 and a dead band of 500 can use 10 500 */
	assert_int_equal(s->vm.decide[KMC_RES_NETWORK].grant_bp, 10500);
	assert_int_equal(s->vm.price.now_ncr_h, base + 25000000);
}

/* One that follows another gets more when that one rises, and gives it back */
static void pipeline_follows(void **state)
{
	struct sim *s = &the_sim;
	u64 seed = 5;
	int i;

	(void)state;
	many_init(s, 1U << KMC_RES_CPU);
	for (i = 0; i < 2000; i++)
		many_period(s, 2000 + unit_below(&seed, 500), 1000 + unit_below(&seed, 500), 0);
	assert_int_equal(s->vm.decide[KMC_RES_NETWORK].grant_bp, KMC_BP);
	for (i = 0; i < 5; i++)
		many_period(s, 4990, 1200, 0);
	assert_true(s->vm.decide[KMC_RES_CPU].grant_bp > KMC_BP);
	assert_true(s->vm.decide[KMC_RES_NETWORK].grant_bp >= 15000);
	for (i = 0; i < 100; i++)
		many_period(s, 2200, 1200, 0);
	assert_int_equal(s->vm.decide[KMC_RES_NETWORK].grant_bp, KMC_BP);
	assert_true(kmc_vm_at_rest(&s->vm));
}

/* What is unusual makes an alert, one for an event, and moves nothing by itself */
static void pipeline_alert(void **state)
{
	struct sim *s = &the_sim;
	u32 nr = 0, nr_before = 0, nr_others = 0;
	u64 seed = 5;
	int i, r;

	(void)state;
	many_init(s, 0);
	for (r = 0; r < KMC_NR_ACT; r++)
		s->vm.policy[r].mode = KMC_MODE_OBSERVE;
	for (i = 0; i < 2100; i++) {
		/* at 2000 it is another VM for ten periods */
		u64 network = i >= 2000 && i < 2010 ? 50000 : 1000 + unit_below(&seed, 500);

		many_period(s, 2000 + unit_below(&seed, 500), network, 0);
		if (s->plan.alert_mbit[KMC_RES_NETWORK]) {
			assert_true(s->plan.alert_mbit[KMC_RES_NETWORK] >= 6000);
			nr += i >= 2000;
			nr_before += i < 2000;
		}
		nr_others += i >= 1000 && s->plan.alert_mbit[KMC_RES_CPU];
		if (i == 2000)
			assert_true(s->vm.unusual[KMC_RES_NETWORK].mbit > 10000);
	}
	assert_true(nr >= 1 && nr <= 4);
	assert_true(nr_before <= 10);
	assert_true(nr_others <= 5);
	kmc_vm_forget(&s->vm, 1U << KMC_RES_NETWORK);
	assert_int_equal(s->vm.detect[KMC_RES_NETWORK].age, 0);
	assert_int_equal(s->vm.detect[KMC_RES_CPU].age, 2100);
}

/* What each resource's use costs, to the unit, and a cap that all of them reach */
static void pipeline_charges_each(void **state)
{
	struct sim *s = &the_sim;
	const u32 effect_bp[KMC_NR_ACT] = { KMC_BP, KMC_BP, KMC_BP, KMC_BP };
	const struct kmc_used used = {
		.of = { KMC_NS_PER_HOUR, 2 * KMC_MEMORY_PER_GIB_H, 3 * KMC_BYTES_PER_GIB,
			4 * KMC_BYTES_PER_GIB + KMC_BYTES_PER_GIB / 2 },
	};
	u64 *charged = s->vm.price.charged_ncr;
	int r;

	(void)state;
	many_init(s, 0);
	for (r = 0; r < KMC_NR_ACT; r++)
		s->vm.tariff.rate_ncr[r] = 1001 + r;
	kmc_settle(&s->vm, effect_bp, &used, &s->notice, &s->now);
	assert_int_equal(charged[KMC_CHARGE_CPU], 1001);
	assert_int_equal(charged[KMC_CHARGE_MEMORY], 2 * 1002);
	assert_int_equal(charged[KMC_CHARGE_NETWORK], 3 * 1003);
	assert_int_equal(charged[KMC_CHARGE_DISK], 4 * 1004 + 502);
	assert_int_equal(s->vm.ledger.open.total_ncr, kmc_price_charged(&s->vm.price));
	assert_memory_equal(&s->vm.ledger.open.used, &used, sizeof(used));

	s->vm.budget_conf.cap_ncr = kmc_price_charged(&s->vm.price) + 10;
	kmc_settle(&s->vm, effect_bp, &used, &s->notice, &s->now);
	assert_int_equal(kmc_price_charged(&s->vm.price), s->vm.budget_conf.cap_ncr);
	assert_true(s->notice.budget_events & KMC_BUDGET_CAPPED);
	many_period(s, 0, 0, 0);
	assert_int_equal(s->vm.decide[KMC_RES_CPU].grant_bp, s->vm.policy[KMC_RES_CPU].floor_bp);
	assert_int_equal(s->vm.decide[KMC_RES_NETWORK].grant_bp,
			 s->vm.policy[KMC_RES_NETWORK].floor_bp);
	assert_int_equal(s->vm.decide[KMC_RES_DISK].grant_bp, KMC_BP);
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
	assert_int_equal(reasons[KMC_RES_DISK], 0);
	assert_true(vm.ledger.nr_merged > 0);
	assert_true(vm.price.waived_ncr > 0);
	if (got != DIGEST_WANT)
		fail_msg("digest is 0x%llxULL", got);
}

UNIT_SUITE(unit_pipeline,
	   cmocka_unit_test(pipeline_elastic_spike),
	   cmocka_unit_test(pipeline_resources_apart),
	   cmocka_unit_test(pipeline_memory_creeps),
	   cmocka_unit_test(pipeline_follows),
	   cmocka_unit_test(pipeline_alert),
	   cmocka_unit_test(pipeline_charges_each),
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
