/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Detect: how surprising a sample is, given the time of day and what came
 * shortly before.
 *
 * Problem: a VM at 80 % is normal at 9 o'clock on a Monday and is not on a
 * Sunday at 4.  A good predictor adapts to the anomaly and forgives it.  So
 * detect is no predictor: it judges first, and it learns slowly and late.
 *
 * Model: a profile of the day (96 slots of 15 min, one set for working days
 * and one for weekends) says what is due; a bias follows slow drift.  Five
 * channels measure how far a sample is off: the residual smoothed over some
 * 3 samples; the residual smoothed over some 250; the step from the last
 * residual; the density of large residuals; the density of large steps.  Each
 * channel tracks a high quantile q of its own and the mean excess over q, both
 * in log2.  One sample in 32 is above q at first, one in 1024 in the end.  They
 * turn a deviation d into bits of a Pareto tail:
 *
 *   bits = 5 + (log2 d - log2 q) * log2 e / mean excess,    d above q
 *   bits = 5 - (log2 q - log2 d),                           d below q
 *
 * The largest of the five is the evidence.  It is monotone, not calibrated.
 * A decayed histogram of past evidence calibrates it: surprise is -log2 of
 * the evidence's rank in the past.  Above the eighth largest the mean excess
 * over it continues the rank.  The histogram learns late: an evidence waits
 * for 96 samples, so that a spike is judged by what came before it.
 *
 * Worked: d is 3 times q and excesses are 0.5 octaves in the mean: 5 + 1.585 *
 * 1.443 / 0.5 = 9.57 bits of evidence.  59 of 30 000 were larger and one lies in
 * the same bin: surprise is log2(60 002 / (2 * 59 + 1 + 1)) = 8.97 bits.
 *
 * A second output is for alerts, which must be few: kmc_detect_alert().
 *
 * The code is in parts, each of which calls only those before it: detect_day
 * (what is due), detect_look (channels), detect_rank (calibration), detect_step
 * (one sample), detect_run (many like ones), detect.
 */
#ifndef KMC_DETECT_H
#define KMC_DETECT_H

#include "profile.h"

#define KMC_DETECT_SLOTS	96	/* of a day: 15 min */
#define KMC_DETECT_BINS		128	/* of evidence, most of 0.11 bits */
#define KMC_DETECT_GROUP	16	/* bins that are summed up together */
#define KMC_DETECT_GROUPS	(KMC_DETECT_BINS / KMC_DETECT_GROUP)
#define KMC_DETECT_LAG		96	/* samples that an evidence waits before it is learned */
#define KMC_DETECT_WEEK		28	/* quarters of a day in a week */
#define KMC_DETECT_WEEK_MAX	64	/* votes of a quarter for its side, at most */
#define KMC_DETECT_UNSEEN	((s32)0x80000000)	/* a slot's value before its first visit */
#define KMC_DETECT_EXCESS_MIN	100	/* mbit: of a channel's mean excess */
#define KMC_DETECT_OLD		32768U	/* samples until learning is slow */
/* evidence is halved at this total, or when a bin is full */
#define KMC_DETECT_TOTAL_MAX	(1U << 18)

/**
 * enum kmc_detect_channel - ways to be off
 * @KMC_DETECT_FAST: residual, smoothed over some 3 samples
 * @KMC_DETECT_SLOW: residual, smoothed over some 250 samples (2^slow_shift)
 * @KMC_DETECT_STEP: step from the last residual
 * @KMC_DETECT_OFTEN: density of large residuals
 * @KMC_DETECT_ROUGH: density of large steps
 * @KMC_DETECT_NR: how many there are
 */
enum kmc_detect_channel {
	KMC_DETECT_FAST,
	KMC_DETECT_SLOW,
	KMC_DETECT_STEP,
	KMC_DETECT_OFTEN,
	KMC_DETECT_ROUGH,
	KMC_DETECT_NR,
};

/**
 * struct kmc_detect_params - tunables; the module has one constant set
 * @fast_q8: share of a new sample in the fast residual, of 256
 * @slow_shift: share of a new sample in the slow residual, 2^-shift
 * @bias_shift: share of a residual in the bias, 2^-shift
 * @day_shift: share of a visit's mean in its slot of the profile, 2^-shift
 * @level_shift: share of a new sample in the level, 2^-shift; the level stands
 *               in for slots never seen
 * @scale_shift: share of a new deviation in the typical residual and the
 *               typical step, 2^-shift
 * @clip_q4: a deviation counts in an average at most as this multiple of the
 *           typical one, in sixteenths
 * @often_q4: a residual is large above this multiple of the typical one, in
 *            sixteenths
 * @rough_q4: a step is large above this multiple of the typical one, in sixteenths
 * @dense_shift: share of a new sample in a density, 2^-shift
 * @high_step_mbit: step of a channel's tracked quantile
 * @mean_shift: share of a new excess in the mean excess, 2^-shift
 * @young_step_mbit: this over the age is the step, while it is the larger one
 * @rare_shift: the share above a quantile falls as 1/age, down to 2^-shift
 * @handicap_mbit: taken off a channel's evidence
 * @week: whether weekends have a profile of their own
 * @quarantine_mbit: from this surprise on a sample does not move scales
 * @quarantine: at most this many samples in a row do not move scales; the next
 *              one does
 * @tail_min: samples from which on surprise goes beyond rank
 * @tail_weight: samples that the continued tail begins above
 * @surprise_q8: share of surprise in an alert's score, of 256; the rest is evidence
 * @growth_q8: taken off the score per bit of age, of 256
 * @hold_q8: an alert must reach this multiple of the held peak, of 256; 0: any
 * @hold_decay_q12: what the held peak loses per sample, of 4096
 */
struct kmc_detect_params {
	u32 fast_q8;
	u32 slow_shift;
	u32 bias_shift;
	u32 day_shift;
	u32 level_shift;
	u32 scale_shift;
	u32 clip_q4;
	u32 often_q4;
	u32 rough_q4;
	u32 dense_shift;
	u32 high_step_mbit;
	u32 mean_shift;
	u32 young_step_mbit;
	u32 rare_shift;
	s32 handicap_mbit[KMC_DETECT_NR];
	u32 week;
	u32 quarantine_mbit;
	u32 quarantine;
	u32 tail_min;
	u32 tail_weight;
	u32 surprise_q8;
	u32 growth_q8;
	u32 hold_q8;
	u32 hold_decay_q12;
};

/* the module's set */
extern const struct kmc_detect_params kmc_detect_default;

/**
 * struct kmc_detect_tail - one channel's own tail
 * @high_q12_mbit: tracked high quantile of its level; Q12, so that a step down,
 *                 2^-10 of a step up, is not lost
 * @mean_mbit: mean excess of levels over @high_q12_mbit
 */
struct kmc_detect_tail {
	s32 high_q12_mbit;
	s32 mean_mbit;
};

/**
 * struct kmc_detect - what is normal for one resource of one VM, and when
 * @day_q6: profile of a working day and of a weekend day, per slot, Q6
 * @bin: past evidence; all bins are halved when @total is 2^18, or one is full
 * @group: sums of 16 bins
 * @lag: bins that wait to be learned, oldest at @lag_tail
 * @week: per quarter of a day in the week: above 0 it belongs to the weekend
 * @tail: per channel
 * @age: samples learned
 * @clock_s: when the last sample ended
 * @slot_from_s: begin of the slot being visited
 * @visit_q6: sum of the visit's samples
 * @level_q14: decayed mean of samples
 * @bias_q14: decayed mean of what samples were above the profile
 * @fast_q14: fast residual
 * @slow_q14: slow residual
 * @last_q6: last residual
 * @resid_q20: typical residual
 * @step_q20: typical step from one residual to the next
 * @seed: rounds bins when they are halved
 * @nr_visit: samples of the visit
 * @total: sum of @bin
 * @halve_in: samples until a young histogram is halved
 * @gain_age: age in samples that learning rates go by
 * @censored_run: censored samples in a row
 * @run: like samples in a row, up to the last
 * @run_q6: the sample that @run counts
 * @owed: samples at the end of @run that are counted but not learned
 * @run_surprise: surprise of each owed sample
 * @period_ms: length of a period
 * @held_mbit: score of the last alert, faded
 * @alert_mbit: score of the last sample if it is an alert, else 0
 * @tail_mean_mbit: mean excess of evidence over the middle of @tail_bin
 * @tail_weight_x2: twice the samples above the middle of @tail_bin
 * @often_q16: decayed share of samples with a large residual
 * @rough_q16: decayed share of samples with a large step
 * @tail_bin: highest bin with enough samples in it or above it
 * @lag_tail: index of the oldest bin that waits
 * @lag_len: how many bins wait
 * @slot: of the day, being visited
 * @quarter: of a day in the week, being visited
 * @quarantine: strange samples in a row
 * @weekend: the visit is for the weekend's profile
 * @broken: the next sample does not follow the last one
 */
struct kmc_detect {
	s32 day_q6[2][KMC_DETECT_SLOTS];
	u16 bin[KMC_DETECT_BINS];
	u32 group[KMC_DETECT_GROUPS];
	u8 lag[KMC_DETECT_LAG];
	s8 week[KMC_DETECT_WEEK];
	struct kmc_detect_tail tail[KMC_DETECT_NR];
	u64 age;
	u64 clock_s;
	u64 slot_from_s;
	u64 visit_q6;
	s64 level_q14;
	s64 bias_q14;
	s64 fast_q14;
	s64 slow_q14;
	s64 last_q6;
	u64 resid_q20;
	u64 step_q20;
	u64 seed;
	u32 nr_visit;
	u32 total;
	u32 halve_in;
	u32 gain_age;
	u32 censored_run;
	u32 run;
	s32 run_q6;
	u32 owed;
	struct kmc_surprise run_surprise;
	u32 period_ms;
	u32 held_mbit;
	u32 alert_mbit;
	u32 tail_mean_mbit;
	u32 tail_weight_x2;
	u16 often_q16;
	u16 rough_q16;
	u8 tail_bin;
	u8 lag_tail;
	u8 lag_len;
	u8 slot;
	u8 quarter;
	u8 quarantine;
	bool weekend;
	bool broken;
};

/* Later moments are taken for this one, so that no product of a moment overflows */
#define KMC_DETECT_WHEN_MAX	(1ULL << 48)

/**
 * kmc_detect_init - a detector that knows nothing
 * @d: state, set
 * @samples_per_day: periods per day, 864 000 at 100 ms
 */
void kmc_detect_init(struct kmc_detect *d, u32 samples_per_day);

/**
 * kmc_detect_set_rate - the length of a period changed
 * @d: state; the profile stays, scales are sought anew
 * @samples_per_day: periods per day
 */
void kmc_detect_set_rate(struct kmc_detect *d, u32 samples_per_day);

/**
 * kmc_detect_take - go on as another detector would
 * @d: state; takes over the day, the week, scales, tails and evidence.  The
 *     length of a period stays @d's.  The next sample follows no other.
 * @from: the other; has nothing to settle, and its sums are not read
 */
void kmc_detect_take(struct kmc_detect *d, const struct kmc_detect *from);

/**
 * kmc_detect_observe - judge a sample by what was known before it, then learn it
 * @d: state
 * @s: the sample; its demand counts, up to KMC_HIST_MAX.  A censored sample is
 *     judged for being too much and is not learned, for at most 900 s of them in
 *     a row
 * @when_s: end of the period, wall-clock seconds.  With any other clock, "day"
 *          means that clock's day, and weekends are learned
 * @repeat: number of like periods; the last one ends at @when_s.  The first 256 in a
 *          row are stepped through, in one call or many.  Beyond them the cost
 *          grows with the slots of 15 min that they span, not with their number.
 *          Later ones are only counted until another sample or another slot comes
 *
 * Return: the (first) sample's surprise, calibrated: P(mbit > 1000 b) is 2^-b.
 */
struct kmc_surprise kmc_detect_observe(struct kmc_detect *d, const struct kmc_sample *s,
				       u64 when_s, u32 repeat);

/**
 * kmc_detect_observe_with - kmc_detect_observe() with other tunables, for replay
 *                           and benchmarks
 * @d: state
 * @p: tunables
 * @s: the sample
 * @when_s: end of the period
 * @repeat: number of like periods
 *
 * Return: the (first) sample's surprise.
 */
struct kmc_surprise kmc_detect_observe_with(struct kmc_detect *d,
					    const struct kmc_detect_params *p,
					    const struct kmc_sample *s, u64 when_s, u32 repeat);

/**
 * kmc_detect_settle - learn now what was only counted
 * @d: state
 *
 * Needed before something reads the state, and before kmc_detect_judge().
 */
void kmc_detect_settle(struct kmc_detect *d);

/**
 * kmc_detect_alert - score of the last sample, if it is worth an alert
 * @d: state
 *
 * The score is the mean of surprise and evidence, less what many samples make
 * likely.  It must pass the score of the last alert, faded, so that an event
 * raises one alert.
 *
 * Return: mbit; 0: no alert.
 */
static inline u32 kmc_detect_alert(const struct kmc_detect *d)
{
	return d->alert_mbit;
}

#endif /* KMC_DETECT_H */
