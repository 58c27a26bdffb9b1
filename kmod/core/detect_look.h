/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Detect's channels: how far a sample is off, in five ways, and each channel's own tail.
 *
 * A channel's level is log2 of its deviation over the typical one.  Its tail turns a level
 * into bits of evidence (detect.h).
 */
#ifndef KMC_DETECT_LOOK_H
#define KMC_DETECT_LOOK_H

#include "detect_day.h"

/* Learning is faster while young, by steps of young_step_mbit / (age + 16) */
#define KMC_DETECT_YOUNG	16U

/**
 * struct kmc_detect_look - what a sample would make of the smoothed deviations
 * @resid_q6: the sample less what is due and the bias; above 0: too much
 * @step_q6: @resid_q6 less the last sample's
 * @fast_q14: fast residual
 * @slow_q14: slow residual
 * @often_q16: density of large residuals
 * @rough_q16: density of large steps
 * @big: @resid_q6 is large
 * @rough: @step_q6 is large
 */
struct kmc_detect_look {
	s64 resid_q6;
	s64 step_q6;
	s64 fast_q14;
	s64 slow_q14;
	u16 often_q16;
	u16 rough_q16;
	bool big;
	bool rough;
};

/**
 * kmc_detect_shift - log2 of how many samples an average spans now
 * @d: state
 * @shift: when grown up
 *
 * Return: less than @shift while the equal share of a young average's sample is larger.
 */
static inline u32 kmc_detect_shift(const struct kmc_detect *d, u32 shift)
{
	return min_t(u32, shift, fls64(d->age));
}

/**
 * kmc_detect_look - compare a sample with what is due and with the last one
 * @d: state
 * @p: tunables
 * @w: end of the sample's period
 * @x_q6: the sample
 * @k: set
 */
void kmc_detect_look(const struct kmc_detect *d, const struct kmc_detect_params *p,
		     const struct kmc_detect_when *w, s32 x_q6, struct kmc_detect_look *k);

/**
 * kmc_detect_levels - the level of each channel
 * @d: state
 * @k: the sample's deviations
 * @level: set, mbit; of a density log2 of its Q16
 */
void kmc_detect_levels(const struct kmc_detect *d, const struct kmc_detect_look *k,
		       s32 level[KMC_DETECT_NR]);

/**
 * kmc_detect_evidence - evidence of too much and of too little
 * @d: state
 * @p: tunables
 * @k: the sample's deviations
 * @level: of each channel
 * @up: set to the largest evidence of the channels that point up, mbit
 * @down: set to the largest evidence of those that point down, mbit
 */
void kmc_detect_evidence(const struct kmc_detect *d, const struct kmc_detect_params *p,
			 const struct kmc_detect_look *k, const s32 level[KMC_DETECT_NR], s32 *up,
			 s32 *down);

/**
 * kmc_detect_high_step - the present step of the channels' quantiles
 * @d: state
 * @p: tunables
 *
 * Return: mbit.
 */
u32 kmc_detect_high_step(const struct kmc_detect *d, const struct kmc_detect_params *p);

/**
 * kmc_detect_learn_tails - move each channel's quantile and mean excess by one sample
 * @d: state
 * @p: tunables
 * @level: of each channel
 * @step: of the quantile, mbit
 */
void kmc_detect_learn_tails(struct kmc_detect *d, const struct kmc_detect_params *p,
			    const s32 level[KMC_DETECT_NR], u32 step);

/**
 * kmc_detect_approach_tails - move each channel's quantile by many like samples
 * @d: state
 * @p: tunables
 * @level: of each channel
 * @step: of the quantile, mbit
 * @n: samples; a quantile goes no farther than to its channel's level
 */
void kmc_detect_approach_tails(struct kmc_detect *d, const struct kmc_detect_params *p,
			       const s32 level[KMC_DETECT_NR], u32 step, u32 n);

#endif /* KMC_DETECT_LOOK_H */
