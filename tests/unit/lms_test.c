// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#define TAPS	37

/* One step in double from the same state: weights within 1/1000 of mu */
static void lms_twin(void **state)
{
	s32 w[TAPS] = {};
	u64 seed = 71;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		double square = 0, dot = 0, want[TAPS];
		s32 sign = (s32)unit_below(&seed, 2049) - 1024;
		u32 step = 1 + unit_below(&seed, 65535);
		s16 f[TAPS];

		for (int j = 0; j < TAPS; j++) {
			f[j] = (s32)unit_below(&seed, 16383) - KMC_LMS_FEATURE_MAX;
			if (i & 1)
				f[j] >>= 6;
			square += f[j] / 1024.0 * f[j] / 1024.0;
			dot += w[j] / 65536.0 * f[j];
		}
		assert_near(kmc_lms_forecast(w, f, TAPS), dot, 1);
		for (int j = 0; j < TAPS; j++)
			want[j] = w[j] + step * (sign / 1024.0) * (f[j] / 1024.0) / (1 + square);
		kmc_lms_learn(w, f, TAPS, sign, step);
		for (int j = 0; j < TAPS; j++)
			if (fabs(want[j]) < KMC_LMS_WEIGHT_MAX)
				assert_near(w[j], want[j], 1 + 0.001 * step);
	}
}

/* Whatever comes in, weights stay in their bounds (and UBSan is silent) */
static void lms_hostile(void **state)
{
	s32 w[KMC_LMS_TAPS_MAX];
	s16 f[KMC_LMS_TAPS_MAX];
	u64 seed = 72;

	(void)state;
	for (int i = 0; i < KMC_LMS_TAPS_MAX; i++)
		w[i] = i & 1 ? KMC_LMS_WEIGHT_MAX : -KMC_LMS_WEIGHT_MAX;
	for (int i = 0; i < 20000; i++) {
		for (int j = 0; j < KMC_LMS_TAPS_MAX; j++)
			f[j] = unit_random(&seed) & 1 ? S16_MAX : S16_MIN;
		if (i % 3 == 0)
			memset(f, 0, sizeof(f));
		kmc_lms_forecast(w, f, KMC_LMS_TAPS_MAX);
		kmc_lms_learn(w, f, KMC_LMS_TAPS_MAX, i & 1 ? 1024 : -1024, 65535);
		for (int j = 0; j < KMC_LMS_TAPS_MAX; j++)
			assert_true(w[j] >= -KMC_LMS_WEIGHT_MAX && w[j] <= KMC_LMS_WEIGHT_MAX);
	}
}

/* y = 0.7 f0 - 0.2 f1 under noise with spikes: the weights are found */
static void lms_learns(void **state)
{
	s32 w[2] = {};
	u64 seed = 73;

	(void)state;
	for (int i = 0; i < 40000; i++) {
		s16 f[2] = { 1024 * unit_normal(&seed), 1024 * unit_normal(&seed) };
		double y = 0.7 * f[0] - 0.2 * f[1] + 200 * unit_normal(&seed);
		double off;

		if (i % 20 == 0)
			y += 50000;
		off = (y - kmc_lms_forecast(w, f, 2)) * 8;
		kmc_lms_learn(w, f, 2, fmax(-1024, fmin(1024, off)), 1000);
	}
	assert_near(w[0] / 65536.0, 0.7, 0.05);
	assert_near(w[1] / 65536.0, -0.2, 0.05);
}

UNIT_SUITE(unit_lms,
	   cmocka_unit_test(lms_twin),
	   cmocka_unit_test(lms_hostile),
	   cmocka_unit_test(lms_learns));
