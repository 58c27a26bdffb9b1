// SPDX-License-Identifier: GPL-2.0
#include "rnn.h"

#define RNN_SUM_MAX_Q10		(1 << 17)

/* The checksum reads whole structs: they have no holes */
static_assert(sizeof(struct kmc_model) ==
	      16 + 2 * (KMC_RNN_GATES * KMC_RNN_UNITS * (KMC_RNN_INPUTS + KMC_RNN_UNITS + 1) +
			KMC_RNN_OUTPUTS * (KMC_RNN_UNITS + 1)));

static u32 model_checksum(const struct kmc_model *m)
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
	m->checksum = model_checksum(m);
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
	if (m->checksum != model_checksum(m))
		return "a damaged model";
	return NULL;
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

/* W x + b */
static s64 rnn_from_input_q22(const struct kmc_model *m, u32 gate, u32 unit, const s16 *in_q10)
{
	return rnn_dot(m->input_q12[gate][unit], in_q10, KMC_RNN_INPUTS) +
	       (s64)m->bias_q12[gate][unit] * (1 << 10);
}

/* U h, from Q26 */
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
		s32 keep_q14 = kmc_sigmoid_q14(rnn_cut_q10(z_q22));
		s32 reset_q14 = kmc_sigmoid_q14(rnn_cut_q10(r_q22));
		s64 n_q22 = rnn_from_input_q22(m, 2, i, in_q10) +
			    ((rnn_from_state_q22(m, 2, i, h_q14) * reset_q14) >> 14);
		s32 new_q14 = kmc_tanh_q14(rnn_cut_q10(n_q22));

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
