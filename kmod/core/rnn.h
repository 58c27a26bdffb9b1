/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RNN: a small gated recurrent network in fixed point.
 *
 * Problem: a filter sees a window.  What a job does may depend on something
 * before the window, and similar jobs may have been seen on other VMs.
 *
 * Model: a GRU (Cho et al. 2014) of KMC_RNN_UNITS units.  Its weights are
 * learned elsewhere from recorded traces ("kvmeter train"), one set per VM
 * image, and do not change; its hidden state is the VM's.
 *
 *   z = sigmoid(Wz x + Uz h + bz)
 *   r = sigmoid(Wr x + Ur h + br)
 *   n = tanh(Wn x + bn + r * (Un h))
 *   h = (1 - z) n + z h
 *   y = V h + c
 *
 * x and y are in the VM's own scale, so one set of weights serves VMs of any
 * size.  y are forecasts of the median, one per horizon.
 *
 * Fixed point: weights Q12, s16; x and y Q10; h, gates and tanh Q14.
 *
 * No overflow for any weights: |h| <= 1 since it is always between n and the
 * last h.  A sum has at most 10 inputs of 2^13 * 2^15 and 8 units of
 * 2^14 * 2^15, both below 2^33, in 64 bits.  It is cut to +-2^17 before
 * anything else is done with it.
 */
#ifndef KMC_RNN_H
#define KMC_RNN_H

#include "q.h"

#define KMC_RNN_INPUTS		10
#define KMC_RNN_UNITS		8
#define KMC_RNN_OUTPUTS		2
#define KMC_RNN_GATES		3

#define KMC_MODEL_MAGIC		0x4b4d4d31U	/* "1MMK" */
#define KMC_MODEL_VERSION	1

/**
 * struct kmc_model - weights, and the file they come in, little-endian
 * @magic: KMC_MODEL_MAGIC
 * @version: KMC_MODEL_VERSION
 * @size: of the whole model, in bytes
 * @nr_inputs: KMC_RNN_INPUTS
 * @nr_units: KMC_RNN_UNITS
 * @nr_outputs: KMC_RNN_OUTPUTS
 * @pad: 0
 * @checksum: FNV-1a of the weights
 * @input_q12: W: per gate (z, r, n) and unit
 * @state_q12: U: per gate and unit
 * @bias_q12: b: per gate and unit
 * @output_q12: V: per output
 * @output_bias_q12: c: per output
 */
struct kmc_model {
	u32 magic;
	u16 version;
	u16 size;
	u8 nr_inputs;
	u8 nr_units;
	u8 nr_outputs;
	u8 pad;
	u32 checksum;
	s16 input_q12[KMC_RNN_GATES][KMC_RNN_UNITS][KMC_RNN_INPUTS];
	s16 state_q12[KMC_RNN_GATES][KMC_RNN_UNITS][KMC_RNN_UNITS];
	s16 bias_q12[KMC_RNN_GATES][KMC_RNN_UNITS];
	s16 output_q12[KMC_RNN_OUTPUTS][KMC_RNN_UNITS];
	s16 output_bias_q12[KMC_RNN_OUTPUTS];
};

/**
 * kmc_model_seal - weights are in place: write the head
 * @m: model
 */
void kmc_model_seal(struct kmc_model *m);

/**
 * kmc_model_check - is this a model, whole and of this version?
 * @data: as it was read, aligned as struct kmc_model
 * @len: bytes
 *
 * Any weights are safe; the check only shows that they are those that were
 * trained.  On a big-endian machine the magic differs and every model is refused.
 *
 * Return: NULL, or what is wrong.
 */
const char *kmc_model_check(const void *data, size_t len);

/**
 * kmc_rnn_step - one period
 * @m: weights
 * @h_q14: hidden state, updated
 * @in_q10: inputs within +-8
 */
void kmc_rnn_step(const struct kmc_model *m, s16 *h_q14, const s16 *in_q10);

/**
 * kmc_rnn_output_q10 - an output
 * @m: weights
 * @h_q14: hidden state
 * @i: enum kmc_horizon
 *
 * Return: forecast of the median, in scales.
 */
s32 kmc_rnn_output_q10(const struct kmc_model *m, const s16 *h_q14, u32 i);

#endif /* KMC_RNN_H */
