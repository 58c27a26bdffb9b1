// SPDX-License-Identifier: GPL-2.0
#include "predict_width.h"

#define PREDICT_BAND_FROM	16	/* samples */
/* The band's scale is at least a sixteenth of the VM's */
#define PREDICT_BAND_MIN_SHIFT	4
#define PREDICT_SPREAD_MAX	4
/* A miss moves the width's filter 19 times as much as a hit */
#define PREDICT_WIDTH_HIT_Q10	51
#define PREDICT_WIDTH_MISS_Q10	(19 * PREDICT_WIDTH_HIT_Q10)
/* The filter leads the band's scale no farther than to 1/8 or 4 times of what errors say */
#define PREDICT_WIDTH_LEAST_SHIFT	3
#define PREDICT_WIDTH_MOST	4

static_assert(KMC_PREDICT_WIDTH <= KMC_LMS_TAPS_MAX);

static u32 predict_above_q8(u32 mix_q8, u32 scale_q8, u32 quantile_q8)
{
	return min_t(u64, mix_q8 + ((u64)scale_q8 * quantile_q8 >> 8), KMC_PREDICT_MAX_Q8);
}

/*
 * The errors to expect now.  They follow from recent errors, from recent errors in this
 * context, and from how far some of the neighbours rose above the forecast.
 */
static u32 predict_spread_q8(const struct kmc_predict *p, enum kmc_horizon h,
			     const struct kmc_predict_due *due, u32 in_context, u32 high_q8)
{
	u32 scale_q8 = kmc_predict_follow(p->line[h].band_scale_q8, in_context,
					  p->tune->band_context_share_q16);
	/* the spike of a single neighbour is not a scale */
	u64 spread_q8 = min_t(u64, kmc_sat_sub(high_q8, due->mix_q8),
			      (u64)scale_q8 * PREDICT_SPREAD_MAX);

	scale_q8 = kmc_predict_follow(scale_q8, min_t(u64, spread_q8, KMC_PREDICT_MAX_Q8),
				      p->tune->band_near_share_q16);
	return max(scale_q8, p->scale_q8 >> PREDICT_BAND_MIN_SHIFT);
}

/* The filter's p95 gives the scale that the histogram's quantiles then multiply */
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
	due->spread_q10[0] = kmc_predict_in_scales_q10(due, spread_q8);
	due->spread_q10[1] = kmc_predict_in_scales_q10(due, line->band_scale_q8);
	due->spread_q10[2] = kmc_predict_in_scales_q10(due, in_context);
	kmc_predict_features_width(due, f_q10);
	/* 2^20 * 2^32 */
	width_q8 = max(kmc_lms_forecast(line->width_q16, f_q10, KMC_PREDICT_WIDTH), 0);
	width_q8 = width_q8 * due->scale_q8 >> 10;
	due->wide_q8 = min_t(u64, due->mix_q8 + width_q8, KMC_PREDICT_MAX_Q8);
	width_q8 = div_u64(width_q8 << 16, KMC_PREDICT_WIDTH_START_Q16);
	least_q8 = max(spread_q8 >> PREDICT_WIDTH_LEAST_SHIFT,
		       p->scale_q8 >> PREDICT_BAND_MIN_SHIFT);
	due->band_scale_q8 = clamp_t(u64, width_q8, least_q8, (u64)spread_q8 * PREDICT_WIDTH_MOST);
}

void kmc_predict_band(const struct kmc_predict *p, enum kmc_horizon h, struct kmc_predict_due *due,
		      u32 high_q8)
{
	u32 quantile_q8[KMC_NR_BAND_LEVELS];

	predict_band_scale(p, h, due, high_q8);
	kmc_band_quantiles_q8(&p->line[h].band, quantile_q8);
	due->p95_q8 = predict_above_q8(due->mix_q8, due->band_scale_q8, quantile_q8[KMC_BAND_P95]);
	due->p99_q8 = predict_above_q8(due->mix_q8, due->band_scale_q8, quantile_q8[KMC_BAND_P99]);
	due->p99_q8 = max(due->p99_q8, due->p95_q8);
}

static u32 predict_excess_q4(const struct kmc_predict_due *due, u32 v_q8)
{
	if (v_q8 <= due->mix_q8)
		return 0;
	/* an excess above 0 is not in the bin of 0 */
	return div_u64(((u64)(v_q8 - due->mix_q8) << 4), due->band_scale_q8) + 1;
}

void kmc_predict_charge_band(struct kmc_predict *p, enum kmc_horizon h,
			     const struct kmc_predict_due *due, u32 v_q8, u32 nr)
{
	struct kmc_predict_line *line = &p->line[h];
	u32 *in_context = &line->context_scale_q8[due->context];
	u32 error_q8 = kmc_distance(v_q8, due->mix_q8);
	s16 f_q10[KMC_PREDICT_WIDTH];

	line->band_scale_q8 = kmc_predict_follow(line->band_scale_q8, error_q8,
						 kmc_predict_rate(p, p->tune->band_rate_q16));
	*in_context = kmc_predict_follow(*in_context ? *in_context : line->band_scale_q8, error_q8,
					 p->tune->band_context_rate_q16);
	/* a scale known from a handful of errors would fill the far bins */
	if (p->nr_samples < PREDICT_BAND_FROM)
		return;
	kmc_predict_features_width(due, f_q10);
	kmc_lms_learn(line->width_q16, f_q10, KMC_PREDICT_WIDTH,
		      v_q8 > due->wide_q8 ? PREDICT_WIDTH_MISS_Q10 : -PREDICT_WIDTH_HIT_Q10,
		      p->tune->width_step_q16);
	kmc_band_add(&line->band, predict_excess_q4(due, v_q8), nr);
	kmc_band_lead(&line->band, KMC_BAND_P95, v_q8 > due->p95_q8, p->tune->lead_rate_q16);
	kmc_band_lead(&line->band, KMC_BAND_P99, v_q8 > due->p99_q8, p->tune->lead_rate_q16);
}
