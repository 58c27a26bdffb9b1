// SPDX-License-Identifier: GPL-2.0
#include "unit.h"
#include "q_vectors.h"

static void q_muldiv_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(q_muldiv_vectors); i++) {
		const struct q_muldiv_vector *v = &q_muldiv_vectors[i];

		assert_int_equal(kmc_muldiv_floor(v->a, v->b, v->c), v->want);
	}
}

static void q_muldiv_twin(void **state)
{
	u64 seed = 1;

	(void)state;
	for (int i = 0; i < 1000000; i++) {
		u64 a = unit_random_wide(&seed), b = unit_random_wide(&seed);
		u64 c = unit_random_wide(&seed) | 1;
		u128 want = (u128)a * b / c;

		if (i & 1)
			c = ~0ULL << (i % 61);	/* normalised divisors, trial digits at the edge */
		want = (u128)a * b / c;
		assert_int_equal(kmc_muldiv_floor(a, b, c), want >> 64 ? U64_MAX : (u64)want);
	}
}

static void q_accrue_twin(void **state)
{
	u64 seed = 2;

	(void)state;
	for (int i = 0; i < 1000000; i++) {
		u64 a = unit_random_wide(&seed), b = unit_random_wide(&seed);
		u64 c = unit_random_wide(&seed) | 1, rem = unit_below(&seed, c);
		u128 sum = (u128)a * b + rem;
		u64 got = kmc_accrue(a, b, c, &rem);

		if (sum / c >> 64) {
			assert_int_equal(got, U64_MAX);
			assert_int_equal(rem, 0);
		} else {
			assert_int_equal(got, (u64)(sum / c));
			assert_int_equal(rem, (u64)(sum % c));
		}
	}
}

/* However an interval is cut, the parts bill what the whole does */
static void q_accrue_any_split(void **state)
{
	u64 seed = 3;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		u64 rate = unit_below(&seed, KMC_NCR_MAX), c = KMC_NS_PER_HOUR;
		u64 left = unit_below(&seed, 48 * KMC_NS_PER_HOUR), rem = unit_below(&seed, c);
		u128 want = ((u128)rate * left + rem) / c, got = 0;

		for (int j = 0; j < 200; j++) {
			u64 part = j < 199 ? unit_below(&seed, left / 50 + 1) : left;

			got += kmc_accrue(rate, part, c, &rem);
			left -= part;
		}
		assert_true(got == want);
	}
}

static void q_accrue_worked_example(void **state)
{
	u64 rem = 0, sum = 0;

	(void)state;
	for (int i = 0; i < 360000; i++)
		sum += kmc_accrue(50000000, 10000000, KMC_NS_PER_HOUR, &rem);
	assert_int_equal(sum, 50000000);
	assert_int_equal(rem, 0);
}

static void q_log2_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(q_log2_vectors); i++)
		assert_near(kmc_log2_mbit(q_log2_vectors[i].v), q_log2_vectors[i].want_mbit, 1);
}

static void q_log2_twin(void **state)
{
	u64 seed = 4, last = 0;

	(void)state;
	for (u64 v = 1; v < 100000; v++) {
		u64 got = kmc_log2_mbit(v);

		assert_true(got >= last);
		last = got;
	}
	for (int i = 0; i < 300000; i++) {
		u64 v = unit_random_wide(&seed) | 1;

		assert_near(kmc_log2_mbit(v), 1000 * log2(v), 0.999);
	}
	for (int i = 0; i < 64; i++)
		assert_int_equal(kmc_log2_mbit(1ULL << i), 1000 * i);
}

static void q_exp2neg_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(q_exp2neg_vectors); i++) {
		u32 got = kmc_exp2neg_q16(q_exp2neg_vectors[i].mbit);

		assert_in_range(got, q_exp2neg_vectors[i].want_q16,
				q_exp2neg_vectors[i].want_q16 + 1);
	}
}

static void q_exp2neg_twin(void **state)
{
	u32 last = 65536;

	(void)state;
	for (u32 x = 0; x < 20000; x++) {
		u32 got = kmc_exp2neg_q16(x);

		assert_near(got, 65536 * exp2(-(double)x / 1000), 1.5);
		assert_true(got <= last);
		last = got;
	}
}

static void q_saturate(void **state)
{
	(void)state;
	assert_int_equal(kmc_sat_add(U64_MAX, 1), U64_MAX);
	assert_int_equal(kmc_sat_add(U64_MAX - 1, 1), U64_MAX);
	assert_int_equal(kmc_sat_add(3, 4), 7);
	assert_int_equal(kmc_sat_sub(3, 4), 0);
	assert_int_equal(kmc_sat_sub(4, 3), 1);
}

static void q_tanh(void **state)
{
	(void)state;
	for (s32 v = -20000; v <= 20000; v++) {
		assert_near(kmc_tanh_q14(v) / 16384.0, tanh(v / 1024.0), 0.00045);
		assert_near(kmc_sigmoid_q14(v) / 16384.0, 1 / (1 + exp(-v / 1024.0)), 0.00045);
	}
	assert_int_equal(kmc_tanh_q14(0), 0);
	assert_int_equal(kmc_sigmoid_q14(0), 16384 / 2);
}

UNIT_SUITE(unit_q,
	   cmocka_unit_test(q_muldiv_table),
	   cmocka_unit_test(q_muldiv_twin),
	   cmocka_unit_test(q_accrue_twin),
	   cmocka_unit_test(q_accrue_any_split),
	   cmocka_unit_test(q_accrue_worked_example),
	   cmocka_unit_test(q_log2_table),
	   cmocka_unit_test(q_log2_twin),
	   cmocka_unit_test(q_exp2neg_table),
	   cmocka_unit_test(q_exp2neg_twin),
	   cmocka_unit_test(q_tanh),
	   cmocka_unit_test(q_saturate));
