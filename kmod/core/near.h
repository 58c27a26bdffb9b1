/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Near: what followed when it last went like this.
 *
 * Problem: jobs that a clock starts make spikes every 12th or 288th period,
 * several of them on top of each other.  An average smears them out and a
 * linear filter needs a tap per lag and hundreds of periods to train each.
 *
 * Model: each lag l up to KMC_NEAR_LAGS has a decayed distance between the
 * recent past and the past as it was l periods ago:
 *
 *   miss[l] += (|x[t] - x[t - l]| - miss[l]) / 16
 *
 * That costs one step per lag and period, whatever the length of the pattern.
 * The lags that miss least are the nearest neighbours.  What came h periods
 * after lag l is x[t + h - l]; the median over the best 3, 7 or 15 lags is a
 * forecast for any horizon h, with no further state.  A pattern that repeats
 * wins by itself; its length need not be known.
 *
 * Worked: a spike every 12 periods on noise.  Lag 12 sees spike over spike and
 * misses by the noise only; lag 11 misses by two spikes in each 12.  So lags 12,
 * 24, ... lead, and the next spike is forecast one period and six ahead.
 *
 * Past and distances are 16 bits wide each.  The past is kept in units of
 * 2^shift, so that it fits 15 bits (shares of CPU always do, shift 0).  The
 * distances are scaled by 2^gain, so that a usual step is about 2^9: 1/16 of
 * it is known to 3 %, and 64 usual steps saturate.  With 15 bits each, four lags
 * share a 64-bit word, and their distances move together (Lamport 1975).
 */
#ifndef KMC_NEAR_H
#define KMC_NEAR_H

#include "q.h"

/* a day of 5-minute periods and an hour */
#define KMC_NEAR_LAGS		300
/* six periods more: a forecast looks so far behind a lag */
#define KMC_NEAR_PAST		(KMC_NEAR_LAGS + 6)
/* the past moves down one place a period, and up again all at once */
#define KMC_NEAR_SLACK		30
#define KMC_NEAR_MOST		15	/* neighbours */
#define KMC_NEAR_MEDIANS	3	/* of the nearest 3, 7 and 15 */
#define KMC_NEAR_MOVED		7	/* neighbours of kmc_near_moved() */
#define KMC_NEAR_LATE		0x200	/* above any lag */

/**
 * struct kmc_near - the past and how alike it is to the present
 * @past: values in units of 2^@shift, the newest at @head, older ones above
 * @miss: decayed distance per lag, lag l at l - 1, in @past's unit / 2^@gain
 * @move_q8: decayed size of a step, in @past's unit, Q8
 * @head: where the newest value is
 * @nr: values in the past, at most KMC_NEAR_PAST
 * @shift: log2 of @past's unit
 * @gain: log2 of a distance's scale
 */
struct kmc_near {
	u16 past[KMC_NEAR_PAST + KMC_NEAR_SLACK];
	u16 miss[KMC_NEAR_LAGS];
	u32 move_q8;
	u16 head;
	u16 nr;
	u8 shift;
	u8 gain;
};

/**
 * struct kmc_near_list - the nearest lags, best first
 * @nr: how many there are
 * @key: distance << 16 | lag in periods; plus KMC_NEAR_LATE if it was found by a
 *       later search, so that of equal distances the earlier search's come first
 */
struct kmc_near_list {
	u32 nr;
	u32 key[KMC_NEAR_MOST];
};

/**
 * kmc_near_lag - the lag of a place in the list
 * @list: list
 * @i: place
 *
 * Return: periods.
 */
static inline u32 kmc_near_lag(const struct kmc_near_list *list, u32 i)
{
	return list->key[i] & (KMC_NEAR_LATE - 1);
}

/**
 * kmc_near_miss - the distance of a place in the list
 * @list: list
 * @i: place
 *
 * Return: the distance, in the unit of kmc_near.miss.
 */
static inline u32 kmc_near_miss(const struct kmc_near_list *list, u32 i)
{
	return list->key[i] >> 16;
}

/**
 * kmc_near_init - a past that is empty
 * @n: set
 */
void kmc_near_init(struct kmc_near *n);

/**
 * kmc_near_observe - learn a period's value
 * @n: the past
 * @v: the value, below 2^24
 * @rate_shift: share of the newest step in the distances, 2^-n, n from 1 to 8
 */
void kmc_near_observe(struct kmc_near *n, u32 v, u32 rate_shift);

/**
 * kmc_near_skip - learn more periods of the value that was observed last
 * @n: the past
 * @nr: how many periods
 */
void kmc_near_skip(struct kmc_near *n, u32 nr);

/**
 * kmc_near_find - put the nearest lags of a range into a list
 * @n: the past
 * @from: shortest lag
 * @to: longest lag
 * @below: a guess at a distance that a few more than KMC_NEAR_MOST lags keep below,
 *         which saves most of the work when it is right; 0: none
 * @list: lags that are nearer than those in it are put in
 */
void kmc_near_find(const struct kmc_near *n, u32 from, u32 to, u32 below,
		   struct kmc_near_list *list);

/**
 * kmc_near_medians - medians of what followed the nearest 3, 7 and 15
 * @n: the past
 * @list: the nearest; all lags are @ahead at least
 * @ahead: how many periods later
 * @median: set, KMC_NEAR_MEDIANS of them; the newest value where there is no
 *          neighbour yet
 *
 * Return: the second highest of what followed them.
 */
u32 kmc_near_medians(const struct kmc_near *n, const struct kmc_near_list *list, u32 ahead,
		     u32 *median);

/**
 * kmc_near_moved - move the newest value as the nearest did
 * @n: the past
 * @list: the nearest
 *
 * Return: the newest value plus the median step of the nearest KMC_NEAR_MOVED, 0 at
 * least.
 */
u32 kmc_near_moved(const struct kmc_near *n, const struct kmc_near_list *list);

/**
 * kmc_near_last_median - median of the newest values
 * @n: the past
 * @k: how many, KMC_NEAR_MOST at most
 *
 * Return: the median.
 */
u32 kmc_near_last_median(const struct kmc_near *n, u32 k);

/**
 * kmc_near_past - a value of the past
 * @n: the past
 * @i: how many periods ago, 0 the newest; below n->nr
 *
 * Return: the value.
 */
static inline u32 kmc_near_past(const struct kmc_near *n, u32 i)
{
	return (u32)n->past[n->head + i] << n->shift;
}

#endif /* KMC_NEAR_H */
