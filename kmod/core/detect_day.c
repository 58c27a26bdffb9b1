// SPDX-License-Identifier: GPL-2.0
#include "detect_day.h"

#define DETECT_QUARTER_S	(KMC_DETECT_DAY_S / 4)

/* More than four periods late, or back in time: what came before belongs to another time */
bool kmc_detect_is_broken(const struct kmc_detect *d, u64 when_s)
{
	u64 period_s = div_u64(d->period_ms, 1000) + 1;

	return d->broken || (when_s - d->clock_s > 4 * period_s && d->age);
}

void kmc_detect_place(const struct kmc_detect *d, u64 when_s, struct kmc_detect_when *w)
{
	u32 in_week;

	w->broken = kmc_detect_is_broken(d, when_s);
	if (d->age && when_s - d->slot_from_s < KMC_DETECT_SLOT_S) {
		w->from_s = d->slot_from_s;
		w->slot = d->slot;
		w->quarter = d->quarter;
		w->weekend = d->weekend;
		return;
	}
	div_u64_rem(when_s, KMC_DETECT_WEEK_S, &in_week);
	w->slot = in_week % KMC_DETECT_DAY_S / KMC_DETECT_SLOT_S;
	w->quarter = in_week / DETECT_QUARTER_S;
	w->from_s = when_s - in_week % KMC_DETECT_SLOT_S;
	w->weekend = d->week[w->quarter] > 0;
}

/*
 * The slot's value.  If it was never seen: the same slot of the other kind of day.
 * If that was never seen either: the level.
 */
s64 kmc_detect_due_q6(const struct kmc_detect *d, const struct kmc_detect_when *w, s32 x_q6)
{
	s32 due = d->day_q6[w->weekend][w->slot];

	if (due == KMC_DETECT_UNSEEN)
		due = d->day_q6[!w->weekend][w->slot];
	if (due != KMC_DETECT_UNSEEN)
		return due;
	return d->age ? d->level_q14 >> 8 : x_q6;
}

/*
 * End the visit of a slot: its mean counts as one sample, clipped while it is far off.
 * The visit is a vote as well: the quarter of the week moves towards the kind of day
 * whose profile was nearer.
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
	off = kmc_abs(mean - *own);
	/* at least a quarter of the distance: the typical residual may be of another hour */
	most = max(kmc_detect_times(d->resid_q20, p->clip_q4), off >> 2);
	*own += (s32)(clamp_t(s64, mean - *own, -most, most) >> p->day_shift);
	if (other == KMC_DETECT_UNSEEN || !p->week)
		return;
	off_other = kmc_abs(mean - other);
	if (kmc_distance(off, off_other) <= d->resid_q20 >> 16)
		return;
	d->week[d->quarter] = clamp(d->week[d->quarter] +
				    ((off_other < off) != d->weekend ? 1 : -1),
				    -KMC_DETECT_WEEK_MAX, KMC_DETECT_WEEK_MAX);
}

void kmc_detect_enter(struct kmc_detect *d, const struct kmc_detect_params *p,
		      const struct kmc_detect_when *w)
{
	if (w->from_s != d->slot_from_s)
		detect_end_visit(d, p);
	d->slot_from_s = w->from_s;
	d->slot = w->slot;
	d->quarter = w->quarter;
	d->weekend = w->weekend;
}
