// SPDX-License-Identifier: GPL-2.0
#include "detect_step.h"

static u64 detect_typical(u64 typical_q20, u64 dev_q6, u32 clip_q4, u32 shift)
{
	s64 dev_q20 = min(dev_q6, kmc_detect_times(typical_q20, clip_q4)) << 14;

	return typical_q20 + ((dev_q20 - (s64)typical_q20) >> shift);
}

static void detect_learn(struct kmc_detect *d, const struct kmc_detect_params *p, s32 x_q6,
			 const struct kmc_detect_look *k, const s32 level[KMC_DETECT_NR],
			 bool quarantined)
{
	s64 most = kmc_detect_times(d->resid_q20, p->clip_q4);
	u32 shift = kmc_detect_shift(d, p->scale_shift), step = kmc_detect_high_step(d, p);
	u32 level_shift = kmc_detect_shift(d, p->level_shift);

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
	kmc_detect_learn_tails(d, p, level, step);
	d->resid_q20 = detect_typical(d->resid_q20, kmc_abs(k->resid_q6), p->clip_q4, shift);
	d->step_q20 = detect_typical(d->step_q20, kmc_abs(k->step_q6), p->clip_q4, shift);
}

/* An alert is a record: its score must pass the last alert's, which fades */
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

struct kmc_surprise kmc_detect_judge(const struct kmc_detect *d,
				     const struct kmc_detect_params *p,
				     const struct kmc_detect_when *w, s32 x_q6, bool bound,
				     struct kmc_detect_word *word)
{
	struct kmc_surprise s = { 0, 0 };

	kmc_detect_look(d, p, w, x_q6, &word->look);
	kmc_detect_levels(d, &word->look, word->level);
	kmc_detect_evidence(d, p, &word->look, word->level, &word->up, &word->down);
	word->evidence = bound ? word->up : max(word->up, word->down);
	s.mbit = kmc_detect_calibrate(d, p, word->evidence);
	if (s.mbit)
		s.dir = bound || word->up >= word->down ? 1 : -1;
	return s;
}

struct kmc_surprise kmc_detect_step(struct kmc_detect *d, const struct kmc_detect_params *p,
				    const struct kmc_detect_when *w, s32 x_q6, bool learn)
{
	struct kmc_detect_word word;
	struct kmc_surprise s;
	bool strange;

	s = kmc_detect_judge(d, p, w, x_q6, !learn, &word);
	detect_hold(d, p, s.mbit, word.evidence);
	if (!learn)
		return s;
	strange = s.mbit >= p->quarantine_mbit;
	kmc_detect_learn_evidence(d, kmc_detect_bin(word.evidence));
	detect_learn(d, p, x_q6, &word.look, word.level,
		     strange && d->quarantine < p->quarantine);
	d->quarantine = strange ? min_t(u32, d->quarantine + 1, U8_MAX) : 0;
	d->broken = false;
	kmc_detect_find_tail(d, p);
	return s;
}
