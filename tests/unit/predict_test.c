// SPDX-License-Identifier: GPL-2.0
#include "unit.h"
#include "digest.h"
#include "predict_vectors.h"

static void observe(struct kmc_predict *p, u64 demand, u32 repeat)
{
	const struct kmc_sample s = { demand, demand, false };

	kmc_predict_observe(p, &s, repeat);
}

static void predict_weights_sum_to_one(void **state)
{
	struct kmc_predict p;
	u64 seed = 20;

	(void)state;
	kmc_predict_init(&p, 0);
	for (int i = 0; i < 20000; i++) {
		u32 sum = 0;

		observe(&p, unit_random_wide(&seed) >> (seed & 31), 1);
		for (int j = 0; j < KMC_NR_EXPERTS; j++)
			sum += p.weight_q16[j];
		assert_int_equal(sum, 65536);
		assert_true(p.next.mean <= p.next.p95);
		assert_true(p.next.p95 <= p.next.p99);
	}
}

static void predict_constant(void **state)
{
	struct kmc_predict p;

	(void)state;
	kmc_predict_init(&p, 0);
	for (int i = 0; i < 1000; i++) {
		observe(&p, 4321, 1);
		assert_int_equal(p.next.mean, 4321);
	}
	assert_int_equal(p.next.p99, 4321);
}

/* Drawn anew each time: the mean is best.  A random walk: the last value is. */
static void predict_best_expert_wins(void **state)
{
	struct kmc_predict p;
	u64 seed = 21, walk = 500000;

	(void)state;
	kmc_predict_init(&p, 0);
	for (int i = 0; i < 20000; i++)
		observe(&p, 4000 + unit_below(&seed, 2000), 1);
	assert_true(p.weight_q16[KMC_EXPERT_LAST] <
		    p.weight_q16[KMC_EXPERT_EWMA256]);
	assert_near(p.next.mean, 5000, 250);
	kmc_predict_init(&p, 0);
	for (int i = 0; i < 20000; i++) {
		walk += 1000 - unit_below(&seed, 2001);
		observe(&p, walk, 1);
	}
	assert_true(p.weight_q16[KMC_EXPERT_LAST] > 65536 / KMC_NR_EXPERTS);
	assert_true(p.weight_q16[KMC_EXPERT_EWMA256] < 100);
}

/* No worse than the best single expert by more than a little */
static void predict_regret(void **state)
{
	double loss[KMC_NR_EXPERTS] = {}, mixed = 0, best = INFINITY;
	struct kmc_predict p;
	u64 seed = 22;
	double level = 3000;

	(void)state;
	kmc_predict_init(&p, 0);
	for (int i = 0; i < 60000; i++) {
		u64 v;

		if (i % 3000 == 0)
			level = 1000 + unit_below(&seed, 8000);
		v = fmax(0, level + 300 * unit_normal(&seed));
		if (i) {
			for (int j = 0; j < KMC_NR_EXPERTS; j++)
				loss[j] += fabs(p.value_q8[j] / 256.0 - v);
			mixed += fabs((double)p.next.mean - v);
		}
		observe(&p, v, 1);
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
	struct kmc_predict p;
	u64 seed = 23;

	kmc_predict_init(&p, 0);
	for (int i = 0; i < 220000; i++) {
		u64 v = skewed ? -1000 * log(unit_uniform(&seed)) :
				 fmax(0, 5000 + 1000 * unit_normal(&seed));

		if (i >= 20000) {
			above95 += v > p.next.p95;
			above99 += v > p.next.p99;
			nr++;
		}
		observe(&p, v, 1);
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

/*
 * Pinball loss of p95 on a source whose errors are large at known times only: an
 * hourly job of any size over noise
 */
static double width_loss(u32 step_q16)
{
	struct kmc_predict_tune tune = kmc_predict_tune_default;
	double loss = 0, missed = 0;
	struct kmc_predict p;
	u64 seed = 26;

	tune.width_step_q16 = step_q16;
	kmc_predict_init(&p, 0);
	p.tune = &tune;
	for (int i = 0; i < 40000; i++) {
		u64 v = 1000 + unit_below(&seed, 200) + (i % 12 == 4) * unit_below(&seed, 8000);
		double above = (double)v - p.next.p95;

		if (i >= 2000) {
			loss += above > 0 ? 0.95 * above : -0.05 * above;
			missed += above > 0;
		}
		observe(&p, v, 1);
	}
	assert_near(missed / 38000, 0.05, 0.004);
	return loss;
}

static void predict_width_learns(void **state)
{
	double with = width_loss(kmc_predict_tune_default.width_step_q16), without = width_loss(0);

	(void)state;
	print_message("# p95's loss with a learned width over one without: %.3f\n",
		      with / without);
	assert_at_most(with / without, 0.9);
}

static void predict_repeat(void **state)
{
	struct kmc_predict one, all;
	u64 seed = 24;

	(void)state;
	kmc_predict_init(&one, 0);
	kmc_predict_init(&all, 0);
	for (int i = 0; i < 200; i++) {
		u64 v = unit_below(&seed, 10000);
		u32 n = 1 + unit_below(&seed, 600);

		observe(&all, v, n);
		for (u32 j = 0; j < n; j++)
			observe(&one, v, 1);
		assert_near(all.next.mean, one.next.mean, 250);
		assert_int_equal(all.nr_samples, one.nr_samples);
	}
}

static void predict_huge_demand_saturates(void **state)
{
	struct kmc_predict p;

	(void)state;
	kmc_predict_init(&p, 0);
	for (int i = 0; i < 100; i++)
		observe(&p, i & 1 ? U64_MAX : 0, 1);
	assert_true(p.next.mean <= KMC_HIST_MAX);
	assert_true(p.next.p99 <= 2 * KMC_HIST_MAX);
}

enum series { SERIES_NOISE, SERIES_WALK, SERIES_HOURLY, SERIES_STEPS, SERIES_DAILY, NR_SERIES };

static const char *const series_name[NR_SERIES] = { "noise", "walk", "hourly", "steps", "daily" };

static u64 series_value(enum series series, int i, double *level, u64 *seed)
{
	switch (series) {
	case SERIES_WALK:
		*level = fmax(0, fmin(9000, *level + 100 * unit_normal(seed)));
		return *level;
	case SERIES_HOURLY:
		return 500 + unit_below(seed, 100) + (i % 12 == 4) * 3000 + (i % 30 == 7) * 2000;
	case SERIES_STEPS:
		if (!unit_below(seed, 200))
			*level = unit_below(seed, 9000);
		return *level + unit_below(seed, 50);
	case SERIES_DAILY:
		return fmax(0, 4000 + 3000 * sin(2 * M_PI * i / 288) + 200 * unit_normal(seed));
	default:
		return 2000 + unit_below(seed, 4000);
	}
}

/*
 * Over every kind of series, at both horizons: no worse than the best of the
 * experts by more than 3 %, which expert that is differing by series
 */
static void predict_near_the_best(void **state)
{
	static u32 value_q8[KMC_NR_HORIZONS][KMC_PREDICT_DUE][KMC_NR_EXPERTS];
	static u64 mix[KMC_NR_HORIZONS][KMC_PREDICT_DUE];

	(void)state;
	for (int series = 0; series < NR_SERIES; series++) {
		double loss[KMC_NR_EXPERTS] = {}, mixed = 0, ahead = 0, last = 0, best = INFINITY;
		double level = 3000;
		u64 seed = 25, before = 0;
		struct kmc_predict p;

		kmc_predict_init(&p, 0);
		p.day = 288;
		for (int i = 0; i < 12000; i++) {
			u64 v = series_value(series, i, &level, &seed);

			if (i >= 2000) {
				for (int j = 0; j < KMC_NR_EXPERTS; j++)
					loss[j] += fabs(value_q8[0][i % 8][j] / 256.0 - v);
				mixed += fabs((double)mix[0][i % 8] - v);
				ahead += fabs((double)mix[1][i % 8] - v);
				last += fabs((double)before - v);
			}
			before = v;
			observe(&p, v, 1);
			memcpy(value_q8[0][(i + 1) % 8], p.value_q8,
			       sizeof(p.value_q8));
			mix[0][(i + 1) % 8] = p.next.mean;
			mix[1][(i + KMC_AHEAD) % 8] = p.ahead.mean;
		}
		for (int j = 0; j < KMC_NR_EXPERTS; j++)
			best = fmin(best, loss[j]);
		print_message("# %s: error over the best expert's %.3f, the last value's %.3f, "
			      "six ahead %.3f\n", series_name[series], mixed / best, mixed / last,
			      ahead / last);
		assert_at_most(mixed / best, 1.03);
	}
}

/* Weights at any value, inputs of any size: sane forecasts (and UBSan is silent) */
static void predict_hostile(void **state)
{
	static struct kmc_model m;
	struct digest g = { 0, 5 };
	struct kmc_predict p;
	u64 seed = 26;

	(void)state;
	kmc_predict_init(&p, 0);
	predict_digest_model(&g, &m);
	for (int i = 0; i < 6000; i++) {
		if (i % 500 == 0) {
			s16 *w = &m.input_q12[0][0][0], *end = (s16 *)(&m + 1);

			while (w < end)
				*w++ = unit_random(&seed) & 1 ? S16_MAX : S16_MIN;
			kmc_predict_set_model(&p, i % 1000 ? &m : NULL);
			for (int h = 0; h < KMC_NR_HORIZONS; h++)
				for (u32 j = 0; j < ARRAY_SIZE(p.line[h].lms16_q16); j++)
					p.line[h].lms16_q16[j] = KMC_LMS_WEIGHT_MAX *
						(unit_random(&seed) & 1 ? 1 : -1);
		}
		observe(&p, i & 16 ? unit_random_wide(&seed) : unit_random(&seed) & 1 ? 0 :
			     U64_MAX, 1);
		assert_true(p.next.mean <= p.next.p95);
		assert_true(p.next.p95 <= p.next.p99);
		assert_true(p.next.p99 <= KMC_HIST_MAX);
		assert_true(p.ahead.mean <= p.ahead.p95);
		assert_true(p.ahead.p95 <= p.ahead.p99);
		assert_true(p.ahead.p99 <= KMC_HIST_MAX);
	}
}

/*
 * A throttled VM that wants 8000 shows 3000 and a bound of 3000: who forecast
 * more is not charged, so experts that know better are not driven out
 */
static void predict_censored(void **state)
{
	struct kmc_predict before;
	struct kmc_predict p;
	u64 seed = 27;

	(void)state;
	kmc_predict_init(&p, 0);
	for (int i = 0; i < 2000; i++)
		observe(&p, 8000 + unit_below(&seed, 200), 1);
	before = p;
	for (int i = 0; i < 50; i++) {
		const struct kmc_sample s = { 3000, 3000, true };

		kmc_predict_observe(&p, &s, 1);
	}
	for (int j = 0; j < KMC_NR_EXPERTS; j++)
		assert_true(p.line[0].loss_q9[j] <= before.line[0].loss_q9[j]);
	assert_memory_equal(p.line[0].lms16_q16, before.line[0].lms16_q16,
			    sizeof(before.line[0].lms16_q16));
	assert_memory_equal(&p.line[0].band, &before.line[0].band,
			    sizeof(before.line[0].band));
}

/*
 * After a change of the period's length nothing that was counted in periods is
 * used, and what was learned of the VM's size is
 */
static void predict_period_changes(void **state)
{
	struct kmc_predict p;
	u64 seed = 28;

	(void)state;
	kmc_predict_init(&p, 0);
	for (int i = 0; i < 3000; i++)
		observe(&p, 1000 + unit_below(&seed, 100) + (i % 12 == 0) * 4000, 1);
	kmc_predict_set_period(&p, 288);
	assert_int_equal(p.near.nr, 0);
	observe(&p, 1050, 1);
	assert_near(p.next.mean, 1050, 400);
	for (int i = 0; i < 2000; i++)
		observe(&p, 1000 + unit_below(&seed, 100) + (i % 24 == 0) * 4000, 1);
	/* i = 2000: 2000 % 24 = 8; 16 more and the next is a spike */
	for (int i = 8; i < 24; i++)
		observe(&p, 1000 + unit_below(&seed, 100), 1);
	assert_near(p.next.mean, 5050, 400);
}

/* A run of any length costs a bounded number of steps, and is over at once */
static void predict_long_gap(void **state)
{
	struct kmc_predict p;
	u64 seed = 29;

	(void)state;
	kmc_predict_init(&p, 0);
	for (int i = 0; i < 1000; i++)
		observe(&p, 1000 + unit_below(&seed, 100), 1);
	for (int i = 0; i < 2000; i++) {
		observe(&p, 0, U32_MAX / 2);
		assert_at_most(p.next.mean, 2);
	}
	for (int i = 0; i < 400; i++)
		observe(&p, 1000 + unit_below(&seed, 100), 1);
	assert_near(p.next.mean, 1050, 60);
}

static void predict_digest(void **state)
{
	static struct kmc_predict predict;
	static struct kmc_model model;
	u64 got = predict_digest_run(&predict, &model);

	(void)state;
	if (got != PREDICT_DIGEST_WANT)
		fail_msg("digest is %#llxULL", got);
}

UNIT_SUITE(unit_predict,
	   cmocka_unit_test(predict_weights_sum_to_one),
	   cmocka_unit_test(predict_constant),
	   cmocka_unit_test(predict_best_expert_wins),
	   cmocka_unit_test(predict_regret),
	   cmocka_unit_test(predict_band_covers),
	   cmocka_unit_test(predict_width_learns),
	   cmocka_unit_test(predict_repeat),
	   cmocka_unit_test(predict_huge_demand_saturates),
	   cmocka_unit_test(predict_near_the_best),
	   cmocka_unit_test(predict_hostile),
	   cmocka_unit_test(predict_censored),
	   cmocka_unit_test(predict_period_changes),
	   cmocka_unit_test(predict_long_gap),
	   cmocka_unit_test(predict_digest));
