/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Predict: demand in the next period and six ahead, as a distribution.
 *
 * Several cheap experts each forecast.  The expert that was right lately has
 * the largest weight.  Everything is measured on the VM's own scale: the centre
 * is a fast average, the scale a decayed mean distance from it.  Both are those
 * of the moment when a forecast is made, so that no constant has a unit.
 *
 * Mixture: each expert has a decayed absolute error (in scales, clipped at 127)
 * over all periods, and one over the periods of the same context.  A context is
 * two things known beforehand: where the last value lies (below, near, above
 * the centre), and where the nearest neighbours say that it goes.  Half of each
 * error is the expert's loss; its weight is 2^(-25 (loss - least) / least).  An
 * expert that errs by 1/25 more than the best has half its weight.  Six periods
 * ahead, an expert is judged by the errors of forecasts six periods old.
 *
 * A mixture's regret against the best of n experts is of order ln n over the
 * sharpness (Vovk 1990, Littlestone and Warmuth 1994).  Forgetting
 * makes the best one of the last hours the rival (Herbster and Warmuth 1998).
 *
 * Experts are values of one enum and lines of one function: to add one is to
 * write down its forecast.
 *
 * Bands: large errors can often be told beforehand: one expert says that a
 * spike may come and the others do not.  So a filter forecasts p95's distance
 * from the mixture.  It looks at how far each expert is from the mixture and at
 * how large recent errors were.  The filter learns by the gradient of p95's
 * pinball loss (Koenker and Bassett 1978): a value above weighs 19 times one
 * below.  A histogram of the excess over that width mends what the filter gets
 * wrong (band.h).  Worked: noise of 200, and every 12th period a job of any
 * size up to 8 000: the loss of p95 is half of what one width for all periods
 * has.
 *
 * The code is in parts, each of which calls only those before it:
 * predict_feature (values on the VM's scale), predict_mix (experts, weights,
 * losses), predict_width (bands), predict.
 */
#ifndef KMC_PREDICT_H
#define KMC_PREDICT_H

#include "band.h"
#include "lms.h"
#include "near.h"
#include "profile.h"
#include "rnn.h"

/**
 * enum kmc_expert - the competitors
 * @KMC_EXPERT_LAST: the last value
 * @KMC_EXPERT_EWMA16: EWMA, alpha 1/16
 * @KMC_EXPERT_EWMA256: EWMA, alpha 1/256
 * @KMC_EXPERT_MEDIAN7: median of the last 7 values
 * @KMC_EXPERT_NEAR3: median of what followed the 3 nearest pasts
 * @KMC_EXPERT_NEAR7: median of what followed the 7 nearest pasts
 * @KMC_EXPERT_NEAR15: median of what followed the 15 nearest pasts
 * @KMC_EXPERT_MOVED: next period: the last value, moved as the 7 nearest did
 * @KMC_EXPERT_DAY: the value a day before, where a day is short enough
 * @KMC_EXPERT_LMS16: sign-LMS on 16 values, averages and neighbours
 * @KMC_EXPERT_RNN: the recurrent network, where the VM has one
 * @KMC_EXPERT_READOUT: sign-LMS on the network's state and output, averages
 *                      and neighbours
 * @KMC_NR_EXPERTS: how many there are
 */
enum kmc_expert {
	KMC_EXPERT_LAST,
	KMC_EXPERT_EWMA16,
	KMC_EXPERT_EWMA256,
	KMC_EXPERT_MEDIAN7,
	KMC_EXPERT_NEAR3,
	KMC_EXPERT_NEAR7,
	KMC_EXPERT_NEAR15,
	KMC_EXPERT_MOVED,
	KMC_EXPERT_DAY,
	KMC_EXPERT_LMS16,
	KMC_EXPERT_RNN,
	KMC_EXPERT_READOUT,
	KMC_NR_EXPERTS,
};

/**
 * enum kmc_horizon - which period a forecast is for
 * @KMC_HORIZON_NEXT: the next one
 * @KMC_HORIZON_AHEAD: the one KMC_AHEAD periods ahead
 * @KMC_NR_HORIZONS: how many there are
 */
enum kmc_horizon {
	KMC_HORIZON_NEXT,
	KMC_HORIZON_AHEAD,
	KMC_NR_HORIZONS,
};

#define KMC_AHEAD		6	/* periods */
#define KMC_PREDICT_DUE		8	/* a power of two above KMC_AHEAD */
#define KMC_PREDICT_NR_EWMA	3
#define KMC_PREDICT_NR_NEAR	KMC_NEAR_MEDIANS
#define KMC_PREDICT_LAGS	16
/* averages, neighbours, 1 */
#define KMC_PREDICT_COMMON	(KMC_PREDICT_NR_EWMA + KMC_PREDICT_NR_NEAR + 1)
/* the network's state and output */
#define KMC_PREDICT_HIDDEN	(KMC_RNN_UNITS + 1)
#define KMC_PREDICT_CONTEXTS	9
/* scales of errors: from all that is known, from recent errors, in the context */
#define KMC_PREDICT_NR_SPREAD	3
/* each expert's distance from the mixture, spreads, 1 */
#define KMC_PREDICT_WIDTH	(KMC_NR_EXPERTS + KMC_PREDICT_NR_SPREAD + 1)

/**
 * struct kmc_forecast - distribution of a coming period's demand
 * @mean: point forecast, sample unit.  It is nearer to a median than to a mean:
 *        experts are judged and learn by the size of an error, not its square.
 *        About half of the values come at or below it
 * @p95: 95 % of periods stay at or below it
 * @p99: 99 % of periods stay at or below it
 */
struct kmc_forecast {
	u64 mean;
	u64 p95;
	u64 p99;
};

/**
 * struct kmc_predict_tune - tunables
 * @step_q16: LMS: mu
 * @width_step_q16: LMS of the band's width: mu
 * @near_rate_shift: share of the newest step in the distances, 2^-n
 * @centre_rate_q16: share of the newest value in the centre
 * @scale_rate_q16: share of the newest distance from the centre in the scale
 * @loss_rate_q16: per horizon, share of the newest error in an expert's loss
 * @context_rate_q16: share of the newest error in an expert's loss in a context
 * @context_share_q16: weight of the context's loss; the rest is the overall one's
 * @context_edge_q8: a value is below or above the centre from here on, in scales
 * @sharpness: exponent of the losses
 * @band_rate_q16: share of the newest error in the band's scale
 * @band_context_rate_q16: share of the newest error in its scale in a context
 * @band_context_share_q16: weight of the context's scale
 * @band_near_share_q16: weight of the neighbours' spread
 * @lead_rate_q16: how much a miss moves the share asked of the next quantile
 * @off: bit per expert that takes no part
 *
 * Constants in the kernel.  The replay tool changes them to see how much hangs
 * on each.
 */
struct kmc_predict_tune {
	u32 step_q16;
	u32 width_step_q16;
	u32 near_rate_shift;
	u32 centre_rate_q16;
	u32 scale_rate_q16;
	u32 loss_rate_q16[KMC_NR_HORIZONS];
	u32 context_rate_q16;
	u32 context_share_q16;
	u32 context_edge_q8;
	u32 sharpness;
	u32 band_rate_q16;
	u32 band_context_rate_q16;
	u32 band_context_share_q16;
	u32 band_near_share_q16;
	u32 lead_rate_q16;
	u32 off;
};

/* the module's set */
extern const struct kmc_predict_tune kmc_predict_tune_default;

/**
 * struct kmc_predict_due - a forecast that waits for its value
 * @centre_q8: centre when it was made, sample unit, Q8
 * @scale_q8: scale when it was made
 * @per_scale_q36: 1 / @scale_q8
 * @mix_q8: the mixture's forecast
 * @band_scale_q8: the band's scale when it was made
 * @p95_q8: its 95 % quantile
 * @p99_q8: its 99 % quantile
 * @wide_q8: the 95 % quantile of the width's filter alone
 * @value_q8: each expert's forecast, from the centre, in scales
 * @ewma_q10: features: the averages
 * @near_q10: features: the neighbours' medians
 * @hidden_q10: features: the network's state
 * @spread_q10: features of the width: scales of errors
 * @context: below KMC_PREDICT_CONTEXTS
 * @valid: there is a forecast
 */
struct kmc_predict_due {
	u32 centre_q8;
	u32 scale_q8;
	u32 per_scale_q36;
	u32 mix_q8;
	u32 band_scale_q8;
	u32 p95_q8;
	u32 p99_q8;
	u32 wide_q8;
	s16 value_q8[KMC_NR_EXPERTS];
	s16 ewma_q10[KMC_PREDICT_NR_EWMA];
	s16 near_q10[KMC_PREDICT_NR_NEAR];
	s16 hidden_q10[KMC_RNN_UNITS];
	s16 spread_q10[KMC_PREDICT_NR_SPREAD];
	u8 context;
	bool valid;
};

/**
 * struct kmc_predict_line - what belongs to one horizon
 * @loss_q9: each expert's decayed absolute error, in scales, overall
 * @context_q9: each expert's decayed absolute error per context; 0: none yet
 * @lms16_q16: weights of KMC_EXPERT_LMS16
 * @readout_q16: weights of KMC_EXPERT_READOUT
 * @width_q16: weights of the width's filter
 * @band: excess over the mixture
 * @band_scale_q8: decayed absolute error of the mixture, sample unit, Q8
 * @context_scale_q8: decayed absolute error of the mixture per context; 0: none yet
 */
struct kmc_predict_line {
	u16 loss_q9[KMC_NR_EXPERTS];
	u16 context_q9[KMC_PREDICT_CONTEXTS][KMC_NR_EXPERTS];
	s32 lms16_q16[KMC_PREDICT_COMMON + KMC_PREDICT_LAGS];
	s32 readout_q16[KMC_PREDICT_HIDDEN + KMC_PREDICT_COMMON];
	s32 width_q16[KMC_PREDICT_WIDTH];
	struct kmc_band band;
	u32 band_scale_q8;
	u32 context_scale_q8[KMC_PREDICT_CONTEXTS];
};

/**
 * struct kmc_predict - competing predictors of one resource
 * @next: the forecast of the period that now runs
 * @ahead: the forecast of the period KMC_AHEAD - 1 after the one that now runs
 * @tune: tunables
 * @model: the network's weights, owned by the caller; NULL: none
 * @nr_samples: samples seen
 * @value_q8: each expert's forecast of the next sample, Q8
 * @weight_q16: last weights, sum 65536, for inspection
 * @ewma_q8: averages of alpha 1/2, 1/4, 1/16
 * @slow_q8: slow average
 * @centre_q8: fast average
 * @scale_q8: decayed mean distance from the centre
 * @near_below: a guess at the neighbours' distances
 * @still: like values in a row
 * @day: periods a day; 0: longer than what is kept
 * @hidden_q14: the network's state
 * @input_q10: the network's last inputs, for training
 * @near: the past
 * @line: per horizon
 * @due_next: the forecast of the next period
 * @due_ahead: the forecasts of the next KMC_AHEAD periods, by sample number
 */
struct kmc_predict {
	struct kmc_forecast next;
	struct kmc_forecast ahead;
	const struct kmc_predict_tune *tune;
	const struct kmc_model *model;
	u64 nr_samples;
	u32 value_q8[KMC_NR_EXPERTS];
	u32 weight_q16[KMC_NR_EXPERTS];
	u32 ewma_q8[KMC_PREDICT_NR_EWMA];
	u32 slow_q8;
	u32 centre_q8;
	u32 scale_q8;
	u32 near_below;
	u32 still;
	u32 day;
	s16 hidden_q14[KMC_RNN_UNITS];
	s16 input_q10[KMC_RNN_INPUTS];
	struct kmc_near near;
	struct kmc_predict_line line[KMC_NR_HORIZONS];
	struct kmc_predict_due due_next;
	struct kmc_predict_due due_ahead[KMC_PREDICT_DUE];
};

/**
 * kmc_predict_init - a predictor that knows nothing
 * @p: state, set
 * @periods_per_day: 0: days do not matter
 */
void kmc_predict_init(struct kmc_predict *p, u32 periods_per_day);

/**
 * kmc_predict_set_period - the length of a period changed
 * @p: state.  What is counted in periods (the past, forecasts that wait) is dropped;
 *     filters, losses and bands stay
 * @periods_per_day: 0: days do not matter
 */
void kmc_predict_set_period(struct kmc_predict *p, u32 periods_per_day);

/**
 * kmc_predict_set_model - use other weights for the network
 * @p: state
 * @model: passed kmc_model_check(), kept by the caller; NULL: none
 */
void kmc_predict_set_model(struct kmc_predict *p, const struct kmc_model *model);

/**
 * kmc_predict_observe - charge the experts for a period, learn it, forecast anew
 * @p: state; @p->next and @p->ahead are then the coming forecasts
 * @s: the period.  A censored demand is a lower bound: only experts that forecast
 *     less are charged
 * @repeat: number of like periods.  They take a bounded number of steps: until every
 *          average has reached the demand, at most 16; the rest at once
 */
void kmc_predict_observe(struct kmc_predict *p, const struct kmc_sample *s, u32 repeat);

/**
 * kmc_predict_loss_q8 - an expert's decayed absolute error, next period
 * @p: state
 * @expert: which
 *
 * Return: sample unit, Q8.
 */
u64 kmc_predict_loss_q8(const struct kmc_predict *p, enum kmc_expert expert);

#endif /* KMC_PREDICT_H */
