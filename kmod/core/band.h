/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Band: how far above the forecast the value may come.
 *
 * Problem: errors are neither normal nor alike over time; mean plus k sigma
 * covers 94 to 98 % where 99 are promised.
 *
 * Model: the excess of a value over its forecast goes into a histogram, in scales.
 * The scale is the one that was known when the forecast was made
 * (predict_width.h).  The histogram's upper quantiles times the present scale are the band.  Bins
 * are linear up to 1 and 1/8 octave wide above (kmc_hist_bin() of sixteenths),
 * to 64 scales; quantiles are interpolated within a bin.  Counts are halved when
 * they reach KMC_BAND_TOTAL_MAX, so that the memory swings between 1024 and 2048
 * samples.
 *
 * A histogram of a drifting source is late.  So the misses lead the share that is
 * asked of it (Gibbs and Candes 2021):
 *
 *   tail += rate * (target - missed)
 *
 * Over n periods the share of misses is within (change of tail) / (n rate) of
 * the target, whatever the source does.  This holds while the tail is between a
 * third of the target and three times the target.  Worked: rate 12/65536, p99: 36 misses more than
 * promised lower the tail asked for from 1 % to its bound of 1/3 %.
 */
#ifndef KMC_BAND_H
#define KMC_BAND_H

#include "hist.h"

#define KMC_BAND_OCTAVES	6
#define KMC_BAND_BINS		(KMC_HIST_LINEAR + (KMC_BAND_OCTAVES << KMC_HIST_SUB_SHIFT))
#define KMC_BAND_COUNT		16	/* that a sample adds */
#define KMC_BAND_TOTAL_MAX	32768

/**
 * enum kmc_band_level - which quantile
 * @KMC_BAND_P95: 95 % of values stay at or below it
 * @KMC_BAND_P99: 99 % of values stay at or below it
 * @KMC_NR_BAND_LEVELS: how many there are
 */
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

/**
 * kmc_band_init - a band that knows nothing
 * @b: set; quantiles are 0 until something is known
 */
void kmc_band_init(struct kmc_band *b);

/**
 * kmc_band_add - values came in
 * @b: band
 * @excess_q4: how far they were above the forecast, in sixteenths of the scale
 * @nr: how many values
 */
void kmc_band_add(struct kmc_band *b, u32 excess_q4, u32 nr);

/**
 * kmc_band_lead - let a hit or a miss lead the share that is asked for
 * @b: band
 * @level: of which quantile
 * @missed: the value was above the quantile
 * @rate_q16: how much that counts
 */
void kmc_band_lead(struct kmc_band *b, enum kmc_band_level level, bool missed, u32 rate_q16);

/**
 * kmc_band_quantiles_q8 - the quantiles of all levels
 * @b: band
 * @quantile_q8: set, scales above the forecast, per level
 */
void kmc_band_quantiles_q8(const struct kmc_band *b, u32 *quantile_q8);

#endif /* KMC_BAND_H */
