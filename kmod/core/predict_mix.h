/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Predict's mixture: the experts forecast, the mixture weighs them by their losses,
 * and each is charged for its error (predict.h).
 */
#ifndef KMC_PREDICT_MIX_H
#define KMC_PREDICT_MIX_H

#include "predict_feature.h"

/**
 * struct kmc_predict_view - what is known now, before the experts are asked
 * @median7_q8: median of the last 7 values
 * @near_q8: per horizon, medians of what followed the nearest pasts
 * @high_q8: per horizon, the second highest of what followed them
 * @moved_q8: the last value, moved as the nearest pasts did
 */
struct kmc_predict_view {
	u32 median7_q8;
	u32 near_q8[KMC_NR_HORIZONS][KMC_PREDICT_NR_NEAR];
	u32 high_q8[KMC_NR_HORIZONS];
	u32 moved_q8;
};

/**
 * kmc_predict_mix - ask every expert, and weigh them
 * @p: state
 * @h: horizon
 * @due: the forecast to make; centre, scale and averages are set, the experts'
 *       values, the context and the mixture are added
 * @view: what is known
 * @f_q10: features; the lags are set, the rest is added
 * @v_q8: set to each expert's forecast
 * @weight_q16: set to each expert's weight, sum 65536
 */
void kmc_predict_mix(struct kmc_predict *p, enum kmc_horizon h, struct kmc_predict_due *due,
		     const struct kmc_predict_view *view, s16 *f_q10, u32 *v_q8, u32 *weight_q16);

/**
 * kmc_predict_charge - charge each expert its error, and let the filters learn
 * @p: state; its past does not hold the value yet
 * @h: horizon
 * @due: the forecast of the value
 * @v_q8: the value that came
 * @bound: the value is a lower bound: only experts that forecast less are charged
 */
void kmc_predict_charge(struct kmc_predict *p, enum kmc_horizon h,
			const struct kmc_predict_due *due, u32 v_q8, bool bound);

#endif /* KMC_PREDICT_MIX_H */
