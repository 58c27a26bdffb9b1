// SPDX-License-Identifier: GPL-2.0
#include "blob.h"
#include "blob_learned.h"

static void blob_shape(struct kmc_blob_walk *w)
{
	static const char why[] = "the blob is of another shape: from another kvmeter";

	kmc_blob_same(w, KMC_NR_RES, 1, why);
	kmc_blob_same(w, KMC_NR_HORIZONS, 1, why);
	kmc_blob_same(w, KMC_HIST_BINS, 2, why);
	kmc_blob_same(w, KMC_PROFILE_LAG, 2, why);
	kmc_blob_same(w, KMC_NR_EXPERTS, 2, why);
	kmc_blob_same(w, KMC_PREDICT_CONTEXTS, 2, why);
	kmc_blob_same(w, KMC_PREDICT_COMMON, 2, why);
	kmc_blob_same(w, KMC_PREDICT_HIDDEN, 2, why);
	kmc_blob_same(w, KMC_BAND_BINS, 2, why);
	kmc_blob_same(w, KMC_NR_BAND_LEVELS, 2, why);
	kmc_blob_same(w, KMC_DETECT_SLOTS, 2, why);
	kmc_blob_same(w, KMC_DETECT_BINS, 2, why);
	kmc_blob_same(w, KMC_DETECT_LAG, 2, why);
	kmc_blob_same(w, KMC_DETECT_NR, 2, why);
}

static void blob_body(struct kmc_blob_walk *w, struct kmc_blob *b)
{
	u32 i;

	blob_shape(w);
	kmc_blob_u64(w, &b->period_ns, KMC_NS_PER_HOUR, "a period is longer than an hour");
	kmc_blob_u32(w, &b->half_life, 0, U32_MAX, NULL);
	kmc_blob_u32(w, &b->model_checksum, 0, U32_MAX, NULL);
	kmc_blob_u32(w, &b->has_profile, 1, KMC_BLOB_ALL,
		     "the blob holds no resource that is known");
	kmc_blob_u32(w, &b->has_predict, 0, KMC_BLOB_ALL,
		     "the blob holds resources that are not known");
	kmc_blob_u32(w, &b->has_detect, 0, KMC_BLOB_ALL,
		     "the blob holds resources that are not known");
	if ((b->has_predict | b->has_detect) & ~b->has_profile)
		kmc_blob_refuse(w, "the blob holds what was learned without its profile");
	for (i = 0; i < KMC_NR_RES && !w->why; i++) {
		if (b->has_profile >> i & 1)
			kmc_blob_profile(w, &b->profile[i]);
		if (b->has_predict >> i & 1 && !w->why)
			kmc_blob_predict(w, &b->predict[i]);
		if (b->has_detect >> i & 1 && !w->why)
			kmc_blob_detect(w, &b->detect[i]);
	}
	/* bytes that are not known must not pass unread */
	if (w->at != w->end && !w->write)
		kmc_blob_refuse(w, "the blob is too long");
}

static void blob_put(u8 *at, u32 v, u32 nr)
{
	struct kmc_blob_walk w = { .at = at, .end = at + nr, .write = true };

	kmc_blob_bytes(&w, v, nr);
}

static u32 blob_get(const u8 *at, u32 nr)
{
	struct kmc_blob_walk w = { .at = (u8 *)at, .end = (u8 *)at + nr };

	return kmc_blob_bytes(&w, 0, nr);
}

size_t kmc_blob_write(struct kmc_blob *b, void *out, size_t room)
{
	u8 *head = out;
	struct kmc_blob_walk w = { .at = head + KMC_BLOB_HEAD, .end = head + room, .write = true };
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
	u8 *head = (u8 *)data;	/* only read: see kmc_blob_bytes() */
	struct kmc_blob_walk w = { .at = head + KMC_BLOB_HEAD, .end = head + len };
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

/* The past, the forecasts that wait and the settings stay @to's */
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
