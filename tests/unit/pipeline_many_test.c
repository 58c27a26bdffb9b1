// SPDX-License-Identifier: GPL-2.0
/* Several resources of one VM through the pipeline */
#include "sim.h"

static struct sim the_sim;

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
	kmc_vm_init(&s->vm, policy, &t, &b, SIM_PERIOD_NS, s->ring, SIM_RING, &s->now);
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

	sim_pass(s, SIM_PERIOD_NS);
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

	sim_pass(s, SIM_PERIOD_NS);
	kmc_plan(&s->vm, &in, &s->plan, &s->now);
}

/*
 * 1 MiB a period, which each forecast expects: memory gets more all the same, to what
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
	/* a rate and no allotment: a trickle, which is no grant that has a price */
	assert_int_equal(s->vm.decide[KMC_RES_DISK].grant_bp, KMC_GRANT_MIN_BP);
	assert_int_equal(s->plan.verdict[KMC_RES_DISK].reason, KMC_REASON_BUDGET_CAP);
	assert_int_equal(s->vm.effect_bp[KMC_RES_DISK], KMC_BP);
	s->vm.budget_conf.cap_ncr = KMC_BUDGET_NONE;
	many_period(s, 0, 0, 0);
	assert_int_equal(s->vm.decide[KMC_RES_DISK].grant_bp, KMC_BP);
	assert_int_equal(s->plan.verdict[KMC_RES_DISK].reason, KMC_REASON_BUDGET_FREE);
}

UNIT_SUITE(unit_pipeline_many,
	   cmocka_unit_test(pipeline_memory_creeps),
	   cmocka_unit_test(pipeline_resources_apart),
	   cmocka_unit_test(pipeline_follows),
	   cmocka_unit_test(pipeline_alert),
	   cmocka_unit_test(pipeline_charges_each));
