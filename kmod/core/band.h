/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Band: how far above the forecast the value may come.
 *
 * Problem: errors are neither normal nor alike over time; mean plus k sigma
 * covers 94 to 98 % where 99 are promised.
 *
 * Model: what a value exceeded its forecast by, in units of a scale that was
 * known when the forecast was made (predict.h tells which), goes into a
 * histogram; its upper quantiles times the present scale are the band.  Bins are
 * linear up to 1 and 1/8 octave wide above (kmc_hist_bin() of sixteenths), to 64
 * scales; quantiles are interpolated within a bin.  Counts are halved when they
 * reach KMC_BAND_TOTAL_MAX, so that the memory swings between 1024 and 2048
 * samples.
 *
 * A histogram of a drifting source is late.  So the quantile that is asked for
 * is itself led by the misses (Gibbs and Candes 2021):
 *
 *   tail += rate * (target - missed)
 *
 * and over n periods the share of misses is within (change of tail) / (n rate)
 * of the target, whatever the source does, while the tail is between a third
 * and three times the target.  Worked: rate 12/65536, p99: 36 misses more than
 * promised lower the tail asked for from 1 % to its bound of 1/3 %.
 */
#ifndef KMC_BAND_H
#define KMC_BAND_H

#include "hist.h"

#define KMC_BAND_OCTAVES	6
#define KMC_BAND_BINS		(KMC_HIST_LINEAR + (KMC_BAND_OCTAVES << KMC_HIST_SUB_SHIFT))
#define KMC_BAND_COUNT		16	/* a sample's */
#define KMC_BAND_TOTAL_MAX	32768

enum kmc_band_level {
	KMC_BAND_P95,
	KMC_BAND_P99,
	KMC_NR_BAND_LEVELS,
};

/**
 * struct kmc_band - decayed histogram of excess
 * @bin: counts of excess in sixteenths of the scale; bin 0: none
 * @total: sum of @bin
 * @tail_q24: share of misses asked for, per level, Q24, led by the misses
 */
struct kmc_band {
	u16 bin[KMC_BAND_BINS];
	u16 total;
	s32 tail_q24[KMC_NR_BAND_LEVELS];
};

/** kmc_band_init - nothing known; quantiles are 0 until something is */
void kmc_band_init(struct kmc_band *b);
/** kmc_band_add - @nr values came in that exceeded the forecast by @excess_q4
 * scales
 */
void kmc_band_add(struct kmc_band *b, u32 excess_q4, u32 nr);
/** kmc_band_lead - @missed: the value was above the level's quantile;
 * @rate_q16: how much that counts
 */
void kmc_band_lead(struct kmc_band *b, enum kmc_band_level level, bool missed, u32 rate_q16);
/** kmc_band_quantiles_q8 - both levels' quantiles, scales above the forecast, Q8 */
void kmc_band_quantiles_q8(const struct kmc_band *b, u32 *quantile_q8);

#endif /* KMC_BAND_H */
