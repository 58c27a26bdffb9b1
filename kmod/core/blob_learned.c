// SPDX-License-Identifier: GPL-2.0
#include "blob_learned.h"

#define BLOB_COUNT_MAX	(1ULL << 62)	/* samples: no sum with another wraps */
#define BLOB_PRIOR_MAX	(1U << 31)
#define BLOB_VALUE_MAX_Q8	(((u32)KMC_HIST_MAX - 1) << 8)
#define BLOB_SCALE_MIN_Q8	256U
#define BLOB_MEAN_MAX_Q32	(KMC_HIST_MAX << 32)
/* Values up to M vary by M^2 / 4 at most */
#define BLOB_VAR_MAX_Q16	(KMC_HIST_MAX * KMC_HIST_MAX / 4 << 16)
/* Twice what arithmetic can reach from samples */
#define BLOB_DETECT_MAX_Q14	(1LL << 39)
#define BLOB_TYPICAL_MAX_Q20	(1ULL << 45)
#define BLOB_HIGH_MAX_Q12	(100000 << 12)
#define BLOB_EXCESS_MAX		100000
#define BLOB_HELD_MAX		1000000
#define BLOB_INC_MIN_Q16	(256U << 16)
#define BLOB_INC_MAX_Q16	((4096U << 16) - 1)

static void blob_hist(struct kmc_blob_walk *w, struct kmc_hist *h)
{
	u64 total = 0;
	u32 i;

	for (i = 0; i < KMC_HIST_BINS; i++) {
		kmc_blob_u32(w, &h->bin[i], 0, U32_MAX, NULL);
		total += h->bin[i];
	}
	kmc_blob_u32(w, &h->total, 0, U32_MAX, NULL);
	if (h->total != total)
		kmc_blob_refuse(w, "a histogram's total is not the sum of its bins");
	kmc_blob_u32(w, &h->inc_q16, BLOB_INC_MIN_Q16, BLOB_INC_MAX_Q16,
		     "a histogram's increment is not in its range");
}

/* A histogram cannot know more than was seen; merging and runs round by a percent */
static bool blob_hist_plausible(const struct kmc_profile *p)
{
	u64 seen = p->nr_samples - p->lag_len + p->nr_prior;

	return kmc_hist_samples(&p->hist) <= seen + (seen >> 5) + KMC_HIST_BINS;
}

void kmc_blob_profile(struct kmc_blob_walk *w, struct kmc_profile *p)
{
	u32 tail = p->lag_tail, i;

	blob_hist(w, &p->hist);
	kmc_blob_u64(w, &p->mean_q32, BLOB_MEAN_MAX_Q32, "a mean is above the largest sample");
	kmc_blob_u64(w, &p->var_q16, BLOB_VAR_MAX_Q16, "a variance is above what samples can have");
	kmc_blob_u64(w, &p->nr_samples, BLOB_COUNT_MAX, "too many samples");
	kmc_blob_u64(w, &p->nr_censored, p->nr_samples, "more censored samples than samples");
	kmc_blob_u32(w, &p->nr_prior, 0, BLOB_PRIOR_MAX, "too many samples of a prior");
	kmc_blob_u32(w, &p->censored_run, 0, U32_MAX, NULL);
	if (p->censored_run > p->nr_censored)
		kmc_blob_refuse(w, "more censored samples in a row than there were");
	kmc_blob_u8(w, &p->lag_len, KMC_PROFILE_LAG, "too many samples wait");
	if (2ULL * p->lag_len > p->nr_samples)
		kmc_blob_refuse(w, "more samples wait than half of those seen");
	if (w->why)
		return;
	for (i = 0; i < p->lag_len; i++)
		kmc_blob_u8(w, &p->lag[(tail + i) % KMC_PROFILE_LAG], KMC_HIST_BINS - 1,
			    "a sample that waits has no bin");
	if (!w->why && !blob_hist_plausible(p))
		kmc_blob_refuse(w, "a histogram is worth more samples than were seen");
}

static void blob_filter(struct kmc_blob_walk *w, s32 *w_q16, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		kmc_blob_s32(w, &w_q16[i], -KMC_LMS_WEIGHT_MAX, KMC_LMS_WEIGHT_MAX,
			     "a filter's weight is not in its range");
}

static void blob_band(struct kmc_blob_walk *w, struct kmc_band *b)
{
	u32 total = 0, i;

	for (i = 0; i < KMC_BAND_BINS; i++) {
		kmc_blob_u16(w, &b->bin[i]);
		total += b->bin[i];
	}
	kmc_blob_u16(w, &b->total);
	if (b->total != total || total > KMC_BAND_TOTAL_MAX)
		kmc_blob_refuse(w, "a band's total is not the sum of its bins");
	for (i = 0; i < KMC_NR_BAND_LEVELS; i++)
		kmc_blob_s32(w, &b->tail_q24[i], 1, 1 << 24, "a band's tail is not a share");
}

static void blob_line(struct kmc_blob_walk *w, struct kmc_predict_line *line)
{
	u32 i, j;

	for (i = 0; i < KMC_NR_EXPERTS; i++)
		kmc_blob_u16(w, &line->loss_q9[i]);
	for (i = 0; i < KMC_PREDICT_CONTEXTS; i++)
		for (j = 0; j < KMC_NR_EXPERTS; j++)
			kmc_blob_u16(w, &line->context_q9[i][j]);
	blob_filter(w, line->lms16_q16, ARRAY_SIZE(line->lms16_q16));
	blob_filter(w, line->readout_q16, ARRAY_SIZE(line->readout_q16));
	blob_filter(w, line->width_q16, ARRAY_SIZE(line->width_q16));
	blob_band(w, &line->band);
	kmc_blob_u32(w, &line->band_scale_q8, 0, BLOB_VALUE_MAX_Q8, "a band's scale is too large");
	for (i = 0; i < KMC_PREDICT_CONTEXTS; i++)
		kmc_blob_u32(w, &line->context_scale_q8[i], 0, BLOB_VALUE_MAX_Q8,
			     "a band's scale is too large");
}

void kmc_blob_predict(struct kmc_blob_walk *w, struct kmc_predict *p)
{
	u32 i;

	kmc_blob_u64(w, &p->nr_samples, BLOB_COUNT_MAX, "too many samples of a predictor");
	for (i = 0; i < KMC_PREDICT_NR_EWMA; i++)
		kmc_blob_u32(w, &p->ewma_q8[i], 0, BLOB_VALUE_MAX_Q8, "an average is too large");
	kmc_blob_u32(w, &p->slow_q8, 0, BLOB_VALUE_MAX_Q8, "an average is too large");
	kmc_blob_u32(w, &p->centre_q8, 0, BLOB_VALUE_MAX_Q8, "a centre is too large");
	kmc_blob_u32(w, &p->scale_q8, BLOB_SCALE_MIN_Q8, BLOB_VALUE_MAX_Q8,
		     "a scale is not in its range");
	for (i = 0; i < KMC_NR_HORIZONS; i++)
		blob_line(w, &p->line[i]);
}

static void blob_day(struct kmc_blob_walk *w, s32 *day_q6)
{
	u32 i;

	for (i = 0; i < KMC_DETECT_SLOTS; i++) {
		kmc_blob_s32(w, &day_q6[i], KMC_DETECT_UNSEEN, S32_MAX, NULL);
		if (day_q6[i] < 0 && day_q6[i] != KMC_DETECT_UNSEEN)
			kmc_blob_refuse(w, "a time of day has less than nothing");
	}
}

static void blob_evidence(struct kmc_blob_walk *w, struct kmc_detect *d)
{
	u32 tail = d->lag_tail, total = 0, i;

	for (i = 0; i < KMC_DETECT_BINS; i++) {
		kmc_blob_u16(w, &d->bin[i]);
		total += d->bin[i];
	}
	if (total >= KMC_DETECT_TOTAL_MAX)
		kmc_blob_refuse(w, "a detector has too much evidence");
	kmc_blob_u8(w, &d->lag_len, KMC_DETECT_LAG, "too much evidence waits");
	if (w->why)
		return;
	for (i = 0; i < d->lag_len; i++)
		kmc_blob_u8(w, &d->lag[(tail + i) % KMC_DETECT_LAG], KMC_DETECT_BINS - 1,
			    "evidence that waits has no bin");
	kmc_blob_u32(w, &d->halve_in, 1, U32_MAX, "a detector that never forgets");
	kmc_blob_u64(w, &d->seed, U64_MAX, NULL);
}

void kmc_blob_detect(struct kmc_blob_walk *w, struct kmc_detect *d)
{
	static const char far[] = "a detector's average is out of range";
	u32 i;

	kmc_blob_u64(w, &d->age, BLOB_COUNT_MAX, "too many samples of a detector");
	kmc_blob_u32(w, &d->gain_age, 0, KMC_DETECT_OLD,
		     "a detector learns more slowly than it can");
	blob_day(w, d->day_q6[0]);
	blob_day(w, d->day_q6[1]);
	for (i = 0; i < KMC_DETECT_WEEK; i++)
		kmc_blob_s8(w, &d->week[i], KMC_DETECT_WEEK_MAX, "a day is too sure of its side");
	for (i = 0; i < KMC_DETECT_NR; i++) {
		kmc_blob_s32(w, &d->tail[i].high_q12_mbit, 0, BLOB_HIGH_MAX_Q12,
			     "a channel's quantile is out of range");
		kmc_blob_s32(w, &d->tail[i].mean_mbit, KMC_DETECT_EXCESS_MIN, BLOB_EXCESS_MAX,
			     "a channel's mean excess is out of range");
	}
	kmc_blob_s64(w, &d->level_q14, 0, BLOB_DETECT_MAX_Q14, far);
	kmc_blob_s64(w, &d->bias_q14, -BLOB_DETECT_MAX_Q14, BLOB_DETECT_MAX_Q14, far);
	kmc_blob_u64(w, &d->resid_q20, BLOB_TYPICAL_MAX_Q20, far);
	kmc_blob_u64(w, &d->step_q20, BLOB_TYPICAL_MAX_Q20, far);
	kmc_blob_u16(w, &d->often_q16);
	kmc_blob_u16(w, &d->rough_q16);
	kmc_blob_u32(w, &d->held_mbit, 0, BLOB_HELD_MAX, "an alert is held too high");
	blob_evidence(w, d);
}
