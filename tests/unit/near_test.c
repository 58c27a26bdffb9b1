// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

/* The same in plain numbers: one lag at a time */
struct twin {
	u32 past[4096];
	u32 nr;
	u32 miss[KMC_NEAR_LAGS];
};

static u32 round_shift(u32 v, u32 shift)
{
	return (v + (1U << (shift - 1))) >> shift;
}

static void twin_observe(struct twin *t, u32 v, u32 gain, u32 rate)
{
	for (u32 l = 1; l <= KMC_NEAR_LAGS && l <= t->nr; l++) {
		u32 before = t->past[t->nr - l];
		u32 step = v > before ? v - before : before - v;
		u32 most = 0x7fff >> gain;
		u32 *miss = &t->miss[l - 1];

		if (l == t->nr) {
			*miss = min(step << gain, 0x7fffU);
			continue;
		}
		step = min(step, most) << gain;
		*miss = *miss - round_shift(*miss, rate) + round_shift(step, rate);
	}
	t->past[t->nr++] = v;
}

/* Four lags in a word are four lags; the gain is taken from the real one */
static void near_twin(void **state)
{
	static struct twin t;
	struct kmc_near n;
	u64 seed = 61;
	u8 gain = 0;

	(void)state;
	for (u32 rate = 1; rate <= 8; rate++) {
		memset(&t, 0, sizeof(t));
		kmc_near_init(&n);
		for (int i = 0; i < 900; i++) {
			u32 v = i & 1 ? unit_below(&seed, 0x8000) : 0x7fff * (seed >> 20 & 1);

			kmc_near_observe(&n, v, rate);
			twin_observe(&t, v, n.gain, rate);
			/* another scale is another unit: begin anew from there */
			for (u32 l = 0; l < KMC_NEAR_LAGS && n.gain != gain; l++)
				t.miss[l] = n.miss[l];
			gain = n.gain;
			for (u32 l = 1; l <= min_t(u32, t.nr - 1, KMC_NEAR_LAGS); l++)
				if (n.miss[l - 1] != t.miss[l - 1])
					fail_msg("rate %u step %d lag %u gain %u: %u, not %u",
						 rate, i, l, gain, n.miss[l - 1], t.miss[l - 1]);
			for (u32 l = 0; l < n.nr; l++)
				assert_int_equal(kmc_near_past(&n, l), t.past[t.nr - 1 - l]);
		}
	}
}

/* With a guess or without, right or wrong: the same neighbours, by distance */
static void near_find_any_guess(void **state)
{
	struct kmc_near n;
	u64 seed = 62;

	(void)state;
	kmc_near_init(&n);
	for (int i = 0; i < 3000; i++) {
		struct kmc_near_list plain = {}, guessed = {};

		kmc_near_observe(&n, unit_below(&seed, 1 + (i & 1023)), 4);
		kmc_near_find(&n, 6, KMC_NEAR_LAGS, 0, &plain);
		kmc_near_find(&n, 6, KMC_NEAR_LAGS, unit_below(&seed, 0x8001), &guessed);
		assert_int_equal(plain.nr, guessed.nr);
		assert_int_equal(plain.nr, min_t(u32, KMC_NEAR_MOST, n.nr > 6 ? n.nr - 6 : 0));
		for (u32 j = 0; j < plain.nr; j++) {
			assert_int_equal(plain.key[j], guessed.key[j]);
			assert_int_equal(kmc_near_miss(&plain, j),
					 n.miss[kmc_near_lag(&plain, j) - 1]);
			assert_true(!j || kmc_near_miss(&plain, j - 1) <= kmc_near_miss(&plain, j));
		}
	}
}

static int compare_u32(const void *a, const void *b)
{
	return *(const u32 *)a < *(const u32 *)b ? -1 : *(const u32 *)a > *(const u32 *)b;
}

static void near_medians_twin(void **state)
{
	static const u32 most[KMC_NEAR_MEDIANS] = { 3, 7, 15 };
	struct kmc_near n;
	u64 seed = 63;

	(void)state;
	kmc_near_init(&n);
	for (int i = 0; i < 2000; i++) {
		struct kmc_near_list list = {};
		u32 median[KMC_NEAR_MEDIANS], v[KMC_NEAR_MOST], high;

		kmc_near_observe(&n, unit_below(&seed, 20), 4);
		kmc_near_find(&n, 6, KMC_NEAR_LAGS, 0, &list);
		high = kmc_near_medians(&n, &list, 6, median);
		for (u32 k = 0; k < KMC_NEAR_MEDIANS; k++) {
			u32 nr = min_t(u32, most[k], list.nr);

			for (u32 j = 0; j < nr; j++)
				v[j] = kmc_near_past(&n, kmc_near_lag(&list, j) - 6);
			qsort(v, nr, sizeof(v[0]), compare_u32);
			assert_int_equal(median[k], nr ? v[nr / 2] : kmc_near_past(&n, 0));
		}
		if (list.nr > 1)
			assert_int_equal(high, v[list.nr - 2]);
	}
}

/* Moved as seven neighbours in the middle were, and not below 0 */
static void near_moved_twin(void **state)
{
	struct kmc_near n;
	u64 seed = 66;
	bool cut = false;

	(void)state;
	kmc_near_init(&n);
	for (int i = 0; i < 2000; i++) {
		struct kmc_near_list list = {};
		u32 v[KMC_NEAR_MOVED], nr;

		kmc_near_observe(&n, unit_below(&seed, 2000) * (i % 3 == 0), 4);
		kmc_near_find(&n, 1, KMC_NEAR_LAGS, 0, &list);
		nr = min_t(u32, list.nr, KMC_NEAR_MOVED);
		for (u32 j = 0; j < nr; j++) {
			u32 lag = kmc_near_lag(&list, j);
			s32 moved = kmc_near_past(&n, 0) + kmc_near_past(&n, lag - 1) -
				    kmc_near_past(&n, lag);

			cut |= moved < 0;
			v[j] = max(moved, 0);
		}
		qsort(v, nr, sizeof(v[0]), compare_u32);
		assert_int_equal(kmc_near_moved(&n, &list), nr ? v[nr / 2] : kmc_near_past(&n, 0));
	}
	assert_true(cut);
}

/* A spike every 37 periods is forecast, one period and six ahead */
static void near_finds_the_period(void **state)
{
	struct kmc_near n;
	u64 seed = 64;

	(void)state;
	kmc_near_init(&n);
	for (int i = 0; i < 2000; i++) {
		struct kmc_near_list list = {};
		u32 median[KMC_NEAR_MEDIANS];

		kmc_near_observe(&n, 100 + unit_below(&seed, 20) + (i % 37 == 5) * 900, 4);
		kmc_near_find(&n, 6, KMC_NEAR_LAGS, 0, &list);
		if (i < 600)
			continue;
		kmc_near_medians(&n, &list, 6, median);
		assert_int_equal(median[1] > 500, (i + 6) % 37 == 5);
		kmc_near_medians(&n, &list, 1, median);
		assert_int_equal(median[1] > 500, (i + 1) % 37 == 5);
	}
}

/* A guess that exactly as many keep below as are looked at a second time */
static void near_find_full(void **state)
{
	struct kmc_near n;
	u64 seed = 67;
	u32 full = 0;

	(void)state;
	kmc_near_init(&n);
	for (int i = 0; i < 3000; i++) {
		struct kmc_near_list plain = {}, guessed = {};
		u32 miss[KMC_NEAR_LAGS - 5];

		kmc_near_observe(&n, unit_below(&seed, 1000), 4);
		if (i < 400)
			continue;
		for (u32 j = 0; j < ARRAY_SIZE(miss); j++)
			miss[j] = n.miss[j + 5];
		qsort(miss, ARRAY_SIZE(miss), sizeof(miss[0]), compare_u32);
		full += miss[63] < miss[64];
		kmc_near_find(&n, 6, KMC_NEAR_LAGS, 0, &plain);
		kmc_near_find(&n, 6, KMC_NEAR_LAGS, miss[64], &guessed);
		assert_memory_equal(&plain, &guessed, sizeof(plain));
	}
	assert_true(full > 100);
}

/* 24 bits in 15: the unit grows with the largest and shrinks when it is gone */
static void near_unit_follows(void **state)
{
	struct kmc_near n;
	u64 seed = 65;

	(void)state;
	kmc_near_init(&n);
	for (int i = 0; i < 400; i++)
		kmc_near_observe(&n, unit_below(&seed, 1000), 4);
	assert_int_equal(n.shift, 0);
	kmc_near_observe(&n, (1 << 24) - 1, 4);
	assert_int_equal(n.shift, 9);
	assert_near(kmc_near_past(&n, 0), 1 << 24, 512);
	for (int i = 0; i < 400; i++)
		kmc_near_observe(&n, unit_below(&seed, 1000), 4);
	assert_int_equal(n.shift, 0);
	kmc_near_observe(&n, 777, 4);
	assert_int_equal(kmc_near_past(&n, 0), 777);
}

static void near_skip_is_a_run(void **state)
{
	struct kmc_near n;
	u64 seed = 66;

	(void)state;
	for (u32 run = 1; run < 700; run += 97) {
		kmc_near_init(&n);
		for (int i = 0; i < 500; i++)
			kmc_near_observe(&n, unit_below(&seed, 1000), 4);
		kmc_near_observe(&n, 5, 4);
		kmc_near_skip(&n, run);
		for (u32 i = 0; i < n.nr; i++)
			assert_true(kmc_near_past(&n, i) == 5 || i > run);
		assert_int_equal(n.nr, KMC_NEAR_PAST);
		for (int i = 0; i < 500; i++)
			kmc_near_observe(&n, unit_below(&seed, 1000), 4);
	}
}

UNIT_SUITE(unit_near,
	   cmocka_unit_test(near_twin),
	   cmocka_unit_test(near_find_any_guess),
	   cmocka_unit_test(near_find_full),
	   cmocka_unit_test(near_medians_twin),
	   cmocka_unit_test(near_moved_twin),
	   cmocka_unit_test(near_finds_the_period),
	   cmocka_unit_test(near_unit_follows),
	   cmocka_unit_test(near_skip_is_a_run));
