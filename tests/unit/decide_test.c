// SPDX-License-Identifier: GPL-2.0
#include "unit.h"
#include "decide_vectors.h"

static void decide_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(decide_vectors); i++) {
		const struct decide_vector *v = &decide_vectors[i];
		struct kmc_decide d;

		kmc_decide_init(&d);
		for (int j = 0; j < DECIDE_STEPS_MAX && v->step[j].at_ms; j++) {
			struct kmc_verdict got;

			if (!decide_vector_run(v, &v->step[j], &d, &got))
				fail_msg("%s, at %u ms: %u to %u, reason %u, would %d", v->name,
					 v->step[j].at_ms, got.old_bp, got.new_bp, got.reason,
					 got.would);
		}
	}
}

static void decide_cap(void **state)
{
	struct kmc_policy p = { .nominal_bp = 5000 };

	(void)state;
	assert_int_equal(kmc_grant_cap_bp(&p, 10000), 5000);
	assert_int_equal(kmc_grant_cap_bp(&p, 20000), 10000);
	assert_int_equal(kmc_grant_cap_bp(&p, KMC_GRANT_MAX_BP), 10000);
	assert_int_equal(kmc_grant_cap_bp(&p, 2001), 1000);
	assert_int_equal(kmc_grant_cap_bp(&p, 0), 0);
}

static struct kmc_verdict decide_quiet(struct kmc_decide *d, const struct kmc_policy *p, u64 at_ms)
{
	const struct kmc_observation o = { 10, 10, 10, 10, U64_MAX, { 0, 0 }, false };
	const struct kmc_now now = { .at_ns = at_ms * KMC_NS_PER_MS };

	d->stepped_bp = 0;	/* each call is a period */
	return kmc_decide(d, p, &o, U32_MAX, KMC_REASON_NONE, &now);
}

static void decide_policy_change(void **state)
{
	struct kmc_decide d;
	struct kmc_policy p;
	struct kmc_verdict v;

	(void)state;
	kmc_policy_default(&p);
	p.mode = KMC_MODE_ELASTIC;
	kmc_decide_init(&d);
	d.policy_bp = 20000;
	d.grant_bp = 20000;
	p.ceiling_bp = 12000;
	v = decide_quiet(&d, &p, 100);
	assert_int_equal(v.old_bp, 20000);
	assert_int_equal(v.new_bp, 12000);
	assert_int_equal(v.reason, KMC_REASON_POLICY);
	/* from now on it only observes: nothing is applied any more */
	p.mode = KMC_MODE_OBSERVE;
	v = decide_quiet(&d, &p, 200);
	assert_int_equal(v.new_bp, 10000);
	assert_int_equal(v.reason, KMC_REASON_POLICY);
	assert_false(v.would);
	assert_int_equal(d.grant_bp, 10000);
}

static void decide_suggest(void **state)
{
	const struct kmc_now now = { .at_ns = KMC_NS_PER_S };
	struct kmc_decide d, before;
	struct kmc_policy p;

	(void)state;
	kmc_policy_default(&p);
	kmc_decide_init(&d);
	before = d;
	assert_int_equal(kmc_decide_suggest(&d, &p, 15000, 100, &now), 0);
	assert_memory_equal(&d, &before, sizeof(d));
	p.mode = KMC_MODE_ELASTIC;
	assert_int_equal(kmc_decide_suggest(&d, &p, 15000, 100, &now), 15000);
	assert_int_equal(d.rest_until_ns, now.at_ns + 100 * KMC_NS_PER_MS);
	assert_int_equal(kmc_decide_suggest(&d, &p, 90000, 100, &now), p.ceiling_bp);
	assert_int_equal(kmc_decide_suggest(&d, &p, 1, 100, &now), p.floor_bp);
	assert_int_equal(kmc_decide_suggest(&d, &p, 1, 0, &now), 10000);
	assert_int_equal(d.rest_bp, 10000);
	assert_int_equal(d.rest_until_ns, 0);
}

static void decide_random_policy(struct kmc_policy *p, u64 *seed)
{
	do {
		kmc_policy_default(p);
		p->mode = unit_below(seed, KMC_NR_MODES);
		p->shadow = unit_below(seed, KMC_NR_MODES);
		p->contended_only = unit_below(seed, 2);
		p->nominal_bp = 100 + unit_below(seed, 9901);
		p->threshold_mbit = 1000 + unit_below(seed, 10000);
		p->sensitivity_mbit = 100 + unit_below(seed, 50000);
		p->floor_bp = 100 + unit_below(seed, 9901);
		p->ceiling_bp = 10000 + unit_below(seed, 90001);
		p->step_bp = 1 + unit_below(seed, 20000);
		p->dead_band_bp = unit_below(seed, 2000);
		p->dwell_ms = unit_below(seed, 3000);
	} while (kmc_policy_check(KMC_RES_CPU, p));
}

static void decide_random_observation(struct kmc_observation *o, u64 *seed)
{
	o->demand_bp = unit_below(seed, 10001);
	o->usage_bp = o->demand_bp;
	o->predicted_bp = unit_below(seed, 10001);
	o->p99_bp = o->predicted_bp;
	o->alarm_bp = unit_below(seed, 4) ? unit_below(seed, 10001) : U64_MAX;
	o->surprise.dir = (s32)unit_below(seed, 3) - 1;
	o->surprise.mbit = o->surprise.dir ? unit_below(seed, 16000) : 0;
	o->contended = unit_below(seed, 2);
}

/* The promises of one verdict, whatever came before */
static void decide_check(const struct kmc_decide *before, const struct kmc_decide *d,
			 const struct kmc_policy *p, const struct kmc_verdict *v, u32 budget_bp,
			 u8 budget_reason, u64 now_ns)
{
	bool moved = d->policy_bp != before->policy_bp;
	s32 dir = d->policy_bp > before->policy_bp ? 1 : -1;

	assert_in_range(d->policy_bp, p->floor_bp, p->ceiling_bp);
	assert_in_range(d->grant_bp, min(p->floor_bp, budget_bp), p->ceiling_bp);
	if (budget_reason == KMC_REASON_BUDGET_CAP)
		assert_true(d->grant_bp <= budget_bp);
	assert_int_equal(v->old_bp != v->new_bp, v->reason != KMC_REASON_NONE);
	assert_true(d->policy_bp <= before->policy_bp + p->step_bp);
	assert_true(before->policy_bp <= d->policy_bp + p->step_bp);
	if (moved && before->moved_dir && before->moved_dir != dir)
		assert_true(now_ns - before->moved_at_ns >= p->dwell_ms * KMC_NS_PER_MS);
	if (p->mode == KMC_MODE_OBSERVE) {
		if (budget_bp >= KMC_BP)
			assert_int_equal(d->grant_bp, KMC_BP);
		assert_int_equal(v->would, before->grant_bp == d->grant_bp);
	} else {
		assert_false(v->would);
		assert_int_equal(v->old_bp, before->grant_bp);
		assert_int_equal(v->new_bp, d->grant_bp);
		assert_true(d->grant_bp <= d->policy_bp);
	}
	if (v->old_bp != v->new_bp && !v->would &&
	    (v->reason == KMC_REASON_BUDGET_CAP || v->reason == KMC_REASON_BUDGET_PACE))
		assert_true(v->new_bp < v->old_bp && v->new_bp == budget_bp);
	if (v->reason == KMC_REASON_BUDGET_FREE || v->reason == KMC_REASON_RISE)
		assert_true(v->new_bp > v->old_bp);
	if (v->reason == KMC_REASON_GUARD)
		assert_true(v->new_bp < v->old_bp);
}

static void decide_properties(void **state)
{
	u64 seed = 30;
	u32 reasons = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct kmc_now now = { .at_ns = 1 };
		struct kmc_policy p;
		struct kmc_decide d;

		decide_random_policy(&p, &seed);
		kmc_decide_init(&d);
		for (int j = 0; j < 300; j++) {
			u8 reason = KMC_REASON_NONE;
			u32 budget_bp = U32_MAX;
			struct kmc_decide before;
			struct kmc_observation o;
			struct kmc_verdict v;

			if (!unit_below(&seed, 30))
				kmc_decide_suggest(&d, &p, unit_below(&seed, 100000),
						   unit_below(&seed, 3000), &now);
			now.at_ns += unit_below(&seed, 200 * KMC_NS_PER_MS);
			decide_random_observation(&o, &seed);
			if (!unit_below(&seed, 3)) {
				reason = KMC_REASON_BUDGET_PACE;
				budget_bp = p.floor_bp + unit_below(&seed, 90000);
			} else if (!unit_below(&seed, 3)) {
				reason = KMC_REASON_BUDGET_CAP;
				budget_bp = unit_below(&seed, 2) ? p.floor_bp : 0;
			}
			before = d;
			d.stepped_bp = 0;	/* each call is a period */
			v = kmc_decide(&d, &p, &o, budget_bp, reason, &now);
			decide_check(&before, &d, &p, &v, budget_bp, reason, now.at_ns);
			reasons |= 1U << v.reason;
		}
	}
	/* all but POLICY, as no policy was changed */
	assert_int_equal(reasons, (1U << KMC_NR_REASONS) - 1 - (1U << KMC_REASON_POLICY));
}

/* Left alone, every grant comes back to rest */
/* An alarm's decision and the period's end move by one step together */
static void decide_one_step_a_period(void **state)
{
	const struct kmc_observation spike = {
		.usage_bp = 9900, .demand_bp = 9900, .predicted_bp = 1000, .alarm_bp = 2000,
		.surprise = { 12000, 1 },
	};
	struct kmc_policy p;
	struct kmc_decide d;
	struct kmc_now now = { 1000000000, 0 };
	struct kmc_verdict v;

	(void)state;
	kmc_policy_default(&p);
	p.mode = KMC_MODE_GUARD;
	kmc_decide_init(&d);
	v = kmc_decide(&d, &p, &spike, U32_MAX, KMC_REASON_NONE, &now);
	assert_int_equal(v.new_bp, 10000 - p.step_bp);
	v = kmc_decide(&d, &p, &spike, U32_MAX, KMC_REASON_NONE, &now);
	assert_int_equal(v.new_bp, v.old_bp);
	d.stepped_bp = 0;
	v = kmc_decide(&d, &p, &spike, U32_MAX, KMC_REASON_NONE, &now);
	assert_int_equal(v.new_bp, 10000 - 2 * p.step_bp);
}

static void decide_comes_back(void **state)
{
	u64 seed = 31;

	(void)state;
	for (int i = 0; i < 500; i++) {
		struct kmc_now now = { .at_ns = 1 };
		struct kmc_policy p;
		struct kmc_decide d;

		decide_random_policy(&p, &seed);
		p.dead_band_bp = min(p.dead_band_bp, kmc_grant_cap_bp(&p, KMC_BP) / 2);
		kmc_decide_init(&d);
		for (int j = 0; j < 100; j++) {
			struct kmc_observation o;

			now.at_ns += 100 * KMC_NS_PER_MS;
			decide_random_observation(&o, &seed);
			d.stepped_bp = 0;	/* each call is a period */
			kmc_decide(&d, &p, &o, U32_MAX, KMC_REASON_NONE, &now);
		}
		for (int j = 0; j < 100 + 90000 / p.step_bp; j++)
			decide_quiet(&d, &p, 10000 + (j + 1) * 100 + 3000 * !!j);
		assert_int_equal(d.policy_bp, KMC_BP);
		assert_int_equal(d.grant_bp, KMC_BP);
	}
}

UNIT_SUITE(unit_decide,
	   cmocka_unit_test(decide_table),
	   cmocka_unit_test(decide_cap),
	   cmocka_unit_test(decide_policy_change),
	   cmocka_unit_test(decide_suggest),
	   cmocka_unit_test(decide_properties),
	   cmocka_unit_test(decide_one_step_a_period),
	   cmocka_unit_test(decide_comes_back));
