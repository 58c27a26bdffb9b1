// SPDX-License-Identifier: GPL-2.0
#include "predict.h"

/* One below the histogram's end, so that Q8 fits 32 bits */
#define PREDICT_MAX		((u32)KMC_HIST_MAX - 1)
#define PREDICT_MAX_Q8		(PREDICT_MAX << 8)
#define PREDICT_SCALE_MIN_Q8	256U	/* one unit */
/* A run of like samples is followed so far one by one */
#define PREDICT_RUN_MAX		16
/* the slow average's 1/256, and log2(256/255) in millionths */
#define PREDICT_SLOW_Q16	256
#define PREDICT_SLOW_UBIT	5647
#define PREDICT_REST_Q8		16	/* averages that are so near have arrived */
#define PREDICT_LOSS_MAX_Q9	U16_MAX
/* An error of 1/8 scale moves an LMS as much as a larger one */
#define PREDICT_SOFT_SHIFT	3
#define PREDICT_VALUE_MAX_Q8	(127 * 256)
#define PREDICT_BAND_FROM	16	/* samples */
/* the band's scale is a sixteenth of the VM's at least */
#define PREDICT_BAND_MIN_SHIFT	4
#define PREDICT_SPREAD_MAX	4
/* The width's filter: p95 is 2.5 usual errors away until more is known; a miss
 * counts 19 times as much as a hit; and the histogram's scale is led no further
 * than to 1/8 or 4 times of what errors say
 */
#define PREDICT_WIDTH_START_Q16		(5 << 15)
#define PREDICT_WIDTH_HIT_Q10		51
#define PREDICT_WIDTH_LEAST_SHIFT	3
#define PREDICT_WIDTH_MOST		4
#define PREDICT_NEVER		20000	/* mbit: weight 0 */

#define PREDICT_FEATURES	(KMC_PREDICT_HIDDEN + KMC_PREDICT_COMMON + KMC_PREDICT_LAGS)

const struct kmc_predict_tune kmc_predict_tune_default = {
	.step_q16		= 2621,		/* 0.04 */
	.width_step_q16		= 6554,		/* 0.1 */
	.near_rate_shift	= 4,
	.centre_rate_q16	= 16384,	/* 1/4 */
	.scale_rate_q16		= 200,		/* 1/328 */
	.loss_rate_q16		= { 3277, 1638 },	/* 1/20, 1/40 */
	.context_rate_q16	= 2048,
	.context_share_q16	= 32768,
	.context_edge_q8	= 160,
	.sharpness		= 25,
	.band_rate_q16		= 800,
	.band_context_rate_q16	= 1000,
	.band_context_share_q16	= 32768,
	.band_near_share_q16	= 8192,
	.lead_rate_q16		= 12,
};

static const u8 predict_ewma_shift[KMC_PREDICT_NR_EWMA] = { 1, 2, 4 };
/* which features a filter takes, and where its weights are in a line */
static const struct predict_filter {
	enum kmc_expert expert;
	u8 first;
	u8 nr;
	u16 weights;
} predict_filters[] = {
	{ KMC_EXPERT_LMS16, KMC_PREDICT_HIDDEN, KMC_PREDICT_COMMON + KMC_PREDICT_LAGS,
	  offsetof(struct kmc_predict_line, lms16_q16) },
	{ KMC_EXPERT_READOUT, 0, KMC_PREDICT_HIDDEN + KMC_PREDICT_COMMON,
	  offsetof(struct kmc_predict_line, readout_q16) },
};

static const u8 predict_ahead[KMC_NR_HORIZONS] = { 1, KMC_AHEAD };

static_assert(KMC_AHEAD < KMC_PREDICT_DUE);
static_assert(PREDICT_FEATURES <= KMC_LMS_TAPS_MAX);
static_assert((int)KMC_NR_HORIZONS == KMC_RNN_OUTPUTS);
static_assert(KMC_NEAR_LAGS + KMC_AHEAD <= KMC_NEAR_PAST);
static_assert(KMC_PREDICT_WIDTH <= KMC_LMS_TAPS_MAX);
static_assert(sizeof(struct kmc_predict) <= 3712);

static u32 predict_day(u32 periods_per_day)
{
	return periods_per_day <= KMC_NEAR_LAGS ? periods_per_day : 0;
}

void kmc_predict_init(struct kmc_predict *p, u32 periods_per_day)
{
	u32 h;

	memset(p, 0, sizeof(*p));
	p->tune = &kmc_predict_tune_default;
	p->day = predict_day(periods_per_day);
	p->scale_q8 = PREDICT_SCALE_MIN_Q8;
	kmc_near_init(&p->near);
	for (h = 0; h < KMC_NR_HORIZONS; h++) {
		struct kmc_predict_line *line = &p->line[h];

		kmc_band_init(&line->band);
		line->width_q16[KMC_NR_EXPERTS] = PREDICT_WIDTH_START_Q16;
		/* the filter starts as the last value, its first lag */
		line->lms16_q16[KMC_PREDICT_COMMON] = 1 << 16;
	}
}

void kmc_predict_set_model(struct kmc_predict *p, const struct kmc_model *model)
{
	u32 h;

	p->model = model;
	memset(p->hidden_q14, 0, sizeof(p->hidden_q14));
	for (h = 0; h < KMC_NR_HORIZONS; h++) {
		memset(p->line[h].readout_q16, 0, sizeof(p->line[h].readout_q16));
		/* it starts as what the network says */
		p->line[h].readout_q16[KMC_PREDICT_HIDDEN - 1] = 1 << 16;
	}
}

void kmc_predict_set_period(struct kmc_predict *p, u32 periods_per_day)
{
	u32 i;

	p->day = predict_day(periods_per_day);
	kmc_near_init(&p->near);
	memset(p->hidden_q14, 0, sizeof(p->hidden_q14));
	p->due_next.valid = false;
	for (i = 0; i < KMC_PREDICT_DUE; i++)
		p->due_ahead[i].valid = false;
}

static u32 predict_distance(u32 a, u32 b)
{
	return a > b ? a - b : b - a;
}

/* @avg + (@v - @avg) * rate, rounded to the nearest */
static u32 predict_follow(u32 avg, u32 v, u32 rate_q16)
{
	s64 step = (((s64)v - avg) * rate_q16 + 0x8000) >> 16;

	return avg + step;
}

/* A young average's newest value has an equal share */
static u32 predict_rate(const struct kmc_predict *p, u32 rate_q16)
{
	/* 1/n is above the rate only while n is small */
	if (p->nr_samples >= 64)
		return rate_q16;
	return max(rate_q16, 65536 / ((u32)p->nr_samples + 1));
}

/* From the centre, in scales, Q(36 - @shift), within +-@most of that */
static s32 predict_normal(const struct kmc_predict_due *due, u32 v_q8, u32 shift, s32 most)
{
	/* 2^32 * 2^28: fits */
	s64 v = (((s64)v_q8 - due->centre_q8) * due->per_scale_q36) >> shift;

	return clamp_t(s64, v, -most, most);
}

static s16 predict_feature_q10(const struct kmc_predict_due *due, u32 v_q8)
{
	return predict_normal(due, v_q8, 26, KMC_LMS_FEATURE_MAX);
}

static s32 predict_value_q8(const struct kmc_predict_due *due, u32 v_q8)
{
	return predict_normal(due, v_q8, 28, PREDICT_VALUE_MAX_Q8);
}

/* What the filters look at: the network's state and output, what is common,
 * then values, newest first; each filter takes a part of it.
 */
static void predict_features_common(const struct kmc_predict_due *due, s16 *f_q10)
{
	memcpy(f_q10, due->hidden_q10, sizeof(due->hidden_q10));
	f_q10 += KMC_RNN_UNITS;
	*f_q10++ = clamp_t(s32, due->value_q8[KMC_EXPERT_RNN] * 4, -KMC_LMS_FEATURE_MAX,
			   KMC_LMS_FEATURE_MAX);
	memcpy(f_q10, due->ewma_q10, sizeof(due->ewma_q10));
	f_q10 += KMC_PREDICT_NR_EWMA;
	memcpy(f_q10, due->near_q10, sizeof(due->near_q10));
	f_q10 += KMC_PREDICT_NR_NEAR;
	*f_q10 = KMC_LMS_ONE_Q10;
}

/* @back: how many periods ago the forecast was made */
static void predict_features_lags(const struct kmc_predict *p, const struct kmc_predict_due *due,
				  u32 back, s16 *f_q10)
{
	u32 known = p->near.nr > back ? min_t(u32, p->near.nr - back, KMC_PREDICT_LAGS) : 0;
	u32 i;

	f_q10 += KMC_PREDICT_HIDDEN + KMC_PREDICT_COMMON;
	for (i = 0; i < known; i++)
		f_q10[i] = predict_feature_q10(due, kmc_near_past(&p->near, back + i) << 8);
	for (; i < KMC_PREDICT_LAGS; i++)
		f_q10[i] = 0;
}

static u32 predict_from_scale_q8(const struct kmc_predict_due *due, s32 v_q10)
{
	s64 v_q8 = due->centre_q8 + (((s64)v_q10 * due->scale_q8) >> 10);

	return clamp_t(s64, v_q8, 0, PREDICT_MAX_Q8);
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
	*loss_q9 = predict_follow(*loss_q9, error_q9, rate_q16);
}

/* The value that @due was a forecast of is in.  The past does not hold it yet. */
static void predict_charge(struct kmc_predict *p, enum kmc_horizon h,
			   const struct kmc_predict_due *due, u32 v_q8, bool bound)
{
	struct kmc_predict_line *line = &p->line[h];
	s16 f_q10[PREDICT_FEATURES];
	u32 rate_q16 = predict_rate(p, p->tune->loss_rate_q16[h]);
	s32 value_q8 = predict_value_q8(due, v_q8);
	u32 i;

	for (i = 0; i < KMC_NR_EXPERTS; i++) {
		s32 off_q8 = value_q8 - due->value_q8[i];
		u16 *in_context = &line->context_q9[due->context][i];
		u32 error_q9;

		if (bound && off_q8 < 0)
			continue;
		error_q9 = min_t(u32, (off_q8 < 0 ? -off_q8 : off_q8) << 1, PREDICT_LOSS_MAX_Q9);
		/* what is new to an expert is as good as the rest of it until it is known better */
		if (!*in_context)
			*in_context = max_t(u16, line->loss_q9[i], 1);
		predict_charge_loss(&line->loss_q9[i], error_q9, rate_q16);
		predict_charge_loss(in_context, max(error_q9, 1U), p->tune->context_rate_q16);
	}
	predict_features_common(due, f_q10);
	predict_features_lags(p, due, predict_ahead[h] - 1, f_q10);
	for (i = 0; i < ARRAY_SIZE(predict_filters); i++) {
		const struct predict_filter *filter = &predict_filters[i];
		s32 *w_q16 = (s32 *)((u8 *)line + filter->weights);
		s32 sign_q10;

		if (filter->expert == KMC_EXPERT_READOUT && !p->model)
			continue;
		sign_q10 = predict_sign_q10(value_q8, due->value_q8[filter->expert], bound);
		kmc_lms_learn(w_q16, f_q10 + filter->first, filter->nr, sign_q10,
			      p->tune->step_q16);
	}
}

static u32 predict_excess_q4(const struct kmc_predict_due *due, u32 v_q8)
{
	if (v_q8 <= due->mix_q8)
		return 0;
	/* above 0 is not in the bin of 0 */
	return div_u64(((u64)(v_q8 - due->mix_q8) << 4), due->band_scale_q8) + 1;
}

/* What the width's filter looks at: how far the experts are from the mixture,
 * how large errors are, and 1
 */
static void predict_features_width(const struct kmc_predict_due *due, s16 *f_q10)
{
	s32 mix_q8 = predict_value_q8(due, due->mix_q8);
	u32 i;

	for (i = 0; i < KMC_NR_EXPERTS; i++)
		*f_q10++ = clamp_t(s32, (due->value_q8[i] - mix_q8) * 4,
				   -KMC_LMS_FEATURE_MAX, KMC_LMS_FEATURE_MAX);
	memcpy(f_q10, due->spread_q10, sizeof(due->spread_q10));
	f_q10[KMC_PREDICT_NR_SPREAD] = KMC_LMS_ONE_Q10;
}

static void predict_charge_band(struct kmc_predict *p, enum kmc_horizon h,
				const struct kmc_predict_due *due, u32 v_q8, u32 nr)
{
	struct kmc_predict_line *line = &p->line[h];
	u32 *in_context = &line->context_scale_q8[due->context];
	u32 error_q8 = predict_distance(v_q8, due->mix_q8);
	s16 f_q10[KMC_PREDICT_WIDTH];

	line->band_scale_q8 = predict_follow(line->band_scale_q8, error_q8,
					     predict_rate(p, p->tune->band_rate_q16));
	*in_context = predict_follow(*in_context ? *in_context : line->band_scale_q8, error_q8,
				     p->tune->band_context_rate_q16);
	/* a scale that is known from a handful of errors would fill the far bins */
	if (p->nr_samples < PREDICT_BAND_FROM)
		return;
	predict_features_width(due, f_q10);
	kmc_lms_learn(line->width_q16, f_q10, KMC_PREDICT_WIDTH,
		      v_q8 > due->wide_q8 ? 19 * PREDICT_WIDTH_HIT_Q10 : -PREDICT_WIDTH_HIT_Q10,
		      p->tune->width_step_q16);
	kmc_band_add(&line->band, predict_excess_q4(due, v_q8), nr);
	kmc_band_lead(&line->band, KMC_BAND_P95, v_q8 > due->p95_q8, p->tune->lead_rate_q16);
	kmc_band_lead(&line->band, KMC_BAND_P99, v_q8 > due->p99_q8, p->tune->lead_rate_q16);
}

/* The slow average over @nr like values.  It is none of those that have to
 * arrive before a run is settled.
 */
static void predict_follow_slowly(struct kmc_predict *p, u32 v_q8, u32 nr)
{
	u64 mbit;

	if (nr == 1) {
		p->slow_q8 = predict_follow(p->slow_q8, v_q8, predict_rate(p, PREDICT_SLOW_Q16));
		return;
	}
	mbit = div_u64((u64)nr * PREDICT_SLOW_UBIT, 1000);
	p->slow_q8 = predict_follow(v_q8, p->slow_q8,
				    kmc_exp2neg_q16(min_t(u64, mbit, PREDICT_NEVER)));
}

static void predict_learn(struct kmc_predict *p, u32 v)
{
	u32 v_q8 = v << 8, i;

	kmc_near_observe(&p->near, v, p->tune->near_rate_shift);
	if (!p->nr_samples) {
		for (i = 0; i < KMC_PREDICT_NR_EWMA; i++)
			p->ewma_q8[i] = v_q8;
		p->centre_q8 = v_q8;
		p->slow_q8 = v_q8;
		return;
	}
	for (i = 0; i < KMC_PREDICT_NR_EWMA; i++)
		p->ewma_q8[i] = predict_follow(p->ewma_q8[i], v_q8, 65536 >> predict_ewma_shift[i]);
	predict_follow_slowly(p, v_q8, 1);
	p->scale_q8 = max(predict_follow(p->scale_q8, predict_distance(v_q8, p->centre_q8),
					 predict_rate(p, p->tune->scale_rate_q16)),
			  PREDICT_SCALE_MIN_Q8);
	p->centre_q8 = predict_follow(p->centre_q8, v_q8,
				      predict_rate(p, p->tune->centre_rate_q16));
}

static u32 predict_third(s32 off_q8, s32 edge_q8)
{
	return off_q8 < -edge_q8 ? 0 : off_q8 > edge_q8 ? 2 : 1;
}

static u32 predict_active(const struct kmc_predict *p, enum kmc_horizon h)
{
	u32 active = (1U << KMC_NR_EXPERTS) - 1;

	if (!p->day || p->near.nr <= p->day)
		active &= ~(1U << KMC_EXPERT_DAY);
	/* further than the next period, movement is noise's */
	if (h != KMC_HORIZON_NEXT)
		active &= ~(1U << KMC_EXPERT_MOVED);
	if (!p->model)
		active &= ~(1U << KMC_EXPERT_RNN | 1U << KMC_EXPERT_READOUT);
	active &= ~p->tune->off;
	return active ? active : 1U << KMC_EXPERT_LAST;
}

/* What is known now, before anybody is asked */
struct predict_view {
	u32 median7_q8;
	u32 near_q8[KMC_NR_HORIZONS][KMC_PREDICT_NR_NEAR];
	u32 high_q8[KMC_NR_HORIZONS];
	u32 moved_q8;
};

static void predict_neighbours(const struct kmc_predict *p, enum kmc_horizon h,
			       const struct kmc_near_list *list, struct predict_view *view)
{
	u32 i;

	view->high_q8[h] = kmc_near_medians(&p->near, list, predict_ahead[h], view->near_q8[h]);
	view->high_q8[h] <<= 8;
	for (i = 0; i < KMC_PREDICT_NR_NEAR; i++) {
		view->near_q8[h][i] <<= 8;
		/* who takes no part is no feature either */
		if (p->tune->off >> (KMC_EXPERT_NEAR3 + i) & 1)
			view->near_q8[h][i] = kmc_near_past(&p->near, 0) << 8;
	}
}

/* Everybody's forecast, from what is known now */
static void predict_ask(struct kmc_predict *p, enum kmc_horizon h, struct kmc_predict_due *due,
			const struct predict_view *view, s16 *f_q10, u32 *v_q8)
{
	const struct kmc_predict_line *line = &p->line[h];
	u32 i;

	v_q8[KMC_EXPERT_LAST] = kmc_near_past(&p->near, 0) << 8;
	v_q8[KMC_EXPERT_EWMA16] = p->ewma_q8[KMC_PREDICT_NR_EWMA - 1];
	v_q8[KMC_EXPERT_EWMA256] = p->slow_q8;
	v_q8[KMC_EXPERT_MEDIAN7] = view->median7_q8;
	v_q8[KMC_EXPERT_MOVED] = view->moved_q8;
	v_q8[KMC_EXPERT_DAY] = v_q8[KMC_EXPERT_LAST];
	if (p->day && p->near.nr > p->day)
		v_q8[KMC_EXPERT_DAY] = kmc_near_past(&p->near, p->day - predict_ahead[h]) << 8;
	for (i = 0; i < KMC_PREDICT_NR_NEAR; i++) {
		v_q8[KMC_EXPERT_NEAR3 + i] = view->near_q8[h][i];
		due->near_q10[i] = predict_feature_q10(due, view->near_q8[h][i]);
	}
	v_q8[KMC_EXPERT_RNN] = v_q8[KMC_EXPERT_LAST];
	if (p->model)
		v_q8[KMC_EXPERT_RNN] =
			predict_from_scale_q8(due, kmc_rnn_output_q10(p->model, p->hidden_q14, h));
	due->value_q8[KMC_EXPERT_RNN] = predict_value_q8(due, v_q8[KMC_EXPERT_RNN]);
	predict_features_common(due, f_q10);
	for (i = 0; i < ARRAY_SIZE(predict_filters); i++) {
		const struct predict_filter *filter = &predict_filters[i];
		const s32 *w_q16 = (const s32 *)((const u8 *)line + filter->weights);
		s32 v_q10;

		v_q8[filter->expert] = v_q8[KMC_EXPERT_LAST];
		if (filter->expert == KMC_EXPERT_READOUT && !p->model)
			continue;
		v_q10 = kmc_lms_forecast(w_q16, f_q10 + filter->first, filter->nr);
		v_q8[filter->expert] = predict_from_scale_q8(due, v_q10);
	}
}

static u32 predict_loss_q9(const struct kmc_predict *p, enum kmc_horizon h, u32 context, u32 i)
{
	const struct kmc_predict_line *line = &p->line[h];
	u32 in_context = line->context_q9[context][i];

	if (!in_context)
		return line->loss_q9[i];
	return predict_follow(line->loss_q9[i], in_context, p->tune->context_share_q16);
}

/* Weights that sum to 65536; what rounding leaves is the best one's */
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

			weight_q16[i] = kmc_exp2neg_q16(min_t(u64, mbit, PREDICT_NEVER));
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

static u32 predict_above_q8(u32 mix_q8, u32 scale_q8, u32 quantile_q8)
{
	return min_t(u64, mix_q8 + ((u64)scale_q8 * quantile_q8 >> 8), PREDICT_MAX_Q8);
}

/* What errors are to be expected now: those of late, those of late in periods
 * like this, and what some of the neighbours rose to above the forecast
 */
static u32 predict_spread_q8(const struct kmc_predict *p, enum kmc_horizon h,
			     const struct kmc_predict_due *due, u32 in_context, u32 high_q8)
{
	u32 scale_q8 = predict_follow(p->line[h].band_scale_q8, in_context,
				      p->tune->band_context_share_q16);
	/* a lone neighbour's spike is no scale */
	u64 spread_q8 = min_t(u64, kmc_sat_sub(high_q8, due->mix_q8),
			      (u64)scale_q8 * PREDICT_SPREAD_MAX);

	scale_q8 = predict_follow(scale_q8, min_t(u64, spread_q8, PREDICT_MAX_Q8),
				  p->tune->band_near_share_q16);
	return max(scale_q8, p->scale_q8 >> PREDICT_BAND_MIN_SHIFT);
}

static s16 predict_in_scales_q10(const struct kmc_predict_due *due, u32 v_q8)
{
	/* 2^32 * 2^28: fits */
	return min_t(u64, (u64)v_q8 * due->per_scale_q36 >> 26, KMC_LMS_FEATURE_MAX);
}

/* The scale of the band: the filter's p95, at which the histogram then looks */
static void predict_band_scale(const struct kmc_predict *p, enum kmc_horizon h,
			       struct kmc_predict_due *due, u32 high_q8)
{
	const struct kmc_predict_line *line = &p->line[h];
	u32 in_context = line->context_scale_q8[due->context];
	s16 f_q10[KMC_PREDICT_WIDTH];
	u32 spread_q8, least_q8;
	u64 width_q8;

	in_context = in_context ? in_context : line->band_scale_q8;
	spread_q8 = predict_spread_q8(p, h, due, in_context, high_q8);
	due->spread_q10[0] = predict_in_scales_q10(due, spread_q8);
	due->spread_q10[1] = predict_in_scales_q10(due, line->band_scale_q8);
	due->spread_q10[2] = predict_in_scales_q10(due, in_context);
	predict_features_width(due, f_q10);
	/* 2^20 * 2^32 */
	width_q8 = max(kmc_lms_forecast(line->width_q16, f_q10, KMC_PREDICT_WIDTH), 0);
	width_q8 = width_q8 * due->scale_q8 >> 10;
	due->wide_q8 = min_t(u64, due->mix_q8 + width_q8, PREDICT_MAX_Q8);
	width_q8 = div_u64(width_q8 << 16, PREDICT_WIDTH_START_Q16);
	least_q8 = max(spread_q8 >> PREDICT_WIDTH_LEAST_SHIFT,
		       p->scale_q8 >> PREDICT_BAND_MIN_SHIFT);
	due->band_scale_q8 = clamp_t(u64, width_q8, least_q8, (u64)spread_q8 * PREDICT_WIDTH_MOST);
}

static void predict_forecast(struct kmc_predict *p, enum kmc_horizon h,
			     struct kmc_predict_due *due, const struct predict_view *view,
			     s16 *f_q10, u32 *v_q8, u32 *weight_q16,
			     struct kmc_forecast *forecast)
{
	const struct kmc_predict_line *line = &p->line[h];
	s32 edge_q8 = p->tune->context_edge_q8, last_q8, near_q8;
	u32 quantile_q8[KMC_NR_BAND_LEVELS];
	u32 i;
	u64 mix_q24 = 0;

	predict_ask(p, h, due, view, f_q10, v_q8);
	for (i = 0; i < KMC_NR_EXPERTS; i++)
		due->value_q8[i] = predict_value_q8(due, v_q8[i]);
	last_q8 = due->value_q8[KMC_EXPERT_LAST];
	near_q8 = due->value_q8[KMC_EXPERT_NEAR7];
	due->context = 3 * predict_third(last_q8, edge_q8) +
		       predict_third(near_q8 - last_q8, edge_q8);
	predict_weigh(p, h, due->context, weight_q16);
	for (i = 0; i < KMC_NR_EXPERTS; i++)
		mix_q24 += (u64)v_q8[i] * weight_q16[i];
	due->mix_q8 = (mix_q24 + 0x8000) >> 16;
	predict_band_scale(p, h, due, view->high_q8[h]);
	kmc_band_quantiles_q8(&line->band, quantile_q8);
	due->p95_q8 = predict_above_q8(due->mix_q8, due->band_scale_q8, quantile_q8[KMC_BAND_P95]);
	due->p99_q8 = predict_above_q8(due->mix_q8, due->band_scale_q8, quantile_q8[KMC_BAND_P99]);
	due->p99_q8 = max(due->p99_q8, due->p95_q8);
	due->valid = true;
	forecast->mean = ((u64)due->mix_q8 + 128) >> 8;
	/* whole values are at or below a bound if they are so to its floor */
	forecast->p95 = max_t(u64, due->p95_q8 >> 8, forecast->mean);
	forecast->p99 = max_t(u64, due->p99_q8 >> 8, forecast->mean);
}

static struct kmc_predict_due *predict_due_ahead(struct kmc_predict *p, u64 nr)
{
	return &p->due_ahead[nr & (KMC_PREDICT_DUE - 1)];
}

/* One period of the network; what it sees is from the centre, in scales */
static void predict_think(struct kmc_predict *p, struct kmc_predict_due *due,
			  const struct predict_view *view)
{
	static const u8 lags[] = { 0, 1, 5, 11, 12 };
	s16 *in_q10 = p->input_q10;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lags); i++)
		*in_q10++ = lags[i] < p->near.nr ?
			    predict_feature_q10(due, kmc_near_past(&p->near, lags[i]) << 8) : 0;
	*in_q10++ = predict_feature_q10(due, view->near_q8[KMC_HORIZON_NEXT][1]);
	*in_q10++ = predict_feature_q10(due, view->near_q8[KMC_HORIZON_NEXT][2]);
	*in_q10++ = predict_feature_q10(due, view->near_q8[KMC_HORIZON_AHEAD][1]);
	*in_q10++ = due->ewma_q10[0];
	*in_q10++ = due->ewma_q10[KMC_PREDICT_NR_EWMA - 1];
	if (!p->model)
		return;
	kmc_rnn_step(p->model, p->hidden_q14, p->input_q10);
	for (i = 0; i < KMC_RNN_UNITS; i++)
		due->hidden_q10[i] = p->hidden_q14[i] >> 4;
}

static void predict_look(struct kmc_predict *p)
{
	struct kmc_predict_due *ahead = predict_due_ahead(p, p->nr_samples);
	u32 v_q8[KMC_NR_EXPERTS], weight_q16[KMC_NR_EXPERTS];
	struct kmc_predict_due *next = &p->due_next;
	struct kmc_near_list list = {};
	s16 f_q10[PREDICT_FEATURES];
	struct predict_view view;
	u32 i;

	kmc_near_find(&p->near, KMC_AHEAD, KMC_NEAR_LAGS, p->near_below, &list);
	/* distances move by 1/16 a period: next time's last one is about here */
	p->near_below = list.nr == KMC_NEAR_MOST ?
			kmc_near_miss(&list, KMC_NEAR_MOST - 1) * 33 / 32 + 1 : 0;
	predict_neighbours(p, KMC_HORIZON_AHEAD, &list, &view);
	kmc_near_find(&p->near, 1, KMC_AHEAD - 1, 0, &list);
	predict_neighbours(p, KMC_HORIZON_NEXT, &list, &view);
	view.moved_q8 = kmc_near_moved(&p->near, &list) << 8;
	view.median7_q8 = kmc_near_last_median(&p->near, 7) << 8;

	next->centre_q8 = p->centre_q8;
	next->scale_q8 = p->scale_q8;
	next->per_scale_q36 = div_u64(1ULL << 36, p->scale_q8);
	for (i = 0; i < KMC_PREDICT_NR_EWMA; i++)
		next->ewma_q10[i] = predict_feature_q10(next, p->ewma_q8[i]);
	predict_think(p, next, &view);
	predict_features_lags(p, next, 0, f_q10);
	*ahead = *next;
	predict_forecast(p, KMC_HORIZON_AHEAD, ahead, &view, f_q10, v_q8, weight_q16, &p->ahead);
	predict_forecast(p, KMC_HORIZON_NEXT, next, &view, f_q10, p->value_q8, p->weight_q16,
			 &p->next);
}

static void predict_step(struct kmc_predict *p, u32 v, bool bound)
{
	const struct kmc_predict_due *ahead = predict_due_ahead(p, p->nr_samples - KMC_AHEAD + 1);

	if (p->due_next.valid) {
		predict_charge(p, KMC_HORIZON_NEXT, &p->due_next, v << 8, bound);
		if (!bound)
			predict_charge_band(p, KMC_HORIZON_NEXT, &p->due_next, v << 8, 1);
	}
	if (p->nr_samples >= KMC_AHEAD && ahead->valid) {
		predict_charge(p, KMC_HORIZON_AHEAD, ahead, v << 8, bound);
		if (!bound)
			predict_charge_band(p, KMC_HORIZON_AHEAD, ahead, v << 8, 1);
	}
	predict_learn(p, v);
	p->nr_samples = kmc_sat_add(p->nr_samples, 1);
	predict_look(p);
}

/* The rest of a long run: what follows the demand has reached it, forecasts
 * that waited for it were as good as those made last
 */
static void predict_rest(struct kmc_predict *p, u32 v, bool bound, u32 nr)
{
	u32 i;

	kmc_near_skip(&p->near, nr);
	for (i = 0; i < KMC_PREDICT_NR_EWMA; i++)
		p->ewma_q8[i] = v << 8;
	p->centre_q8 = v << 8;
	predict_follow_slowly(p, v << 8, nr);
	for (i = 0; i < KMC_PREDICT_DUE; i++)
		p->due_ahead[i] = *predict_due_ahead(p, p->nr_samples);
	if (!bound) {
		predict_charge_band(p, KMC_HORIZON_NEXT, &p->due_next, v << 8, nr);
		predict_charge_band(p, KMC_HORIZON_AHEAD, &p->due_ahead[0], v << 8, nr);
	}
	p->nr_samples = kmc_sat_add(p->nr_samples, nr);
	predict_look(p);
}

/* All that follow the demand have reached it: more of the same moves none */
static bool predict_settled(const struct kmc_predict *p, u32 v)
{
	u32 i;

	for (i = 0; i < KMC_PREDICT_NR_EWMA; i++)
		if (predict_distance(p->ewma_q8[i], v << 8) > PREDICT_REST_Q8)
			return false;
	return p->next.mean == v && p->ahead.mean == v;
}

/* The past holds one value and it is forecast: another of the same only counts
 * for the bands
 */
static bool predict_still(struct kmc_predict *p, u32 v, bool bound, u32 repeat)
{
	if (!p->near.nr || kmc_near_past(&p->near, 0) != v) {
		p->still = 0;
		return false;
	}
	p->still = min_t(u64, (u64)p->still + repeat, U32_MAX);
	if (p->still < KMC_NEAR_PAST || !predict_settled(p, v))
		return false;
	predict_follow_slowly(p, v << 8, repeat);
	if (!bound) {
		predict_charge_band(p, KMC_HORIZON_NEXT, &p->due_next, v << 8, repeat);
		predict_charge_band(p, KMC_HORIZON_AHEAD, predict_due_ahead(p, p->nr_samples),
				    v << 8, repeat);
	}
	p->nr_samples = kmc_sat_add(p->nr_samples, repeat);
	return true;
}

void kmc_predict_observe(struct kmc_predict *p, const struct kmc_sample *s, u32 repeat)
{
	u32 v = min_t(u64, s->demand, PREDICT_MAX);
	u32 run;

	if (predict_still(p, v, s->censored, repeat))
		return;
	for (run = 0; repeat && run < PREDICT_RUN_MAX; run++, repeat--) {
		/* the first step always: the losses move on */
		if (run && predict_settled(p, v))
			break;
		predict_step(p, v, s->censored);
	}
	if (repeat)
		predict_rest(p, v, s->censored, repeat);
}

u64 kmc_predict_loss_q8(const struct kmc_predict *p, enum kmc_expert expert)
{
	return (u64)p->line[KMC_HORIZON_NEXT].loss_q9[expert] * p->scale_q8 >> 9;
}
