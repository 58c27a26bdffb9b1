/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Detect's runs: many like samples in a row, at a cost that does not grow with their
 * number.
 *
 * The first samples of a run are stepped through, and a few of each later slot.  The rest
 * of a slot moves every average by its closed form.
 */
#ifndef KMC_DETECT_RUN_H
#define KMC_DETECT_RUN_H

#include "detect_step.h"

/* Samples of a run that are stepped through one by one, and those of each later slot */
#define KMC_DETECT_RUN_MIN	256U
#define KMC_DETECT_RUN_SLOT	8

/**
 * kmc_detect_run - learn like samples, slot by slot
 * @d: state
 * @p: tunables
 * @x_q6: the sample
 * @when_s: end of the last one's period
 * @n: samples
 * @single: how many of the first slot's are stepped through
 */
void kmc_detect_run(struct kmc_detect *d, const struct kmc_detect_params *p, s32 x_q6,
		    u64 when_s, u32 n, u32 single);

/**
 * kmc_detect_count_run - like samples are in: count them
 * @d: state
 * @x_q6: the sample
 * @n: how many
 *
 * Return: how many samples of the run have still to be stepped through.
 */
u32 kmc_detect_count_run(struct kmc_detect *d, s32 x_q6, u32 n);

/**
 * kmc_detect_goes_on - are samples more of a long run, in the slot being visited?
 * @d: state
 * @x_q6: the sample
 * @first_s: end of the first one's period
 * @when_s: end of the last one's period
 *
 * Return: true when it is enough to count them.
 */
bool kmc_detect_goes_on(const struct kmc_detect *d, s32 x_q6, u64 first_s, u64 when_s);

/**
 * kmc_detect_pay - learn the samples that were only counted
 * @d: state
 * @p: tunables
 */
void kmc_detect_pay(struct kmc_detect *d, const struct kmc_detect_params *p);

#endif /* KMC_DETECT_RUN_H */
