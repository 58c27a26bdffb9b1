/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Detect's calibration: how rare an evidence was in the past.
 *
 * A histogram of past evidence turns evidence into surprise by its rank.  Above the
 * highest bins that hold enough samples, a Pareto tail continues the rank.
 */
#ifndef KMC_DETECT_RANK_H
#define KMC_DETECT_RANK_H

#include "detect_look.h"

/**
 * kmc_detect_bin - the bin of an evidence
 * @evidence: mbit
 *
 * Return: below KMC_DETECT_BINS.
 */
u32 kmc_detect_bin(s32 evidence);

/**
 * kmc_detect_calibrate - surprise of an evidence
 * @d: state
 * @p: tunables
 * @evidence: mbit
 *
 * Return: mbit.
 */
u32 kmc_detect_calibrate(const struct kmc_detect *d, const struct kmc_detect_params *p,
			 s32 evidence);

/**
 * kmc_detect_find_tail - find where the tail begins, and its mean excess, if evidence
 *                        was added to it or was halved since
 * @d: state
 * @p: tunables
 */
void kmc_detect_find_tail(struct kmc_detect *d, const struct kmc_detect_params *p);

/**
 * kmc_detect_start_rank - no evidence is known
 * @d: state, all 0
 */
void kmc_detect_start_rank(struct kmc_detect *d);

/**
 * kmc_detect_sum - the bins were replaced: sum them up
 * @d: state; the tail has to be found anew
 */
void kmc_detect_sum(struct kmc_detect *d);

/**
 * kmc_detect_halve - forget half of the past evidence
 * @d: state; the tail has to be found anew
 */
void kmc_detect_halve(struct kmc_detect *d);

/**
 * kmc_detect_add - add like evidence to the histogram
 * @d: state
 * @bin: of the evidence
 * @n: how often
 */
void kmc_detect_add(struct kmc_detect *d, u8 bin, u32 n);

/**
 * kmc_detect_learn_evidence - let an evidence wait, and add the one that waited longest
 * @d: state
 * @bin: of the evidence
 */
void kmc_detect_learn_evidence(struct kmc_detect *d, u8 bin);

#endif /* KMC_DETECT_RANK_H */
