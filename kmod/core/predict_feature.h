/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Predict's features: values on the VM's own scale.
 *
 * A value is measured from the centre, in scales; both are those of the moment
 * when its forecast was made.  Filters and the network see nothing else.
 *
 * Features of the filters lie side by side: the network's state and output, what
 * is common (averages, neighbours, 1), then values, newest first.  Each filter
 * takes a part of them.
 */
#ifndef KMC_PREDICT_FEATURE_H
#define KMC_PREDICT_FEATURE_H

#include "predict.h"

/* One below the histogram's end, so that Q8 fits 32 bits */
#define KMC_PREDICT_MAX		((u32)KMC_HIST_MAX - 1)
#define KMC_PREDICT_MAX_Q8	(KMC_PREDICT_MAX << 8)
#define KMC_PREDICT_VALUE_MAX_Q8	(127 * 256)
#define KMC_PREDICT_NEVER	20000	/* mbit: weight 0 */
#define KMC_PREDICT_FEATURES	\
	(KMC_PREDICT_HIDDEN + KMC_PREDICT_COMMON + KMC_PREDICT_LAGS)

/**
 * kmc_predict_ahead - how many periods ahead a horizon is
 * @h: horizon
 *
 * Return: 1 for the next period.
 */
static inline u32 kmc_predict_ahead(enum kmc_horizon h)
{
	return h == KMC_HORIZON_NEXT ? 1 : KMC_AHEAD;
}

/**
 * kmc_predict_follow - a decayed average after a new value
 * @avg: the average
 * @v: the value
 * @rate_q16: its share
 *
 * Return: @avg + (@v - @avg) * rate, rounded to the nearest.
 */
static inline u32 kmc_predict_follow(u32 avg, u32 v, u32 rate_q16)
{
	s64 step = (((s64)v - avg) * rate_q16 + 0x8000) >> 16;

	return avg + step;
}

/**
 * kmc_predict_rate - the share of an average's newest value
 * @p: state
 * @rate_q16: when grown up
 *
 * Return: the equal share while that is larger, Q16.
 */
static inline u32 kmc_predict_rate(const struct kmc_predict *p, u32 rate_q16)
{
	/* 1/n is above the rate only while n is small */
	if (p->nr_samples >= 64)
		return rate_q16;
	return max(rate_q16, 65536 / ((u32)p->nr_samples + 1));
}

/**
 * kmc_predict_normal - a value's distance from the centre, in scales
 * @due: centre and scale
 * @v_q8: the value
 * @shift: the result has 36 - @shift fractional bits
 * @most: the result is clipped at +-@most
 *
 * Return: the distance.
 */
static inline s32 kmc_predict_normal(const struct kmc_predict_due *due, u32 v_q8, u32 shift,
				     s32 most)
{
	/* 2^32 * 2^28: fits */
	s64 v = (((s64)v_q8 - due->centre_q8) * due->per_scale_q36) >> shift;

	return clamp_t(s64, v, -most, most);
}

/**
 * kmc_predict_feature_q10 - a value as a feature
 * @due: centre and scale
 * @v_q8: the value
 *
 * Return: its distance from the centre, in scales.
 */
static inline s16 kmc_predict_feature_q10(const struct kmc_predict_due *due, u32 v_q8)
{
	return kmc_predict_normal(due, v_q8, 26, KMC_LMS_FEATURE_MAX);
}

/**
 * kmc_predict_value_q8 - a value as errors are measured
 * @due: centre and scale
 * @v_q8: the value
 *
 * Return: its distance from the centre, in scales.
 */
static inline s32 kmc_predict_value_q8(const struct kmc_predict_due *due, u32 v_q8)
{
	return kmc_predict_normal(due, v_q8, 28, KMC_PREDICT_VALUE_MAX_Q8);
}

/**
 * kmc_predict_from_scale_q8 - the value at a distance from the centre
 * @due: centre and scale
 * @v_q10: the distance, in scales
 *
 * Return: the value, Q8, within 0 and KMC_PREDICT_MAX_Q8.
 */
static inline u32 kmc_predict_from_scale_q8(const struct kmc_predict_due *due, s32 v_q10)
{
	s64 v_q8 = due->centre_q8 + (((s64)v_q10 * due->scale_q8) >> 10);

	return clamp_t(s64, v_q8, 0, KMC_PREDICT_MAX_Q8);
}

/**
 * kmc_predict_in_scales_q10 - a size as a feature
 * @due: the scale
 * @v_q8: the size, sample unit
 *
 * Return: the size in scales.
 */
static inline s16 kmc_predict_in_scales_q10(const struct kmc_predict_due *due, u32 v_q8)
{
	/* 2^32 * 2^28: fits */
	return min_t(u64, (u64)v_q8 * due->per_scale_q36 >> 26, KMC_LMS_FEATURE_MAX);
}

/**
 * kmc_predict_features_common - the features that lie before the lags
 * @due: the forecast that they are for
 * @f_q10: set, the first KMC_PREDICT_HIDDEN + KMC_PREDICT_COMMON
 */
void kmc_predict_features_common(const struct kmc_predict_due *due, s16 *f_q10);

/**
 * kmc_predict_features_lags - the newest values as features
 * @p: the past
 * @due: the forecast that they are for
 * @back: how many periods ago the forecast was made
 * @f_q10: set, the last KMC_PREDICT_LAGS of KMC_PREDICT_FEATURES
 */
void kmc_predict_features_lags(const struct kmc_predict *p, const struct kmc_predict_due *due,
			       u32 back, s16 *f_q10);

/**
 * kmc_predict_features_width - the features of the width's filter
 * @due: the forecast that they are for
 * @f_q10: set: how far each expert is from the mixture, how large errors are, and 1
 */
void kmc_predict_features_width(const struct kmc_predict_due *due, s16 *f_q10);

#endif /* KMC_PREDICT_FEATURE_H */
