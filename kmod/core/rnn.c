// SPDX-License-Identifier: GPL-2.0
#include "rnn.h"

#define RNN_TANH_SHIFT		6	/* of Q10: steps of 1/16 */
#define RNN_TANH_END_Q10	8192
#define RNN_SUM_MAX_Q10		(1 << 17)

/* tanh(i / 16) in Q15 */
static const u16 rnn_tanh_q15[129] = {
	0, 2045, 4075, 6073, 8025, 9919, 11743, 13486, 15143, 16706,
	18173, 19542, 20813, 21986, 23066, 24054, 24956, 25776, 26519, 27191,
	27797, 28341, 28830, 29268, 29660, 30010, 30322, 30600, 30847, 31067,
	31262, 31435, 31589, 31726, 31846, 31953, 32048, 32132, 32206, 32271,
	32329, 32381, 32426, 32466, 32501, 32532, 32560, 32584, 32606, 32625,
	32642, 32657, 32670, 32681, 32691, 32700, 32708, 32715, 32721, 32727,
	32732, 32736, 32740, 32743, 32746, 32749, 32751, 32753, 32755, 32756,
	32758, 32759, 32760, 32761, 32762, 32762, 32763, 32764, 32764, 32765,
	32765, 32765, 32766, 32766, 32766, 32766, 32767, 32767, 32767, 32767,
	32767, 32767, 32767, 32767, 32767, 32768, 32768, 32768, 32768, 32768,
	32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768,
	32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768,
	32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768, 32768,
};

/* what is summed has no holes */
static_assert(sizeof(struct kmc_model) ==
	      16 + 2 * (KMC_RNN_GATES * KMC_RNN_UNITS * (KMC_RNN_INPUTS + KMC_RNN_UNITS + 1) +
			KMC_RNN_OUTPUTS * (KMC_RNN_UNITS + 1)));

u32 kmc_model_checksum(const struct kmc_model *m)
{
	const u8 *byte = (const u8 *)m->input_q12, *end = (const u8 *)(m + 1);
	u32 hash = 0x811c9dc5;

	for (; byte < end; byte++)
		hash = (hash ^ *byte) * 0x01000193;
	return hash;
}

void kmc_model_seal(struct kmc_model *m)
{
	m->magic = KMC_MODEL_MAGIC;
	m->version = KMC_MODEL_VERSION;
	m->size = sizeof(*m);
	m->nr_inputs = KMC_RNN_INPUTS;
	m->nr_units = KMC_RNN_UNITS;
	m->nr_outputs = KMC_RNN_OUTPUTS;
	m->pad = 0;
	m->checksum = kmc_model_checksum(m);
}

const char *kmc_model_check(const void *data, size_t len)
{
	const struct kmc_model *m = data;

	if (len != sizeof(*m))
		return "not the size of a model";
	if (m->magic != KMC_MODEL_MAGIC)
		return "not a model";
	if (m->version != KMC_MODEL_VERSION)
		return "a model of another version";
	if (m->size != sizeof(*m) || m->nr_inputs != KMC_RNN_INPUTS ||
	    m->nr_units != KMC_RNN_UNITS || m->nr_outputs != KMC_RNN_OUTPUTS || m->pad)
		return "a model of another shape";
	if (m->checksum != kmc_model_checksum(m))
		return "a damaged model";
	return NULL;
}

s32 kmc_rnn_tanh_q14(s32 v_q10)
{
	s32 size = v_q10 < 0 ? -v_q10 : v_q10;
	s32 i, low, y_q15;

	/* the last step's end is within 2^-15 of 1 */
	size = min(size, RNN_TANH_END_Q10 - 1);
	i = size >> RNN_TANH_SHIFT;
	low = size & ((1 << RNN_TANH_SHIFT) - 1);
	y_q15 = rnn_tanh_q15[i];
	y_q15 += ((rnn_tanh_q15[i + 1] - y_q15) * low) >> RNN_TANH_SHIFT;
	return (v_q10 < 0 ? -y_q15 : y_q15) / 2;
}

s32 kmc_rnn_sigmoid_q14(s32 v_q10)
{
	return (KMC_RNN_ONE_Q14 + kmc_rnn_tanh_q14(v_q10 / 2)) / 2;
}

static s32 rnn_cut_q10(s64 sum_q22)
{
	return clamp_t(s64, sum_q22 >> 12, -RNN_SUM_MAX_Q10, RNN_SUM_MAX_Q10);
}

static s64 rnn_dot(const s16 *w_q12, const s16 *x, u32 nr)
{
	s64 sum = 0;
	u32 i;

	for (i = 0; i < nr; i++)
		sum += (s32)w_q12[i] * x[i];
	return sum;
}

/* Q22: W x + b, then U h from Q26 */
static s64 rnn_from_input_q22(const struct kmc_model *m, u32 gate, u32 unit, const s16 *in_q10)
{
	return rnn_dot(m->input_q12[gate][unit], in_q10, KMC_RNN_INPUTS) +
	       (s64)m->bias_q12[gate][unit] * (1 << 10);
}

static s64 rnn_from_state_q22(const struct kmc_model *m, u32 gate, u32 unit, const s16 *h_q14)
{
	return rnn_dot(m->state_q12[gate][unit], h_q14, KMC_RNN_UNITS) >> 4;
}

void kmc_rnn_step(const struct kmc_model *m, s16 *h_q14, const s16 *in_q10)
{
	s16 next_q14[KMC_RNN_UNITS];
	u32 i;

	for (i = 0; i < KMC_RNN_UNITS; i++) {
		s64 z_q22 = rnn_from_input_q22(m, 0, i, in_q10) +
			    rnn_from_state_q22(m, 0, i, h_q14);
		s64 r_q22 = rnn_from_input_q22(m, 1, i, in_q10) +
			    rnn_from_state_q22(m, 1, i, h_q14);
		s32 keep_q14 = kmc_rnn_sigmoid_q14(rnn_cut_q10(z_q22));
		s32 reset_q14 = kmc_rnn_sigmoid_q14(rnn_cut_q10(r_q22));
		s64 n_q22 = rnn_from_input_q22(m, 2, i, in_q10) +
			    ((rnn_from_state_q22(m, 2, i, h_q14) * reset_q14) >> 14);
		s32 new_q14 = kmc_rnn_tanh_q14(rnn_cut_q10(n_q22));

		next_q14[i] = new_q14 + ((keep_q14 * (h_q14[i] - new_q14)) >> 14);
	}
	memcpy(h_q14, next_q14, sizeof(next_q14));
}

s32 kmc_rnn_output_q10(const struct kmc_model *m, const s16 *h_q14, u32 i)
{
	s64 sum_q26 = rnn_dot(m->output_q12[i], h_q14, KMC_RNN_UNITS) +
		      (s64)m->output_bias_q12[i] * (1 << 14);

	return sum_q26 >> 16;
}
