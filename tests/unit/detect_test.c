// SPDX-License-Identifier: GPL-2.0
#include "detect_unit.h"
#include "detect_step.h"
#include "detect_alarm.h"
#include "digest.h"
#include "detect_digest.h"

static double source_normal(struct source *g)
{
	return fmax(0, 4000 + 1500 * unit_normal(&g->seed));
}

static double source_heavy(struct source *g)
{
	return 100 * pow(unit_uniform(&g->seed), -0.8);
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

/*
 * Sources that are calibrated.  @spell: samples that are surprising together.  A spell
 * is one event: where fewer than 30 are expected the share says nothing.
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

/* How often surprise exceeds b bits, in units of what calibration promises (2^-b) */
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

/* A young one cannot know what is rare: rank alone until 256 are known */
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
	   cmocka_unit_test(detect_hostile),
	   cmocka_unit_test(detect_alarm_agrees),
	   cmocka_unit_test(detect_digest));
