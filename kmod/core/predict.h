/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Predict: the next period's demand as a distribution.
 *
 * Several cheap experts each forecast; the mixture weighs them by
 * 2^(-loss_i / scale), the loss being the decayed absolute error, so that
 * whichever has been right lately speaks loudest.  The upper band comes from
 * a decayed histogram of what the demand exceeded the mixture by.
 *
 * Experts are rows of one table: adding one changes no other line.
 */
#ifndef KMC_PREDICT_H
#define KMC_PREDICT_H

#include "profile.h"

/**
 * enum kmc_expert - the competitors
 * @KMC_EXPERT_LAST: the last value
 * @KMC_EXPERT_EWMA2: EWMA, alpha 1/2
 * @KMC_EXPERT_EWMA8: EWMA, alpha 1/8
 * @KMC_EXPERT_EWMA64: EWMA, alpha 1/64
 * @KMC_EXPERT_MEAN: the profile's mean
 * @KMC_NR_EXPERTS: how many
 */
enum kmc_expert {
	KMC_EXPERT_LAST,
	KMC_EXPERT_EWMA2,
	KMC_EXPERT_EWMA8,
	KMC_EXPERT_EWMA64,
	KMC_EXPERT_MEAN,
	KMC_NR_EXPERTS,
};

/**
 * struct kmc_forecast - distribution of the next period's demand
 * @mean: point forecast, sample unit
 * @p95: 95 % of periods stay below
 * @p99: 99 % of periods stay below
 */
struct kmc_forecast {
	u64 mean;
	u64 p95;
	u64 p99;
};

/**
 * struct kmc_predict - competing predictors of one resource
 * @value_q8: each expert's forecast of the next sample, Q8
 * @loss_q8: each expert's decayed absolute error (1/64 per period), Q8
 * @weight_q16: last weights, sum 65536, for those who look
 * @excess: decayed histogram of max(demand - mixture, 0)
 * @next: the forecast of the period that now runs
 * @nr_samples: samples seen
 */
struct kmc_predict {
	u64 value_q8[KMC_NR_EXPERTS];
	u64 loss_q8[KMC_NR_EXPERTS];
	u32 weight_q16[KMC_NR_EXPERTS];
	struct kmc_hist excess;
	struct kmc_forecast next;
	u64 nr_samples;
};

void kmc_predict_init(struct kmc_predict *p, u32 half_life);
void kmc_predict_set_half_life(struct kmc_predict *p, u32 half_life);
/** kmc_predict_observe - the period's demand is in: charge each expert its
 * error, let each learn, mix anew; @p->next is then the next period's
 * forecast.  @profile gives the mean expert.  @repeat as in kmc_profile_fold.
 */
void kmc_predict_observe(struct kmc_predict *p, const struct kmc_profile *profile,
			 const struct kmc_sample *s, u32 repeat);

#endif /* KMC_PREDICT_H */
