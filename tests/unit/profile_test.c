// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#define CENSOR_MAX	9000	/* 900 s of 100 ms */

static void learn(struct kmc_profile *p, u64 demand, u32 repeat)
{
	const struct kmc_sample s = { demand, demand, false };

	kmc_profile_fold(p, &s, repeat, CENSOR_MAX);
}

/* Decayed moments in double; equal shares while that weighs more */
static void profile_moments_twin(void **state)
{
	static const u32 half_lives[] = { 1, 20, 1000, 36000, KMC_HIST_HALF_LIFE_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(half_lives); i++) {
		double alpha = 1 - exp2(-1.0 / half_lives[i]), mean = 0, var = 0;
		struct kmc_profile p;
		u64 seed = 10 + i;

		kmc_profile_init(&p, half_lives[i]);
		for (int j = 0; j < 200000; j++) {
			u64 v = 3000 + j / 100 + unit_below(&seed, 500);
			double a = fmax(alpha, 1.0 / (j + 1)), diff = v - mean;

			learn(&p, v, 1);
			mean += a * diff;
			var = (1 - a) * (var + a * diff * diff);
			if (j % 9973 == 0) {
				assert_near(ldexp(p.mean_q32, -32), mean, 0.01);
				assert_near(ldexp(p.var_q16, -16), var, 1 + var * 0.005);
			}
		}
	}
}

static void profile_moments_repeat(void **state)
{
	struct kmc_profile one, all;
	u64 seed = 11;

	(void)state;
	kmc_profile_init(&one, 1000);
	kmc_profile_init(&all, 1000);
	for (int i = 0; i < 300; i++) {
		u64 v = unit_below(&seed, 10000);
		u32 n = 1 + unit_below(&seed, 300);

		learn(&all, v, n);
		for (u32 j = 0; j < n; j++)
			learn(&one, v, 1);
		/* equal shares end at H/ln 2 samples: in a run or after it */
		assert_near(ldexp(all.mean_q32, -32), ldexp(one.mean_q32, -32), i < 30 ? 30 : 1);
		assert_near(ldexp(all.var_q16, -16), ldexp(one.var_q16, -16),
			    2 + ldexp(one.var_q16, -16) * (i < 30 ? 0.02 : 0.001));
		assert_int_equal(all.nr_samples, one.nr_samples);
		assert_int_equal(all.lag_len, one.lag_len);
		for (u32 j = 0; j < all.lag_len; j++)
			assert_int_equal(all.lag[(all.lag_tail + j) % KMC_PROFILE_LAG],
					 one.lag[(one.lag_tail + j) % KMC_PROFILE_LAG]);
		assert_near(kmc_profile_judge(&all, 9999).mbit,
			    kmc_profile_judge(&one, 9999).mbit, 30);
	}
}

static void profile_long_idle_is_one_call(void **state)
{
	struct kmc_profile p;

	(void)state;
	kmc_profile_init(&p, 36000);
	learn(&p, 5000, 100000);
	learn(&p, 0, U32_MAX);
	assert_int_equal(kmc_profile_mean(&p), 0);
	assert_int_equal(p.nr_samples, 100000ULL + U32_MAX);
	assert_true(kmc_profile_judge(&p, 5000).mbit > 13000);
}

/*
 * Long stationary input of several shapes: how often surprise exceeds b bits,
 * in units of what calibration allows (2^-b)
 */
struct marginal {
	const char *name;
	double (*draw)(u64 *seed);
	double least;		/* of P(surprise > b) * 2^b for b in 1..10 */
};

static double draw_uniform(u64 *seed)
{
	return unit_uniform(seed) * 10000;
}

static double draw_normal(u64 *seed)
{
	return fmax(0, 4000 + 1500 * unit_normal(seed));
}

static double draw_exponential(u64 *seed)
{
	return -2000 * log(unit_uniform(seed));
}

static double draw_pareto(u64 *seed)
{
	return 100 * pow(unit_uniform(seed), -0.8);
}

static double draw_on_off(u64 *seed)
{
	return unit_uniform(seed) < 0.9 ? 0 : 9000 + unit_uniform(seed) * 1000;
}

static double draw_near_constant(u64 *seed)
{
	return 5000 + 20 * unit_normal(seed);
}

/*
 * A bin's own weight is counted in, so surprise errs low where a bin is wide
 * beside the tail.  Heavy tails span many bins: within a factor of 4.  The
 * normal's upper tail falls by 8 within a bin; on/off and near-constant lie
 * in a few bins and hardly surprise at all.
 */
static const struct marginal marginals[] = {
	{ "uniform", draw_uniform, 0.25 },
	{ "normal", draw_normal, 0.05 },
	{ "exponential", draw_exponential, 0.25 },
	{ "pareto", draw_pareto, 0.25 },
	{ "on/off", draw_on_off, 0 },
	{ "near-constant", draw_near_constant, 0 },
};

#define CALIBRATE_WARM_UP	60000
#define CALIBRATE_SAMPLES	400000
#define CALIBRATE_BITS		10

static void calibrate(const struct marginal *m, u64 seed)
{
	u32 beyond[CALIBRATE_BITS + 1] = {};
	double least = INFINITY, most = 0;
	struct kmc_profile p;

	kmc_profile_init(&p, 36000);
	for (int i = 0; i < CALIBRATE_WARM_UP + CALIBRATE_SAMPLES; i++) {
		u64 v = m->draw(&seed);

		if (i >= CALIBRATE_WARM_UP) {
			u32 mbit = kmc_profile_judge(&p, v).mbit;

			for (u32 b = 1; b <= CALIBRATE_BITS; b++)
				beyond[b] += mbit > b * 1000;
		}
		learn(&p, v, 1);
	}
	for (int b = 1; b <= CALIBRATE_BITS; b++) {
		double ratio = ldexp(beyond[b], b) / CALIBRATE_SAMPLES;

		least = fmin(least, ratio);
		most = fmax(most, ratio);
	}
	print_message("# %s: P(surprise > b) / 2^-b is %.2f to %.2f for b in 1..%d\n",
		      m->name, least, most, CALIBRATE_BITS);
	assert_at_most(most, 2);
	assert_true(least >= m->least);
}

static void profile_calibrated(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(marginals); i++)
		calibrate(&marginals[i], 100 + i);
}

/* From the first sample on: many young profiles */
static void profile_calibrated_young(void **state)
{
	u32 beyond[7] = {}, nr = 0;
	u64 seed = 12;

	(void)state;
	for (int i = 0; i < 1500; i++) {
		struct kmc_profile p;

		kmc_profile_init(&p, 36000);
		for (int j = 0; j < 200; j++, nr++) {
			u64 v = draw_exponential(&seed);
			u32 mbit = kmc_profile_judge(&p, v).mbit;

			for (u32 b = 1; b < ARRAY_SIZE(beyond); b++)
				beyond[b] += mbit > b * 1000;
			learn(&p, v, 1);
		}
	}
	for (u32 b = 1; b < ARRAY_SIZE(beyond); b++)
		assert_at_most(ldexp(beyond[b], b) / nr, 1.2);
}

/* A detector that learned at once would forgive within the spike */
static void profile_spike_stays_surprising(void **state)
{
	struct kmc_profile p;
	u64 seed = 13;
	u32 first;

	(void)state;
	kmc_profile_init(&p, 36000);
	for (int i = 0; i < 20000; i++)
		learn(&p, 2000 + unit_below(&seed, 1000), 1);
	first = kmc_profile_judge(&p, 9000).mbit;
	assert_true(first > 12000);
	for (int i = 0; i < KMC_PROFILE_LAG; i++) {
		struct kmc_surprise s = kmc_profile_judge(&p, 9000);

		assert_int_equal(s.dir, 1);
		assert_near(s.mbit, first, 30);
		learn(&p, 9000, 1);
	}
	/* and then it is learned: every sample counts in the end */
	learn(&p, 9000, 3 * KMC_PROFILE_LAG);
	assert_true(kmc_profile_judge(&p, 9000).mbit < first - 5000);
}

/* Held at 20 % for an hour: what was learned is not that it likes 20 % */
static void profile_censored_hour(void **state)
{
	const struct kmc_sample held = { 2000, 8000, true };
	struct kmc_profile p;
	u32 before;
	u64 seed = 14;

	(void)state;
	kmc_profile_init(&p, 36000);
	for (int i = 0; i < 36000; i++)
		learn(&p, 3000 + unit_below(&seed, 1000), 1);
	before = kmc_profile_judge(&p, 2000).mbit;
	assert_true(before > 10000);
	for (int i = 0; i < CENSOR_MAX; i++) {
		assert_true(kmc_profile_judge(&p, 8000).mbit > 10000);
		kmc_profile_fold(&p, &held, 1, CENSOR_MAX);
	}
	/* now it is taken as its new nature: demand, not what it was held to */
	for (int i = CENSOR_MAX; i < 36000; i++)
		kmc_profile_fold(&p, &held, 1, CENSOR_MAX);
	assert_int_equal(p.nr_censored, 36000);
	assert_true(kmc_profile_judge(&p, 8000).mbit < 2000);
	assert_true(kmc_profile_judge(&p, 2000).mbit >= before);
	assert_int_equal(kmc_profile_judge(&p, 2000).dir, -1);
	assert_int_equal(p.hist.bin[kmc_hist_bin(2000)], 0);
	assert_true(kmc_profile_mean(&p) > 5000);
}

static void profile_censored_run_ends(void **state)
{
	const struct kmc_sample held = { 2000, 8000, true };
	struct kmc_profile p;

	(void)state;
	kmc_profile_init(&p, 36000);
	learn(&p, 3000, 100000);
	for (int i = 0; i < 10; i++) {
		kmc_profile_fold(&p, &held, CENSOR_MAX - 1, CENSOR_MAX);
		learn(&p, 3000, 1);
	}
	learn(&p, 3000, 2 * KMC_PROFILE_LAG);
	assert_int_equal(p.hist.bin[kmc_hist_bin(8000)], 0);
	/* in one call: only what is beyond the limit is learned */
	kmc_profile_fold(&p, &held, CENSOR_MAX + 500, CENSOR_MAX);
	learn(&p, 3000, 2 * KMC_PROFILE_LAG);
	assert_near((double)p.hist.bin[kmc_hist_bin(8000)] / p.hist.inc_q16 * 65536, 500, 20);
}

/* 5 % of boot at full speed, then quiet: what was boot is surprising soon */
static void profile_boot_is_forgotten(void **state)
{
	struct kmc_profile p;

	(void)state;
	kmc_profile_init(&p, 36000);
	learn(&p, 10000, 50);
	for (int i = 0; i < 950; i++)
		learn(&p, 1500, 1);
	assert_true(kmc_profile_judge(&p, 10000).mbit > 6000);
	/* and the same in one call */
	kmc_profile_init(&p, 36000);
	learn(&p, 10000, 50);
	learn(&p, 1500, 950);
	assert_true(kmc_profile_judge(&p, 10000).mbit > 6000);
}

static void profile_two_sided(void **state)
{
	struct kmc_profile p;
	u64 seed = 15;

	(void)state;
	kmc_profile_init(&p, 36000);
	assert_int_equal(kmc_profile_judge(&p, 5).mbit, 0);
	assert_int_equal(kmc_profile_judge(&p, 5).dir, 0);
	for (int i = 0; i < 10000; i++)
		learn(&p, 1000 + unit_below(&seed, 5000), 1);
	assert_int_equal(kmc_profile_judge(&p, 9000).dir, 1);
	assert_int_equal(kmc_profile_judge(&p, 10).dir, -1);
	assert_int_equal(kmc_profile_judge(&p, 3500).dir, 0);
	assert_near(kmc_profile_judge(&p, 9000).mbit,
		    kmc_hist_tail_mbit(&p.hist, 9000, true) - 1000, 0);
}

static void profile_alarm_agrees_with_judge(void **state)
{
	struct kmc_profile p;
	u64 seed = 16;

	(void)state;
	kmc_profile_init(&p, 5000);
	assert_true(kmc_profile_alarm(&p, 8000) == U64_MAX);
	for (int i = 0; i < 20000; i++) {
		u64 alarm;

		learn(&p, draw_exponential(&seed), 1);
		alarm = kmc_profile_alarm(&p, 8000);
		if (i % 100 || alarm == U64_MAX)
			continue;
		assert_true(kmc_profile_judge(&p, alarm).mbit >= 8000);
		assert_int_equal(kmc_profile_judge(&p, alarm).dir, 1);
		assert_true(kmc_profile_judge(&p, alarm - 1).mbit < 8000);
	}
	assert_true(kmc_profile_alarm(&p, 8000) != U64_MAX);
}

static void profile_prior(void **state)
{
	struct kmc_profile vm, prior, next;

	(void)state;
	kmc_profile_init(&vm, 36000);
	kmc_profile_init(&prior, 36000);
	learn(&vm, 4000, 50000);
	kmc_profile_merge(&prior, &vm);
	kmc_profile_init(&next, 36000);
	kmc_profile_seed(&next, &prior, 600);
	assert_near(kmc_hist_samples(&next.hist), 600, 10);
	assert_int_equal(kmc_profile_mean(&next), 4000);
	assert_int_equal(next.nr_samples, 0);
	assert_true(kmc_profile_judge(&next, 9000).mbit > 8000);
	/* its own behaviour takes over after as many periods, or earlier: it is young */
	learn(&next, 1000, 600 + KMC_PROFILE_LAG);
	assert_near((double)next.hist.bin[kmc_hist_bin(1000)] / next.hist.total, 0.6, 0.1);
	assert_near(kmc_profile_mean(&next), 2400, 150);
	/* an empty prior says nothing */
	kmc_profile_init(&prior, 36000);
	kmc_profile_init(&next, 36000);
	kmc_profile_seed(&next, &prior, 600);
	assert_int_equal(next.hist.total, 0);
	assert_int_equal(next.mean_q32, 0);
}

static void profile_merge_counts_vms_by_samples(void **state)
{
	struct kmc_profile a, b, prior;

	(void)state;
	kmc_profile_init(&a, 36000);
	kmc_profile_init(&b, 36000);
	kmc_profile_init(&prior, 36000);
	learn(&a, 1000, 1000 + KMC_PROFILE_LAG);
	learn(&b, 5000, 3000 + KMC_PROFILE_LAG);
	kmc_profile_merge(&prior, &a);
	kmc_profile_merge(&prior, &b);
	assert_near(kmc_profile_mean(&prior), 4000, 60);
	assert_near((double)prior.hist.bin[kmc_hist_bin(1000)] / prior.hist.total, 0.25, 0.02);
	assert_near(ldexp(prior.var_q16, -16), 4000.0 * 4000 * 3 / 16, 100000);
}

UNIT_SUITE(unit_profile,
	   cmocka_unit_test(profile_moments_twin),
	   cmocka_unit_test(profile_moments_repeat),
	   cmocka_unit_test(profile_long_idle_is_one_call),
	   cmocka_unit_test(profile_calibrated),
	   cmocka_unit_test(profile_calibrated_young),
	   cmocka_unit_test(profile_spike_stays_surprising),
	   cmocka_unit_test(profile_censored_hour),
	   cmocka_unit_test(profile_censored_run_ends),
	   cmocka_unit_test(profile_boot_is_forgotten),
	   cmocka_unit_test(profile_two_sided),
	   cmocka_unit_test(profile_alarm_agrees_with_judge),
	   cmocka_unit_test(profile_prior),
	   cmocka_unit_test(profile_merge_counts_vms_by_samples));
