/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A decayed histogram in bounded memory.
 *
 * Problem: a distribution over seven decades, in which an hour ago counts half
 * of now, updated in constant time without touching every bin.
 *
 * Model: bins are spaced by 1/8 of an octave above 16 and by 1 below, so a
 * value is known to 12.5 % or better; the top bin saturates.  Decay runs
 * forward: old weights stay, the weight of a new sample grows by 2^(1/H) per
 * sample, H being the half-life in samples; when the increment reaches 2^12
 * everything is divided by 16, one pass over the bins in 4 H samples.
 *
 * Worked: H = 36 000 (an hour of 100 ms periods): the increment grows by
 * 1.9e-5 a sample from 256 to 4096 in 144 000 samples; the effective number
 * of samples is H/ln 2 = 51 937, so the smallest tail that can be told from
 * nothing is 2^-15.6.
 */
#ifndef KMC_HIST_H
#define KMC_HIST_H

#include "q.h"

#define KMC_HIST_LINEAR		16	/* bins of width 1 */
#define KMC_HIST_SUB_SHIFT	3	/* 8 bins per octave above */
#define KMC_HIST_OCTAVES	20
#define KMC_HIST_BINS	(KMC_HIST_LINEAR + (KMC_HIST_OCTAVES << KMC_HIST_SUB_SHIFT))
/* end of the top bin, which also takes all values above: 2^24, 16 million exits/s */
#define KMC_HIST_MAX		(1ULL << (4 + KMC_HIST_OCTAVES))

/* longest half-life in samples: total weight stays below 2^32 */
#define KMC_HIST_HALF_LIFE_MAX	524288U

/**
 * struct kmc_hist - decayed histogram
 * @bin: weight per bin; grows with samples, divided by 16 now and then
 * @total: sum of @bin
 * @inc_q16: weight of the next sample, Q16, in [2^24, 2^28)
 * @growth_q32: 2^(1/H) - 1 in Q32; 0 is no decay
 */
struct kmc_hist {
	u32 bin[KMC_HIST_BINS];
	u32 total;
	u32 inc_q16;
	u32 growth_q32;
};

/**
 * kmc_hist_init - an empty histogram
 * @h: set
 * @half_life: in samples, clamped to KMC_HIST_HALF_LIFE_MAX; 0: no decay
 */
void kmc_hist_init(struct kmc_hist *h, u32 half_life);

/**
 * kmc_hist_set_half_life - decay at another rate from now on
 * @h: histogram; what is learned stays
 * @half_life: in samples, clamped to KMC_HIST_HALF_LIFE_MAX; 0: no decay
 */
void kmc_hist_set_half_life(struct kmc_hist *h, u32 half_life);

/**
 * kmc_hist_bin - the bin of a value
 * @v: the value
 *
 * Return: below KMC_HIST_BINS.
 */
u8 kmc_hist_bin(u64 v);

/**
 * kmc_hist_bin_low - where a bin begins
 * @i: the bin; it covers [low(i), low(i + 1))
 *
 * Return: its smallest value.
 */
u64 kmc_hist_bin_low(u32 i);

/**
 * kmc_hist_add_bin - add one sample
 * @h: histogram.  It never wraps: when the total would pass 2^32 (no decay, 16
 *     million samples) all bins are halved
 * @i: the sample's bin
 */
void kmc_hist_add_bin(struct kmc_hist *h, u8 i);

/**
 * kmc_hist_add_bin_n - add like samples, in time that does not grow with their number
 * @h: histogram
 * @i: the samples' bin
 * @n: how many; the result is within 1 % of @n calls of kmc_hist_add_bin()
 */
void kmc_hist_add_bin_n(struct kmc_hist *h, u8 i, u32 n);

/**
 * kmc_hist_merge - add another histogram, on this one's scale
 * @dst: to this
 * @src: add this
 * @weight_bp: share of @src's effective samples that are added, 10 000 at most
 */
void kmc_hist_merge(struct kmc_hist *dst, const struct kmc_hist *src, u32 weight_bp);

/**
 * kmc_hist_samples - how many samples a histogram is worth
 * @h: histogram
 *
 * Return: effective number of samples: total / increment.
 */
u32 kmc_hist_samples(const struct kmc_hist *h);

/**
 * kmc_hist_tail_mbit - surprise of a value on one side
 * @h: what is known
 * @v: the value
 * @upper: true: P(X >= v), false: P(X <= v)
 *
 * -log2((W + inc) / (total + inc)), W the weight of @v's own bin and all
 * beyond it: the conformal p-value, valid from the first sample (never
 * smaller than 1/(n+1)) and conservative by the width of one bin.
 *
 * Return: mbit.
 */
u32 kmc_hist_tail_mbit(const struct kmc_hist *h, u64 v, bool upper);

/**
 * kmc_hist_alarm - smallest value that is this surprising upwards
 * @h: what is known
 * @mbit: surprise by kmc_hist_tail_mbit()
 *
 * Return: the value; U64_MAX when there is none (too few samples).
 */
u64 kmc_hist_alarm(const struct kmc_hist *h, u32 mbit);

#endif /* KMC_HIST_H */
