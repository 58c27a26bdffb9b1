/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Detect's day: what is due at a time of day and week.
 *
 * A day has 96 slots of 15 min; one profile holds the values of working days, another
 * those of weekends.  A visit is the time that samples spend in one slot: at its end its
 * mean goes into the profile.  Which quarters of the week are weekend is learned, too.
 */
#ifndef KMC_DETECT_DAY_H
#define KMC_DETECT_DAY_H

#include "detect.h"

#define KMC_DETECT_DAY_S	86400U
#define KMC_DETECT_SLOT_S	(KMC_DETECT_DAY_S / KMC_DETECT_SLOTS)
#define KMC_DETECT_WEEK_S	(7 * KMC_DETECT_DAY_S)
/* A sample unit in Q6: what is smaller is no deviation */
#define KMC_DETECT_UNIT_Q6	64

/**
 * struct kmc_detect_when - where a moment is in day and week
 * @from_s: begin of its slot
 * @slot: of the day
 * @quarter: of a day, counted in the week
 * @weekend: the weekend's profile applies
 * @broken: the sample does not follow the last one
 */
struct kmc_detect_when {
	u64 from_s;
	u8 slot;
	u8 quarter;
	bool weekend;
	bool broken;
};

/**
 * kmc_detect_times - a multiple of the typical deviation, plus one unit
 * @typical_q20: typical deviation
 * @times_q4: how many times, in sixteenths
 *
 * Return: Q6.
 */
static inline u64 kmc_detect_times(u64 typical_q20, u32 times_q4)
{
	return ((typical_q20 >> 14) * times_q4 >> 4) + KMC_DETECT_UNIT_Q6;
}

/**
 * kmc_detect_is_broken - does a sample not follow the last one?
 * @d: state
 * @when_s: end of the sample's period
 *
 * Return: true when it is more than four periods late, or earlier than the last one.
 */
bool kmc_detect_is_broken(const struct kmc_detect *d, u64 when_s);

/**
 * kmc_detect_place - find a moment in day and week
 * @d: state
 * @when_s: the moment
 * @w: set
 */
void kmc_detect_place(const struct kmc_detect *d, u64 when_s, struct kmc_detect_when *w);

/**
 * kmc_detect_due_q6 - the value that is due at a moment
 * @d: state
 * @w: the moment
 * @x_q6: returned while nothing is known
 *
 * Return: the slot's value.  If it was never seen: that of the same slot on the other
 * kind of day.  If that was never seen either: the level.
 */
s64 kmc_detect_due_q6(const struct kmc_detect *d, const struct kmc_detect_when *w, s32 x_q6);

/**
 * kmc_detect_enter - samples of this moment follow; end the visit of another slot
 * @d: state
 * @p: tunables
 * @w: the moment
 */
void kmc_detect_enter(struct kmc_detect *d, const struct kmc_detect_params *p,
		      const struct kmc_detect_when *w);

#endif /* KMC_DETECT_DAY_H */
