/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Detect's step: one sample is judged, then learned.
 */
#ifndef KMC_DETECT_STEP_H
#define KMC_DETECT_STEP_H

#include "detect_rank.h"

/**
 * struct kmc_detect_word - what the channels say of a sample
 * @look: its deviations
 * @level: of each channel, mbit
 * @up: evidence of too much, mbit
 * @down: evidence of too little, mbit
 * @evidence: the one that counts, mbit
 */
struct kmc_detect_word {
	struct kmc_detect_look look;
	s32 level[KMC_DETECT_NR];
	s32 up;
	s32 down;
	s32 evidence;
};

/**
 * kmc_detect_judge - how surprising a sample is; changes nothing
 * @d: state
 * @p: tunables
 * @w: end of the sample's period
 * @x_q6: the sample
 * @bound: the sample is a lower bound, so that it cannot be too little
 * @word: set
 *
 * Return: the surprise, calibrated.
 */
struct kmc_surprise kmc_detect_judge(const struct kmc_detect *d,
				     const struct kmc_detect_params *p,
				     const struct kmc_detect_when *w, s32 x_q6, bool bound,
				     struct kmc_detect_word *word);

/**
 * kmc_detect_step - judge a sample, then learn it
 * @d: state
 * @p: tunables
 * @w: end of the sample's period
 * @x_q6: the sample
 * @learn: false: a lower bound, which is judged only
 *
 * Return: the surprise.
 */
struct kmc_surprise kmc_detect_step(struct kmc_detect *d, const struct kmc_detect_params *p,
				    const struct kmc_detect_when *w, s32 x_q6, bool learn);

#endif /* KMC_DETECT_STEP_H */
