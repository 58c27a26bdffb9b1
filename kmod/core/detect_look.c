// SPDX-License-Identifier: GPL-2.0
#include "detect_look.h"

/* The tracked quantile of a channel is its upper 1 in 32 at first: 5 bits */
#define DETECT_HIGH_SHIFT	5
#define DETECT_HIGH_MBIT	(DETECT_HIGH_SHIFT * 1000)
/* Floor of a density: one event in 256 samples */
#define DETECT_RATE_FLOOR	256
#define DETECT_EVIDENCE_MIN	(-100000)

/* Lowest quantiles: a constant line stays below them, so that they stand still */
static const s32 detect_low_mbit[KMC_DETECT_NR] = { 500, 500, 500, 8500, 8500 };

static u16 detect_rate(u16 rate_q16, bool event, u32 shift)
{
	return rate_q16 + ((s32)((event ? U16_MAX : 0) - rate_q16) >> shift);
}

void kmc_detect_look(const struct kmc_detect *d, const struct kmc_detect_params *p,
		     const struct kmc_detect_when *w, s32 x_q6, struct kmc_detect_look *k)
{
	u32 dense = kmc_detect_shift(d, p->dense_shift);
	s64 most = kmc_detect_times(d->resid_q20, p->clip_q4);
	s64 fast = w->broken ? 0 : d->fast_q14, slow = w->broken ? 0 : d->slow_q14;

	k->resid_q6 = x_q6 - kmc_detect_due_q6(d, w, x_q6) - (d->bias_q14 >> 8);
	k->step_q6 = w->broken || !d->age ? 0 : k->resid_q6 - d->last_q6;
	k->fast_q14 = fast + ((k->resid_q6 * 256 - fast) * p->fast_q8 >> 8);
	/* clipped: this channel is for what lasts, not for one large sample */
	k->slow_q14 = slow + ((clamp_t(s64, k->resid_q6, -most, most) * 256 - slow) >>
			      kmc_detect_shift(d, p->slow_shift));
	k->big = kmc_abs(k->resid_q6) > kmc_detect_times(d->resid_q20, p->often_q4);
	k->rough = kmc_abs(k->step_q6) > kmc_detect_times(d->step_q20, p->rough_q4);
	k->often_q16 = detect_rate(d->often_q16, k->big, dense);
	k->rough_q16 = detect_rate(d->rough_q16, k->rough, dense);
}

/*
 * log2 of a deviation.  Raised a little: zero is 2 to 4 bits below the typical one, and
 * a deviation of one unit on a constant line is not large.
 */
static s32 detect_level(s64 dev_q6, u64 typical_q20)
{
	return kmc_log2_mbit(kmc_abs(dev_q6) + (typical_q20 >> 18) + KMC_DETECT_UNIT_Q6 / 4);
}

static s32 detect_level_of_typical(u64 typical_q20)
{
	return kmc_log2_mbit((typical_q20 >> 14) + KMC_DETECT_UNIT_Q6);
}

void kmc_detect_levels(const struct kmc_detect *d, const struct kmc_detect_look *k,
		       s32 level[KMC_DETECT_NR])
{
	s32 resid = detect_level_of_typical(d->resid_q20);

	level[KMC_DETECT_FAST] = detect_level(k->fast_q14 >> 8, d->resid_q20) - resid;
	level[KMC_DETECT_SLOW] = detect_level(k->slow_q14 >> 8, d->resid_q20) - resid;
	level[KMC_DETECT_STEP] = detect_level(k->step_q6, d->step_q20) -
				 detect_level_of_typical(d->step_q20);
	level[KMC_DETECT_OFTEN] = kmc_log2_mbit(k->often_q16 + DETECT_RATE_FLOOR);
	level[KMC_DETECT_ROUGH] = kmc_log2_mbit(k->rough_q16 + DETECT_RATE_FLOOR);
}

/* Bits of the channel's own tail */
static s32 detect_tail(const struct kmc_detect_tail *t, s32 level)
{
	s32 over = level - (t->high_q12_mbit >> 12);

	if (over <= 0)
		return DETECT_HIGH_MBIT + over;
	return DETECT_HIGH_MBIT + (s32)div_u64((u64)over * KMC_LOG2E_MBIT, t->mean_mbit);
}

/*
 * Which way each channel points; 0: the channel is silent.  A density speaks only when
 * its event happens.
 */
static void detect_sides(const struct kmc_detect_look *k, s64 side[KMC_DETECT_NR])
{
	side[KMC_DETECT_FAST] = k->fast_q14;
	side[KMC_DETECT_SLOW] = k->slow_q14;
	side[KMC_DETECT_STEP] = k->step_q6;
	side[KMC_DETECT_OFTEN] = k->big ? k->resid_q6 : 0;
	side[KMC_DETECT_ROUGH] = k->rough ? k->step_q6 : 0;
}

/*
 * The largest of the channels that point up, and the largest of those that point down.
 * As a sample grows the first does not fall and the second does not rise.
 */
void kmc_detect_evidence(const struct kmc_detect *d, const struct kmc_detect_params *p,
			 const struct kmc_detect_look *k, const s32 level[KMC_DETECT_NR], s32 *up,
			 s32 *down)
{
	s64 side[KMC_DETECT_NR];
	int i;

	detect_sides(k, side);
	*up = DETECT_EVIDENCE_MIN;
	*down = DETECT_EVIDENCE_MIN;
	for (i = 0; i < KMC_DETECT_NR; i++) {
		s32 *best = side[i] > 0 ? up : down;

		if (side[i])
			*best = max(*best, detect_tail(&d->tail[i], level[i]) -
					   p->handicap_mbit[i]);
	}
}

u32 kmc_detect_high_step(const struct kmc_detect *d, const struct kmc_detect_params *p)
{
	if (d->gain_age >= KMC_DETECT_OLD)
		return p->high_step_mbit;
	return max(p->high_step_mbit, p->young_step_mbit / (d->gain_age + KMC_DETECT_YOUNG));
}

/* log2 of how rare a level above the quantile is: 1 in 32 at first, rarer with age */
static u32 detect_rare(const struct kmc_detect *d, const struct kmc_detect_params *p)
{
	return clamp_t(s32, fls64(d->age) - DETECT_HIGH_SHIFT, DETECT_HIGH_SHIFT, p->rare_shift);
}

/*
 * A quantile by steps: up by 1 - 2^-rare of a step when a level passes it, down by
 * 2^-rare of a step when none does.  It rests where one level in 2^rare passes.
 */
static void detect_learn_tail(struct kmc_detect_tail *t, s32 level, s32 low_mbit, u32 step,
			      u32 rare, u32 mean_shift)
{
	s32 over = level - (t->high_q12_mbit >> 12);

	if (over <= 0) {
		t->high_q12_mbit = max_t(s32, t->high_q12_mbit - (s32)(step << 12 >> rare),
					 low_mbit * 4096);
		return;
	}
	t->high_q12_mbit += (step << 12) - (step << 12 >> rare);
	over = min(over, 4 * t->mean_mbit) - t->mean_mbit;
	t->mean_mbit = max(t->mean_mbit + (over >> mean_shift), KMC_DETECT_EXCESS_MIN);
}

void kmc_detect_learn_tails(struct kmc_detect *d, const struct kmc_detect_params *p,
			    const s32 level[KMC_DETECT_NR], u32 step)
{
	u32 rare = detect_rare(d, p);
	int i;

	for (i = 0; i < KMC_DETECT_NR; i++)
		detect_learn_tail(&d->tail[i], level[i], detect_low_mbit[i], step, rare,
				  p->mean_shift);
}

void kmc_detect_approach_tails(struct kmc_detect *d, const struct kmc_detect_params *p,
			       const s32 level[KMC_DETECT_NR], u32 step, u32 n)
{
	s64 most = ((u64)step << 12) * n;
	u32 rare = detect_rare(d, p);
	int i;

	for (i = 0; i < KMC_DETECT_NR; i++) {
		s32 *high = &d->tail[i].high_q12_mbit;
		s32 rest = max(level[i], detect_low_mbit[i]) * 4096;

		if (rest > *high)
			*high = min_t(s64, rest, *high + most);
		else
			*high = max_t(s64, rest, *high - (most >> rare));
	}
}
