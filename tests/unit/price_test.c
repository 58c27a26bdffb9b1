// SPDX-License-Identifier: GPL-2.0
#include "unit.h"
#include "price_vectors.h"
#include "cpu_only.h"

static void price_target_table(void **state)
{
	struct kmc_tariff t;

	(void)state;
	price_vector_tariff(&t);
	for (size_t i = 0; i < ARRAY_SIZE(price_target_vectors); i++) {
		const u32 grant_bp[KMC_NR_ACT] = { price_target_vectors[i].cpu_bp, KMC_BP };

		assert_int_equal(kmc_price_target(&t, grant_bp),
				 price_target_vectors[i].want_ncr_h);
	}
}

static void price_move_table(void **state)
{
	const struct kmc_now start = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(price_move_vectors); i++) {
		const struct price_move_vector *v = &price_move_vectors[i];
		struct kmc_tariff t;
		struct kmc_price p;

		price_vector_tariff(&t);
		t.slew_ncr_h_min = v->slew_ncr_h_min;
		t.notice_ms = v->notice_ms;
		kmc_price_init(&p, &t, &start);
		for (u32 j = 0; j < PRICE_STEPS_MAX && v->step[j].cpu_bp; j++)
			if (!price_vector_run(v, j, &p, &t))
				fail_msg("%s, at %u ms: now %llu, pending %llu from %llu", v->name,
					 v->step[j].at_ms, p.now_ncr_h, p.pending_ncr_h,
					 p.pending_at_ns);
	}
}

static void price_random_tariff(struct kmc_tariff *t, u64 *seed)
{
	do {
		memset(t, 0, sizeof(*t));
		t->ceiling_ncr_h = unit_below(seed, KMC_NCR_MAX);
		t->base_ncr_h = unit_below(seed, t->ceiling_ncr_h + 1);
		t->floor_ncr_h = unit_below(seed, t->base_ncr_h + 1);
		t->slew_ncr_h_min = unit_below(seed, 2) ? unit_random_wide(seed) >> 14 : 0;
		t->notice_ms = unit_below(seed, 2) ? unit_below(seed, 5000) : 0;
		t->cost_ncr_h[KMC_RES_CPU] = unit_below(seed, t->ceiling_ncr_h + 1);
		t->rate_ncr[KMC_RES_CPU] = unit_below(seed, KMC_NCR_MAX);
	} while (kmc_tariff_check(t));
}

static void price_target_twin(void **state)
{
	u64 seed = 40;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		const u32 grant_bp[KMC_NR_ACT] = { unit_below(&seed, KMC_GRANT_MAX_BP + 1),
						   unit_below(&seed, KMC_GRANT_MAX_BP + 1) };
		struct kmc_tariff t;
		__int128 want;

		price_random_tariff(&t, &seed);
		t.cost_ncr_h[KMC_RES_DISK] = unit_random_wide(&seed) >> 15;
		want = t.base_ncr_h;
		/* C's division rounds toward 0, that is toward the base */
		for (int r = 0; r < KMC_NR_ACT; r++)
			want += (__int128)t.cost_ncr_h[r] * ((int)grant_bp[r] - (int)KMC_BP) /
				(int)KMC_BP;
		want = clamp(want, (__int128)t.floor_ncr_h, (__int128)t.ceiling_ncr_h);
		assert_true(kmc_price_target(&t, grant_bp) == (u64)want);
	}
}

/* Bounds, slew over any minute, notice of every rise */
static void price_properties(void **state)
{
	u64 seed = 41;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct kmc_now now = { .at_ns = 12345 };
		u64 announced_at = 0, start, start_ns, known = 0, known_until = 0;
		struct kmc_tariff t;
		struct kmc_price p;

		price_random_tariff(&t, &seed);
		kmc_price_init(&p, &t, &now);
		start = p.now_ncr_h;
		start_ns = now.at_ns;
		for (int j = 0; j < 200; j++) {
			const u32 grant_bp[KMC_NR_ACT] = {
				unit_below(&seed, 20001), KMC_BP };
			struct kmc_price before;

			now.at_ns += unit_below(&seed, 2000) * KMC_NS_PER_MS;
			before = p;
			cpu_accrue(&p, &t, 0, &now);
			if (p.now_ncr_h > before.now_ncr_h)	/* a rise took force */
				assert_true(now.at_ns - announced_at >=
					    t.notice_ms * KMC_NS_PER_MS ||
					    p.now_ncr_h <= known);
			before = p;
			if (kmc_price_move(&p, &t, grant_bp, &now) && !before.pending_at_ns)
				announced_at = now.at_ns;
			assert_in_range(p.now_ncr_h, t.floor_ncr_h, t.ceiling_ncr_h);
			if (p.pending_at_ns) {
				assert_true(p.pending_ncr_h > p.now_ncr_h);
				assert_true(p.pending_ncr_h <= t.ceiling_ncr_h);
				/* never put off */
				if (before.pending_at_ns)
					assert_int_equal(p.pending_at_ns, before.pending_at_ns);
			}
			/* a rise has notice, but for what was announced within the last one */
			if (t.notice_ms)
				assert_true(p.now_ncr_h <= before.now_ncr_h ||
					    (p.now_ncr_h <= known && now.at_ns < known_until));
			if (kmc_price_announced(&p) < kmc_price_announced(&before)) {
				if (now.at_ns >= known_until)
					known = 0;
				known = max(known, kmc_price_announced(&before));
				known_until = now.at_ns + t.notice_ms * KMC_NS_PER_MS;
			}
			if (t.slew_ncr_h_min) {
				double most = t.slew_ncr_h_min *
					      ((now.at_ns - start_ns) / 6e10);

				assert_true(fabs((double)p.now_ncr_h - start) <= most + 1);
			}
		}
	}
}

/* A slew that always has work moves at the slew's rate: nothing gets lost */
static void price_slew_rate(void **state)
{
	const u32 grant_bp[KMC_NR_ACT] = { 90000, KMC_BP };
	struct kmc_now now = {};
	struct kmc_tariff t;
	struct kmc_price p;
	u64 seed = 42;

	(void)state;
	kmc_tariff_default(&t);
	t.slew_ncr_h_min = 7000003;
	kmc_price_init(&p, &t, &now);
	while (now.at_ns < KMC_NS_PER_HOUR) {
		now.at_ns += unit_below(&seed, KMC_NS_PER_S);
		kmc_price_move(&p, &t, grant_bp, &now);
	}
	assert_near(p.now_ncr_h - t.base_ncr_h, 7000003.0 * now.at_ns / 6e10, 10);
}

/* The twin: the price is a step function of time; its integral is the sum */
static void price_accrue_twin(void **state)
{
	u64 seed = 43;

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct kmc_now now = { .at_ns = 999 };
		u128 time = 0, cpu = 0, got[KMC_NR_CHARGES] = {};
		struct kmc_tariff t;
		struct kmc_price p;

		price_random_tariff(&t, &seed);
		kmc_price_init(&p, &t, &now);
		for (int j = 0; j < 200; j++) {
			const u32 grant_bp[KMC_NR_ACT] = { unit_below(&seed, 20001), KMC_BP };
			u64 span = unit_random_wide(&seed) >> 25, cpu_ns = span / 2;
			struct kmc_charge c;

			if (p.pending_at_ns && p.pending_at_ns <= now.at_ns + span) {
				u64 old = p.pending_at_ns - now.at_ns;

				time += (u128)p.now_ncr_h * old;
				time += (u128)p.pending_ncr_h * (span - old);
			} else {
				time += (u128)p.now_ncr_h * span;
			}
			cpu += (u128)t.rate_ncr[KMC_RES_CPU] * cpu_ns;
			now.at_ns += span;
			c = cpu_accrue(&p, &t, cpu_ns, &now);
			got[KMC_CHARGE_TIME] += c.ncr[KMC_CHARGE_TIME];
			got[KMC_CHARGE_CPU] += c.ncr[KMC_CHARGE_CPU];
			assert_int_equal(p.charged_until_ns, now.at_ns);
			kmc_price_move(&p, &t, grant_bp, &now);
		}
		assert_true(got[KMC_CHARGE_TIME] == time / KMC_NS_PER_HOUR);
		assert_true(got[KMC_CHARGE_CPU] == cpu / KMC_NS_PER_HOUR);
	}
}

static void price_clock_back(void **state)
{
	struct kmc_now now = { .at_ns = KMC_NS_PER_HOUR };
	struct kmc_tariff t;
	struct kmc_price p;

	(void)state;
	kmc_tariff_default(&t);
	kmc_price_init(&p, &t, &now);
	now.at_ns -= 1;
	assert_int_equal(cpu_accrue(&p, &t, 0, &now).ncr[KMC_CHARGE_TIME], 0);
	assert_int_equal(p.charged_until_ns, KMC_NS_PER_HOUR);
	now.at_ns = 2 * KMC_NS_PER_HOUR;
	assert_int_equal(cpu_accrue(&p, &t, 0, &now).ncr[KMC_CHARGE_TIME], t.base_ncr_h);
}

static void price_book(void **state)
{
	const struct kmc_charge due = { { 100, 50 } }, waive = { { 0, 20 } };
	const struct kmc_now now = {};
	struct kmc_tariff t;
	struct kmc_price p;

	(void)state;
	kmc_tariff_default(&t);
	kmc_price_init(&p, &t, &now);
	kmc_price_book(&p, &due, &waive);
	kmc_price_book(&p, &due, &due);
	assert_int_equal(p.charged_ncr[KMC_CHARGE_TIME], 100);
	assert_int_equal(p.charged_ncr[KMC_CHARGE_CPU], 30);
	assert_int_equal(p.waived_ncr, 170);
}

UNIT_SUITE(unit_price,
	   cmocka_unit_test(price_target_table),
	   cmocka_unit_test(price_move_table),
	   cmocka_unit_test(price_target_twin),
	   cmocka_unit_test(price_properties),
	   cmocka_unit_test(price_slew_rate),
	   cmocka_unit_test(price_accrue_twin),
	   cmocka_unit_test(price_clock_back),
	   cmocka_unit_test(price_book));
