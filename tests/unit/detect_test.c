// SPDX-License-Identifier: GPL-2.0
#include "unit.h"
#include "detect_step.h"
#include "detect_alarm.h"
#include "digest.h"
#include "detect_digest.h"

#define DAY_S		86400
#define PER_DAY		288		/* 5 min */
#define PERIOD_S	(DAY_S / PER_DAY)
#define FINE_PER_DAY	864000		/* 100 ms */
#define MONDAY_S	(4ULL * DAY_S)	/* 1970-01-05 */

static struct kmc_surprise see(struct kmc_detect *d, u64 demand, u64 when_s, u32 repeat)
{
	const struct kmc_sample s = { demand, demand, false };

	return kmc_detect_observe(d, &s, when_s, repeat);
}

/* Stationary input of several shapes.  How often surprise exceeds b bits, in
 * units of what calibration promises (2^-b).
 */
struct source {
	u64 seed;
	u32 left;
	bool on;
	double last;
};

static double source_normal(struct source *g)
{
	return fmax(0, 4000 + 1500 * unit_normal(&g->seed));
}

static double source_heavy(struct source *g)
{
	return 100 * pow(unit_uniform(&g->seed), -0.8);
}

/* quiet and busy spells, 30 periods in the mean, a fifth of them 20 times as busy */
static double source_bursty(struct source *g)
{
	if (!g->left--) {
		g->left = -30 * log(unit_uniform(&g->seed));
		g->on = unit_uniform(&g->seed) < 0.2;
	}
	return (g->on ? 4000 : 200) * -log(unit_uniform(&g->seed));
}

/* idle for 450 periods in the mean, then at work for 50 */
static double source_on_off(struct source *g)
{
	if (!g->left--) {
		g->on = !g->on;
		g->left = -(g->on ? 50 : 450) * log(unit_uniform(&g->seed));
	}
	return g->on ? 9000 + 1000 * unit_uniform(&g->seed) : 0;
}

static double source_blips(struct source *g)
{
	return unit_uniform(&g->seed) < 0.9 ? 0 : 9000 + 1000 * unit_uniform(&g->seed);
}

static double source_near_constant(struct source *g)
{
	return 5000 + 20 * unit_normal(&g->seed);
}

static double source_wandering(struct source *g)
{
	g->last = 0.95 * g->last + unit_normal(&g->seed);
	return fmax(0, 4000 + 400 * g->last);
}

/* @spell: samples that are surprising together.  A spell is one event: where
 * fewer than 30 are expected the share says nothing.
 */
static const struct {
	const char *name;
	double (*draw)(struct source *g);
	u32 spell;
} sources[] = {
	{ "normal", source_normal, 1 },
	{ "heavy-tailed", source_heavy, 1 },
	{ "bursty", source_bursty, 30 },
	{ "on/off", source_on_off, 50 },
	{ "blips", source_blips, 1 },
	{ "near-constant", source_near_constant, 1 },
	{ "wandering", source_wandering, 20 },
};

#define CALIBRATE_WARM_UP	60000
#define CALIBRATE_SAMPLES	1000000
#define CALIBRATE_BITS		12

static void detect_calibrated(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(sources); k++) {
		u32 beyond[CALIBRATE_BITS + 1] = {};
		struct source g = { .seed = 1000 + k };
		char line[128] = "";
		struct kmc_detect d;

		kmc_detect_init(&d, FINE_PER_DAY);
		for (u32 i = 0; i < CALIBRATE_WARM_UP + CALIBRATE_SAMPLES; i++) {
			u32 mbit = see(&d, sources[k].draw(&g), MONDAY_S + i / 10, 1).mbit;

			for (u32 b = 1; i >= CALIBRATE_WARM_UP && b <= CALIBRATE_BITS; b++)
				beyond[b] += mbit > b * 1000;
		}
		for (int b = 1, at = 0; b <= CALIBRATE_BITS; b++)
			at += snprintf(line + at, sizeof(line) - at, " %.2f",
				       ldexp(beyond[b], b) / CALIBRATE_SAMPLES);
		print_message("# %s: P(surprise > b) * 2^b, b = 1..%d:%s\n", sources[k].name,
			      CALIBRATE_BITS, line);
		for (int b = 1; b <= CALIBRATE_BITS; b++) {
			if (ldexp(CALIBRATE_SAMPLES, -b) < 30 * sources[k].spell)
				continue;
			assert_at_most(ldexp(beyond[b], b) / CALIBRATE_SAMPLES, 2);
			assert_true(ldexp(beyond[b], b) / CALIBRATE_SAMPLES >= 0.5);
		}
	}
}

/* Few values leave no room for fine distinctions, but it never claims more */
static void detect_few_values(void **state)
{
	(void)state;
	for (int k = 0; k < 3; k++) {
		u32 beyond[CALIBRATE_BITS + 1] = {};
		struct kmc_detect d;
		u64 seed = 77 + k;

		kmc_detect_init(&d, FINE_PER_DAY);
		for (u32 i = 0; i < 300000; i++) {
			u64 v = k == 0 ? 5000 : k == 1 ? 5000 + !unit_below(&seed, 100) :
				!unit_below(&seed, 10);
			u32 mbit = see(&d, v, MONDAY_S + i / 10, 1).mbit;

			if (k == 0)
				assert_int_equal(mbit, 0);
			for (u32 b = 1; i >= CALIBRATE_WARM_UP && b <= CALIBRATE_BITS; b++)
				beyond[b] += mbit > b * 1000;
		}
		for (int b = 1; b <= CALIBRATE_BITS; b++)
			assert_at_most(ldexp(beyond[b], b) / (300000 - CALIBRATE_WARM_UP), 2);
	}
}

/* A young one can not know what is rare: rank alone until 256 are known */
static void detect_young(void **state)
{
	u32 beyond[8] = {}, nr = 0;

	(void)state;
	for (u64 seed = 1; seed <= 300; seed++) {
		struct source g = { .seed = seed };
		struct kmc_detect d;

		kmc_detect_init(&d, FINE_PER_DAY);
		for (u32 i = 0; i < 300; i++, nr++) {
			u32 mbit = see(&d, source_normal(&g), MONDAY_S + i / 10, 1).mbit;

			assert_at_most(mbit, 1000 * log2(2 * i + 2) + 1);
			for (u32 b = 1; b < ARRAY_SIZE(beyond); b++)
				beyond[b] += mbit > b * 1000;
		}
	}
	for (u32 b = 1; b < ARRAY_SIZE(beyond); b++)
		assert_at_most(ldexp(beyond[b], b) / nr, 2);
}

static void detect_spike(void **state)
{
	struct source g = { .seed = 21 };
	struct kmc_surprise s;
	struct kmc_detect d;
	u32 i, alerts = 0;

	(void)state;
	kmc_detect_init(&d, FINE_PER_DAY);
	for (i = 0; i < 60000; i++)
		see(&d, 2000 + 100 * unit_normal(&g.seed), MONDAY_S + i / 10, 1);
	/* as long as it waits to be learned, it stays surprising */
	for (; i < 60000 + KMC_DETECT_LAG; i++) {
		s = see(&d, 9000, MONDAY_S + i / 10, 1);
		alerts += kmc_detect_alert(&d) > 0;
		assert_true(s.mbit > 10000);
		assert_int_equal(s.dir, 1);
	}
	/* and is few alerts: one for its begin, others for what it grew to */
	assert_true(alerts >= 1 && alerts <= 3);
	for (i = 0; i < 20000; i++)
		see(&d, 2000 + 100 * unit_normal(&g.seed), MONDAY_S + 6010 + i / 10, 1);
	/* the spike was learned: one in 600 was as far off */
	s = see(&d, 0, MONDAY_S + 8010, 1);
	assert_true(s.mbit > 8000);
	assert_int_equal(s.dir, -1);
}

/* A level that stays becomes normal; the change is noticed */
static void detect_shift(void **state)
{
	struct source g = { .seed = 22 };
	struct kmc_detect d;
	u32 i, first = 0, late = 0;

	(void)state;
	kmc_detect_init(&d, FINE_PER_DAY);
	for (i = 0; i < 40000; i++) {
		bool shifted = i >= 20000;
		u32 mbit = see(&d, (shifted ? 5000 : 2000) + 200 * unit_normal(&g.seed),
			       MONDAY_S + i / 10, 1).mbit;

		if (i >= 20000 && i < 20020)
			first += mbit > 10000;
		if (i >= 35000)
			late += mbit > 10000;
	}
	assert_int_equal(first, 20);
	assert_at_most(late, 50);
}

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

/* Weekends are quiet.  Where the clock's zone is half a day off, or it counts
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

/* A run in one call, against one by one: averages within an eighth of the change
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

/* A VM that migrates in is new here: it can not alarm before it is known, and
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

static void detect_hostile(void **state)
{
	static const u64 values[] = { 0, 1, 2, 5000, KMC_HIST_MAX - 1, KMC_HIST_MAX, U64_MAX };
	struct kmc_detect d;
	u64 seed = 31;

	(void)state;
	for (u32 round = 0; round < 40; round++) {
		kmc_detect_init(&d, round ? unit_random_wide(&seed) : 0);
		for (u32 i = 0; i < 3000; i++) {
			struct kmc_sample s = { .demand = unit_below(&seed, 3) ?
				values[unit_below(&seed, ARRAY_SIZE(values))] :
				unit_random_wide(&seed) };
			u64 when_s = unit_below(&seed, 4) ? d.clock_s + unit_below(&seed, 1000) :
				     unit_random_wide(&seed);
			struct kmc_surprise got;

			s.censored = !unit_below(&seed, 10);
			got = kmc_detect_observe(&d, &s, when_s, unit_below(&seed, 50) ? 1 :
						 (u32)unit_random_wide(&seed));
			assert_true(got.mbit <= 150000);
			assert_true(got.dir >= -1 && got.dir <= 1);
			assert_true(!got.mbit == !got.dir);
			if (!unit_below(&seed, 100))
				kmc_detect_set_rate(&d, unit_random_wide(&seed));
			if (!(i % 16))
				detect_alarm(&d, when_s, unit_below(&seed, 20000));
		}
	}
	/* from one end to the other, for long */
	kmc_detect_init(&d, FINE_PER_DAY);
	for (u32 i = 0; i < 100000; i++)
		see(&d, i / 1000 & 1 ? U64_MAX : 0, MONDAY_S + i / 10, 1);
}

/* What the alarm says is what observe would have said */
static void detect_alarm_agrees(void **state)
{
	static const u32 thresholds[] = { 0, 1, 1500, 4000, 8000, 10000, 12000, 16000 };
	u32 rang = 0;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(sources); k++) {
		struct source g = { .seed = 3000 + k };
		struct kmc_detect d;

		kmc_detect_init(&d, PER_DAY);
		for (u32 i = 0; i < 6000; i++) {
			u64 when_s = MONDAY_S + i * PERIOD_S;
			u32 threshold = thresholds[unit_below(&g.seed, ARRAY_SIZE(thresholds))];
			struct kmc_detect twin;
			u64 alarm;

			kmc_detect_settle(&d);
			if (i % 37 == 0) {
				const struct kmc_sample any = {
					.demand = unit_random_wide(&g.seed)
				};
				struct kmc_surprise judged = detect_judge(&d, &any, when_s);
				struct kmc_surprise seen;

				twin = d;
				seen = see(&twin, any.demand, when_s, 1);
				assert_int_equal(judged.mbit, seen.mbit);
				assert_int_equal(judged.dir, seen.dir);
				alarm = detect_alarm(&d, when_s, threshold);
				twin = d;
				if (alarm == U64_MAX) {
					struct kmc_surprise s = see(&twin, KMC_HIST_MAX, when_s, 1);

					assert_true(s.dir <= 0 || s.mbit < threshold);
				} else {
					struct kmc_surprise s = see(&twin, alarm, when_s, 1);

					rang++;
					assert_int_equal(s.dir, 1);
					assert_true(s.mbit >= threshold);
					twin = d;
					if (alarm)
						s = see(&twin, alarm - 1, when_s, 1);
					assert_true(!alarm || s.dir <= 0 || s.mbit < threshold);
				}
			}
			see(&d, sources[k].draw(&g), when_s, 1);
		}
	}
	assert_true(rang > 500);
}

/* The same in the kernel: tests/kunit */
static void detect_digest(void **state)
{
	u32 nr_high = 0, nr_alerts = 0;
	struct kmc_detect d;
	u64 got;

	(void)state;
	got = detect_digest_run(&d, &nr_high, &nr_alerts);
	print_message("# digest 0x%llx, %u samples above 6 bits, %u alerts\n", got, nr_high,
		      nr_alerts);
	assert_true(got == DETECT_DIGEST_WANT);
	assert_true(nr_high && nr_alerts);
}

UNIT_SUITE(unit_detect,
	   cmocka_unit_test(detect_calibrated),
	   cmocka_unit_test(detect_few_values),
	   cmocka_unit_test(detect_young),
	   cmocka_unit_test(detect_spike),
	   cmocka_unit_test(detect_shift),
	   cmocka_unit_test(detect_season),
	   cmocka_unit_test(detect_weekend_learned),
	   cmocka_unit_test(detect_censored),
	   cmocka_unit_test(detect_repeat),
	   cmocka_unit_test(detect_repeat_in_parts),
	   cmocka_unit_test(detect_long_idle_is_one_call),
	   cmocka_unit_test(detect_gap),
	   cmocka_unit_test(detect_rate_changes),
	   cmocka_unit_test(detect_migrates_in),
	   cmocka_unit_test(detect_hostile),
	   cmocka_unit_test(detect_alarm_agrees),
	   cmocka_unit_test(detect_digest));
