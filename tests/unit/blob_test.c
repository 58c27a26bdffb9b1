// SPDX-License-Identifier: GPL-2.0
#include "blob_unit.h"
#include "detect_step.h"
#include "detect_alarm.h"

static struct kmc_model model;

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
	struct kmc_record ring[BLOB_RING];
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

UNIT_SUITE(unit_blob,
	   cmocka_unit_test(blob_crc),
	   cmocka_unit_test(blob_round_trip),
	   cmocka_unit_test(blob_forecast),
	   cmocka_unit_test(blob_detect_knows_the_day),
	   cmocka_unit_test(blob_masks),
	   cmocka_unit_test(blob_model));
