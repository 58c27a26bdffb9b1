// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

static void model_random(struct kmc_model *m, u64 *seed, bool extreme, u32 shift)
{
	s16 *w = &m->input_q12[0][0][0], *end = (s16 *)(m + 1);

	for (; w < end; w++) {
		*w = (s16)unit_random(seed) >> shift;
		if (extreme)
			*w = unit_random(seed) & 1 ? S16_MAX : S16_MIN;
	}
	kmc_model_seal(m);
}

/* One step in double from the same state */
static void rnn_twin(void **state)
{
	static struct kmc_model m;
	s16 h[KMC_RNN_UNITS] = {};
	u64 seed = 91;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		double want[KMC_RNN_UNITS], y;
		s16 in[KMC_RNN_INPUTS];

		if (i % 100 == 0)
			model_random(&m, &seed, false, 2);
		for (int j = 0; j < KMC_RNN_INPUTS; j++)
			in[j] = (s32)unit_below(&seed, 16383) - 8191;
		for (int u = 0; u < KMC_RNN_UNITS; u++) {
			double a[3], uh = 0;

			for (int g = 0; g < 3; g++) {
				a[g] = m.bias_q12[g][u] / 4096.0;
				for (int j = 0; j < KMC_RNN_INPUTS; j++)
					a[g] += m.input_q12[g][u][j] / 4096.0 * in[j] / 1024;
			}
			for (int j = 0; j < KMC_RNN_UNITS; j++) {
				a[0] += m.state_q12[0][u][j] / 4096.0 * h[j] / 16384;
				a[1] += m.state_q12[1][u][j] / 4096.0 * h[j] / 16384;
				uh += m.state_q12[2][u][j] / 4096.0 * h[j] / 16384;
			}
			a[0] = 1 / (1 + exp(-a[0]));
			a[1] = 1 / (1 + exp(-a[1]));
			a[2] = tanh(a[2] + a[1] * uh);
			want[u] = (1 - a[0]) * a[2] + a[0] * h[u] / 16384.0;
		}
		kmc_rnn_step(&m, h, in);
		for (int u = 0; u < KMC_RNN_UNITS; u++)
			assert_near(h[u] / 16384.0, want[u], 0.005);
		y = m.output_bias_q12[1] / 4096.0;
		for (int u = 0; u < KMC_RNN_UNITS; u++)
			y += m.output_q12[1][u] / 4096.0 * h[u] / 16384;
		assert_near(kmc_rnn_output_q10(&m, h, 1) / 1024.0, y, 0.002);
	}
}

/* All weights and inputs at their limits: the state stays within +-1 */
static void rnn_hostile(void **state)
{
	static struct kmc_model m;
	s16 h[KMC_RNN_UNITS] = {};
	u64 seed = 92;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		s16 in[KMC_RNN_INPUTS];

		if (i % 10 == 0)
			model_random(&m, &seed, true, 0);
		for (int j = 0; j < KMC_RNN_INPUTS; j++)
			in[j] = unit_random(&seed) & 1 ? S16_MAX : S16_MIN;
		kmc_rnn_step(&m, h, in);
		for (int u = 0; u < KMC_RNN_UNITS; u++)
			assert_true(h[u] >= -16384 && h[u] <= 16384);
		kmc_rnn_output_q10(&m, h, 0);
	}
}

/* Every bit of a model counts */
static void rnn_model_check(void **state)
{
	static struct kmc_model m, bad;
	u64 seed = 93;

	(void)state;
	model_random(&m, &seed, false, 0);
	assert_null(kmc_model_check(&m, sizeof(m)));
	assert_non_null(kmc_model_check(&m, sizeof(m) - 1));
	assert_non_null(kmc_model_check(&m, sizeof(m) + 1));
	assert_non_null(kmc_model_check(&m, 0));
	for (size_t i = 0; i < 8 * sizeof(m); i++) {
		bad = m;
		((u8 *)&bad)[i / 8] ^= 1 << i % 8;
		assert_non_null(kmc_model_check(&bad, sizeof(bad)));
	}
}

UNIT_SUITE(unit_rnn,
	   cmocka_unit_test(rnn_twin),
	   cmocka_unit_test(rnn_hostile),
	   cmocka_unit_test(rnn_model_check));
