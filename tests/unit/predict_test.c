// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

struct pair {
	struct kmc_profile profile;
	struct kmc_predict predict;
};

static void pair_init(struct pair *p)
{
	kmc_profile_init(&p->profile, 36000);
	kmc_predict_init(&p->predict, 0);
}

static void pair_observe(struct pair *p, u64 demand, u32 repeat)
{
	const struct kmc_sample s = { demand, demand, false };

	kmc_profile_fold(&p->profile, &s, repeat, 9000);
	kmc_predict_observe(&p->predict, &p->profile, &s, repeat);
}

static void predict_weights_sum_to_one(void **state)
{
	struct pair p;
	u64 seed = 20;

	(void)state;
	pair_init(&p);
	for (int i = 0; i < 20000; i++) {
		u32 sum = 0;

		pair_observe(&p, unit_random_wide(&seed) >> (seed & 31), 1);
		for (int j = 0; j < KMC_NR_EXPERTS; j++)
			sum += p.predict.weight_q16[j];
		assert_int_equal(sum, 65536);
		assert_true(p.predict.next.mean <= p.predict.next.p95);
		assert_true(p.predict.next.p95 <= p.predict.next.p99);
	}
}

static void predict_constant(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p);
	for (int i = 0; i < 1000; i++) {
		pair_observe(&p, 4321, 1);
		assert_int_equal(p.predict.next.mean, 4321);
	}
	assert_int_equal(p.predict.next.p99, 4321);
}

/* Drawn anew each time: the mean is best.  A random walk: the last value is. */
static void predict_best_expert_wins(void **state)
{
	struct pair p;
	u64 seed = 21, walk = 500000;

	(void)state;
	pair_init(&p);
	for (int i = 0; i < 20000; i++)
		pair_observe(&p, 4000 + unit_below(&seed, 2000), 1);
	assert_true(p.predict.weight_q16[KMC_EXPERT_LAST] <
		    p.predict.weight_q16[KMC_EXPERT_MEAN]);
	assert_near(p.predict.next.mean, 5000, 250);
	pair_init(&p);
	for (int i = 0; i < 20000; i++) {
		walk += 1000 - unit_below(&seed, 2001);
		pair_observe(&p, walk, 1);
	}
	assert_true(p.predict.weight_q16[KMC_EXPERT_LAST] > 65536 / KMC_NR_EXPERTS);
	assert_true(p.predict.weight_q16[KMC_EXPERT_MEAN] < 100);
}

/* No worse than the best single expert by more than a little */
static void predict_regret(void **state)
{
	double loss[KMC_NR_EXPERTS] = {}, mixed = 0, best = INFINITY;
	struct pair p;
	u64 seed = 22;
	double level = 3000;

	(void)state;
	pair_init(&p);
	for (int i = 0; i < 60000; i++) {
		u64 v;

		if (i % 3000 == 0)
			level = 1000 + unit_below(&seed, 8000);
		v = fmax(0, level + 300 * unit_normal(&seed));
		if (i) {
			for (int j = 0; j < KMC_NR_EXPERTS; j++)
				loss[j] += fabs(p.predict.value_q8[j] / 256.0 - v);
			mixed += fabs((double)p.predict.next.mean - v);
		}
		pair_observe(&p, v, 1);
	}
	for (int j = 0; j < KMC_NR_EXPERTS; j++)
		best = fmin(best, loss[j]);
	print_message("# mixture's error over the best expert's: %.3f\n", mixed / best);
	assert_at_most(mixed / best, 1.03);
}

/* The normal and, as errors up and down differ, the exponential */
static void predict_band(bool skewed)
{
	u32 above95 = 0, above99 = 0, nr = 0;
	struct pair p;
	u64 seed = 23;

	pair_init(&p);
	for (int i = 0; i < 220000; i++) {
		u64 v = skewed ? -1000 * log(unit_uniform(&seed)) :
				 fmax(0, 5000 + 1000 * unit_normal(&seed));

		if (i >= 20000) {
			above95 += v > p.predict.next.p95;
			above99 += v > p.predict.next.p99;
			nr++;
		}
		pair_observe(&p, v, 1);
	}
	print_message("# above p95: %.2f %%, above p99: %.2f %%\n", 100.0 * above95 / nr,
		      100.0 * above99 / nr);
	assert_near((double)above95 / nr, 0.05, 0.003);
	assert_near((double)above99 / nr, 0.01, 0.001);
}

static void predict_band_covers(void **state)
{
	(void)state;
	predict_band(false);
	predict_band(true);
}

static void predict_repeat(void **state)
{
	struct pair one, all;
	u64 seed = 24;

	(void)state;
	pair_init(&one);
	pair_init(&all);
	for (int i = 0; i < 200; i++) {
		u64 v = unit_below(&seed, 10000);
		u32 n = 1 + unit_below(&seed, 600);

		pair_observe(&all, v, n);
		for (u32 j = 0; j < n; j++)
			pair_observe(&one, v, 1);
		assert_near(all.predict.next.mean, one.predict.next.mean, 250);
		assert_int_equal(all.predict.nr_samples, one.predict.nr_samples);
	}
}

static void predict_huge_demand_saturates(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p);
	for (int i = 0; i < 100; i++)
		pair_observe(&p, i & 1 ? U64_MAX : 0, 1);
	assert_true(p.predict.next.mean <= KMC_HIST_MAX);
	assert_true(p.predict.next.p99 <= 2 * KMC_HIST_MAX);
	assert_true(kmc_profile_mean(&p.profile) <= KMC_HIST_MAX);
}

UNIT_SUITE(unit_predict,
	   cmocka_unit_test(predict_weights_sum_to_one),
	   cmocka_unit_test(predict_constant),
	   cmocka_unit_test(predict_best_expert_wins),
	   cmocka_unit_test(predict_regret),
	   cmocka_unit_test(predict_band_covers),
	   cmocka_unit_test(predict_repeat),
	   cmocka_unit_test(predict_huge_demand_saturates));
