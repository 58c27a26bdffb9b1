// SPDX-License-Identifier: GPL-2.0
#include "predict_width.h"

/* A run of like samples is followed one by one up to this many */
#define PREDICT_RUN_MAX		16
/* The slow average's 1/256, and log2(256/255) in millionths */
#define PREDICT_SLOW_Q16	256
#define PREDICT_SLOW_UBIT	5647
#define PREDICT_REST_Q8		16	/* an average this near has arrived */
#define PREDICT_SCALE_MIN_Q8	256U	/* one unit */

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

static_assert(KMC_AHEAD < KMC_PREDICT_DUE);
static_assert((int)KMC_NR_HORIZONS == KMC_RNN_OUTPUTS);
static_assert(KMC_NEAR_LAGS + KMC_AHEAD <= KMC_NEAR_PAST);
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
		line->width_q16[KMC_NR_EXPERTS] = KMC_PREDICT_WIDTH_START_Q16;
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

/*
 * The slow average over @nr like values.  A run may be settled before the slow average
 * has arrived.
 */
static void predict_follow_slowly(struct kmc_predict *p, u32 v_q8, u32 nr)
{
	u64 mbit;

	if (nr == 1) {
		p->slow_q8 = kmc_predict_follow(p->slow_q8, v_q8,
						kmc_predict_rate(p, PREDICT_SLOW_Q16));
		return;
	}
	mbit = div_u64((u64)nr * PREDICT_SLOW_UBIT, 1000);
	p->slow_q8 = kmc_predict_follow(v_q8, p->slow_q8,
					kmc_exp2neg_q16(min_t(u64, mbit, KMC_PREDICT_NEVER)));
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
		p->ewma_q8[i] = kmc_predict_follow(p->ewma_q8[i], v_q8,
						   65536 >> predict_ewma_shift[i]);
	predict_follow_slowly(p, v_q8, 1);
	p->scale_q8 = max(kmc_predict_follow(p->scale_q8, kmc_distance(v_q8, p->centre_q8),
					     kmc_predict_rate(p, p->tune->scale_rate_q16)),
			  PREDICT_SCALE_MIN_Q8);
	p->centre_q8 = kmc_predict_follow(p->centre_q8, v_q8,
					  kmc_predict_rate(p, p->tune->centre_rate_q16));
}

static void predict_neighbours(const struct kmc_predict *p, enum kmc_horizon h,
			       const struct kmc_near_list *list, struct kmc_predict_view *view)
{
	u32 i;

	view->high_q8[h] = kmc_near_medians(&p->near, list, kmc_predict_ahead(h), view->near_q8[h]);
	view->high_q8[h] <<= 8;
	for (i = 0; i < KMC_PREDICT_NR_NEAR; i++) {
		view->near_q8[h][i] <<= 8;
		/* an expert that takes no part is not a feature either */
		if (p->tune->off >> (KMC_EXPERT_NEAR3 + i) & 1)
			view->near_q8[h][i] = kmc_near_past(&p->near, 0) << 8;
	}
}

static void predict_forecast(struct kmc_predict *p, enum kmc_horizon h,
			     struct kmc_predict_due *due, const struct kmc_predict_view *view,
			     s16 *f_q10, u32 *v_q8, u32 *weight_q16,
			     struct kmc_forecast *forecast)
{
	kmc_predict_mix(p, h, due, view, f_q10, v_q8, weight_q16);
	kmc_predict_band(p, h, due, view->high_q8[h]);
	due->valid = true;
	forecast->mean = ((u64)due->mix_q8 + 128) >> 8;
	/* whole values are at or below a bound if they are at or below its floor */
	forecast->p95 = max_t(u64, due->p95_q8 >> 8, forecast->mean);
	forecast->p99 = max_t(u64, due->p99_q8 >> 8, forecast->mean);
}

static struct kmc_predict_due *predict_due_ahead(struct kmc_predict *p, u64 nr)
{
	return &p->due_ahead[nr & (KMC_PREDICT_DUE - 1)];
}

/* One period of the network; its inputs are distances from the centre, in scales */
static void predict_think(struct kmc_predict *p, struct kmc_predict_due *due,
			  const struct kmc_predict_view *view)
{
	static const u8 lags[] = { 0, 1, 5, 11, 12 };
	s16 *in_q10 = p->input_q10;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lags); i++)
		*in_q10++ = lags[i] < p->near.nr ?
			    kmc_predict_feature_q10(due, kmc_near_past(&p->near, lags[i]) << 8) : 0;
	*in_q10++ = kmc_predict_feature_q10(due, view->near_q8[KMC_HORIZON_NEXT][1]);
	*in_q10++ = kmc_predict_feature_q10(due, view->near_q8[KMC_HORIZON_NEXT][2]);
	*in_q10++ = kmc_predict_feature_q10(due, view->near_q8[KMC_HORIZON_AHEAD][1]);
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
	s16 f_q10[KMC_PREDICT_FEATURES];
	struct kmc_predict_view view;
	u32 i;

	kmc_near_find(&p->near, KMC_AHEAD, KMC_NEAR_LAGS, p->near_below, &list);
	/* distances move by 1/16 a period: the last one of the next list is about here */
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
		next->ewma_q10[i] = kmc_predict_feature_q10(next, p->ewma_q8[i]);
	predict_think(p, next, &view);
	kmc_predict_features_lags(p, next, 0, f_q10);
	*ahead = *next;
	predict_forecast(p, KMC_HORIZON_AHEAD, ahead, &view, f_q10, v_q8, weight_q16, &p->ahead);
	predict_forecast(p, KMC_HORIZON_NEXT, next, &view, f_q10, p->value_q8, p->weight_q16,
			 &p->next);
}

static void predict_step(struct kmc_predict *p, u32 v, bool bound)
{
	const struct kmc_predict_due *ahead = predict_due_ahead(p, p->nr_samples - KMC_AHEAD + 1);

	if (p->due_next.valid) {
		kmc_predict_charge(p, KMC_HORIZON_NEXT, &p->due_next, v << 8, bound);
		if (!bound)
			kmc_predict_charge_band(p, KMC_HORIZON_NEXT, &p->due_next, v << 8, 1);
	}
	if (p->nr_samples >= KMC_AHEAD && ahead->valid) {
		kmc_predict_charge(p, KMC_HORIZON_AHEAD, ahead, v << 8, bound);
		if (!bound)
			kmc_predict_charge_band(p, KMC_HORIZON_AHEAD, ahead, v << 8, 1);
	}
	predict_learn(p, v);
	p->nr_samples = kmc_sat_add(p->nr_samples, 1);
	predict_look(p);
}

/*
 * The rest of a long run: every average has reached the demand, and the forecasts that
 * waited for it were as good as the last ones.
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
		kmc_predict_charge_band(p, KMC_HORIZON_NEXT, &p->due_next, v << 8, nr);
		kmc_predict_charge_band(p, KMC_HORIZON_AHEAD, &p->due_ahead[0], v << 8, nr);
	}
	p->nr_samples = kmc_sat_add(p->nr_samples, nr);
	predict_look(p);
}

/* Has every average reached the demand, so that more of the same moves none of them? */
static bool predict_settled(const struct kmc_predict *p, u32 v)
{
	u32 i;

	for (i = 0; i < KMC_PREDICT_NR_EWMA; i++)
		if (kmc_distance(p->ewma_q8[i], v << 8) > PREDICT_REST_Q8)
			return false;
	return p->next.mean == v && p->ahead.mean == v;
}

/*
 * The past holds one value, and it is forecast: another one of it only counts for the
 * bands.
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
		kmc_predict_charge_band(p, KMC_HORIZON_NEXT, &p->due_next, v << 8, repeat);
		kmc_predict_charge_band(p, KMC_HORIZON_AHEAD, predict_due_ahead(p, p->nr_samples),
					v << 8, repeat);
	}
	p->nr_samples = kmc_sat_add(p->nr_samples, repeat);
	return true;
}

void kmc_predict_observe(struct kmc_predict *p, const struct kmc_sample *s, u32 repeat)
{
	u32 v = min_t(u64, s->demand, KMC_PREDICT_MAX);
	u32 run;

	if (predict_still(p, v, s->censored, repeat))
		return;
	for (run = 0; repeat && run < PREDICT_RUN_MAX; run++, repeat--) {
		/* always the first step: losses move on */
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
