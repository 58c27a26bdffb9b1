// SPDX-License-Identifier: GPL-2.0
#include "detect_run.h"

/* Visits that change the side of a quarter of the week; it has 24 visits a week */
#define DETECT_WEEK_SURE	32

static_assert(sizeof(struct kmc_detect) <= 1536);

/*
 * Found by search on labelled traces (tests/bench/detect).  The search maximised the mean
 * over sets moved by 10 % at random, not the single best set.
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

static s32 detect_sample_q6(const struct kmc_sample *s)
{
	return (s32)min_t(u64, s->demand, KMC_HIST_MAX - 1) * KMC_DETECT_UNIT_Q6;
}

static struct kmc_surprise detect_say(const struct kmc_detect *d,
				      const struct kmc_detect_params *p,
				      const struct kmc_sample *s, u64 when_s)
{
	struct kmc_detect_word word;
	struct kmc_detect_when w;

	kmc_detect_place(d, when_s, &w);
	return kmc_detect_judge(d, p, &w, detect_sample_q6(s), s->censored, &word);
}

void kmc_detect_settle(struct kmc_detect *d)
{
	kmc_detect_pay(d, &kmc_detect_default);
}

struct kmc_surprise kmc_detect_observe_with(struct kmc_detect *d,
					    const struct kmc_detect_params *p,
					    const struct kmc_sample *s, u64 when_s, u32 repeat)
{
	s32 x_q6 = detect_sample_q6(s);
	struct kmc_surprise first;
	struct kmc_detect_when w;
	u32 learn = repeat, single;
	u64 first_s;

	repeat = max(repeat, 1);
	when_s = min_t(u64, when_s, KMC_DETECT_WHEN_MAX);
	first_s = kmc_sat_sub(when_s, div_u64((u64)(repeat - 1) * d->period_ms, 1000));
	if (!s->censored && kmc_detect_goes_on(d, x_q6, first_s, when_s)) {
		if (!d->owed)
			d->run_surprise = detect_say(d, p, s, first_s);
		d->owed = min_t(u64, (u64)d->owed + repeat, U32_MAX);
		d->run = min_t(u64, (u64)d->run + repeat, U32_MAX);
		d->clock_s = when_s;
		d->censored_run = 0;
		d->alert_mbit = 0;
		return d->run_surprise;
	}
	kmc_detect_pay(d, p);
	if (s->censored)
		learn = kmc_censor_run(&d->censored_run, repeat,
				       div_u64(KMC_PROFILE_CENSOR_MAX_S * 1000ULL, d->period_ms));
	else
		d->censored_run = 0;
	kmc_detect_place(d, first_s, &w);
	if (!learn || s->censored) {
		first = kmc_detect_step(d, p, &w, x_q6, false);
		d->broken = true;
		d->clock_s = when_s;
		if (!learn)
			return first;
		kmc_detect_run(d, p, x_q6, when_s, learn, KMC_DETECT_RUN_MIN);
		d->run = 0;
		return first;
	}
	single = kmc_detect_count_run(d, x_q6, repeat);
	kmc_detect_enter(d, p, &w);
	first = kmc_detect_step(d, p, &w, x_q6, true);
	if (repeat > 1) {
		u32 alert_mbit = d->alert_mbit;

		/* of each slot the first ones are stepped through */
		single = max_t(u32, single, kmc_sat_sub(KMC_DETECT_RUN_SLOT, d->nr_visit));
		d->clock_s = kmc_sat_sub(when_s, div_u64((u64)(repeat - 2) * d->period_ms, 1000));
		kmc_detect_run(d, p, x_q6, when_s, repeat - 1, single);
		d->alert_mbit = alert_mbit;
	}
	d->clock_s = when_s;
	return first;
}

struct kmc_surprise kmc_detect_observe(struct kmc_detect *d, const struct kmc_sample *s,
				       u64 when_s, u32 repeat)
{
	return kmc_detect_observe_with(d, &kmc_detect_default, s, when_s, repeat);
}

void kmc_detect_set_rate(struct kmc_detect *d, u32 samples_per_day)
{
	kmc_detect_settle(d);
	d->period_ms = max_t(u32, KMC_DETECT_DAY_S * 1000U / max(samples_per_day, 1), 1);
	/* steps and densities change with the period: seek their scales anew */
	d->gain_age = min_t(u32, d->gain_age, 4 * KMC_DETECT_YOUNG);
	d->broken = true;
	if (d->total > 4 * KMC_DETECT_BINS) {
		kmc_detect_halve(d);
		d->halve_in = min(d->halve_in, d->total);
		kmc_detect_find_tail(d, &kmc_detect_default);
	}
}

void kmc_detect_take(struct kmc_detect *d, const struct kmc_detect *from)
{
	u32 period_ms = d->period_ms;

	*d = *from;
	d->period_ms = period_ms;
	/* the clock and the samples shortly before are those of the host that it left */
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
	kmc_detect_sum(d);
	kmc_detect_find_tail(d, &kmc_detect_default);
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
	kmc_detect_start_rank(d);
	kmc_detect_set_rate(d, samples_per_day);
	d->broken = false;
}
