// SPDX-License-Identifier: GPL-2.0
#include "unit.h"
#include "blob_field.h"
#include "detect_step.h"
#include "detect_alarm.h"

#define PERIOD_NS	(100 * KMC_NS_PER_MS)
#define RING		4

static struct kmc_vm the_vm, other_vm;
static struct kmc_record rings[2][RING];
static struct kmc_blob the_blob, read_blob;
static struct kmc_model model;
static u8 bytes[KMC_BLOB_MAX];
static u64 clock_ms = 1700000000000;

static void vm_make(struct kmc_vm *vm, struct kmc_record *ring)
{
	const struct kmc_now now = { 77, 1000077 };
	struct kmc_budget_conf b;
	struct kmc_policy p[KMC_NR_ACT];
	struct kmc_tariff t;

	for (int i = 0; i < KMC_NR_ACT; i++)
		kmc_policy_default(&p[i]);
	kmc_tariff_default(&t);
	kmc_budget_default(&b);
	kmc_vm_init(vm, p, &t, &b, PERIOD_NS, ring, RING, &now);
}

/* @nr periods in which each resource is used around a level of its own */
static void vm_run(struct kmc_vm *vm, u64 *seed, u32 nr)
{
	while (nr--) {
		u32 repeat = unit_below(seed, 50) ? 1 : 1 + unit_below(seed, 100);

		clock_ms += 100 * repeat;
		for (int i = 0; i < KMC_NR_RES; i++) {
			u64 v = (i + 1) * 500 + unit_below(seed, 300);
			struct kmc_sample s = { v, v, !unit_below(seed, 20) };

			kmc_profile_fold(&vm->profile[i], &s, repeat, 9000);
			kmc_predict_observe(&vm->predict[i], &s, repeat);
			kmc_detect_observe(&vm->detect[i], &s, clock_ms / 1000, repeat);
		}
	}
	kmc_vm_learned(vm);
}

static size_t vm_write(const struct kmc_vm *vm, u32 mask)
{
	size_t len;

	kmc_blob_from_vm(&the_blob, vm, mask);
	len = kmc_blob_write(&the_blob, bytes, sizeof(bytes));
	assert_true(len);
	return len;
}

/* As if it had been written so */
static void reseal(size_t len)
{
	u32 crc = kmc_crc32(bytes + KMC_BLOB_HEAD, len - KMC_BLOB_HEAD);

	for (int i = 0; i < 4; i++) {
		bytes[8 + i] = len >> 8 * i;
		bytes[12 + i] = crc >> 8 * i;
	}
}

static void assert_refused(size_t len, const char *part)
{
	const char *why = kmc_blob_read(bytes, len, &read_blob);

	if (!why || !strstr(why, part))
		fail_msg("\"%s\", expected \"%s\"", why ? why : "read", part);
}

static void blob_crc(void **state)
{
	(void)state;
	assert_int_equal(kmc_crc32("", 0), 0);
	assert_int_equal(kmc_crc32("123456789", 9), 0xcbf43926);	/* the check value */
	assert_int_equal(kmc_crc32("\0\0\0\0", 4), 0x2144df1c);
}

/* The next sample follows no other, for either */
static void assert_same_judge(struct kmc_detect *d, struct kmc_detect *e, u64 when_s)
{
	kmc_detect_settle(d);
	d->broken = true;
	for (u64 v = 0; v < 20000; v += 37) {
		const struct kmc_sample s = { v, v, false };
		struct kmc_surprise a = detect_judge(d, &s, when_s);
		struct kmc_surprise b = detect_judge(e, &s, when_s);

		assert_int_equal(a.mbit, b.mbit);
		assert_int_equal(a.dir, b.dir);
	}
	assert_int_equal(detect_alarm(d, when_s, 9000), detect_alarm(e, when_s, 9000));
}

/* A VM that was told what another learned goes on as that one does */
static void blob_round_trip(void **state)
{
	u64 seed = 31;

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_make(&other_vm, rings[1]);
	for (int round = 0; round < 30; round++) {
		size_t len;

		vm_run(&the_vm, &seed, round < 10 ? round : 300);
		len = vm_write(&the_vm, KMC_BLOB_ALL);
		assert_null(kmc_blob_read(bytes, len, &read_blob));
		assert_int_equal(read_blob.period_ns, PERIOD_NS);
		assert_null(kmc_blob_to_vm(&read_blob, &other_vm, KMC_BLOB_ALL));
		for (int i = 0; i < KMC_NR_RES; i++) {
			struct kmc_profile *a = &the_vm.profile[i], *b = &other_vm.profile[i];
			const struct kmc_predict *p = &the_vm.predict[i];
			const struct kmc_predict *q = &other_vm.predict[i];

			assert_memory_equal(&a->hist, &b->hist, sizeof(a->hist));
			assert_int_equal(a->mean_q32, b->mean_q32);
			assert_int_equal(a->var_q16, b->var_q16);
			assert_int_equal(a->nr_samples, b->nr_samples);
			assert_int_equal(a->nr_censored, b->nr_censored);
			assert_int_equal(a->censored_run, b->censored_run);
			assert_int_equal(a->half_life, b->half_life);
			assert_int_equal(a->alpha_q32, b->alpha_q32);
			assert_int_equal(a->lag_len, b->lag_len);
			for (int j = 0; j < a->lag_len; j++)
				assert_int_equal(a->lag[(a->lag_tail + j) % KMC_PROFILE_LAG],
						 b->lag[(b->lag_tail + j) % KMC_PROFILE_LAG]);
			assert_int_equal(the_vm.alarm[i], other_vm.alarm[i]);
			assert_same_judge(&the_vm.detect[i], &other_vm.detect[i], clock_ms / 1000);
			assert_int_equal(p->nr_samples, q->nr_samples);
			assert_int_equal(p->scale_q8, q->scale_q8);
			assert_memory_equal(p->ewma_q8, q->ewma_q8, sizeof(p->ewma_q8));
			assert_memory_equal(p->line[1].lms16_q16, q->line[1].lms16_q16,
					    sizeof(p->line[1].lms16_q16));
			assert_memory_equal(&p->line[0].band, &q->line[0].band,
					    sizeof(p->line[0].band));
		}
	}
	/* the same judgement of the same future */
	for (u64 v = 0; v < 20000; v += 7)
		assert_int_equal(kmc_profile_judge(&the_vm.profile[0], v).mbit,
				 kmc_profile_judge(&other_vm.profile[0], v).mbit);
}

/* One period of each; @sum: how far forecasts were off */
static void forecast_step(struct kmc_vm *const *vms, u32 nr, u64 v, double *sum)
{
	const struct kmc_sample s = { v, v, false };

	for (u32 i = 0; i < nr; i++) {
		struct kmc_predict *p = &vms[i]->predict[0];

		if (sum)
			sum[i] += fabs((double)p->next.mean - v);
		kmc_predict_observe(p, &s, 1);
	}
}

/* What is high is low next: who was told forecasts as who stayed, and not as a stranger */
static void blob_forecast(void **state)
{
	struct kmc_vm *third = calloc(1, sizeof(*third));
	struct kmc_vm *vms[] = { &the_vm, &other_vm, third };
	struct kmc_record ring[RING];
	u64 seed = 32, v = 1500;
	double sum[3] = { 0 };

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_make(&other_vm, rings[1]);
	vm_make(third, ring);
	for (int i = 0; i < 5060; i++) {
		v = (u64)(1500 - 0.9 * ((double)v - 1500) + unit_below(&seed, 300)) - 150;
		if (i == 5000) {
			size_t len = vm_write(&the_vm, KMC_BLOB_ALL);

			assert_null(kmc_blob_read(bytes, len, &read_blob));
			assert_null(kmc_blob_to_vm(&read_blob, &other_vm, KMC_BLOB_ALL));
		}
		/* the first two are what any must see */
		forecast_step(vms, i < 5000 ? 1 : 3, v, i < 5002 ? NULL : sum);
	}
	free(third);
	assert_at_most(sum[1], 1.3 * sum[0]);
	assert_at_most(sum[1], 0.8 * sum[2]);
}

/* Busy in working hours: who was told knows the hour, on working days and on weekends */
static void blob_detect_knows_the_day(void **state)
{
	const struct kmc_sample busy = { 5000, 5000, false };
	struct kmc_detect *d = &the_vm.detect[0], *e = &other_vm.detect[0];
	u64 seed = 41, monday_s = 4 * 86400, t;

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_make(&other_vm, rings[1]);
	kmc_detect_set_rate(d, 288);
	kmc_detect_set_rate(e, 288);
	for (t = monday_s; t < monday_s + 21 * 86400; t += 300) {
		u64 hour = t % 86400 / 3600, day = (t - monday_s) / 86400 % 7;
		u64 v = (hour >= 8 && hour < 18 && day < 5 ? 5000 : 1000) + unit_below(&seed, 200);
		const struct kmc_sample s = { v, v, false };

		kmc_detect_observe(d, &s, t, 1);
	}
	assert_null(kmc_blob_read(bytes, vm_write(&the_vm, 1), &read_blob));
	assert_null(kmc_blob_to_vm(&read_blob, &other_vm, 1));
	assert_memory_equal(d->day_q6, e->day_q6, sizeof(d->day_q6));
	for (t = monday_s + 21 * 86400; t < monday_s + 28 * 86400; t += 3600)
		assert_same_judge(d, e, t);
	t = monday_s + 22 * 86400;
	assert_true(detect_judge(e, &busy, t + 12 * 3600).mbit < 3000);
	assert_true(detect_judge(e, &busy, t + 3 * 3600).mbit > 8000);
	assert_true(detect_judge(e, &busy, t + 4 * 86400 + 12 * 3600).mbit > 8000);
}

static void blob_masks(void **state)
{
	u64 seed = 33;
	size_t len;

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_run(&the_vm, &seed, 500);
	len = vm_write(&the_vm, 1U << KMC_RES_EXITS);
	assert_null(kmc_blob_read(bytes, len, &read_blob));
	assert_int_equal(read_blob.has_profile, 1U << KMC_RES_EXITS);
	vm_make(&other_vm, rings[1]);
	assert_non_null(kmc_blob_to_vm(&read_blob, &other_vm, KMC_BLOB_ALL));
	assert_non_null(kmc_blob_to_vm(&read_blob, &other_vm, 1U << KMC_RES_CPU));
	for (int i = 0; i < KMC_NR_RES; i++)
		assert_int_equal(other_vm.profile[i].nr_samples, 0);
	assert_null(kmc_blob_to_vm(&read_blob, &other_vm, 1U << KMC_RES_EXITS));
	assert_int_equal(other_vm.profile[KMC_RES_CPU].nr_samples, 0);
	assert_int_equal(other_vm.profile[KMC_RES_EXITS].nr_samples,
			 the_vm.profile[KMC_RES_EXITS].nr_samples);
	/* a profile alone, as of an image */
	kmc_blob_from_vm(&the_blob, &the_vm, 1);
	the_blob.has_predict = 0;
	the_blob.has_detect = 0;
	the_blob.period_ns = 0;
	assert_null(kmc_blob_read(bytes, kmc_blob_write(&the_blob, bytes, sizeof(bytes)),
				  &read_blob));
	other_vm.period_ns = KMC_NS_PER_S;
	assert_null(kmc_blob_to_vm(&read_blob, &other_vm, 1));
	/* other periods: a prior, which gives way */
	kmc_vm_forget(&other_vm, 1);
	vm_run(&the_vm, &seed, 5000);
	assert_null(kmc_blob_read(bytes, vm_write(&the_vm, 1), &read_blob));
	assert_null(kmc_blob_to_vm(&read_blob, &other_vm, 1));
	assert_int_equal(other_vm.profile[0].nr_samples, 0);
	assert_int_equal(other_vm.profile[0].nr_prior, KMC_PROFILE_PRIOR);
	assert_near(kmc_profile_mean(&other_vm.profile[0]),
		    kmc_profile_mean(&the_vm.profile[0]), 1);
	assert_int_equal(other_vm.detect[0].age, the_vm.detect[0].age);
	assert_true(other_vm.detect[0].gain_age < the_vm.detect[0].gain_age);
	kmc_vm_forget(&other_vm, 1);
	assert_int_equal(other_vm.profile[0].nr_samples, 0);
	assert_int_equal(other_vm.profile[0].half_life,
			 kmc_vm_profile_half_life(&other_vm, 0));
	assert_true(other_vm.alarm[0] == U64_MAX);
}

/* What was learned on another network's state is not taken over */
static void blob_model(void **state)
{
	u64 seed = 34;

	(void)state;
	memset(&model, 0, sizeof(model));
	for (u32 i = 0; i < KMC_RNN_UNITS; i++)
		model.bias_q12[2][i] = 500 * i;
	kmc_model_seal(&model);
	vm_make(&the_vm, rings[0]);
	kmc_predict_set_model(&the_vm.predict[0], &model);
	vm_run(&the_vm, &seed, 1000);
	assert_null(kmc_blob_read(bytes, vm_write(&the_vm, 1), &read_blob));
	assert_int_equal(read_blob.model_checksum, model.checksum);
	vm_make(&other_vm, rings[1]);
	kmc_predict_set_model(&other_vm.predict[0], &model);
	assert_null(kmc_blob_to_vm(&read_blob, &other_vm, 1));
	assert_memory_equal(other_vm.predict[0].line[0].readout_q16,
			    the_vm.predict[0].line[0].readout_q16,
			    sizeof(the_vm.predict[0].line[0].readout_q16));
	read_blob.model_checksum++;
	assert_null(kmc_blob_to_vm(&read_blob, &other_vm, 1));
	assert_int_equal(other_vm.predict[0].line[0].readout_q16[0], 0);
	assert_ptr_equal(other_vm.predict[0].model, &model);
}

static void blob_cut(void **state)
{
	u64 seed = 35;
	size_t len, i;

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_run(&the_vm, &seed, 200);
	len = vm_write(&the_vm, KMC_BLOB_ALL);
	assert_true(len < sizeof(bytes));
	for (i = 0; i < len; i++) {
		/* of its own allocation, so that a byte too far is seen */
		u8 *part = malloc(i + 1);

		memcpy(part, bytes, i);
		assert_non_null(kmc_blob_read(part, i, &read_blob));
		free(part);
	}
	/* cut by who can count */
	for (i = KMC_BLOB_HEAD; i < len; i++) {
		u8 *part = malloc(i);
		u32 crc = kmc_crc32(bytes + KMC_BLOB_HEAD, i - KMC_BLOB_HEAD);

		memcpy(part, bytes, i);
		for (int j = 0; j < 4; j++) {
			part[8 + j] = i >> 8 * j;
			part[12 + j] = crc >> 8 * j;
		}
		assert_non_null(kmc_blob_read(part, i, &read_blob));
		free(part);
	}
	bytes[len] = 0;
	assert_refused(len + 1, "too long");
	reseal(len + 1);
	assert_refused(len + 1, "too long");
	/* no room */
	assert_int_equal(kmc_blob_write(&the_blob, bytes, len - 1), 0);
	assert_int_equal(kmc_blob_write(&the_blob, bytes, 3), 0);
	assert_int_equal(kmc_blob_write(&the_blob, bytes, len), len);
}

static void blob_flips(void **state)
{
	u64 seed = 36;
	size_t len, i;

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_run(&the_vm, &seed, 300);
	len = vm_write(&the_vm, KMC_BLOB_ALL);
	for (i = 0; i < 8 * len; i++) {
		bytes[i / 8] ^= 1 << i % 8;
		assert_non_null(kmc_blob_read(bytes, len, &read_blob));
		bytes[i / 8] ^= 1 << i % 8;
	}
	assert_null(kmc_blob_read(bytes, len, &read_blob));
}

/* Damage that the checksum was made to fit: refused, or a VM that lives with it */
static void blob_lies(void **state)
{
	u64 seed = 37, refused = 0, taken = 0;
	size_t len;

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_run(&the_vm, &seed, 3000);
	for (int i = 0; i < 12000; i++) {
		len = vm_write(&the_vm, KMC_BLOB_ALL);
		for (u32 n = 1 + unit_below(&seed, 3); n; n--) {
			size_t at = KMC_BLOB_HEAD + unit_below(&seed, len - KMC_BLOB_HEAD);

			bytes[at] = unit_below(&seed, 2) ? unit_random(&seed) :
				    bytes[at] ^ 1 << unit_below(&seed, 8);
		}
		reseal(len);
		if (kmc_blob_read(bytes, len, &read_blob)) {
			refused++;
			continue;
		}
		taken++;
		if (taken > 300)
			continue;
		vm_make(&other_vm, rings[1]);
		if (!kmc_blob_to_vm(&read_blob, &other_vm, read_blob.has_profile))
			vm_run(&other_vm, &seed, 40);
	}
	/* both happen, or it tested nothing */
	assert_true(refused > 1000);
	assert_true(taken > 1000);
}

/* One lie each: writer and reader are one walk, so what is not written is not read */
static void blob_ranges(void **state)
{
	struct kmc_profile *p = &the_blob.profile[0];
	struct kmc_predict *q = &the_blob.predict[0];
	struct kmc_detect *d = &the_blob.detect[0];
	const struct {
		void *field;
		size_t size;
		u64 bad;
	} lies[] = {
		{ &p->hist.bin[3], 4, 1000000 },
		{ &p->hist.total, 4, 5 },
		{ &p->hist.inc_q16, 4, 0 },
		{ &p->hist.inc_q16, 4, 4096U << 16 },
		{ &p->mean_q32, 8, (KMC_HIST_MAX << 32) + 1 },
		{ &p->var_q16, 8, U64_MAX },
		{ &p->nr_samples, 8, U64_MAX },
		{ &p->nr_samples, 8, 256 },
		{ &p->nr_censored, 8, 1ULL << 61 },
		{ &p->nr_prior, 4, U32_MAX },
		{ &p->censored_run, 4, U32_MAX },
		{ &p->lag_len, 1, 129 },
		{ &p->lag[0], 1, KMC_HIST_BINS },
		{ &q->nr_samples, 8, U64_MAX },
		{ &q->ewma_q8[1], 4, U32_MAX },
		{ &q->centre_q8, 4, U32_MAX },
		{ &q->scale_q8, 4, 255 },
		{ &q->scale_q8, 4, U32_MAX },
		{ &q->line[0].width_q16[0], 4, KMC_LMS_WEIGHT_MAX + 1 },
		{ &q->line[1].readout_q16[5], 4, (u32)(-KMC_LMS_WEIGHT_MAX - 1) },
		{ &q->line[1].band.bin[0], 2, 60000 },
		{ &q->line[0].band.tail_q24[0], 4, 0 },
		{ &q->line[0].band.tail_q24[1], 4, 0x80000000U },
		{ &q->line[0].band_scale_q8, 4, U32_MAX },
		{ &q->line[0].context_scale_q8[8], 4, U32_MAX },
		{ &d->age, 8, U64_MAX },
		{ &d->gain_age, 4, KMC_DETECT_OLD + 1 },
		{ &d->day_q6[1][95], 4, (u32)-1 },
		{ &d->week[27], 1, KMC_DETECT_WEEK_MAX + 1 },
		{ &d->week[0], 1, (u8)(-KMC_DETECT_WEEK_MAX - 1) },
		{ &d->tail[0].high_q12_mbit, 4, (u32)-1 },
		{ &d->tail[4].high_q12_mbit, 4, S32_MAX },
		{ &d->tail[1].mean_mbit, 4, 0 },
		{ &d->tail[2].mean_mbit, 4, 100001 },
		{ &d->level_q14, 8, (u64)-1 },
		{ &d->bias_q14, 8, 1ULL << 40 },
		{ &d->bias_q14, 8, (u64)(-(1LL << 40)) },
		{ &d->resid_q20, 8, 1ULL << 46 },
		{ &d->step_q20, 8, 1ULL << 46 },
		{ &d->held_mbit, 4, U32_MAX },
		{ &d->lag_len, 1, KMC_DETECT_LAG + 1 },
		{ &d->lag[0], 1, KMC_DETECT_BINS },
		{ &d->halve_in, 4, 0 },
		{ &the_blob.has_detect, 4, KMC_BLOB_ALL + 1 },
		{ &the_blob.period_ns, 8, KMC_NS_PER_HOUR + 1 },
		{ &the_blob.has_profile, 4, 0 },
		{ &the_blob.has_profile, 4, KMC_BLOB_ALL + 1 },
		{ &the_blob.has_predict, 4, KMC_BLOB_ALL + 1 },
		{ &the_blob.has_profile, 4, 2 },
	};
	u64 seed = 38;
	size_t len;

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_run(&the_vm, &seed, 1000);
	for (u32 i = 0; i < ARRAY_SIZE(lies); i++) {
		len = vm_write(&the_vm, KMC_BLOB_ALL);
		memcpy(lies[i].field, &lies[i].bad, lies[i].size);
		if (kmc_blob_write(&the_blob, bytes, sizeof(bytes)))
			fail_msg("lie %u was written", i);
	}
	/* and the reader walks it: the first bin, the shape */
	len = vm_write(&the_vm, KMC_BLOB_ALL);
	bytes[KMC_BLOB_HEAD + 26 + 28] ^= 1;
	reseal(len);
	assert_refused(len, "not the sum");
	bytes[KMC_BLOB_HEAD + 26 + 28] ^= 1;
	bytes[KMC_BLOB_HEAD] ^= 1;
	reseal(len);
	assert_refused(len, "another shape");
}

static void blob_strangers(void **state)
{
	u64 seed = 39;
	size_t len;

	(void)state;
	vm_make(&the_vm, rings[0]);
	vm_run(&the_vm, &seed, 100);
	len = vm_write(&the_vm, KMC_BLOB_ALL);
	/* little-endian whatever the host is */
	assert_memory_equal(bytes, "KMP1\2\0\20\0", 8);
	assert_int_equal(bytes[8] | bytes[9] << 8, len);
	bytes[4] = 3;
	assert_refused(len, "newer");
	bytes[4] = 0;
	assert_refused(len, "version");
	bytes[4] = 2;
	memcpy(bytes, "1PMK", 4);
	assert_refused(len, "byte order");
	memcpy(bytes, "\177ELF", 4);
	assert_refused(len, "not a profile");
	memcpy(bytes, "KMP1", 4);
	bytes[6] = 20;
	assert_refused(len, "head");
	bytes[6] = 16;
	bytes[len - 1] ^= 1;
	assert_refused(len, "damaged");
	assert_refused(0, "cut short");
}

UNIT_SUITE(unit_blob,
	cmocka_unit_test(blob_crc),
	cmocka_unit_test(blob_round_trip),
	cmocka_unit_test(blob_forecast),
	cmocka_unit_test(blob_detect_knows_the_day),
	cmocka_unit_test(blob_masks),
	cmocka_unit_test(blob_model),
	cmocka_unit_test(blob_cut),
	cmocka_unit_test(blob_flips),
	cmocka_unit_test(blob_lies),
	cmocka_unit_test(blob_ranges),
	cmocka_unit_test(blob_strangers),
);
