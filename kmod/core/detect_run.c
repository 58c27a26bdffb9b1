// SPDX-License-Identifier: GPL-2.0
#include "detect_run.h"

/* Samples that are taken at once while the bias is clipped */
#define DETECT_RUN_PART		64U

/* What @n samples of a share of 2^-shift leave: e^(-n / 2^shift) */
static u32 detect_keep_q16(u32 n, u32 shift)
{
	return kmc_exp2neg_q16(min_t(u64, (u64)n * KMC_LOG2E_MBIT >> shift, 100000));
}

static s64 detect_towards(s64 from, s64 to, u32 keep_q16)
{
	/* 2^46 at most by 2^16 */
	return to + ((from - to) * keep_q16 >> 16);
}

/* Is a sample so far off that the bias does not see all of it? */
static bool detect_is_clipped(const struct kmc_detect *d, const struct kmc_detect_params *p,
			      const struct kmc_detect_when *w, s32 x_q6)
{
	return kmc_abs(x_q6 - kmc_detect_due_q6(d, w, x_q6) - (d->bias_q14 >> 8)) >
	       kmc_detect_times(d->resid_q20, p->clip_q4);
}

/*
 * @n more samples like the last one, in the same slot: each average moves as far as
 * they would move it, by its closed form.
 */
static void detect_rest(struct kmc_detect *d, const struct kmc_detect_params *p,
			const struct kmc_detect_when *w, s32 x_q6, u32 n)
{
	u32 keep = detect_keep_q16(n, p->scale_shift), dense = detect_keep_q16(n, p->dense_shift);
	s64 most = (s64)(kmc_detect_times(d->resid_q20, p->clip_q4) * 256 >> p->bias_shift) * n;
	s64 off, left;
	s32 level[KMC_DETECT_NR], up, down;
	struct kmc_detect_look k;
	u32 i, step;

	d->level_q14 = detect_towards(d->level_q14, (s64)x_q6 * 256,
				      detect_keep_q16(n, p->level_shift));
	off = kmc_detect_due_q6(d, w, x_q6) * 256 + d->bias_q14 - (s64)x_q6 * 256;
	left = detect_towards(off, 0, detect_keep_q16(n, p->bias_shift));
	left = clamp_t(s64, left, off - most, off + most);
	d->bias_q14 += left - off;
	d->fast_q14 = -left;
	d->last_q6 = -left / 256;
	d->slow_q14 = detect_towards(d->slow_q14, -left, detect_keep_q16(n, p->slow_shift));
	d->resid_q20 = detect_towards(d->resid_q20,
				      min(kmc_abs(left) << 6,
					  kmc_detect_times(d->resid_q20, p->clip_q4) << 14), keep);
	d->step_q20 = detect_towards(d->step_q20, 0, keep);
	kmc_detect_look(d, p, w, x_q6, &k);
	d->often_q16 = detect_towards(d->often_q16, k.big ? U16_MAX : 0, dense);
	d->rough_q16 = detect_towards(d->rough_q16, 0, dense);
	d->visit_q6 += (u64)x_q6 * n;
	d->nr_visit += n;
	d->age = kmc_sat_add(d->age, n);
	step = kmc_detect_high_step(d, p);
	d->gain_age = min_t(u64, (u64)d->gain_age + n, KMC_DETECT_OLD);
	kmc_detect_look(d, p, w, x_q6, &k);
	kmc_detect_levels(d, &k, level);
	kmc_detect_approach_tails(d, p, level, step, n);
	d->held_mbit = d->held_mbit * (u64)kmc_exp2neg_q16(min_t(u64, (u64)n * p->hold_decay_q12 *
					KMC_LOG2E_MBIT >> 12, 100000)) >> 16;
	kmc_detect_evidence(d, p, &k, level, &up, &down);
	for (i = 0; i < min_t(u32, n, KMC_DETECT_LAG); i++)
		kmc_detect_learn_evidence(d, kmc_detect_bin(max(up, down)));
	kmc_detect_add(d, kmc_detect_bin(max(up, down)), n - i);
	kmc_detect_find_tail(d, p);
}

static void detect_rest_of_slot(struct kmc_detect *d, const struct kmc_detect_params *p,
				const struct kmc_detect_when *w, s32 x_q6, u32 n)
{
	while (n) {
		/* the typical residual grows, and the clip with it: in small parts */
		u32 part = detect_is_clipped(d, p, w, x_q6) ? min(n, DETECT_RUN_PART) : n;

		detect_rest(d, p, w, x_q6, part);
		n -= part;
	}
}

void kmc_detect_run(struct kmc_detect *d, const struct kmc_detect_params *p, s32 x_q6,
		    u64 when_s, u32 n, u32 single)
{
	u64 week = div_u64(KMC_DETECT_WEEK_S * 1000ULL, d->period_ms);
	struct kmc_detect_when w;
	u32 in_slot, i;
	u64 at_ms;

	if (n > week) {
		d->age = kmc_sat_add(d->age, n - week);
		n = week;
	}
	at_ms = kmc_sat_sub(when_s * 1000, (u64)(n - 1) * d->period_ms);
	while (n) {
		kmc_detect_place(d, div_u64(at_ms, 1000), &w);
		in_slot = div_u64((w.from_s + KMC_DETECT_SLOT_S) * 1000 - at_ms + d->period_ms - 1,
				  d->period_ms);
		in_slot = clamp_t(u32, in_slot, 1, n);
		kmc_detect_enter(d, p, &w);
		for (i = 0; i < min(in_slot, single); i++) {
			kmc_detect_step(d, p, &w, x_q6, true);
			w.broken = false;
		}
		detect_rest_of_slot(d, p, &w, x_q6, in_slot - i);
		single = KMC_DETECT_RUN_SLOT;
		n -= in_slot;
		at_ms += (u64)in_slot * d->period_ms;
		d->clock_s = div_u64(at_ms - d->period_ms, 1000);
	}
}

u32 kmc_detect_count_run(struct kmc_detect *d, s32 x_q6, u32 n)
{
	u32 before = x_q6 == d->run_q6 ? d->run : 0;

	d->run_q6 = x_q6;
	d->run = min_t(u64, (u64)before + n, U32_MAX);
	return kmc_sat_sub(KMC_DETECT_RUN_MIN, before);
}

bool kmc_detect_goes_on(const struct kmc_detect *d, s32 x_q6, u64 first_s, u64 when_s)
{
	return d->run >= KMC_DETECT_RUN_MIN && d->nr_visit >= KMC_DETECT_RUN_SLOT &&
	       x_q6 == d->run_q6 && !kmc_detect_is_broken(d, first_s) &&
	       when_s - d->slot_from_s < KMC_DETECT_SLOT_S;
}

void kmc_detect_pay(struct kmc_detect *d, const struct kmc_detect_params *p)
{
	struct kmc_detect_when w;

	if (!d->owed)
		return;
	/* the samples that are owed ended in the slot being visited */
	kmc_detect_place(d, d->clock_s, &w);
	detect_rest_of_slot(d, p, &w, d->run_q6, d->owed);
	d->owed = 0;
}
