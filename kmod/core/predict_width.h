/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Predict's bands: how far above the mixture the value may come.
 *
 * A filter forecasts p95's distance from the mixture; a histogram mends what the
 * filter gets wrong (predict.h, band.h).
 */
#ifndef KMC_PREDICT_WIDTH_H
#define KMC_PREDICT_WIDTH_H

#include "predict_mix.h"

/* p95 is 2.5 usual errors from the mixture until more is known */
#define KMC_PREDICT_WIDTH_START_Q16	(5 << 15)

/**
 * kmc_predict_band - set a forecast's upper quantiles
 * @p: state
 * @h: horizon
 * @due: the forecast; its mixture is set, scale and quantiles are added
 * @high_q8: the second highest of what followed the neighbours
 */
void kmc_predict_band(const struct kmc_predict *p, enum kmc_horizon h, struct kmc_predict_due *due,
		      u32 high_q8);

/**
 * kmc_predict_charge_band - let the band learn the mixture's error
 * @p: state
 * @h: horizon
 * @due: the forecast of the value
 * @v_q8: the value that came
 * @nr: how often
 */
void kmc_predict_charge_band(struct kmc_predict *p, enum kmc_horizon h,
			     const struct kmc_predict_due *due, u32 v_q8, u32 nr);

#endif /* KMC_PREDICT_WIDTH_H */
