// SPDX-License-Identifier: GPL-2.0
#include "unit.h"
#include "hist_vectors.h"

static void hist_bin_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hist_bin_vectors); i++) {
		const struct hist_bin_vector *v = &hist_bin_vectors[i];

		assert_int_equal(kmc_hist_bin(v->v), v->bin);
		assert_int_equal(kmc_hist_bin_low(v->bin), v->low);
	}
	assert_int_equal(kmc_hist_bin_low(KMC_HIST_BINS), KMC_HIST_MAX);
}

/* Bins neither overlap nor leave a gap, and are as narrow as promised */
static void hist_bins_cover(void **state)
{
	(void)state;
	for (u32 i = 0; i < KMC_HIST_BINS; i++) {
		u64 low = kmc_hist_bin_low(i), next = kmc_hist_bin_low(i + 1);

		assert_true(next > low);
		assert_int_equal(kmc_hist_bin(low), i);
		assert_int_equal(kmc_hist_bin(next - 1), i);
		assert_true((next - low) * 8 <= max(low, 8ULL));
	}
}

/* The naive twin: every bin's weight decayed at each sample, in double */
struct twin {
	double bin[KMC_HIST_BINS];
	double total;
	double keep;
};

static void twin_add(struct twin *t, u32 bin)
{
	t->total = 0;
	for (u32 i = 0; i < KMC_HIST_BINS; i++) {
		t->bin[i] *= t->keep;
		t->bin[i] += i == bin;
		t->total += t->bin[i];
	}
}

static void hist_compare(const struct kmc_hist *h, const struct twin *t)
{
	u64 sum = 0;

	for (u32 i = 0; i < KMC_HIST_BINS; i++) {
		sum += h->bin[i];
		assert_near((double)h->bin[i] / h->total, t->bin[i] / t->total, 0.005);
	}
	assert_int_equal(sum, h->total);
	/* counted in samples as the next one will weigh */
	assert_near(kmc_hist_samples(h), t->total * t->keep, 1 + t->total * 0.01);
}

static void hist_twin(void **state)
{
	static const u32 half_lives[] = { 1, 3, 10, 100, 5000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(half_lives); i++) {
		struct twin t = { .keep = exp2(-1.0 / half_lives[i]) };
		struct kmc_hist h;
		u64 seed = i;

		kmc_hist_init(&h, half_lives[i]);
		for (int j = 0; j < 30000; j++) {
			/* what is drawn drifts, so that forgetting shows */
			u64 v = 10 + j / 10 + unit_below(&seed, 1000);

			kmc_hist_add_bin(&h, kmc_hist_bin(v));
			twin_add(&t, kmc_hist_bin(v));
			if (j % 997 == 0 || j < 20)
				hist_compare(&h, &t);
		}
	}
}

static void hist_no_decay(void **state)
{
	struct kmc_hist h;

	(void)state;
	kmc_hist_init(&h, 0);
	for (int i = 0; i < 1000; i++)
		kmc_hist_add_bin(&h, i % 10);
	assert_int_equal(kmc_hist_samples(&h), 1000);
	for (int i = 0; i < 10; i++)
		assert_int_equal(h.bin[i] * 10, h.total);
}

/* Full: halved, not wrapped; proportions stay */
static void hist_saturates(void **state)
{
	struct kmc_hist h;

	(void)state;
	kmc_hist_init(&h, 0);
	kmc_hist_add_bin_n(&h, 1, 8000000);
	kmc_hist_add_bin_n(&h, 2, 8000000);
	assert_int_equal(kmc_hist_samples(&h), 16000000);
	kmc_hist_add_bin_n(&h, 3, 8000000);
	assert_near((double)h.bin[1] / h.total, 1.0 / 3, 0.001);
	assert_near((double)h.bin[3] / h.total, 1.0 / 3, 0.001);
	kmc_hist_add_bin_n(&h, 3, U32_MAX);
	assert_int_equal((u64)h.bin[1] + h.bin[2] + h.bin[3], h.total);
	for (int i = 0; i < 100000; i++)
		kmc_hist_add_bin(&h, 4);
	assert_int_equal((u64)h.bin[1] + h.bin[2] + h.bin[3] + h.bin[4], h.total);
}

static void hist_longest_half_life_fits(void **state)
{
	struct kmc_hist h;

	(void)state;
	kmc_hist_init(&h, U32_MAX);
	for (int i = 0; i < 30000000; i++)
		kmc_hist_add_bin(&h, i & 1);
	/* never halved: as many samples as the half-life says */
	assert_near(kmc_hist_samples(&h), KMC_HIST_HALF_LIFE_MAX / M_LN2, 30000);
}

/* A run in one call is as good as one by one */
static void hist_run(void **state)
{
	static const u32 half_lives[] = { 0, 1, 2, 50, 1000, 36000, KMC_HIST_HALF_LIFE_MAX };
	static const u32 runs[] = { 1, 31, 32, 33, 1000, 100000, 3000000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(half_lives); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(runs); j++) {
			struct kmc_hist one, all;

			kmc_hist_init(&one, half_lives[i]);
			for (int k = 0; k < 500; k++)
				kmc_hist_add_bin(&one, 5);
			all = one;
			for (u32 k = 0; k < runs[j]; k++)
				kmc_hist_add_bin(&one, 9);
			kmc_hist_add_bin_n(&all, 9, runs[j]);
			assert_near((double)all.bin[9] / all.total,
				    (double)one.bin[9] / one.total, 0.01);
			assert_near(kmc_hist_samples(&all), kmc_hist_samples(&one),
				    1 + 0.02 * kmc_hist_samples(&one));
		}
	}
}

static void hist_half_life_halves(void **state)
{
	struct kmc_hist h;

	(void)state;
	kmc_hist_init(&h, 1000);
	kmc_hist_add_bin_n(&h, 1, 100000);
	kmc_hist_add_bin_n(&h, 2, 1000);
	assert_near((double)h.bin[1] / h.total, 0.5, 0.005);
	kmc_hist_set_half_life(&h, 10);
	kmc_hist_add_bin_n(&h, 3, 10);
	assert_near((double)h.bin[3] / h.total * kmc_hist_samples(&h), 10.0 / 2 / M_LN2, 0.5);
}

static void hist_tail_conformal(void **state)
{
	struct kmc_hist h;

	(void)state;
	kmc_hist_init(&h, 0);
	assert_int_equal(kmc_hist_tail_mbit(&h, 5, true), 0);
	for (int n = 1; n <= 1023; n++) {
		kmc_hist_add_bin(&h, kmc_hist_bin(5));
		assert_near(kmc_hist_tail_mbit(&h, 9, true), 1000 * log2(n + 1), 1);
		assert_near(kmc_hist_tail_mbit(&h, 1, false), 1000 * log2(n + 1), 1);
		assert_int_equal(kmc_hist_tail_mbit(&h, 5, true), 0);
		assert_int_equal(kmc_hist_tail_mbit(&h, 5, false), 0);
	}
}

static void hist_fill(struct kmc_hist *h, u64 *seed, int nr)
{
	kmc_hist_init(h, 1000);
	for (int i = 0; i < nr; i++)
		kmc_hist_add_bin(h, kmc_hist_bin(exp(5 + unit_normal(seed))));
}

/* The alarm level is the least value whose surprise reaches the bits asked */
static void hist_alarm_agrees_with_tail(void **state)
{
	u64 seed = 5;

	(void)state;
	for (int i = 0; i < 200; i++) {
		u32 mbit = unit_below(&seed, 14000);
		struct kmc_hist h;
		u64 alarm;

		hist_fill(&h, &seed, unit_below(&seed, 3000));
		alarm = kmc_hist_alarm(&h, mbit);
		if (alarm == U64_MAX) {
			assert_true(kmc_hist_tail_mbit(&h, U64_MAX, true) < mbit);
			continue;
		}
		assert_true(kmc_hist_tail_mbit(&h, alarm, true) >= mbit);
		assert_true(!alarm || kmc_hist_tail_mbit(&h, alarm - 1, true) < mbit);
	}
}

static void hist_empty_has_no_alarm(void **state)
{
	struct kmc_hist h;

	(void)state;
	kmc_hist_init(&h, 100);
	assert_true(kmc_hist_alarm(&h, 1000) == U64_MAX);
}

static void hist_merge_counts_samples(void **state)
{
	u64 seed = 7;

	(void)state;
	for (int i = 0; i < 100; i++) {
		u32 weight = unit_below(&seed, 10001);
		struct kmc_hist a, b;
		double before, add;

		hist_fill(&a, &seed, unit_below(&seed, 9000));
		hist_fill(&b, &seed, 1 + unit_below(&seed, 9000));
		before = kmc_hist_samples(&a);
		add = kmc_hist_samples(&b) * (weight / 1e4);
		kmc_hist_merge(&a, &b, weight);
		assert_near(kmc_hist_samples(&a), before + add, 2 + 0.02 * (before + add));
	}
}

static void hist_merge_saturates(void **state)
{
	struct kmc_hist a, b;
	u64 sum = 0;

	(void)state;
	kmc_hist_init(&a, 0);
	kmc_hist_init(&b, 0);
	kmc_hist_add_bin_n(&a, 1, 12000000);
	kmc_hist_add_bin_n(&b, 2, 12000000);
	kmc_hist_merge(&a, &b, KMC_BP);
	for (u32 i = 0; i < KMC_HIST_BINS; i++)
		sum += a.bin[i];
	assert_int_equal(sum, a.total);
	assert_near((double)a.bin[1] / a.bin[2], 1, 0.001);
}

UNIT_SUITE(unit_hist,
	   cmocka_unit_test(hist_bin_table),
	   cmocka_unit_test(hist_bins_cover),
	   cmocka_unit_test(hist_twin),
	   cmocka_unit_test(hist_no_decay),
	   cmocka_unit_test(hist_saturates),
	   cmocka_unit_test(hist_longest_half_life_fits),
	   cmocka_unit_test(hist_run),
	   cmocka_unit_test(hist_half_life_halves),
	   cmocka_unit_test(hist_tail_conformal),
	   cmocka_unit_test(hist_alarm_agrees_with_tail),
	   cmocka_unit_test(hist_empty_has_no_alarm),
	   cmocka_unit_test(hist_merge_counts_samples),
	   cmocka_unit_test(hist_merge_saturates));
