// SPDX-License-Identifier: GPL-2.0
#include "predict_mix.h"

#define PREDICT_LOSS_MAX_Q9	U16_MAX
/* An error of 1/8 scale moves an LMS as much as a larger one */
#define PREDICT_SOFT_SHIFT	3

/* Which features a filter takes */
static const struct predict_filter {
	enum kmc_expert expert;
	u8 first;
	u8 nr;
} predict_filters[] = {
	{ KMC_EXPERT_LMS16, KMC_PREDICT_HIDDEN, KMC_PREDICT_COMMON + KMC_PREDICT_LAGS },
	{ KMC_EXPERT_READOUT, 0, KMC_PREDICT_HIDDEN + KMC_PREDICT_COMMON },
};

static_assert(KMC_PREDICT_FEATURES <= KMC_LMS_TAPS_MAX);

static s32 *predict_weights(struct kmc_predict_line *line, enum kmc_expert expert)
{
	return expert == KMC_EXPERT_LMS16 ? line->lms16_q16 : line->readout_q16;
}

/* Which experts take part, a bit each */
static u32 predict_active(const struct kmc_predict *p, enum kmc_horizon h)
{
	u32 active = (1U << KMC_NR_EXPERTS) - 1;

	if (!p->day || p->near.nr <= p->day)
		active &= ~(1U << KMC_EXPERT_DAY);
	/* beyond the next period the neighbours' movement is noise */
	if (h != KMC_HORIZON_NEXT)
		active &= ~(1U << KMC_EXPERT_MOVED);
	if (!p->model)
		active &= ~(1U << KMC_EXPERT_RNN | 1U << KMC_EXPERT_READOUT);
	active &= ~p->tune->off;
	return active ? active : 1U << KMC_EXPERT_LAST;
}

static u32 predict_third(s32 off_q8, s32 edge_q8)
{
	return off_q8 < -edge_q8 ? 0 : off_q8 > edge_q8 ? 2 : 1;
}

/* Each expert's forecast, from what is known now */
static void predict_ask(struct kmc_predict *p, enum kmc_horizon h, struct kmc_predict_due *due,
			const struct kmc_predict_view *view, s16 *f_q10, u32 *v_q8)
{
	struct kmc_predict_line *line = &p->line[h];
	s32 rnn_q10;
	u32 i;

	v_q8[KMC_EXPERT_LAST] = kmc_near_past(&p->near, 0) << 8;
	v_q8[KMC_EXPERT_EWMA16] = p->ewma_q8[KMC_PREDICT_NR_EWMA - 1];
	v_q8[KMC_EXPERT_EWMA256] = p->slow_q8;
	v_q8[KMC_EXPERT_MEDIAN7] = view->median7_q8;
	v_q8[KMC_EXPERT_MOVED] = view->moved_q8;
	v_q8[KMC_EXPERT_DAY] = v_q8[KMC_EXPERT_LAST];
	if (p->day && p->near.nr > p->day)
		v_q8[KMC_EXPERT_DAY] = kmc_near_past(&p->near, p->day - kmc_predict_ahead(h)) << 8;
	for (i = 0; i < KMC_PREDICT_NR_NEAR; i++) {
		v_q8[KMC_EXPERT_NEAR3 + i] = view->near_q8[h][i];
		due->near_q10[i] = kmc_predict_feature_q10(due, view->near_q8[h][i]);
	}
	v_q8[KMC_EXPERT_RNN] = v_q8[KMC_EXPERT_LAST];
	if (p->model) {
		rnn_q10 = kmc_rnn_output_q10(p->model, p->hidden_q14, h);
		v_q8[KMC_EXPERT_RNN] = kmc_predict_from_scale_q8(due, rnn_q10);
	}
	due->value_q8[KMC_EXPERT_RNN] = kmc_predict_value_q8(due, v_q8[KMC_EXPERT_RNN]);
	kmc_predict_features_common(due, f_q10);
	for (i = 0; i < ARRAY_SIZE(predict_filters); i++) {
		const struct predict_filter *filter = &predict_filters[i];
		const s32 *w_q16 = predict_weights(line, filter->expert);
		s32 v_q10;

		v_q8[filter->expert] = v_q8[KMC_EXPERT_LAST];
		if (filter->expert == KMC_EXPERT_READOUT && !p->model)
			continue;
		v_q10 = kmc_lms_forecast(w_q16, f_q10 + filter->first, filter->nr);
		v_q8[filter->expert] = kmc_predict_from_scale_q8(due, v_q10);
	}
}

static u32 predict_loss_q9(const struct kmc_predict *p, enum kmc_horizon h, u32 context, u32 i)
{
	const struct kmc_predict_line *line = &p->line[h];
	u32 in_context = line->context_q9[context][i];

	if (!in_context)
		return line->loss_q9[i];
	return kmc_predict_follow(line->loss_q9[i], in_context, p->tune->context_share_q16);
}

/* Weights that sum to 65536; the best expert has what rounding leaves */
static void predict_weigh(const struct kmc_predict *p, enum kmc_horizon h, u32 context,
			  u32 *weight_q16)
{
	u32 active = predict_active(p, h), least = U32_MAX, best = 0, sum = 0, left = 65536, i;
	u32 loss_q9[KMC_NR_EXPERTS];
	u64 per_least_q16;

	for (i = 0; i < KMC_NR_EXPERTS; i++) {
		if (!(active >> i & 1))
			continue;
		loss_q9[i] = predict_loss_q9(p, h, context, i);
		if (loss_q9[i] < least) {
			least = loss_q9[i];
			best = i;
		}
	}
	per_least_q16 = div_u64((u64)p->tune->sharpness * 1000 << 16, max(least, 1U));
	for (i = 0; i < KMC_NR_EXPERTS; i++) {
		weight_q16[i] = 0;
		if (active >> i & 1) {
			u64 mbit = (loss_q9[i] - least) * per_least_q16 >> 16;

			weight_q16[i] = kmc_exp2neg_q16(min_t(u64, mbit, KMC_PREDICT_NEVER));
		}
		sum += weight_q16[i];
	}
	per_least_q16 = div_u64(1ULL << 32, sum);
	for (i = 0; i < KMC_NR_EXPERTS; i++) {
		weight_q16[i] = weight_q16[i] * per_least_q16 >> 16;
		left -= weight_q16[i];
	}
	weight_q16[best] += left;
}

void kmc_predict_mix(struct kmc_predict *p, enum kmc_horizon h, struct kmc_predict_due *due,
		     const struct kmc_predict_view *view, s16 *f_q10, u32 *v_q8, u32 *weight_q16)
{
	s32 edge_q8 = p->tune->context_edge_q8, last_q8, near_q8;
	u64 mix_q24 = 0;
	u32 i;

	predict_ask(p, h, due, view, f_q10, v_q8);
	for (i = 0; i < KMC_NR_EXPERTS; i++)
		due->value_q8[i] = kmc_predict_value_q8(due, v_q8[i]);
	last_q8 = due->value_q8[KMC_EXPERT_LAST];
	near_q8 = due->value_q8[KMC_EXPERT_NEAR7];
	due->context = 3 * predict_third(last_q8, edge_q8) +
		       predict_third(near_q8 - last_q8, edge_q8);
	predict_weigh(p, h, due->context, weight_q16);
	for (i = 0; i < KMC_NR_EXPERTS; i++)
		mix_q24 += (u64)v_q8[i] * weight_q16[i];
	due->mix_q8 = (mix_q24 + 0x8000) >> 16;
}

static s32 predict_sign_q10(s32 value_q8, s32 forecast_q8, bool bound)
{
	s32 off_q8 = value_q8 - forecast_q8;

	if (bound && off_q8 < 0)
		return 0;
	return clamp_t(s32, off_q8 * (4 << PREDICT_SOFT_SHIFT), -KMC_LMS_ONE_Q10, KMC_LMS_ONE_Q10);
}

static void predict_charge_loss(u16 *loss_q9, u32 error_q9, u32 rate_q16)
{
	*loss_q9 = kmc_predict_follow(*loss_q9, error_q9, rate_q16);
}

void kmc_predict_charge(struct kmc_predict *p, enum kmc_horizon h,
			const struct kmc_predict_due *due, u32 v_q8, bool bound)
{
	struct kmc_predict_line *line = &p->line[h];
	s16 f_q10[KMC_PREDICT_FEATURES];
	u32 rate_q16 = kmc_predict_rate(p, p->tune->loss_rate_q16[h]);
	s32 value_q8 = kmc_predict_value_q8(due, v_q8);
	u32 i;

	for (i = 0; i < KMC_NR_EXPERTS; i++) {
		s32 off_q8 = value_q8 - due->value_q8[i];
		u16 *in_context = &line->context_q9[due->context][i];
		u32 error_q9;

		if (bound && off_q8 < 0)
			continue;
		error_q9 = min_t(u32, kmc_abs(off_q8) << 1, PREDICT_LOSS_MAX_Q9);
		/* in a new context an expert is taken to err as it does overall */
		if (!*in_context)
			*in_context = max_t(u16, line->loss_q9[i], 1);
		predict_charge_loss(&line->loss_q9[i], error_q9, rate_q16);
		predict_charge_loss(in_context, max(error_q9, 1U), p->tune->context_rate_q16);
	}
	kmc_predict_features_common(due, f_q10);
	kmc_predict_features_lags(p, due, kmc_predict_ahead(h) - 1, f_q10);
	for (i = 0; i < ARRAY_SIZE(predict_filters); i++) {
		const struct predict_filter *filter = &predict_filters[i];
		s32 *w_q16 = predict_weights(line, filter->expert);
		s32 sign_q10;

		if (filter->expert == KMC_EXPERT_READOUT && !p->model)
			continue;
		sign_q10 = predict_sign_q10(value_q8, due->value_q8[filter->expert], bound);
		kmc_lms_learn(w_q16, f_q10 + filter->first, filter->nr, sign_q10,
			      p->tune->step_q16);
	}
}
