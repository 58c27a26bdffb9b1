/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Detect: how surprising a sample is, given the time of day and what came
 * shortly before.
 *
 * Problem: a VM at 80 % is normal at 9 o'clock on a Monday and is not on a
 * Sunday at 4.  What predicts well adapts to the anomaly and forgives it, so
 * this is no predictor: it learns slowly and late, and judges first.
 *
 * Model: a profile of the day (96 slots of 15 min, one set for working days
 * and one for weekends) says what is due; a bias follows what drifts.  Five
 * channels measure how far a sample is off: the residual, smoothed over some
 * three samples; the same over some 250; its step from the one
 * before; how dense large residuals are; how dense large steps are.  Each
 * channel tracks a high quantile of its own (1 in 32 at first, 1 in 1024 in the
 * end) and the mean excess over it, both in log2, and so turns a deviation
 * into bits of a Pareto tail:
 *
 *   bits = 5 + (log2 d - log2 q) * log2 e / mean excess,    d above q
 *   bits = 5 - (log2 q - log2 d),                           d below q
 *
 * The largest of the five is the evidence.  It is monotone, not calibrated.
 * A decayed histogram of past evidence makes it so: surprise is -log2 of the
 * evidence's rank among those before it, continued above the eighth largest by
 * the mean excess over that.  The histogram learns late: an evidence waits for
 * 96 samples, so that a spike is judged by what came before it.
 *
 * Worked: d is 3 times q and excesses are 0.5 octaves in the mean: 5 + 1.585 *
 * 1.443 / 0.5 = 9.57 bits of evidence.  59 of 30 000 were larger and one lies in
 * the same bin: surprise is log2(60 002 / (2 * 59 + 1 + 1)) = 8.97 bits.
 *
 * A second output is for alarms, which shall be few: see kmc_detect_alert().
 */
#ifndef KMC_DETECT_H
#define KMC_DETECT_H

#include "profile.h"

#define KMC_DETECT_SLOTS	96	/* of a day: 15 min */
#define KMC_DETECT_BINS		128	/* of evidence, 0.11 bits each where most is */
#define KMC_DETECT_GROUP	16	/* bins that are summed up together */
#define KMC_DETECT_GROUPS	(KMC_DETECT_BINS / KMC_DETECT_GROUP)
#define KMC_DETECT_LAG		96	/* evidence waits so long to be learned */
#define KMC_DETECT_WEEK		28	/* quarters of a day in a week */
#define KMC_DETECT_WEEK_MAX	64	/* votes of one of them for a side */
#define KMC_DETECT_UNSEEN	((s32)0x80000000)	/* a slot's value */
#define KMC_DETECT_EXCESS_MIN	100	/* mbit: of a channel's mean excess */
#define KMC_DETECT_OLD		32768U	/* samples until learning is slow */
/* evidence is halved here, or when a bin is full; some 200 000 are known then */
#define KMC_DETECT_TOTAL_MAX	(1U << 18)

/** enum kmc_detect_channel - ways to be off */
enum kmc_detect_channel {
	KMC_DETECT_FAST,	/* residual, smoothed over about 3 samples */
	KMC_DETECT_SLOW,	/* residual, smoothed over about 50 */
	KMC_DETECT_STEP,	/* from the sample before */
	KMC_DETECT_OFTEN,	/* density of large residuals */
	KMC_DETECT_ROUGH,	/* density of large steps */
	KMC_DETECT_NR,
};

/**
 * struct kmc_detect_params - tunables; the module has one constant set
 * @fast_q8: share of a new sample in the fast residual, of 256
 * @slow_shift: share in the slow residual, 2^-shift
 * @bias_shift: share of a residual in the bias, 2^-shift
 * @day_shift: share of a visit's mean in its slot of the profile, 2^-shift
 * @level_shift: share in the level, which stands in for slots never seen
 * @scale_shift: share in the typical residual and step
 * @clip_q4: what a deviation counts at most there, multiples of 1/16
 * @often_q4: a large residual, in multiples of 1/16 of the typical one
 * @rough_q4: a large step, the same
 * @dense_shift: share of a sample in a density
 * @high_step_mbit: step of a channel's tracked quantile
 * @mean_shift: share of an excess in the mean excess
 * @young_step_mbit: the step is this over age while that is more
 * @rare_shift: a quantile's share above it falls as 1/age, down to 2^-shift
 * @handicap_mbit: what is taken off a channel's evidence
 * @week: whether weekends have a profile of their own
 * @quarantine_mbit: from this surprise on a sample does not move scales
 * @quarantine: ... but so many in a row do not, and the next does
 * @tail_min: samples from which on surprise goes beyond rank
 * @tail_weight: the tail is continued above so many samples
 * @surprise_q8: share of surprise in an alert's score, of 256; the rest is evidence
 * @growth_q8: what is taken off the score per bit of age, of 256
 * @hold_q8: how many times the held peak an alert must reach, of 256; 0: none
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

extern const struct kmc_detect_params kmc_detect_default;

/**
 * struct kmc_detect_tail - one channel's own tail
 * @high_q12_mbit: tracked high quantile of its level, Q12: a step down by 2^-10
 *                 of one up is not lost
 * @mean_mbit: mean of what levels exceed it by
 */
struct kmc_detect_tail {
	s32 high_q12_mbit;
	s32 mean_mbit;
};

/**
 * struct kmc_detect - what is normal for one resource of one VM, and when
 * @day_q6: profile of a working day and of a weekend day, per slot, Q6
 * @bin: past evidence; all are halved when there are 2^18, or one is full
 * @group: sums of 16 bins
 * @lag: bins that wait to be learned, oldest at @lag_tail
 * @week: per quarter of a day: above 0 it belongs to the weekend
 * @tail: per channel
 * @age: samples learned
 * @clock_s: when the last sample ended
 * @slot_from_s: begin of the slot being visited
 * @visit_q6: sum of the visit's samples
 * @level_q14: decayed mean
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
 * @gain_age: age in samples as far as learning rates go
 * @censored_run: censored samples in a row
 * @run: like samples in a row, up to the last
 * @run_q6: which
 * @owed: the last of them are not learned yet
 * @run_surprise: what each of those says
 * @period_ms: length of a period
 * @held_mbit: score of the last alert, faded
 * @alert_mbit: score of the last sample if it is an alert, else 0
 * @tail_mean_mbit: mean excess of evidence over the middle of @tail_bin
 * @tail_weight_x2: twice the samples above that
 * @often_q16: decayed share of samples with a large residual
 * @rough_q16: decayed share of samples with a large step
 * @tail_bin: highest bin with enough samples in or above it
 * @lag_tail: index of the oldest
 * @lag_len: how many wait
 * @slot: being visited
 * @quarter: of the week, the same
 * @quarantine: strange samples in a row
 * @weekend: which profile the visit is for
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

/* later moments are taken for this one: no product of it overflows */
#define KMC_DETECT_WHEN_MAX	(1ULL << 48)

/** kmc_detect_init - knows nothing; @samples_per_day: 864 000 at 100 ms */
void kmc_detect_init(struct kmc_detect *d, u32 samples_per_day);
/** kmc_detect_set_rate - the length of a period changed: the profile stays,
 * scales are sought anew
 */
void kmc_detect_set_rate(struct kmc_detect *d, u32 samples_per_day);
/** kmc_detect_take - go on as @from would: the day, the week, scales, tails and
 * evidence are its; the length of a period stays @d's, and the next sample
 * follows no other.  @from has nothing to settle; its sums are not looked at.
 */
void kmc_detect_take(struct kmc_detect *d, const struct kmc_detect *from);
/**
 * kmc_detect_observe - judge a sample by what was known before it, then learn it
 * @d: state
 * @s: the sample; demand counts, up to KMC_HIST_MAX.  A censored one is judged
 *     for being too much and not learned, 900 s of them in a row at most
 * @when_s: end of the period, seconds of the wall clock; of any other clock,
 *          and the day's phase is its own and the week's is learned
 * @repeat: so many like periods, the last ends at @when_s; their cost does not
 *          grow with their number but with the slots of 15 min that they span,
 *          once 256 in a row have been stepped through, in one call or many.  Later
 *          ones are only counted until something else comes, or another slot
 *
 * Return: the (first) sample's surprise, calibrated: P(mbit > 1000 b) is 2^-b
 */
struct kmc_surprise kmc_detect_observe(struct kmc_detect *d, const struct kmc_sample *s,
				       u64 when_s, u32 repeat);
/** kmc_detect_judge - what kmc_detect_observe() would say of @s; changes nothing */
struct kmc_surprise kmc_detect_judge(const struct kmc_detect *d, const struct kmc_sample *s,
				     u64 when_s);
/** kmc_detect_observe_with - the same with other tunables, for benchmarks */
struct kmc_surprise kmc_detect_observe_with(struct kmc_detect *d,
					    const struct kmc_detect_params *p,
					    const struct kmc_sample *s, u64 when_s, u32 repeat);
/** kmc_detect_settle - learn now what was only counted, for who looks inside, and
 * before kmc_detect_judge() and kmc_detect_alarm(), which go by what is learned
 */
void kmc_detect_settle(struct kmc_detect *d);
/** kmc_detect_alert - score of the last sample when it is worth an alert, or 0
 *
 * The mean of surprise and evidence, less what many samples make likely; and
 * only when it passes the last alert's, faded, by so much: one alert an event.
 */
static inline u32 kmc_detect_alert(const struct kmc_detect *d)
{
	return d->alert_mbit;
}

/** kmc_detect_alarm - smallest demand of a sample that ends at @when_s whose
 * surprise upwards reaches @threshold_mbit; U64_MAX: none does
 */
u64 kmc_detect_alarm(const struct kmc_detect *d, u64 when_s, u32 threshold_mbit);

#endif /* KMC_DETECT_H */
