// SPDX-License-Identifier: GPL-2.0
/*
 * What a VM's own side can do to its price, its budget and its episodes: it can ask for
 * more and spend less, and nothing becomes free.
 */
#include "sim.h"
#include "../../kmod/core/purse.h"

#define NOTICE_MS	300000

static struct sim the_sim, twin;

/* Both settle an hour in periods at the floor; what is left of a cap of nothing */
static void own_budget_waives_nothing(void **state)
{
	struct kmc_budget_conf b, own = { .cap_ncr = 0, .action = KMC_CAP_FLOOR };
	struct kmc_policy p;
	struct kmc_tariff t;
	struct sim *s = &the_sim;

	(void)state;
	sim_default(&p, &t, &b);
	p.mode = KMC_MODE_ELASTIC;
	t.rate_ncr[KMC_RES_CPU] = 1000000000;
	sim_init(s, &p, &t, &b);
	sim_init(&twin, &p, &t, &b);
	s->vm.own_conf = own;
	for (int i = 0; i < 36000; i++) {
		sim_period(s, 9000, false);
		sim_pass(&twin, SIM_PERIOD_NS);
		/* the twin is given and uses the same, and has no cap */
		cpu_settle(&twin.vm, s->vm.effect_bp[KMC_RES_CPU],
			   min(9000u, s->cap_bp) * (SIM_PERIOD_NS / KMC_BP), &twin.notice,
			   &twin.now);
	}
	assert_int_equal(s->vm.effect_bp[KMC_RES_CPU], p.floor_bp);
	assert_int_equal(kmc_vm_cap_action(&s->vm), KMC_CAP_FLOOR);
	assert_int_equal(s->vm.price.waived_ncr, 0);
	assert_true(kmc_price_charged(&s->vm.price) > 0);
	/* but for the first period, whose use was still at the grant before */
	assert_true(kmc_price_charged(&s->vm.price) >= kmc_price_charged(&twin.vm.price));
}

/* An own budget that is used up does not hide the end of the operator's */
static void own_budget_hides_no_runway(void **state)
{
	struct kmc_budget_conf b, own = { .cap_ncr = 0, .action = KMC_CAP_FLOOR };
	struct sim *s = &the_sim;
	struct kmc_policy p;
	struct kmc_tariff t;
	u64 runway_ns;

	(void)state;
	sim_default(&p, &t, &b);
	t.rate_ncr[KMC_RES_CPU] = 1000000000;
	b.cap_ncr = 1000000000;
	sim_init(s, &p, &t, &b);
	sim_period(s, 2000, false);
	runway_ns = kmc_vm_runway_ns(&s->vm);
	assert_true(runway_ns < U64_MAX);
	s->vm.own_conf = own;
	kmc_vm_budgets_mark(&s->vm, &(u32){ 0 }, &s->now);
	assert_true(s->vm.own.capped);
	assert_int_equal(kmc_vm_runway_ns(&s->vm), runway_ns);
	/* and the other way round */
	s->vm.own_conf.cap_ncr = 500000000;
	s->vm.budget_conf.cap_ncr = 0;
	kmc_vm_budgets_mark(&s->vm, &(u32){ 0 }, &s->now);
	assert_true(kmc_vm_runway_ns(&s->vm) < runway_ns);
	s->vm.own_conf.cap_ncr = 0;
	kmc_vm_budgets_mark(&s->vm, &(u32){ 0 }, &s->now);
	assert_true(kmc_vm_runway_ns(&s->vm) == U64_MAX);
}

/*
 * Down by the own budget for longer than the notice, and up again: the price is that of
 * the grant from the grant on.  Where the operator's budget did it, there is notice.
 */
static void own_budget_makes_no_notice(void **state)
{
	struct kmc_budget_conf b, nothing = { .cap_ncr = 0, .action = KMC_CAP_FLOOR }, none;
	struct sim *s = &the_sim;
	struct kmc_policy p;
	struct kmc_tariff t;

	(void)state;
	sim_default(&p, &t, &b);
	p.mode = KMC_MODE_ELASTIC;
	t.notice_ms = NOTICE_MS;
	t.cost_ncr_h[KMC_RES_CPU] = t.base_ncr_h / 2;
	none = b;
	sim_init(s, &p, &t, &b);
	for (int round = 0; round < 3; round++) {
		bool own = round != 1;

		if (own)
			s->vm.own_conf = nothing;
		else
			s->vm.budget_conf = nothing;
		kmc_vm_budgets_mark(&s->vm, &(u32){ 0 }, &s->now);
		for (int i = 0; i < 2 * NOTICE_MS / 100; i++)
			sim_period(s, 2000, false);
		assert_int_equal(s->vm.effect_bp[KMC_RES_CPU], p.floor_bp);
		assert_true(s->vm.price.now_ncr_h < t.base_ncr_h);
		s->vm.own_conf = none;
		s->vm.budget_conf = none;
		kmc_vm_budgets_mark(&s->vm, &(u32){ 0 }, &s->now);
		for (int i = 0; i < 3; i++)
			sim_period(s, 2000, false);
		assert_int_equal(s->vm.effect_bp[KMC_RES_CPU], KMC_BP);
		if (own)
			assert_int_equal(s->vm.price.now_ncr_h, t.base_ncr_h);
		else
			assert_true(s->vm.price.now_ncr_h < t.base_ncr_h);
		for (int i = 0; i < 2 * NOTICE_MS / 100; i++)
			sim_period(s, 2000, false);
		assert_int_equal(s->vm.price.now_ncr_h, t.base_ncr_h);
		assert_int_equal(s->vm.released, 0);
	}
}

/* Nor does one that lets go a part only, or up to more than nominal */
static void own_budget_in_parts_makes_no_notice(void **state)
{
	struct kmc_budget_conf b, nothing = { .cap_ncr = 0, .action = KMC_CAP_FLOOR };
	struct sim *s = &the_sim;
	struct kmc_policy p;
	struct kmc_tariff t;
	u64 nominal_ncr_h;

	(void)state;
	sim_default(&p, &t, &b);
	p.mode = KMC_MODE_ELASTIC;
	t.notice_ms = NOTICE_MS;
	t.cost_ncr_h[KMC_RES_CPU] = t.base_ncr_h / 2;
	nominal_ncr_h = t.base_ncr_h;
	for (int part = 0; part < 2; part++) {
		sim_init(s, &p, &t, &b);
		s->vm.own_conf = nothing;
		kmc_vm_budgets_mark(&s->vm, &(u32){ 0 }, &s->now);
		for (int i = 0; i < 2 * NOTICE_MS / 100; i++)
			sim_period(s, 2000, false);
		assert_int_equal(s->vm.effect_bp[KMC_RES_CPU], p.floor_bp);
		if (part) {
			/* a pace just below nominal */
			s->vm.own_conf.cap_ncr = kmc_price_charged(&s->vm.price) +
						 nominal_ncr_h * 99 / 100;
			s->vm.own_conf.period_s = 3600;
			s->vm.own_conf.pace = true;
			s->vm.own.started_at_ns = s->now.at_ns;
		} else {
			s->vm.own_conf = b;
			s->vm.decide[KMC_RES_CPU].policy_bp = 20000;
		}
		kmc_vm_budgets_mark(&s->vm, &(u32){ 0 }, &s->now);
		sim_period(s, 2000, false);
		if (part) {
			assert_in_range(s->vm.effect_bp[KMC_RES_CPU], p.floor_bp + 1, KMC_BP - 1);
			assert_int_equal(s->vm.price.now_ncr_h,
					 kmc_price_target(&t, s->vm.effect_bp));
		} else {
			assert_true(s->vm.effect_bp[KMC_RES_CPU] > KMC_BP);
			assert_int_equal(s->vm.price.now_ncr_h, nominal_ncr_h);
		}
	}
}

static u32 limit_of(const struct sim *s, enum kmc_reason *reason)
{
	u32 limit_bp[KMC_NR_ACT], own;

	*reason = kmc_vm_budget_limit(&s->vm, 1, &s->now, limit_bp, &own);
	return limit_bp[KMC_RES_CPU];
}

/* An operator's limit that is reached is not undone by any budget of the VM's own */
static void own_budget_only_tightens(void **state)
{
	struct kmc_budget_conf b, own;
	enum kmc_reason reason;
	struct sim *s = &the_sim;
	struct kmc_policy p;
	struct kmc_tariff t;
	u64 seed = 90;
	u32 alone, both;

	(void)state;
	sim_default(&p, &t, &b);
	p.mode = KMC_MODE_ELASTIC;
	for (int i = 0; i < 2000; i++) {
		b.cap_ncr = unit_below(&seed, 3) ? unit_below(&seed, 200000000) : KMC_BUDGET_NONE;
		b.action = unit_below(&seed, 2);
		b.period_s = 0;
		own = b;
		own.cap_ncr = unit_below(&seed, 3) ? unit_below(&seed, 200000000) :
			      KMC_BUDGET_NONE;
		own.action = unit_below(&seed, 2);
		sim_init(s, &p, &t, &b);
		for (int j = 0; j < 3; j++)
			sim_period(s, 2000, false);
		s->vm.budget.spent_ncr = unit_below(&seed, 200000000);
		s->vm.own.spent_ncr = unit_below(&seed, 200000000);
		alone = limit_of(s, &reason);
		s->vm.own_conf = own;
		both = limit_of(s, &reason);
		assert_true(both <= alone);
		if (both != U32_MAX)
			assert_int_not_equal(reason, KMC_REASON_NONE);
		if (kmc_budget_left_ncr(&s->vm.own, &own))
			assert_int_equal(both, alone);
	}
}

/* The charge for time at the price that the grants in force call for */
struct honest {
	u64 ncr;
	u64 rem;
};

static void honest_pass(struct honest *h, const struct kmc_tariff *t, const u32 *grant_bp, u64 ns)
{
	h->ncr += kmc_accrue(kmc_price_target(t, grant_bp), ns, KMC_NS_PER_HOUR, &h->rem);
}

/* Asked for, dropped and asked for again, at random: never cheaper than what was held */
static void asked_grants_are_paid(void **state)
{
	u64 seed = 91;

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct kmc_budget_conf b;
		struct sim *s = &the_sim;
		struct honest honest = {};
		struct kmc_policy p;
		struct kmc_tariff t;
		u32 want_bp = KMC_BP;
		u64 left_ns = 0;

		sim_default(&p, &t, &b);
		p.mode = KMC_MODE_ELASTIC;
		p.dwell_ms = 0;
		p.dead_band_bp = 0;
		p.step_bp = 20000;
		t.notice_ms = unit_below(&seed, NOTICE_MS);
		if (unit_below(&seed, 2))
			t.slew_ncr_h_min = 1 + unit_below(&seed, 100000000);
		sim_init(s, &p, &t, &b);
		s->vm.asked = 1U << KMC_RES_CPU;
		for (int j = 0; j < 3000; j++) {
			if (left_ns < SIM_PERIOD_NS) {
				want_bp = unit_below(&seed, 2) ? KMC_BP :
					  KMC_BP + unit_below(&seed, KMC_BP);
				kmc_decide_suggest(&s->vm.decide[KMC_RES_CPU], &p, want_bp,
						   36000000, &s->now);
				left_ns = unit_below(&seed, 2 * t.notice_ms + 1000) *
					  KMC_NS_PER_MS;
			}
			left_ns -= min_t(u64, left_ns, SIM_PERIOD_NS);
			honest_pass(&honest, &t, s->vm.effect_bp, SIM_PERIOD_NS);
			sim_period(s, 1000, false);
		}
		assert_true(kmc_price_charged(&s->vm.price) + 1 >= honest.ncr);
	}
}

/* Grants that rise and fall by themselves: one notice is free, and no more than one */
static void episodes_have_one_notice(void **state)
{
	u64 seed = 92;

	(void)state;
	for (int i = 0; i < 200; i++) {
		u32 notice_ms = 1000 + unit_below(&seed, NOTICE_MS);
		u32 grant_bp[KMC_NR_ACT] = { KMC_BP, KMC_BP, KMC_BP, KMC_BP };
		u64 notice_ns = notice_ms * KMC_NS_PER_MS, charged = 0, most;
		struct kmc_now now = { .at_ns = 7 };
		struct honest honest = {};
		struct kmc_charge due;
		struct kmc_tariff t;
		struct kmc_price p;

		kmc_tariff_default(&t);
		t.notice_ms = notice_ms;
		kmc_price_init(&p, &t, &now);
		for (int j = 0; j < 500; j++) {
			/* pauses are shorter than the notice, episodes of any length */
			u64 ns = unit_below(&seed, grant_bp[0] > KMC_BP ? notice_ns :
					    2 * notice_ns);

			grant_bp[0] = grant_bp[0] > KMC_BP ? KMC_BP : 2 * KMC_BP;
			kmc_price_move(&p, &t, grant_bp, &now);
			for (u64 end = now.at_ns + ns; now.at_ns < end;) {
				u64 step = min_t(u64, end - now.at_ns, notice_ns / 7 + 1);

				now.at_ns += step;
				honest_pass(&honest, &t, grant_bp, step);
				due = cpu_accrue(&p, &t, 0, &now);
				charged += kmc_charge_sum(&due);
				kmc_price_move(&p, &t, grant_bp, &now);
			}
		}
		most = kmc_muldiv_floor(t.cost_ncr_h[KMC_RES_CPU], notice_ns, KMC_NS_PER_HOUR);
		assert_true(charged + most + 1 >= honest.ncr);
		assert_true(charged <= honest.ncr);
	}
}

/* Settings that change in each period end no episode */
static void reconsidered_episode_goes_on(void **state)
{
	const struct kmc_plan_in again = { .again = true, .repeat = 1, .nr_vcpus = 1 };
	struct kmc_budget_conf b;
	struct kmc_policy p;
	struct kmc_tariff t;
	u64 seed = 93, twin_seed = 93;
	struct kmc_plan plan;

	(void)state;
	sim_default(&p, &t, &b);
	p.mode = KMC_MODE_GUARD;
	p.nominal_bp = 10000;
	sim_init(&the_sim, &p, &t, &b);
	sim_init(&twin, &p, &t, &b);
	sim_learn(&the_sim, &seed, 20000);
	sim_learn(&twin, &twin_seed, 20000);
	for (int i = 0; i < 30; i++) {
		sim_period(&the_sim, 9000, true);
		sim_period(&twin, 9000, true);
		for (int j = 0; j < 3; j++) {
			kmc_plan(&the_sim.vm, &again, &plan, &the_sim.now);
			assert_int_equal(plan.verdict[KMC_RES_CPU].new_bp,
					 twin.vm.decide[KMC_RES_CPU].grant_bp);
		}
		assert_int_equal(the_sim.vm.decide[KMC_RES_CPU].grant_bp,
				 twin.vm.decide[KMC_RES_CPU].grant_bp);
		assert_int_equal(the_sim.vm.sample[KMC_RES_CPU].demand, 9000);
	}
	assert_true(the_sim.vm.decide[KMC_RES_CPU].grant_bp < KMC_BP);
}

UNIT_SUITE(unit_tenant,
	   cmocka_unit_test(own_budget_waives_nothing),
	   cmocka_unit_test(own_budget_hides_no_runway),
	   cmocka_unit_test(own_budget_makes_no_notice),
	   cmocka_unit_test(own_budget_in_parts_makes_no_notice),
	   cmocka_unit_test(own_budget_only_tightens),
	   cmocka_unit_test(asked_grants_are_paid),
	   cmocka_unit_test(episodes_have_one_notice),
	   cmocka_unit_test(reconsidered_episode_goes_on));
