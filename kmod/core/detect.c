// SPDX-License-Identifier: GPL-2.0
#include "detect.h"

#define DETECT_DAY_S		86400U
#define DETECT_SLOT_S		(DETECT_DAY_S / KMC_DETECT_SLOTS)
#define DETECT_QUARTER_S	(DETECT_DAY_S / 4)
#define DETECT_WEEK_S		(7 * DETECT_DAY_S)
/* A sample unit in Q6: what is smaller is no deviation */
#define DETECT_UNIT_Q6		64
#define DETECT_LOG2E_MBIT	1443
/* The tracked quantile of a channel is its upper 1 in 32 at first: 5 bits */
#define DETECT_HIGH_SHIFT	5
#define DETECT_HIGH_MBIT	(DETECT_HIGH_SHIFT * 1000)
/* Learning is faster until KMC_DETECT_OLD, by steps of young_step_mbit / (age + 16) */
#define DETECT_YOUNG		16U
/* Bins of evidence begin at -4 bits: the bulk is of no interest */
#define DETECT_BIN_MBIT		110
/* ... and above 7 bits, where few get, eight times as wide: up to 31 bits */
#define DETECT_BIN_FINE		100
#define DETECT_BIN_WIDE		8
#define DETECT_BIN_FROM_MBIT	(-4000)
#define DETECT_NO_TAIL		255
/* Evidence is in bits: one more is not worth more than 1.44 bits of surprise */
#define DETECT_MEAN_MIN_MBIT	1000
#define DETECT_EVIDENCE_MIN	(-100000)
#define DETECT_EVIDENCE_NONE	S32_MAX
#define DETECT_MBIT_MAX		100000
/* A rate's floor: one event in 256 samples */
#define DETECT_RATE_FLOOR	256
/* A run of like samples: so many one by one, in each later slot so many */
#define DETECT_RUN_MIN		256U
#define DETECT_RUN_SLOT		8
#define DETECT_RUN_PART		64U
/* Visits until a quarter of the week changes sides: it has 24 a week */
#define DETECT_WEEK_SURE	32

static_assert(sizeof(struct kmc_detect) <= 1536);
static_assert(KMC_DETECT_BINS < DETECT_NO_TAIL);

/* Found by search on labelled traces, for the mean over such sets moved by
 * 10 % at random, not for the best (tests/bench/detect.c)
 */
const struct kmc_detect_params kmc_detect_default = {
	.fast_q8 = 96,
	.slow_shift = 8,
	.bias_shift = 9,
	.day_shift = 2,
	.level_shift = 9,
	.scale_shift = 11,
	.clip_q4 = 144,
	.often_q4 = 76,
	.rough_q4 = 16,
	.dense_shift = 2,
	.high_step_mbit = 45,
	.young_step_mbit = 29500,
	.rare_shift = 10,
	.mean_shift = 4,
	.handicap_mbit = {
		[KMC_DETECT_SLOW] = -1900,
		[KMC_DETECT_STEP] = 4200,
		[KMC_DETECT_OFTEN] = 1200,
		[KMC_DETECT_ROUGH] = 4500,
	},
	.week = 1,
	.quarantine_mbit = 10000,
	.quarantine = 96,
	.tail_min = 256,
	.tail_weight = 8,
	.surprise_q8 = 72,
	.growth_q8 = 48,
	.hold_q8 = 384,
	.hold_decay_q12 = 18,
};

/* What a sample is compared with, and how far off it is.  Signed deviations
 * say up or down; a level is log2 of a deviation over the typical one.
 */
struct detect_look {
	s64 resid_q6;
	s64 step_q6;
	s64 fast_q14;
	s64 slow_q14;
	u16 often_q16;
	u16 rough_q16;
	bool big;
	bool rough;
};

/* Where a moment is in day and week */
struct detect_when {
	u64 from_s;	/* the slot's begin */
	u8 slot;
	u8 quarter;
	bool weekend;
	bool broken;	/* it does not follow the last sample */
};

/* Lowest quantiles: what a constant line makes is below, and stands still */
static const s32 detect_low_mbit[KMC_DETECT_NR] = { 500, 500, 500, 8500, 8500 };

static u64 detect_abs(s64 v)
{
	return v < 0 ? -v : v;
}

/* While young, a sample's equal share is larger and is taken */
static u32 detect_shift(const struct kmc_detect *d, u32 shift)
{
	return min_t(u32, shift, fls64(d->age));
}

/* Four periods late or at all back: what came before is another time's */
static bool detect_is_broken(const struct kmc_detect *d, u64 when_s)
{
	u64 period_s = div_u64(d->period_ms, 1000) + 1;

	return d->broken || (when_s - d->clock_s > 4 * period_s && d->age);
}

static void detect_place(const struct kmc_detect *d, u64 when_s, struct detect_when *w)
{
	u32 in_week;

	w->broken = detect_is_broken(d, when_s);
	if (d->age && when_s - d->slot_from_s < DETECT_SLOT_S) {
		w->from_s = d->slot_from_s;
		w->slot = d->slot;
		w->quarter = d->quarter;
		w->weekend = d->weekend;
		return;
	}
	div_u64_rem(when_s, DETECT_WEEK_S, &in_week);
	w->slot = in_week % DETECT_DAY_S / DETECT_SLOT_S;
	w->quarter = in_week / DETECT_QUARTER_S;
	w->from_s = when_s - in_week % DETECT_SLOT_S;
	w->weekend = d->week[w->quarter] > 0;
}

/* What is due: the slot's, or the same time's on the other kind of day, or,
 * where neither was seen, the level
 */
static s64 detect_due_q6(const struct kmc_detect *d, const struct detect_when *w, s32 x_q6)
{
	s32 due = d->day_q6[w->weekend][w->slot];

	if (due == KMC_DETECT_UNSEEN)
		due = d->day_q6[!w->weekend][w->slot];
	if (due != KMC_DETECT_UNSEEN)
		return due;
	return d->age ? d->level_q14 >> 8 : x_q6;
}

/* A typical deviation's multiple, and a unit more */
static u64 detect_times(u64 typical_q20, u32 times_q4)
{
	return ((typical_q20 >> 14) * times_q4 >> 4) + DETECT_UNIT_Q6;
}

static u16 detect_rate(u16 rate_q16, bool event, u32 shift)
{
	return rate_q16 + ((s32)((event ? U16_MAX : 0) - rate_q16) >> shift);
}

static void detect_look(const struct kmc_detect *d, const struct kmc_detect_params *p,
			const struct detect_when *w, s32 x_q6, struct detect_look *k)
{
	u32 dense = detect_shift(d, p->dense_shift);
	s64 most = detect_times(d->resid_q20, p->clip_q4);
	s64 fast = w->broken ? 0 : d->fast_q14, slow = w->broken ? 0 : d->slow_q14;

	k->resid_q6 = x_q6 - detect_due_q6(d, w, x_q6) - (d->bias_q14 >> 8);
	k->step_q6 = w->broken || !d->age ? 0 : k->resid_q6 - d->last_q6;
	k->fast_q14 = fast + ((k->resid_q6 * 256 - fast) * p->fast_q8 >> 8);
	/* one sample shall not stand for a hundred: what lasts counts here */
	k->slow_q14 = slow + ((clamp_t(s64, k->resid_q6, -most, most) * 256 - slow) >>
			      detect_shift(d, p->slow_shift));
	k->big = detect_abs(k->resid_q6) > detect_times(d->resid_q20, p->often_q4);
	k->rough = detect_abs(k->step_q6) > detect_times(d->step_q20, p->rough_q4);
	k->often_q16 = detect_rate(d->often_q16, k->big, dense);
	k->rough_q16 = detect_rate(d->rough_q16, k->rough, dense);
}

/* log2 of a deviation over the typical one, both raised a little, so that
 * zero is -2 to -4 bits and a unit on a constant line is no great thing
 */
static s32 detect_level(s64 dev_q6, u64 typical_q20)
{
	return kmc_log2_mbit(detect_abs(dev_q6) + (typical_q20 >> 18) + DETECT_UNIT_Q6 / 4);
}

static s32 detect_level_of_typical(u64 typical_q20)
{
	return kmc_log2_mbit((typical_q20 >> 14) + DETECT_UNIT_Q6);
}

static void detect_levels(const struct kmc_detect *d, const struct detect_look *k,
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
	return DETECT_HIGH_MBIT + (s32)div_u64((u64)over * DETECT_LOG2E_MBIT, t->mean_mbit);
}

/* Which way a channel points, 0: it does not speak.  A density speaks only by
 * an event.
 */
static void detect_sides(const struct detect_look *k, s64 side[KMC_DETECT_NR])
{
	side[KMC_DETECT_FAST] = k->fast_q14;
	side[KMC_DETECT_SLOW] = k->slow_q14;
	side[KMC_DETECT_STEP] = k->step_q6;
	side[KMC_DETECT_OFTEN] = k->big ? k->resid_q6 : 0;
	side[KMC_DETECT_ROUGH] = k->rough ? k->step_q6 : 0;
}

/* The largest of the channels that point up, and of those that point down.
 * As a sample grows the first does not fall and the second does not rise: the
 * alarm rests on it.
 */
static void detect_evidence(const struct kmc_detect *d, const struct kmc_detect_params *p,
			    const struct detect_look *k, const s32 level[KMC_DETECT_NR], s32 *up,
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

static u32 detect_bin(s32 evidence)
{
	s32 from = max(evidence, DETECT_BIN_FROM_MBIT) - DETECT_BIN_FROM_MBIT;
	u32 bin = (u32)from / DETECT_BIN_MBIT;

	if (bin >= DETECT_BIN_FINE)
		bin = DETECT_BIN_FINE + (bin - DETECT_BIN_FINE) / DETECT_BIN_WIDE;
	return min_t(u32, bin, KMC_DETECT_BINS - 1);
}

static s32 detect_bin_mid(u32 bin)
{
	u32 mid_x2 = 2 * bin + 1;

	if (bin >= DETECT_BIN_FINE)
		mid_x2 = 2 * DETECT_BIN_FINE +
			 (2 * (bin - DETECT_BIN_FINE) + 1) * DETECT_BIN_WIDE;
	return DETECT_BIN_FROM_MBIT + (s32)mid_x2 * (DETECT_BIN_MBIT / 2);
}

/* The tail begins in the highest bin that has @tail_weight samples in or above
 * it; twice the weight above its middle, and the mean excess over that
 */
static void detect_find_tail(struct kmc_detect *d, const struct kmc_detect_params *p)
{
	u32 weight = 0, i = KMC_DETECT_BINS;
	u64 sum = 0;

	while (i-- > 1) {
		if (weight)	/* all above are one bin farther off */
			sum += (u64)weight * (detect_bin_mid(i + 1) - detect_bin_mid(i));
		weight += d->bin[i];
		if (weight >= p->tail_weight)
			break;
	}
	d->tail_bin = i;
	d->tail_weight_x2 = 2 * weight - d->bin[i];
	sum = div_u64(sum, max_t(u32, weight - d->bin[i] / 2, 1));
	d->tail_mean_mbit = max_t(u64, sum, DETECT_MEAN_MIN_MBIT);
}

/* -log2 of the share of past evidence that was as large, one's own bin and
 * oneself counted by half: off by a factor of two at most where all of a bin
 * is one value
 */
static u32 detect_rank_mbit(const struct kmc_detect *d, u32 weight_x2)
{
	if (weight_x2 >= d->total)
		return 0;
	return kmc_log2_mbit(2 * d->total + 2) - kmc_log2_mbit(weight_x2 + 1);
}

/* Twice what is above a bin, and its own */
static u32 detect_weight_x2(const struct kmc_detect *d, u32 bin)
{
	u32 above = 0, i = bin + 1;

	for (; i % KMC_DETECT_GROUP; i++)
		above += d->bin[i];
	for (i /= KMC_DETECT_GROUP; i < KMC_DETECT_GROUPS; i++)
		above += d->group[i];
	return 2 * above + d->bin[bin];
}

static bool detect_in_tail(const struct kmc_detect *d, const struct kmc_detect_params *p,
			   u32 bin)
{
	return d->total >= p->tail_min && bin > d->tail_bin;
}

static u32 detect_calibrate(const struct kmc_detect *d, const struct kmc_detect_params *p,
			    s32 evidence)
{
	u32 bin = detect_bin(evidence);
	u64 over;

	if (detect_in_tail(d, p, bin)) {
		over = (u64)(evidence - detect_bin_mid(d->tail_bin)) * DETECT_LOG2E_MBIT;
		return min_t(u64, detect_rank_mbit(d, d->tail_weight_x2) +
				  div_u64(over, d->tail_mean_mbit), DETECT_MBIT_MAX);
	}
	return detect_rank_mbit(d, detect_weight_x2(d, bin));
}

/* Sums follow from the bins, and where the tail begins has to be looked for */
static void detect_sum(struct kmc_detect *d)
{
	u32 i;

	d->total = 0;
	memset(d->group, 0, sizeof(d->group));
	for (i = 0; i < KMC_DETECT_BINS; i++) {
		d->total += d->bin[i];
		d->group[i / KMC_DETECT_GROUP] += d->bin[i];
	}
	d->tail_bin = DETECT_NO_TAIL;
}

/* Rounded at random, so that a bin of one sample keeps its share on average */
static void detect_halve(struct kmc_detect *d)
{
	u64 coin = 0;
	u32 i;

	for (i = 0; i < KMC_DETECT_BINS; i++, coin >>= 1) {
		if (!(i & 31)) {
			d->seed = d->seed * 6364136223846793005ULL + 1442695040888963407ULL;
			coin = d->seed >> 32;
		}
		d->bin[i] = (d->bin[i] + (coin & 1)) >> 1;
	}
	detect_sum(d);
}

/* @n samples; a young histogram forgets by half at each doubling of its age */
static void detect_add(struct kmc_detect *d, u8 bin, u32 n)
{
	/* more than that and nothing else is left */
	n = min(n, 16 * KMC_DETECT_TOTAL_MAX);
	while (n) {
		u32 run = min(min(n, KMC_DETECT_TOTAL_MAX - d->total),
			      min(U16_MAX - d->bin[bin], d->halve_in));

		d->bin[bin] += run;
		d->group[bin / KMC_DETECT_GROUP] += run;
		d->total += run;
		n -= run;
		d->halve_in -= run;
		if (d->halve_in && d->total < KMC_DETECT_TOTAL_MAX && d->bin[bin] < U16_MAX)
			continue;
		detect_halve(d);
		/* never 0: rounding may have left nothing */
		d->halve_in = d->total > KMC_DETECT_TOTAL_MAX / 8 ?
			      U32_MAX : max(2 * d->total, DETECT_YOUNG);
	}
	if (bin >= d->tail_bin)
		d->tail_bin = DETECT_NO_TAIL;
}

static void detect_learn_evidence(struct kmc_detect *d, u8 bin)
{
	u32 limit = min_t(u64, KMC_DETECT_LAG, d->age / 2);

	if (d->lag_len && d->lag_len >= limit) {
		detect_add(d, d->lag[d->lag_tail], 1);
		d->lag_tail = d->lag_tail + 1 < KMC_DETECT_LAG ? d->lag_tail + 1 : 0;
		d->lag_len--;
	}
	if (limit) {
		u32 head = d->lag_tail + d->lag_len;

		d->lag[head < KMC_DETECT_LAG ? head : head - KMC_DETECT_LAG] = bin;
		d->lag_len++;
	} else {
		detect_add(d, bin, 1);
	}
}

/* Close a slot's visit: its mean counts as one sample, cut off where it is not
 * to be believed at once.  Which kind of day it was is looked at, too: the
 * quarter of the week moves towards the set that was nearer.
 */
static void detect_end_visit(struct kmc_detect *d, const struct kmc_detect_params *p)
{
	s32 *own = &d->day_q6[d->weekend][d->slot];
	s32 other = d->day_q6[!d->weekend][d->slot];
	s64 mean, most;
	u64 off, off_other;

	if (!d->nr_visit)
		return;
	mean = div64_u64(d->visit_q6, d->nr_visit);
	d->visit_q6 = 0;
	d->nr_visit = 0;
	if (*own == KMC_DETECT_UNSEEN) {
		*own = mean;
		return;
	}
	off = detect_abs(mean - *own);
	/* a quarter at least: what was typical in the day is not at its end */
	most = max(detect_times(d->resid_q20, p->clip_q4), off >> 2);
	*own += (s32)(clamp_t(s64, mean - *own, -most, most) >> p->day_shift);
	if (other == KMC_DETECT_UNSEEN || !p->week)
		return;
	off_other = detect_abs(mean - other);
	if (max(off, off_other) - min(off, off_other) <= d->resid_q20 >> 16)
		return;
	d->week[d->quarter] = clamp(d->week[d->quarter] +
				    ((off_other < off) != d->weekend ? 1 : -1),
				    -KMC_DETECT_WEEK_MAX, KMC_DETECT_WEEK_MAX);
}

static void detect_enter(struct kmc_detect *d, const struct kmc_detect_params *p,
			 const struct detect_when *w)
{
	if (w->from_s != d->slot_from_s)
		detect_end_visit(d, p);
	d->slot_from_s = w->from_s;
	d->slot = w->slot;
	d->quarter = w->quarter;
	d->weekend = w->weekend;
}

static u32 detect_high_step(const struct kmc_detect *d, const struct kmc_detect_params *p)
{
	if (d->gain_age >= KMC_DETECT_OLD)
		return p->high_step_mbit;
	return max(p->high_step_mbit, p->young_step_mbit / (d->gain_age + DETECT_YOUNG));
}

/* What a channel calls high: 1 in 32 at first, rarer as it knows more */
static u32 detect_rare(const struct kmc_detect *d, const struct kmc_detect_params *p)
{
	return clamp_t(s32, fls64(d->age) - DETECT_HIGH_SHIFT, DETECT_HIGH_SHIFT, p->rare_shift);
}

/* A quantile by steps: up by 1 - 2^-rare of one when passed, down by 2^-rare
 * when not, so that it rests where one in 2^rare passes.  Not below what a
 * constant line makes, so that such a line stands still.
 */
static void detect_learn_tail(struct kmc_detect *d, const struct kmc_detect_params *p, int channel,
			      s32 level, u32 step)
{
	struct kmc_detect_tail *t = &d->tail[channel];
	s32 over = level - (t->high_q12_mbit >> 12);
	u32 rare = detect_rare(d, p);

	if (over <= 0) {
		t->high_q12_mbit = max_t(s32, t->high_q12_mbit - (s32)(step << 12 >> rare),
					 detect_low_mbit[channel] * 4096);
		return;
	}
	t->high_q12_mbit += (step << 12) - (step << 12 >> rare);
	over = min(over, 4 * t->mean_mbit) - t->mean_mbit;
	t->mean_mbit = max(t->mean_mbit + (over >> p->mean_shift), KMC_DETECT_EXCESS_MIN);
}

static u64 detect_typical(u64 typical_q20, u64 dev_q6, u32 clip_q4, u32 shift)
{
	s64 dev_q20 = min(dev_q6, detect_times(typical_q20, clip_q4)) << 14;

	return typical_q20 + ((dev_q20 - (s64)typical_q20) >> shift);
}

static void detect_learn(struct kmc_detect *d, const struct kmc_detect_params *p, s32 x_q6,
			 const struct detect_look *k, const s32 level[KMC_DETECT_NR],
			 bool quarantined)
{
	s64 most = detect_times(d->resid_q20, p->clip_q4);
	u32 shift = detect_shift(d, p->scale_shift), step = detect_high_step(d, p);
	u32 level_shift = detect_shift(d, p->level_shift);
	int i;

	d->fast_q14 = k->fast_q14;
	d->slow_q14 = k->slow_q14;
	d->often_q16 = k->often_q16;
	d->rough_q16 = k->rough_q16;
	d->last_q6 = k->resid_q6;
	d->visit_q6 += x_q6;
	d->nr_visit++;
	if (!d->age)
		d->level_q14 = (s64)x_q6 * 256;
	d->age++;
	d->gain_age += d->gain_age < KMC_DETECT_OLD;
	if (quarantined)
		return;
	d->level_q14 += ((s64)x_q6 * 256 - d->level_q14) >> level_shift;
	d->bias_q14 += clamp_t(s64, k->resid_q6, -most, most) * 256 >>
		       min_t(u32, p->bias_shift, 2 + fls64(d->age));
	for (i = 0; i < KMC_DETECT_NR; i++)
		detect_learn_tail(d, p, i, level[i], step);
	d->resid_q20 = detect_typical(d->resid_q20, detect_abs(k->resid_q6), p->clip_q4, shift);
	d->step_q20 = detect_typical(d->step_q20, detect_abs(k->step_q6), p->clip_q4, shift);
}

/* An alert is a record: it must pass what was alerted before, which fades */
static void detect_hold(struct kmc_detect *d, const struct kmc_detect_params *p, u32 surprise_mbit,
			s32 evidence)
{
	s64 score = (s64)surprise_mbit * p->surprise_q8 +
		    (s64)evidence * (256 - (s32)p->surprise_q8);

	score = (score - (s64)kmc_log2_mbit(d->age + 1) * p->growth_q8) >> 8;
	d->held_mbit -= (d->held_mbit * p->hold_decay_q12 + 4095) >> 12;
	d->alert_mbit = 0;
	if (score <= 0 || score << 8 <= (s64)d->held_mbit * p->hold_q8)
		return;
	d->alert_mbit = score;
	d->held_mbit = score;
}

/* A sample as all channels see it */
struct detect_word {
	struct detect_look look;
	s32 level[KMC_DETECT_NR];
	s32 up;
	s32 down;
};

static void detect_weigh(const struct kmc_detect *d, const struct kmc_detect_params *p,
			 const struct detect_when *w, s32 x_q6, struct detect_word *word)
{
	detect_look(d, p, w, x_q6, &word->look);
	detect_levels(d, &word->look, word->level);
	detect_evidence(d, p, &word->look, word->level, &word->up, &word->down);
}

/* A bound only says that there was at least so much: what points down is nothing */
static struct kmc_surprise detect_judge(const struct kmc_detect *d,
					const struct kmc_detect_params *p,
					const struct detect_word *word, bool bound, s32 *evidence)
{
	struct kmc_surprise s = { 0, 0 };

	*evidence = bound ? word->up : max(word->up, word->down);
	s.mbit = detect_calibrate(d, p, *evidence);
	if (s.mbit)
		s.dir = bound || word->up >= word->down ? 1 : -1;
	return s;
}

static struct kmc_surprise detect_step(struct kmc_detect *d, const struct kmc_detect_params *p,
				       const struct detect_when *w, s32 x_q6, bool learn)
{
	struct detect_word word;
	struct kmc_surprise s;
	s32 evidence;
	bool strange;

	detect_weigh(d, p, w, x_q6, &word);
	s = detect_judge(d, p, &word, !learn, &evidence);
	detect_hold(d, p, s.mbit, evidence);
	if (!learn)
		return s;
	strange = s.mbit >= p->quarantine_mbit;
	detect_learn_evidence(d, detect_bin(evidence));
	detect_learn(d, p, x_q6, &word.look, word.level,
		     strange && d->quarantine < p->quarantine);
	d->quarantine = strange ? min_t(u32, d->quarantine + 1, U8_MAX) : 0;
	d->broken = false;
	if (d->tail_bin == DETECT_NO_TAIL)
		detect_find_tail(d, p);
	return s;
}

/* What is left after @n samples of a share of 2^-shift: e^(-n / 2^shift) */
static u32 detect_keep_q16(u32 n, u32 shift)
{
	return kmc_exp2neg_q16(min_t(u64, (u64)n * DETECT_LOG2E_MBIT >> shift, 100000));
}

static s64 detect_towards(s64 from, s64 to, u32 keep_q16)
{
	/* 2^46 at most by 2^16 */
	return to + ((from - to) * keep_q16 >> 16);
}

/* Whether a sample is so far off that the bias does not see all of it */
static bool detect_is_clipped(const struct kmc_detect *d, const struct kmc_detect_params *p,
			      const struct detect_when *w, s32 x_q6)
{
	return detect_abs(x_q6 - detect_due_q6(d, w, x_q6) - (d->bias_q14 >> 8)) >
	       detect_times(d->resid_q20, p->clip_q4);
}

/* @n more samples like the last, in the same slot: each average goes as far
 * as they would take it, by its closed form
 */
static void detect_rest(struct kmc_detect *d, const struct kmc_detect_params *p,
			const struct detect_when *w, s32 x_q6, u32 n)
{
	u32 keep = detect_keep_q16(n, p->scale_shift), dense = detect_keep_q16(n, p->dense_shift);
	s64 most = (s64)(detect_times(d->resid_q20, p->clip_q4) * 256 >> p->bias_shift) * n;
	s64 off, left;
	s32 level[KMC_DETECT_NR], up, down;
	struct detect_look k;
	u32 i, step, rare;

	d->level_q14 = detect_towards(d->level_q14, (s64)x_q6 * 256,
				      detect_keep_q16(n, p->level_shift));
	off = detect_due_q6(d, w, x_q6) * 256 + d->bias_q14 - (s64)x_q6 * 256;
	left = detect_towards(off, 0, detect_keep_q16(n, p->bias_shift));
	left = clamp_t(s64, left, off - most, off + most);
	d->bias_q14 += left - off;
	d->fast_q14 = -left;
	d->last_q6 = -left / 256;
	d->slow_q14 = detect_towards(d->slow_q14, -left, detect_keep_q16(n, p->slow_shift));
	d->resid_q20 = detect_towards(d->resid_q20,
				      min(detect_abs(left) << 6,
					  detect_times(d->resid_q20, p->clip_q4) << 14), keep);
	d->step_q20 = detect_towards(d->step_q20, 0, keep);
	detect_look(d, p, w, x_q6, &k);
	d->often_q16 = detect_towards(d->often_q16, k.big ? U16_MAX : 0, dense);
	d->rough_q16 = detect_towards(d->rough_q16, 0, dense);
	d->visit_q6 += (u64)x_q6 * n;
	d->nr_visit += n;
	d->age = kmc_sat_add(d->age, n);
	step = detect_high_step(d, p);
	rare = detect_rare(d, p);
	d->gain_age = min_t(u64, (u64)d->gain_age + n, KMC_DETECT_OLD);
	detect_look(d, p, w, x_q6, &k);
	detect_levels(d, &k, level);
	for (i = 0; i < KMC_DETECT_NR; i++) {
		s32 *high = &d->tail[i].high_q12_mbit;
		s32 rest = max(level[i], detect_low_mbit[i]) * 4096;
		s64 most = ((u64)step << 12) * n;

		/* no farther than to the level, where it rests */
		if (rest > *high)
			*high = min_t(s64, rest, *high + most);
		else
			*high = max_t(s64, rest, *high - (most >> rare));
	}
	d->held_mbit = d->held_mbit * (u64)kmc_exp2neg_q16(min_t(u64, (u64)n * p->hold_decay_q12 *
					DETECT_LOG2E_MBIT >> 12, 100000)) >> 16;
	detect_evidence(d, p, &k, level, &up, &down);
	for (i = 0; i < min_t(u32, n, KMC_DETECT_LAG); i++)
		detect_learn_evidence(d, detect_bin(max(up, down)));
	detect_add(d, detect_bin(max(up, down)), n - i);
	if (d->tail_bin == DETECT_NO_TAIL)
		detect_find_tail(d, p);
}

static void detect_rest_of_slot(struct kmc_detect *d, const struct kmc_detect_params *p,
				const struct detect_when *w, s32 x_q6, u32 n)
{
	while (n) {
		/* what is typical grows, and the clip with it: in small parts */
		u32 part = detect_is_clipped(d, p, w, x_q6) ? min(n, DETECT_RUN_PART) : n;

		detect_rest(d, p, w, x_q6, part);
		n -= part;
	}
}

/* Like samples, slot by slot; the last one ends at @when_s; the first @single of
 * them are stepped through
 */
static void detect_run(struct kmc_detect *d, const struct kmc_detect_params *p, s32 x_q6,
		       u64 when_s, u32 n, u32 single)
{
	u64 week = div_u64(DETECT_WEEK_S * 1000ULL, d->period_ms);
	u32 in_slot, i;
	struct detect_when w;
	u64 at_ms;

	if (n > week) {
		d->age = kmc_sat_add(d->age, n - week);
		n = week;
	}
	at_ms = kmc_sat_sub(when_s * 1000, (u64)(n - 1) * d->period_ms);
	while (n) {
		detect_place(d, div_u64(at_ms, 1000), &w);
		in_slot = div_u64((w.from_s + DETECT_SLOT_S) * 1000 - at_ms + d->period_ms - 1,
				  d->period_ms);
		in_slot = clamp_t(u32, in_slot, 1, n);
		detect_enter(d, p, &w);
		for (i = 0; i < min(in_slot, single); i++) {
			detect_step(d, p, &w, x_q6, true);
			w.broken = false;
		}
		detect_rest_of_slot(d, p, &w, x_q6, in_slot - i);
		single = DETECT_RUN_SLOT;
		n -= in_slot;
		at_ms += (u64)in_slot * d->period_ms;
		d->clock_s = div_u64(at_ms - d->period_ms, 1000);
	}
}

/* @n more samples of @x_q6 are in: so many of a run have still to be stepped through */
static u32 detect_count_run(struct kmc_detect *d, s32 x_q6, u32 n)
{
	u32 before = x_q6 == d->run_q6 ? d->run : 0;

	d->run_q6 = x_q6;
	d->run = min_t(u64, (u64)before + n, U32_MAX);
	return kmc_sat_sub(DETECT_RUN_MIN, before);
}

/* More of a long run, in the slot that is being visited? */
static bool detect_goes_on(const struct kmc_detect *d, s32 x_q6, u64 first_s, u64 when_s)
{
	return d->run >= DETECT_RUN_MIN && d->nr_visit >= DETECT_RUN_SLOT &&
	       x_q6 == d->run_q6 && !detect_is_broken(d, first_s) &&
	       when_s - d->slot_from_s < DETECT_SLOT_S;
}

static void detect_pay(struct kmc_detect *d, const struct kmc_detect_params *p)
{
	struct detect_when w;

	if (!d->owed)
		return;
	/* they ended in the slot that is being visited */
	detect_place(d, d->clock_s, &w);
	detect_rest_of_slot(d, p, &w, d->run_q6, d->owed);
	d->owed = 0;
}

void kmc_detect_settle(struct kmc_detect *d)
{
	detect_pay(d, &kmc_detect_default);
}

static s32 detect_sample_q6(const struct kmc_sample *s)
{
	return (s32)min_t(u64, s->demand, KMC_HIST_MAX - 1) * DETECT_UNIT_Q6;
}

static struct kmc_surprise detect_say(const struct kmc_detect *d,
				      const struct kmc_detect_params *p,
				      const struct kmc_sample *s, u64 when_s)
{
	struct detect_word word;
	struct detect_when w;
	s32 evidence;

	detect_place(d, when_s, &w);
	detect_weigh(d, p, &w, detect_sample_q6(s), &word);
	return detect_judge(d, p, &word, s->censored, &evidence);
}

struct kmc_surprise kmc_detect_observe_with(struct kmc_detect *d,
					    const struct kmc_detect_params *p,
					    const struct kmc_sample *s, u64 when_s, u32 repeat)
{
	s32 x_q6 = detect_sample_q6(s);
	struct kmc_surprise first;
	struct detect_when w;
	u32 learn = repeat, single;
	u64 first_s;

	repeat = max(repeat, 1);
	when_s = min_t(u64, when_s, KMC_DETECT_WHEN_MAX);
	first_s = kmc_sat_sub(when_s, div_u64((u64)(repeat - 1) * d->period_ms, 1000));
	if (!s->censored && detect_goes_on(d, x_q6, first_s, when_s)) {
		if (!d->owed)
			d->run_surprise = detect_say(d, p, s, first_s);
		d->owed = min_t(u64, (u64)d->owed + repeat, U32_MAX);
		d->run = min_t(u64, (u64)d->run + repeat, U32_MAX);
		d->clock_s = when_s;
		d->censored_run = 0;
		d->alert_mbit = 0;
		return d->run_surprise;
	}
	detect_pay(d, p);
	if (s->censored)
		learn = kmc_censor_run(&d->censored_run, repeat,
				       div_u64(KMC_PROFILE_CENSOR_MAX_S * 1000ULL, d->period_ms));
	else
		d->censored_run = 0;
	detect_place(d, first_s, &w);
	if (!learn || s->censored) {
		first = detect_step(d, p, &w, x_q6, false);
		d->broken = true;
		d->clock_s = when_s;
		if (!learn)
			return first;
		detect_run(d, p, x_q6, when_s, learn, DETECT_RUN_MIN);
		d->run = 0;
		return first;
	}
	single = detect_count_run(d, x_q6, repeat);
	detect_enter(d, p, &w);
	first = detect_step(d, p, &w, x_q6, true);
	if (repeat > 1) {
		u32 alert_mbit = d->alert_mbit;

		/* of each slot the first ones are stepped through */
		single = max_t(u32, single, kmc_sat_sub(DETECT_RUN_SLOT, d->nr_visit));
		d->clock_s = kmc_sat_sub(when_s, div_u64((u64)(repeat - 2) * d->period_ms, 1000));
		detect_run(d, p, x_q6, when_s, repeat - 1, single);
		d->alert_mbit = alert_mbit;
	}
	d->clock_s = when_s;
	return first;
}

struct kmc_surprise kmc_detect_judge(const struct kmc_detect *d, const struct kmc_sample *s,
				     u64 when_s)
{
	return detect_say(d, &kmc_detect_default, s, min_t(u64, when_s, KMC_DETECT_WHEN_MAX));
}

struct kmc_surprise kmc_detect_observe(struct kmc_detect *d, const struct kmc_sample *s,
				       u64 when_s, u32 repeat)
{
	return kmc_detect_observe_with(d, &kmc_detect_default, s, when_s, repeat);
}

static s32 detect_bin_low(u32 bin)
{
	if (!bin)
		return DETECT_EVIDENCE_MIN;
	if (bin > DETECT_BIN_FINE)
		bin = DETECT_BIN_FINE + (bin - DETECT_BIN_FINE) * DETECT_BIN_WIDE;
	return DETECT_BIN_FROM_MBIT + (s32)bin * DETECT_BIN_MBIT;
}

/* The smallest evidence that calibrates to @mbit; DETECT_EVIDENCE_NONE: none.
 * Within a bin all is alike; in the tail it is a straight line.
 */
static s32 detect_evidence_for(const struct kmc_detect *d, const struct kmc_detect_params *p,
			       u32 mbit)
{
	u32 low = 0, high = KMC_DETECT_BINS - 1, base;
	s32 evidence;

	if (detect_in_tail(d, p, high))
		high = d->tail_bin;
	base = detect_rank_mbit(d, detect_weight_x2(d, high));
	if (base >= mbit) {
		while (low < high) {
			u32 mid = (low + high) / 2;

			if (detect_rank_mbit(d, detect_weight_x2(d, mid)) >= mbit)
				high = mid;
			else
				low = mid + 1;
		}
		return detect_bin_low(high);
	}
	if (!detect_in_tail(d, p, high + 1) || high == KMC_DETECT_BINS - 1 ||
	    mbit > DETECT_MBIT_MAX)
		return DETECT_EVIDENCE_NONE;
	evidence = detect_bin_mid(high) +
		   (s32)div_u64((u64)(mbit - base) * d->tail_mean_mbit, DETECT_LOG2E_MBIT);
	evidence = max(evidence, detect_bin_low(high + 1));
	while (detect_calibrate(d, p, evidence) < mbit)
		evidence++;
	return evidence;
}

/* The least level with which a channel gives @evidence */
static s32 detect_level_for(const struct kmc_detect_tail *t, s32 evidence)
{
	s32 over = evidence - DETECT_HIGH_MBIT, level = t->high_q12_mbit >> 12;

	if (over <= 0)
		return level + over;
	return level + (s32)div_u64((u64)over * t->mean_mbit + DETECT_LOG2E_MBIT - 1,
				    DETECT_LOG2E_MBIT);
}

/* Whether some channel that points up is at the level that it needs */
static bool detect_reaches(const struct kmc_detect *d, const struct kmc_detect_params *p,
			   const struct detect_when *w, u64 demand,
			   const s32 need[KMC_DETECT_NR])
{
	s64 side[KMC_DETECT_NR];
	struct detect_look k;

	detect_look(d, p, w, demand * DETECT_UNIT_Q6, &k);
	detect_sides(&k, side);
	return (side[KMC_DETECT_FAST] > 0 &&
		detect_level(k.fast_q14 >> 8, d->resid_q20) >= need[KMC_DETECT_FAST]) ||
	       (side[KMC_DETECT_SLOW] > 0 &&
		detect_level(k.slow_q14 >> 8, d->resid_q20) >= need[KMC_DETECT_SLOW]) ||
	       (side[KMC_DETECT_STEP] > 0 &&
		detect_level(k.step_q6, d->step_q20) >= need[KMC_DETECT_STEP]) ||
	       (side[KMC_DETECT_OFTEN] > 0 &&
		(s32)kmc_log2_mbit(k.often_q16 + DETECT_RATE_FLOOR) >= need[KMC_DETECT_OFTEN]) ||
	       (side[KMC_DETECT_ROUGH] > 0 &&
		(s32)kmc_log2_mbit(k.rough_q16 + DETECT_RATE_FLOOR) >= need[KMC_DETECT_ROUGH]);
}

static bool detect_points_up(const struct kmc_detect *d, const struct kmc_detect_params *p,
			     const struct detect_when *w, u64 demand)
{
	struct detect_word word;

	detect_weigh(d, p, w, demand * DETECT_UNIT_Q6, &word);
	return word.up >= word.down;
}

u64 kmc_detect_alarm(const struct kmc_detect *d, u64 when_s, u32 threshold_mbit)
{
	const struct kmc_detect_params *p = &kmc_detect_default;
	s32 evidence = detect_evidence_for(d, p, max(threshold_mbit, 1));
	u64 low = 0, high = KMC_HIST_MAX - 1;
	s32 need[KMC_DETECT_NR], resid;
	struct detect_when w;
	int i;

	if (evidence == DETECT_EVIDENCE_NONE)
		return U64_MAX;
	for (i = 0; i < KMC_DETECT_NR; i++)
		need[i] = detect_level_for(&d->tail[i], evidence + p->handicap_mbit[i]);
	/* levels without the typical one's part, which is the same for all demands */
	resid = detect_level_of_typical(d->resid_q20);
	need[KMC_DETECT_FAST] += resid;
	need[KMC_DETECT_SLOW] += resid;
	need[KMC_DETECT_STEP] += detect_level_of_typical(d->step_q20);
	detect_place(d, min_t(u64, when_s, KMC_DETECT_WHEN_MAX), &w);
	if (!detect_reaches(d, p, &w, high, need) || !detect_points_up(d, p, &w, high))
		return U64_MAX;
	/* it rings at @high; once @low = @high it does not below */
	while (low < high) {
		u64 mid = low + (high - low) / 2;

		if (detect_reaches(d, p, &w, mid, need))
			high = mid;
		else
			low = mid + 1;
	}
	if (detect_points_up(d, p, &w, high))
		return high;
	/* seldom: what points down is stronger yet */
	low = high + 1;
	high = KMC_HIST_MAX - 1;
	while (low < high) {
		u64 mid = low + (high - low) / 2;

		if (detect_points_up(d, p, &w, mid))
			high = mid;
		else
			low = mid + 1;
	}
	return high;
}

void kmc_detect_set_rate(struct kmc_detect *d, u32 samples_per_day)
{
	kmc_detect_settle(d);
	d->period_ms = max_t(u32, DETECT_DAY_S * 1000U / max(samples_per_day, 1), 1);
	/* steps and densities are others now: their scales are sought anew */
	d->gain_age = min_t(u32, d->gain_age, 4 * DETECT_YOUNG);
	d->broken = true;
	if (d->total > 4 * KMC_DETECT_BINS) {
		detect_halve(d);
		d->halve_in = min(d->halve_in, d->total);
		d->tail_bin = DETECT_NO_TAIL;
		detect_find_tail(d, &kmc_detect_default);
	}
}

void kmc_detect_take(struct kmc_detect *d, const struct kmc_detect *from)
{
	u32 period_ms = d->period_ms;

	*d = *from;
	d->period_ms = period_ms;
	/* where it was in time, and what came shortly before, is another host's */
	d->broken = true;
	d->clock_s = 0;
	d->slot_from_s = 0;
	d->visit_q6 = 0;
	d->nr_visit = 0;
	d->fast_q14 = 0;
	d->slow_q14 = 0;
	d->last_q6 = 0;
	d->censored_run = 0;
	d->run = 0;
	d->owed = 0;
	d->quarantine = 0;
	d->alert_mbit = 0;
	detect_sum(d);
	detect_find_tail(d, &kmc_detect_default);
}

void kmc_detect_init(struct kmc_detect *d, u32 samples_per_day)
{
	u32 i;

	memset(d, 0, sizeof(*d));
	for (i = 0; i < KMC_DETECT_SLOTS; i++) {
		d->day_q6[0][i] = KMC_DETECT_UNSEEN;
		d->day_q6[1][i] = KMC_DETECT_UNSEEN;
	}
	/* the epoch was a Thursday: days 2 and 3 are Saturday and Sunday */
	for (i = 0; i < KMC_DETECT_WEEK; i++)
		d->week[i] = i / 4 == 2 || i / 4 == 3 ? DETECT_WEEK_SURE : -DETECT_WEEK_SURE;
	for (i = 0; i < KMC_DETECT_NR; i++) {
		d->tail[i].high_q12_mbit = (i < KMC_DETECT_OFTEN ? 2000 : 12000) << 12;
		d->tail[i].mean_mbit = 1000;
	}
	d->halve_in = DETECT_YOUNG * DETECT_YOUNG;
	d->tail_bin = DETECT_NO_TAIL - 1;	/* nothing is above */
	d->tail_mean_mbit = DETECT_MEAN_MIN_MBIT;
	kmc_detect_set_rate(d, samples_per_day);
	d->broken = false;
}
