// SPDX-License-Identifier: GPL-2.0
#include "blob.h"

#define BLOB_COUNT_MAX	(1ULL << 62)	/* samples: no sum with another wraps */
#define BLOB_PRIOR_MAX	(1U << 31)
#define BLOB_VALUE_MAX_Q8	(((u32)KMC_HIST_MAX - 1) << 8)
#define BLOB_SCALE_MIN_Q8	256U
#define BLOB_MEAN_MAX_Q32	(KMC_HIST_MAX << 32)
/* values up to M vary by M^2 / 4 at most */
#define BLOB_VAR_MAX_Q16	(KMC_HIST_MAX * KMC_HIST_MAX / 4 << 16)
/* twice what arithmetic can reach from samples */
#define BLOB_DETECT_MAX_Q14	(1LL << 39)
#define BLOB_TYPICAL_MAX_Q20	(1ULL << 45)
#define BLOB_HIGH_MAX_Q12	(100000 << 12)
#define BLOB_EXCESS_MAX		100000
#define BLOB_HELD_MAX		1000000
#define BLOB_INC_MIN_Q16	(256U << 16)
#define BLOB_INC_MAX_Q16	((4096U << 16) - 1)

/* CRC-32 four bits at a time: a table that fits a cache line */
static const u32 blob_crc[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
	0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
	0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
	0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

u32 kmc_crc32(const void *data, size_t len)
{
	const u8 *byte = data;
	u32 crc = U32_MAX;

	while (len--) {
		crc ^= *byte++;
		crc = crc >> 4 ^ blob_crc[crc & 15];
		crc = crc >> 4 ^ blob_crc[crc & 15];
	}
	return ~crc;
}

/* One walk over the fields, in either direction; the first complaint stays */
struct blob_walk {
	u8 *at;
	u8 *end;
	const char *why;
	bool write;
};

static u64 blob_bytes(struct blob_walk *w, u64 v, u32 nr)
{
	u64 read = 0;
	u32 i;

	if (w->end - w->at < nr) {
		if (!w->why)
			w->why = "the blob is cut short";
		return v;
	}
	for (i = 0; i < nr; i++) {
		if (w->write)
			*w->at = v >> 8 * i;
		read |= (u64)*w->at++ << 8 * i;
	}
	return read;
}

static u64 blob_field(struct blob_walk *w, u64 v, u32 nr, u64 least, u64 most, const char *why)
{
	v = blob_bytes(w, v, nr);
	if ((v < least || v > most) && !w->why)
		w->why = why;
	return v;
}

static void blob_u8(struct blob_walk *w, u8 *v, u8 most, const char *why)
{
	*v = blob_field(w, *v, 1, 0, most, why);
}

static s64 blob_signed(struct blob_walk *w, s64 v, u32 nr, s64 least, s64 most, const char *why)
{
	u32 spare = 64 - 8 * nr;

	v = (s64)(blob_bytes(w, v, nr) << spare) >> spare;
	if ((v < least || v > most) && !w->why)
		w->why = why;
	return v;
}

static void blob_s8(struct blob_walk *w, s8 *v, s8 most, const char *why)
{
	*v = blob_signed(w, *v, 1, -most, most, why);
}

static void blob_u16(struct blob_walk *w, u16 *v)
{
	*v = blob_bytes(w, *v, 2);
}

static void blob_u32(struct blob_walk *w, u32 *v, u32 least, u32 most, const char *why)
{
	*v = blob_field(w, *v, 4, least, most, why);
}

static void blob_u64(struct blob_walk *w, u64 *v, u64 most, const char *why)
{
	*v = blob_field(w, *v, 8, 0, most, why);
}

static void blob_s32(struct blob_walk *w, s32 *v, s32 least, s32 most, const char *why)
{
	*v = blob_signed(w, *v, 4, least, most, why);
}

static void blob_s64(struct blob_walk *w, s64 *v, s64 least, s64 most, const char *why)
{
	*v = blob_signed(w, *v, 8, least, most, why);
}

/* What must be the same on both sides */
static void blob_same(struct blob_walk *w, u64 v, u32 nr, const char *why)
{
	blob_field(w, v, nr, v, v, why);
}

static void blob_hist(struct blob_walk *w, struct kmc_hist *h)
{
	u64 total = 0;
	u32 i;

	for (i = 0; i < KMC_HIST_BINS; i++) {
		blob_u32(w, &h->bin[i], 0, U32_MAX, NULL);
		total += h->bin[i];
	}
	blob_u32(w, &h->total, 0, U32_MAX, NULL);
	if (h->total != total && !w->why)
		w->why = "a histogram's total is not the sum of its bins";
	blob_u32(w, &h->inc_q16, BLOB_INC_MIN_Q16, BLOB_INC_MAX_Q16,
		 "a histogram's increment is not in its range");
}

/* A histogram can not know more than was seen; merging and runs round by a percent */
static bool blob_hist_plausible(const struct kmc_profile *p)
{
	u64 seen = p->nr_samples - p->lag_len + p->nr_prior;

	return kmc_hist_samples(&p->hist) <= seen + (seen >> 5) + KMC_HIST_BINS;
}

static void blob_profile(struct blob_walk *w, struct kmc_profile *p)
{
	u32 tail = p->lag_tail, i;

	blob_hist(w, &p->hist);
	blob_u64(w, &p->mean_q32, BLOB_MEAN_MAX_Q32, "a mean is above the largest sample");
	blob_u64(w, &p->var_q16, BLOB_VAR_MAX_Q16, "a variance is above what samples can have");
	blob_u64(w, &p->nr_samples, BLOB_COUNT_MAX, "too many samples");
	blob_u64(w, &p->nr_censored, p->nr_samples, "more censored samples than samples");
	blob_u32(w, &p->nr_prior, 0, BLOB_PRIOR_MAX, "too many samples of a prior");
	blob_u32(w, &p->censored_run, 0, U32_MAX, NULL);
	if (p->censored_run > p->nr_censored && !w->why)
		w->why = "more censored samples in a row than there were";
	blob_u8(w, &p->lag_len, KMC_PROFILE_LAG, "too many samples wait");
	if (2ULL * p->lag_len > p->nr_samples && !w->why)
		w->why = "more samples wait than half of those seen";
	if (w->why)
		return;
	for (i = 0; i < p->lag_len; i++)
		blob_u8(w, &p->lag[(tail + i) % KMC_PROFILE_LAG], KMC_HIST_BINS - 1,
			"a sample that waits has no bin");
	if (!w->why && !blob_hist_plausible(p))
		w->why = "a histogram is worth more samples than were seen";
}

static void blob_filter(struct blob_walk *w, s32 *w_q16, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		blob_s32(w, &w_q16[i], -KMC_LMS_WEIGHT_MAX, KMC_LMS_WEIGHT_MAX,
			 "a filter's weight is not in its range");
}

static void blob_band(struct blob_walk *w, struct kmc_band *b)
{
	u32 total = 0, i;

	for (i = 0; i < KMC_BAND_BINS; i++) {
		blob_u16(w, &b->bin[i]);
		total += b->bin[i];
	}
	blob_u16(w, &b->total);
	if ((b->total != total || total > KMC_BAND_TOTAL_MAX) && !w->why)
		w->why = "a band's total is not the sum of its bins";
	for (i = 0; i < KMC_NR_BAND_LEVELS; i++)
		blob_s32(w, &b->tail_q24[i], 1, 1 << 24, "a band's tail is not a share");
}

static void blob_line(struct blob_walk *w, struct kmc_predict_line *line)
{
	u32 i, j;

	for (i = 0; i < KMC_NR_EXPERTS; i++)
		blob_u16(w, &line->loss_q9[i]);
	for (i = 0; i < KMC_PREDICT_CONTEXTS; i++)
		for (j = 0; j < KMC_NR_EXPERTS; j++)
			blob_u16(w, &line->context_q9[i][j]);
	blob_filter(w, line->lms16_q16, ARRAY_SIZE(line->lms16_q16));
	blob_filter(w, line->readout_q16, ARRAY_SIZE(line->readout_q16));
	blob_filter(w, line->width_q16, ARRAY_SIZE(line->width_q16));
	blob_band(w, &line->band);
	blob_u32(w, &line->band_scale_q8, 0, BLOB_VALUE_MAX_Q8, "a band's scale is too large");
	for (i = 0; i < KMC_PREDICT_CONTEXTS; i++)
		blob_u32(w, &line->context_scale_q8[i], 0, BLOB_VALUE_MAX_Q8,
			 "a band's scale is too large");
}

static void blob_predict(struct blob_walk *w, struct kmc_predict *p)
{
	u32 i;

	blob_u64(w, &p->nr_samples, BLOB_COUNT_MAX, "too many samples of a predictor");
	for (i = 0; i < KMC_PREDICT_NR_EWMA; i++)
		blob_u32(w, &p->ewma_q8[i], 0, BLOB_VALUE_MAX_Q8, "an average is too large");
	blob_u32(w, &p->slow_q8, 0, BLOB_VALUE_MAX_Q8, "an average is too large");
	blob_u32(w, &p->centre_q8, 0, BLOB_VALUE_MAX_Q8, "a centre is too large");
	blob_u32(w, &p->scale_q8, BLOB_SCALE_MIN_Q8, BLOB_VALUE_MAX_Q8,
		 "a scale is not in its range");
	for (i = 0; i < KMC_NR_HORIZONS; i++)
		blob_line(w, &p->line[i]);
}

static void blob_day(struct blob_walk *w, s32 *day_q6)
{
	u32 i;

	for (i = 0; i < KMC_DETECT_SLOTS; i++) {
		blob_s32(w, &day_q6[i], KMC_DETECT_UNSEEN, S32_MAX, NULL);
		if (day_q6[i] < 0 && day_q6[i] != KMC_DETECT_UNSEEN && !w->why)
			w->why = "a time of day has less than nothing";
	}
}

static void blob_evidence(struct blob_walk *w, struct kmc_detect *d)
{
	u32 tail = d->lag_tail, total = 0, i;

	for (i = 0; i < KMC_DETECT_BINS; i++) {
		blob_u16(w, &d->bin[i]);
		total += d->bin[i];
	}
	if (total >= KMC_DETECT_TOTAL_MAX && !w->why)
		w->why = "a detector has too much evidence";
	blob_u8(w, &d->lag_len, KMC_DETECT_LAG, "too much evidence waits");
	if (w->why)
		return;
	for (i = 0; i < d->lag_len; i++)
		blob_u8(w, &d->lag[(tail + i) % KMC_DETECT_LAG], KMC_DETECT_BINS - 1,
			"evidence that waits has no bin");
	blob_u32(w, &d->halve_in, 1, U32_MAX, "a detector that never forgets");
	blob_u64(w, &d->seed, U64_MAX, NULL);
}

static void blob_detect(struct blob_walk *w, struct kmc_detect *d)
{
	static const char far[] = "a detector's average is out of range";
	u32 i;

	blob_u64(w, &d->age, BLOB_COUNT_MAX, "too many samples of a detector");
	blob_u32(w, &d->gain_age, 0, KMC_DETECT_OLD, "a detector learns more slowly than it can");
	blob_day(w, d->day_q6[0]);
	blob_day(w, d->day_q6[1]);
	for (i = 0; i < KMC_DETECT_WEEK; i++)
		blob_s8(w, &d->week[i], KMC_DETECT_WEEK_MAX, "a day is too sure of its side");
	for (i = 0; i < KMC_DETECT_NR; i++) {
		blob_s32(w, &d->tail[i].high_q12_mbit, 0, BLOB_HIGH_MAX_Q12,
			 "a channel's quantile is out of range");
		blob_s32(w, &d->tail[i].mean_mbit, KMC_DETECT_EXCESS_MIN, BLOB_EXCESS_MAX,
			 "a channel's mean excess is out of range");
	}
	blob_s64(w, &d->level_q14, 0, BLOB_DETECT_MAX_Q14, far);
	blob_s64(w, &d->bias_q14, -BLOB_DETECT_MAX_Q14, BLOB_DETECT_MAX_Q14, far);
	blob_u64(w, &d->resid_q20, BLOB_TYPICAL_MAX_Q20, far);
	blob_u64(w, &d->step_q20, BLOB_TYPICAL_MAX_Q20, far);
	blob_u16(w, &d->often_q16);
	blob_u16(w, &d->rough_q16);
	blob_u32(w, &d->held_mbit, 0, BLOB_HELD_MAX, "an alert is held too high");
	blob_evidence(w, d);
}

static void blob_shape(struct blob_walk *w)
{
	static const char why[] = "the blob is of another shape: from another kvmeter";

	blob_same(w, KMC_NR_RES, 1, why);
	blob_same(w, KMC_NR_HORIZONS, 1, why);
	blob_same(w, KMC_HIST_BINS, 2, why);
	blob_same(w, KMC_PROFILE_LAG, 2, why);
	blob_same(w, KMC_NR_EXPERTS, 2, why);
	blob_same(w, KMC_PREDICT_CONTEXTS, 2, why);
	blob_same(w, KMC_PREDICT_COMMON, 2, why);
	blob_same(w, KMC_PREDICT_HIDDEN, 2, why);
	blob_same(w, KMC_BAND_BINS, 2, why);
	blob_same(w, KMC_NR_BAND_LEVELS, 2, why);
	blob_same(w, KMC_DETECT_SLOTS, 2, why);
	blob_same(w, KMC_DETECT_BINS, 2, why);
	blob_same(w, KMC_DETECT_LAG, 2, why);
	blob_same(w, KMC_DETECT_NR, 2, why);
}

static void blob_body(struct blob_walk *w, struct kmc_blob *b)
{
	u32 i;

	blob_shape(w);
	blob_u64(w, &b->period_ns, KMC_NS_PER_HOUR, "a period is longer than an hour");
	blob_u32(w, &b->half_life, 0, U32_MAX, NULL);
	blob_u32(w, &b->model_checksum, 0, U32_MAX, NULL);
	blob_u32(w, &b->has_profile, 1, KMC_BLOB_ALL, "the blob holds no resource that is known");
	blob_u32(w, &b->has_predict, 0, KMC_BLOB_ALL,
		 "the blob holds resources that are not known");
	blob_u32(w, &b->has_detect, 0, KMC_BLOB_ALL,
		 "the blob holds resources that are not known");
	if ((b->has_predict | b->has_detect) & ~b->has_profile && !w->why)
		w->why = "the blob holds what was learned without its profile";
	for (i = 0; i < KMC_NR_RES && !w->why; i++) {
		if (b->has_profile >> i & 1)
			blob_profile(w, &b->profile[i]);
		if (b->has_predict >> i & 1 && !w->why)
			blob_predict(w, &b->predict[i]);
		if (b->has_detect >> i & 1 && !w->why)
			blob_detect(w, &b->detect[i]);
	}
	/* what is not known must not look as if it were */
	if (w->at != w->end && !w->write && !w->why)
		w->why = "the blob is too long";
}

static void blob_put(u8 *at, u32 v, u32 nr)
{
	struct blob_walk w = { .at = at, .end = at + nr, .write = true };

	blob_bytes(&w, v, nr);
}

static u32 blob_get(const u8 *at, u32 nr)
{
	struct blob_walk w = { .at = (u8 *)at, .end = (u8 *)at + nr };

	return blob_bytes(&w, 0, nr);
}

size_t kmc_blob_write(struct kmc_blob *b, void *out, size_t room)
{
	u8 *head = out;
	struct blob_walk w = { .at = head + KMC_BLOB_HEAD, .end = head + room, .write = true };
	size_t len;

	if (room < KMC_BLOB_HEAD)
		return 0;
	blob_body(&w, b);
	/* what could not be read back is not written */
	if (w.why)
		return 0;
	len = w.at - head;
	blob_put(head, KMC_BLOB_MAGIC, 4);
	blob_put(head + 4, KMC_BLOB_VERSION, 2);
	blob_put(head + 6, KMC_BLOB_HEAD, 2);
	blob_put(head + 8, len, 4);
	blob_put(head + 12, kmc_crc32(head + KMC_BLOB_HEAD, len - KMC_BLOB_HEAD), 4);
	return len;
}

static const char *blob_check_head(const u8 *head, size_t len)
{
	if (len < KMC_BLOB_HEAD)
		return "the blob is cut short";
	if (blob_get(head, 4) == __builtin_bswap32(KMC_BLOB_MAGIC))
		return "the blob is in the other byte order";
	if (blob_get(head, 4) != KMC_BLOB_MAGIC)
		return "not a profile of kvmeter";
	if (blob_get(head + 4, 2) > KMC_BLOB_VERSION)
		return "the blob is of a newer kvmeter";
	if (blob_get(head + 4, 2) != KMC_BLOB_VERSION)
		return "the blob is of a version that is not known";
	if (blob_get(head + 6, 2) != KMC_BLOB_HEAD)
		return "the blob's head is of another size";
	if (blob_get(head + 8, 4) > len)
		return "the blob is cut short";
	if (blob_get(head + 8, 4) < len)
		return "the blob is too long";
	if (blob_get(head + 12, 4) != kmc_crc32(head + KMC_BLOB_HEAD, len - KMC_BLOB_HEAD))
		return "the blob is damaged: its checksum is wrong";
	return NULL;
}

const char *kmc_blob_read(const void *data, size_t len, struct kmc_blob *b)
{
	u8 *head = (u8 *)data;	/* only read: see blob_bytes() */
	struct blob_walk w = { .at = head + KMC_BLOB_HEAD, .end = head + len };
	const char *why = blob_check_head(head, len);

	if (why)
		return why;
	memset(b, 0, sizeof(*b));
	blob_body(&w, b);
	return w.why;
}

void kmc_blob_from_vm(struct kmc_blob *b, const struct kmc_vm *vm, u32 mask)
{
	const struct kmc_model *model = vm->predict[0].model;
	u32 i;

	memset(b, 0, sizeof(*b));
	b->period_ns = vm->period_ns;
	b->half_life = vm->profile[0].half_life;
	b->model_checksum = model ? model->checksum : 0;
	b->has_profile = mask & KMC_BLOB_ALL;
	b->has_predict = b->has_profile;
	b->has_detect = b->has_profile;
	memcpy(b->profile, vm->profile, sizeof(b->profile));
	memcpy(b->predict, vm->predict, sizeof(b->predict));
	memcpy(b->detect, vm->detect, sizeof(b->detect));
	for (i = 0; i < KMC_NR_RES; i++)
		kmc_detect_settle(&b->detect[i]);
}

/* The past, the waiting forecasts and the settings stay @to's */
static void blob_take_predict(struct kmc_predict *to, const struct kmc_predict *from,
			      u32 model_checksum)
{
	to->nr_samples = from->nr_samples;
	memcpy(to->ewma_q8, from->ewma_q8, sizeof(to->ewma_q8));
	to->slow_q8 = from->slow_q8;
	to->centre_q8 = from->centre_q8;
	to->scale_q8 = from->scale_q8;
	memcpy(to->line, from->line, sizeof(to->line));
	to->still = 0;
	/* a filter on another network's state means nothing */
	if (!to->model || to->model->checksum != model_checksum)
		kmc_predict_set_model(to, to->model);
}

static void blob_take_profile(struct kmc_profile *to, const struct kmc_profile *from, bool same)
{
	if (same) {
		*to = *from;
		return;
	}
	kmc_profile_init(to, 0);
	kmc_profile_seed(to, from, KMC_PROFILE_PRIOR);
}

const char *kmc_blob_to_vm(const struct kmc_blob *b, struct kmc_vm *vm, u32 mask)
{
	bool same = !b->period_ns || b->period_ns == vm->period_ns;
	u32 i;

	mask &= KMC_BLOB_ALL;
	if (mask & ~b->has_profile)
		return "the blob does not hold this resource";
	for (i = 0; i < KMC_NR_RES; i++) {
		if (!(mask >> i & 1))
			continue;
		blob_take_profile(&vm->profile[i], &b->profile[i], same);
		if (b->has_predict >> i & 1)
			blob_take_predict(&vm->predict[i], &b->predict[i], b->model_checksum);
		if (!(b->has_detect >> i & 1))
			continue;
		kmc_detect_take(&vm->detect[i], &b->detect[i]);
		if (!same)
			kmc_detect_set_rate(&vm->detect[i], kmc_periods_per_day(vm->period_ns));
	}
	kmc_vm_learned(vm);
	return NULL;
}
