// SPDX-License-Identifier: GPL-2.0
/* The detector and time: days, weeks, runs, gaps, other periods, other hosts */
#include "detect_unit.h"

/* One peak a day, at 9 o'clock for an hour */
static u64 day_demand(u64 *seed, u64 when_s)
{
	u64 noise = unit_below(seed, 200);

	return (when_s % DAY_S / 3600 == 9 ? 8000 : 2000) + noise;
}

static u32 day_worst(struct kmc_detect *d, u64 *seed, u64 day, bool peak, u32 *alerts)
{
	u32 worst = 0;

	*alerts = 0;
	for (u32 i = 0; i < PER_DAY; i++) {
		u64 when_s = MONDAY_S + day * DAY_S + i * PERIOD_S;
		u64 demand = peak ? day_demand(seed, when_s) : 2000 + unit_below(seed, 200);

		worst = max(worst, see(d, demand, when_s, 1).mbit);
		*alerts += kmc_detect_alert(d) > 0;
	}
	return worst;
}

static void detect_season(void **state)
{
	struct kmc_detect with, without;
	u32 missing, due, alerts;
	u64 seed = 23;

	(void)state;
	kmc_detect_init(&with, PER_DAY);
	for (u64 day = 0; day < 3; day++)
		day_worst(&with, &seed, day, true, &alerts);
	without = with;
	due = day_worst(&with, &seed, 3, true, &alerts);
	missing = day_worst(&without, &seed, 3, false, &alerts);
	print_message("# day 4: a peak that is due %u mbit, a missing one %u mbit\n", due,
		      missing);
	assert_true(missing > due + 1000);
	assert_true(missing > 5000);
	/* after two weeks of it nothing is left to be surprised by */
	for (u64 day = 4; day < 14; day++)
		due = day_worst(&with, &seed, day, true, &alerts);
	missing = day_worst(&with, &seed, 14, false, &alerts);
	assert_true(missing > due + 2000);
}

/*
 * Weekends are quiet.  Where the clock's zone is half a day off, or it counts
 * from an unknown day, the week is learned.
 */
static void detect_weekend_learned(void **state)
{
	(void)state;
	for (u32 off_h = 0; off_h <= 84; off_h += 12) {
		struct kmc_detect d;
		u32 wrong = 0;
		u64 seed = 24;

		kmc_detect_init(&d, PER_DAY);
		for (u64 i = 0; i < 12 * 7 * PER_DAY; i++) {
			u64 local_s = MONDAY_S + i * PERIOD_S;
			bool weekend = local_s / DAY_S % 7 == 2 || local_s / DAY_S % 7 == 3;
			bool busy = !weekend && local_s % DAY_S / 3600 >= 8 &&
				    local_s % DAY_S / 3600 < 18;

			see(&d, (busy ? 6000 : 1000) + unit_below(&seed, 300),
			    local_s + off_h * 3600, 1);
			if (i >= 11 * 7 * PER_DAY && busy)
				wrong += d.weekend != (d.week[d.quarter] > 0) ||
					 labs((long)d.day_q6[d.weekend][d.slot] - 6150 * 64) >
						 3000 * 64;
		}
		print_message("# clock off by %u h: %u of %u busy samples under a wrong profile\n",
			      off_h, wrong, 5 * 10 * 12);
		assert_at_most(wrong, 5 * 10 * 12 / 20);
	}
}

static void detect_censored(void **state)
{
	const struct kmc_sample held = { 2000, 8000, true };
	struct source g = { .seed = 25 };
	struct kmc_detect d, before;
	struct kmc_surprise s;
	u32 i;

	(void)state;
	kmc_detect_init(&d, FINE_PER_DAY);
	for (i = 0; i < 50000; i++)
		see(&d, 3000 + 200 * unit_normal(&g.seed), MONDAY_S + i / 10, 1);
	before = d;
	for (; i < 50000 + 9000; i++) {
		s = kmc_detect_observe(&d, &held, MONDAY_S + i / 10, 1);
		assert_true(s.mbit > 9000);
		assert_int_equal(s.dir, 1);
	}
	/* nothing was learned */
	assert_int_equal(d.age, before.age);
	assert_int_equal(d.total, before.total);
	assert_memory_equal(d.tail, before.tail, sizeof(d.tail));
	/* being held down is not too little */
	s = kmc_detect_observe(&before, &(struct kmc_sample){ 0, 0, true }, MONDAY_S + 5000, 1);
	assert_true(s.dir >= 0);
	/* the release is no step */
	before = d;
	s = see(&before, 3000, MONDAY_S + i / 10, 1);
	assert_at_most(s.mbit, 8000);
	/* after 900 s it is its new nature */
	for (; i < 50000 + 60000; i++)
		s = kmc_detect_observe(&d, &held, MONDAY_S + i / 10, 1);
	assert_at_most(s.mbit, 8000);
}

/*
 * A run in one call, against one by one: averages within an eighth of the change
 * (2500), surprise from 4 to 16 bits within 2
 */
#define REPEAT_TOLERANCE	(2500 / 8)

static void detect_repeat(void **state)
{
	static const u32 runs[] = { 2, 64, 65, 700, 9000, 20000, 200000, 864000 };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(runs); k++) {
		struct kmc_detect one, all;
		struct source g = { .seed = 26 };
		u64 at = 0;

		kmc_detect_init(&one, FINE_PER_DAY);
		for (; at < 30000; at++)
			see(&one, 3000 + 300 * unit_normal(&g.seed), MONDAY_S + at / 10, 1);
		all = one;
		for (u32 i = 1; i <= runs[k]; i++)
			see(&one, 500, MONDAY_S + (at + i) / 10, 1);
		see(&all, 500, MONDAY_S + (at + runs[k]) / 10, runs[k]);
		at += runs[k] + 1;
		kmc_detect_settle(&one);
		assert_int_equal(one.age, all.age);
		assert_int_equal(one.clock_s, all.clock_s);
		assert_int_equal(one.slot, all.slot);
		assert_near(all.level_q14 / 16384.0, one.level_q14 / 16384.0, REPEAT_TOLERANCE);
		assert_near(all.bias_q14 / 16384.0, one.bias_q14 / 16384.0, REPEAT_TOLERANCE);
		assert_near(log2(all.resid_q20 + 0x4000000), log2(one.resid_q20 + 0x4000000), 0.5);
		assert_near(log2(all.step_q20 + 0x4000000), log2(one.step_q20 + 0x4000000), 0.5);
		/* (a day later it is far from what is due then, and scales still move) */
		for (u32 i = 0; i < KMC_DETECT_NR && runs[k] < FINE_PER_DAY; i++)
			assert_near(all.tail[i].high_q12_mbit / 4096.0,
				    one.tail[i].high_q12_mbit / 4096.0, 500);
		for (u32 i = 0; i < KMC_DETECT_SLOTS; i++)
			assert_near(all.day_q6[0][i] / 64.0, one.day_q6[0][i] / 64.0, 50);
		/* and what comes next is judged alike */
		for (u64 v = 500; v <= 8000; v *= 2) {
			struct kmc_detect a = one, b = all;

			u32 want = see(&a, v, MONDAY_S + at / 10, 1).mbit;
			u32 got = see(&b, v, MONDAY_S + at / 10, 1).mbit;

			assert_near(clamp(got, 4000, 16000), clamp(want, 4000, 16000), 2000);
		}
	}
}

/* An idle VM is visited once a second: ten periods of 100 ms at a time */
static void detect_repeat_in_parts(void **state)
{
	struct kmc_detect one, parts;
	struct source g = { .seed = 27 };
	u64 at = 0;

	(void)state;
	kmc_detect_init(&one, FINE_PER_DAY);
	for (; at < 30000; at++)
		see(&one, 3000 + 300 * unit_normal(&g.seed), MONDAY_S + at / 10, 1);
	parts = one;
	for (u32 i = 1; i <= 20000; i++) {
		see(&one, 500, MONDAY_S + (at + i) / 10, 1);
		if (i % 10 == 0)
			see(&parts, 500, MONDAY_S + (at + i) / 10, 10);
	}
	at += 20001;
	kmc_detect_settle(&one);
	kmc_detect_settle(&parts);
	assert_int_equal(one.age, parts.age);
	assert_near(parts.level_q14 / 16384.0, one.level_q14 / 16384.0, REPEAT_TOLERANCE);
	assert_near(parts.bias_q14 / 16384.0, one.bias_q14 / 16384.0, REPEAT_TOLERANCE);
	for (u64 v = 500; v <= 8000; v *= 2) {
		struct kmc_detect a = one, b = parts;
		u32 want = see(&a, v, MONDAY_S + at / 10, 1).mbit;
		u32 got = see(&b, v, MONDAY_S + at / 10, 1).mbit;

		assert_near(clamp(got, 4000, 16000), clamp(want, 4000, 16000), 2000);
	}
}

static void detect_long_idle_is_one_call(void **state)
{
	struct kmc_detect d;

	(void)state;
	kmc_detect_init(&d, FINE_PER_DAY);
	see(&d, 5000, MONDAY_S + 1000, 10000);
	see(&d, 0, MONDAY_S + 1000 + U32_MAX / 10, U32_MAX);
	assert_true(d.age == 10000ULL + U32_MAX);
	assert_int_equal(d.clock_s, MONDAY_S + 1000 + U32_MAX / 10);
	assert_int_equal(see(&d, 0, d.clock_s, 1).mbit, 0);
	assert_true(see(&d, 5000, d.clock_s, 1).mbit > 8000);
}

/* The host slept, or its clock was set: no step, no lasting damage */
static void detect_gap(void **state)
{
	static const s64 jumps_s[] = { 3600, 86400 * 3, -3600, -86400 * 3, 86400 * 365 };

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(jumps_s); k++) {
		u64 when_s = MONDAY_S + 86400 * 30;
		struct kmc_detect d;
		u64 seed = 28;
		u32 loud = 0;

		kmc_detect_init(&d, FINE_PER_DAY);
		for (u32 i = 0; i < 40000; i++)
			see(&d, 1000 + unit_below(&seed, 4000), when_s + i / 10, 1);
		when_s += jumps_s[k] + 4000;
		/* the first one is far from the last but not from what is due */
		assert_at_most(see(&d, 1000, when_s, 1).mbit, 9000);
		for (u32 i = 1; i < 20000; i++)
			loud += see(&d, 1000 + unit_below(&seed, 4000), when_s + i / 10, 1).mbit >
				10000;
		assert_at_most(loud, 60);
	}
}

/* Periods become ten times as long: no storm, and still awake */
static void detect_rate_changes(void **state)
{
	struct source g = { .seed = 29 };
	struct kmc_detect d;
	u64 when_s = MONDAY_S;
	u32 i, loud = 0;

	(void)state;
	kmc_detect_init(&d, FINE_PER_DAY);
	for (i = 0; i < 60000; i++)
		see(&d, source_bursty(&g), when_s + i / 10, 1);
	when_s += 6000;
	kmc_detect_set_rate(&d, FINE_PER_DAY / 10);
	for (i = 0; i < 20000; i++) {
		double sum = 0;

		for (int j = 0; j < 10; j++)
			sum += source_bursty(&g);
		loud += see(&d, sum / 10, when_s + i, 1).mbit > 9000;
	}
	assert_at_most(loud, 2 * 20000 / 512);
	assert_true(see(&d, 1000000, when_s + i, 1).mbit > 9000);
}

/*
 * A VM that migrates in is new here: it cannot alarm before it is known, and
 * is known soon
 */
static void detect_migrates_in(void **state)
{
	struct source g = { .seed = 30 };
	struct kmc_detect d;
	u32 i;

	(void)state;
	kmc_detect_init(&d, FINE_PER_DAY);
	for (i = 0; i < 200; i++)
		assert_at_most(see(&d, 6000 + 300 * unit_normal(&g.seed), MONDAY_S * 1000 + i / 10,
				   1).mbit, 8700);
	for (; i < 3000; i++)
		see(&d, 6000 + 300 * unit_normal(&g.seed), MONDAY_S * 1000 + i / 10, 1);
	assert_true(see(&d, 9900, MONDAY_S * 1000 + i / 10, 1).mbit > 10000);
}

UNIT_SUITE(unit_detect_time,
	   cmocka_unit_test(detect_season),
	   cmocka_unit_test(detect_weekend_learned),
	   cmocka_unit_test(detect_censored),
	   cmocka_unit_test(detect_repeat),
	   cmocka_unit_test(detect_repeat_in_parts),
	   cmocka_unit_test(detect_long_idle_is_one_call),
	   cmocka_unit_test(detect_gap),
	   cmocka_unit_test(detect_rate_changes),
	   cmocka_unit_test(detect_migrates_in));
