// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

/* Quantiles of a known distribution, not led: within a bin and the memory's noise */
static void band_quantiles(void **state)
{
	u32 quantile[KMC_NR_BAND_LEVELS];
	struct kmc_band b;
	u64 seed = 81;

	(void)state;
	kmc_band_init(&b);
	kmc_band_quantiles_q8(&b, quantile);
	assert_int_equal(quantile[KMC_BAND_P95], 0);
	for (int i = 0; i < 20000; i++)
		kmc_band_add(&b, -16 * log(unit_uniform(&seed)), 1);
	kmc_band_quantiles_q8(&b, quantile);
	assert_near(quantile[KMC_BAND_P95] / 256.0, -log(0.05), 0.4);
	assert_near(quantile[KMC_BAND_P99] / 256.0, -log(0.01), 0.9);
}

/* A run at once is like the same run one by one, in bounded time */
static void band_runs(void **state)
{
	struct kmc_band one, all;
	u64 seed = 82;

	(void)state;
	kmc_band_init(&one);
	kmc_band_init(&all);
	for (int i = 0; i < 300; i++) {
		u32 v = unit_below(&seed, 2000), n = 1 + unit_below(&seed, 3000);
		u32 sum = 0;

		for (u32 j = 0; j < n; j++)
			kmc_band_add(&one, v, 1);
		kmc_band_add(&all, v, n);
		for (u32 j = 0; j < KMC_BAND_BINS; j++)
			sum += all.bin[j];
		assert_int_equal(sum, all.total);
		assert_true(all.total <= KMC_BAND_TOTAL_MAX);
		for (u32 j = 0; j < KMC_BAND_BINS; j++)
			assert_near(all.bin[j] / (double)all.total, one.bin[j] / (double)one.total,
				    0.02);
	}
	kmc_band_add(&all, U32_MAX, U32_MAX);
	assert_int_equal(all.bin[KMC_BAND_BINS - 1], all.total);
}

/* A source whose errors grow for ever is followed all the same */
static void band_led(void **state)
{
	u32 missed[KMC_NR_BAND_LEVELS] = {}, nr = 0;
	struct kmc_band b;
	u64 seed = 83;

	(void)state;
	kmc_band_init(&b);
	for (int i = 0; i < 200000; i++) {
		u32 v = -16 * log(unit_uniform(&seed)) * (1 + i / 20000.0);
		u32 quantile[KMC_NR_BAND_LEVELS];

		kmc_band_quantiles_q8(&b, quantile);
		for (int l = 0; l < KMC_NR_BAND_LEVELS; l++) {
			bool miss = v << 4 > quantile[l];

			if (i >= 5000)
				missed[l] += miss;
			kmc_band_lead(&b, l, miss, 12);
		}
		nr += i >= 5000;
		kmc_band_add(&b, v + 1, 1);
	}
	assert_near(100.0 * missed[KMC_BAND_P95] / nr, 5, 0.3);
	assert_near(100.0 * missed[KMC_BAND_P99] / nr, 1, 0.2);
}

UNIT_SUITE(unit_band,
	   cmocka_unit_test(band_quantiles),
	   cmocka_unit_test(band_runs),
	   cmocka_unit_test(band_led));
