// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suites of kmod/core, as a module of its own: it includes the core's
 * sources, so it runs where there is no KVM, and beside kvmeter.ko.
 *
 * Tables are shared with tests/unit, where the properties and the naive twins
 * are, under sanitizers; here it is shown that the kernel's compiler, flags
 * and headers make the same of the same sources, to the bit.
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "../../kmod/core/q.c"
#include "../../kmod/core/hist.c"
#include "../../kmod/core/profile.c"
#include "../../kmod/core/detect_day.c"
#include "../../kmod/core/detect_look.c"
#include "../../kmod/core/detect_rank.c"
#include "../../kmod/core/detect_step.c"
#include "../../kmod/core/detect_run.c"
#include "../../kmod/core/detect.c"
#include "../../kmod/core/near.c"
#include "../../kmod/core/lms.c"
#include "../../kmod/core/band.c"
#include "../../kmod/core/rnn.c"
#include "../../kmod/core/predict_feature.c"
#include "../../kmod/core/predict_mix.c"
#include "../../kmod/core/predict_width.c"
#include "../../kmod/core/predict.c"
#include "../../kmod/core/policy.c"
#include "../../kmod/core/decide.c"
#include "../../kmod/core/price.c"
#include "../../kmod/core/budget.c"
#include "../../kmod/core/ledger.c"
#include "../../kmod/core/pipeline.c"
#include "../../kmod/core/blob_field.c"
#include "../../kmod/core/blob_learned.c"
#include "../../kmod/core/blob.c"

#include "../vectors/decide_vectors.h"
#include "../vectors/detect_alarm.h"
#include "../vectors/digest.h"
#include "../vectors/detect_digest.h"
#include "../vectors/hist_vectors.h"
#include "../vectors/predict_vectors.h"
#include "../vectors/price_vectors.h"
#include "../vectors/q_vectors.h"
#include "../vectors/cpu_only.h"

#define CENSOR_MAX	9000

/* q */

static void q_test_muldiv(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(q_muldiv_vectors); i++) {
		const struct q_muldiv_vector *v = &q_muldiv_vectors[i];

		KUNIT_EXPECT_EQ_MSG(test, kmc_muldiv_floor(v->a, v->b, v->c), v->want,
				    "row %d", i);
	}
}

static void q_test_accrue(struct kunit *test)
{
	u64 rem = 0, sum = 0;
	int i;

	for (i = 0; i < 360000; i++)
		sum += kmc_accrue(50000000, 10000000, KMC_NS_PER_HOUR, &rem);
	KUNIT_EXPECT_EQ(test, sum, 50000000ULL);
	KUNIT_EXPECT_EQ(test, rem, 0ULL);
	rem = 1;
	KUNIT_EXPECT_EQ(test, kmc_accrue(U64_MAX, U64_MAX, 2, &rem), U64_MAX);
	KUNIT_EXPECT_EQ(test, rem, 0ULL);
}

static void q_test_log2(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(q_log2_vectors); i++) {
		u32 want = q_log2_vectors[i].want_mbit;
		u32 got = kmc_log2_mbit(q_log2_vectors[i].v);

		KUNIT_EXPECT_LE_MSG(test, max(got, want) - min(got, want), 1U, "row %d", i);
	}
}

static void q_test_exp2neg(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(q_exp2neg_vectors); i++) {
		u32 got = kmc_exp2neg_q16(q_exp2neg_vectors[i].mbit);

		KUNIT_EXPECT_LE_MSG(test, got - q_exp2neg_vectors[i].want_q16, 1U, "row %d", i);
	}
}

static struct kunit_case q_cases[] = {
	KUNIT_CASE(q_test_muldiv),
	KUNIT_CASE(q_test_accrue),
	KUNIT_CASE(q_test_log2),
	KUNIT_CASE(q_test_exp2neg),
	{}
};

static struct kunit_suite q_suite = { .name = "kvmeter_q", .test_cases = q_cases };

/* hist */

static void hist_test_bins(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(hist_bin_vectors); i++) {
		const struct hist_bin_vector *v = &hist_bin_vectors[i];

		KUNIT_EXPECT_EQ_MSG(test, kmc_hist_bin(v->v), v->bin, "value %llu", v->v);
		KUNIT_EXPECT_EQ_MSG(test, kmc_hist_bin_low(v->bin), v->low, "bin %u", v->bin);
	}
	for (i = 0; i < KMC_HIST_BINS; i++) {
		KUNIT_EXPECT_EQ(test, kmc_hist_bin(kmc_hist_bin_low(i)), i);
		KUNIT_EXPECT_EQ(test, kmc_hist_bin(kmc_hist_bin_low(i + 1) - 1), i);
	}
}

/* After a half-life of something else, what was there is half of all */
static void hist_test_half_life(struct kunit *test)
{
	struct kmc_hist *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, h);
	kmc_hist_init(h, 1000);
	kmc_hist_add_bin_n(h, 1, 100000);
	for (i = 0; i < 1000; i++)
		kmc_hist_add_bin(h, 2);
	KUNIT_EXPECT_EQ(test, h->bin[1] + h->bin[2], h->total);
	KUNIT_EXPECT_GT(test, h->bin[1], h->total / 1000 * 495);
	KUNIT_EXPECT_LT(test, h->bin[1], h->total / 1000 * 505);
}

static void hist_test_tail(struct kunit *test)
{
	struct kmc_hist *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, h);
	kmc_hist_init(h, 0);
	KUNIT_EXPECT_EQ(test, kmc_hist_tail_mbit(h, 9, true), 0U);
	kmc_hist_add_bin_n(h, 5, 1023);
	KUNIT_EXPECT_EQ(test, kmc_hist_tail_mbit(h, 9, true), 10000U);
	KUNIT_EXPECT_EQ(test, kmc_hist_tail_mbit(h, 1, false), 10000U);
	KUNIT_EXPECT_EQ(test, kmc_hist_tail_mbit(h, 5, true), 0U);
	KUNIT_EXPECT_EQ(test, kmc_hist_alarm(h, 10000), 6ULL);
	KUNIT_EXPECT_EQ(test, kmc_hist_alarm(h, 10001), U64_MAX);
}

static struct kunit_case hist_cases[] = {
	KUNIT_CASE(hist_test_bins),
	KUNIT_CASE(hist_test_half_life),
	KUNIT_CASE(hist_test_tail),
	{}
};

static struct kunit_suite hist_suite = { .name = "kvmeter_hist", .test_cases = hist_cases };

/* profile */

static void profile_learn_demand(struct kmc_profile *p, u64 demand, u32 repeat)
{
	const struct kmc_sample s = { demand, demand, false };

	kmc_profile_fold(p, &s, repeat, CENSOR_MAX);
}

static struct kmc_profile *profile_new(struct kunit *test)
{
	struct kmc_profile *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	kmc_profile_init(p, 36000);
	return p;
}

static void profile_test_spike(struct kunit *test)
{
	struct kmc_profile *p = profile_new(test);
	int i;

	for (i = 0; i < 20000; i++)
		profile_learn_demand(p, 2000 + i % 1000, 1);
	for (i = 0; i < KMC_PROFILE_LAG; i++) {
		struct kmc_surprise s = kmc_profile_judge(p, 9000);

		KUNIT_EXPECT_EQ(test, s.dir, 1);
		KUNIT_EXPECT_GT(test, s.mbit, 12000U);
		profile_learn_demand(p, 9000, 1);
	}
	profile_learn_demand(p, 9000, KMC_PROFILE_LAG);
	KUNIT_EXPECT_LT(test, kmc_profile_judge(p, 9000).mbit, 7500U);
}

static void profile_test_censored(struct kunit *test)
{
	const struct kmc_sample held = { 2000, 8000, true };
	struct kmc_profile *p = profile_new(test);

	profile_learn_demand(p, 3500, 36000);
	kmc_profile_fold(p, &held, CENSOR_MAX, CENSOR_MAX);
	KUNIT_EXPECT_GT(test, kmc_profile_judge(p, 8000).mbit, 10000U);
	kmc_profile_fold(p, &held, 27000, CENSOR_MAX);
	KUNIT_EXPECT_LT(test, kmc_profile_judge(p, 8000).mbit, 2000U);
	KUNIT_EXPECT_EQ(test, p->hist.bin[kmc_hist_bin(2000)], 0U);
	KUNIT_EXPECT_EQ(test, kmc_profile_judge(p, 2000).dir, -1);
}

static void profile_test_prior(struct kunit *test)
{
	struct kmc_profile *vm = profile_new(test), *prior = profile_new(test);
	struct kmc_profile *next = profile_new(test);

	profile_learn_demand(vm, 4000, 50000);
	kmc_profile_merge(prior, vm);
	kmc_profile_seed(next, prior, 600);
	KUNIT_EXPECT_EQ(test, kmc_profile_mean(next), 4000ULL);
	KUNIT_EXPECT_GE(test, kmc_hist_samples(&next->hist), 590U);
	KUNIT_EXPECT_LE(test, kmc_hist_samples(&next->hist), 610U);
	KUNIT_EXPECT_GT(test, kmc_profile_judge(next, 9000).mbit, 8000U);
}

static struct kunit_case profile_cases[] = {
	KUNIT_CASE(profile_test_spike),
	KUNIT_CASE(profile_test_censored),
	KUNIT_CASE(profile_test_prior),
	{}
};

static struct kunit_suite profile_suite = {
	.name = "kvmeter_profile",
	.test_cases = profile_cases,
};

/* detect */

static void detect_test_digest(struct kunit *test)
{
	struct kmc_detect *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	u32 nr_high = 0, nr_alerts = 0;

	KUNIT_ASSERT_NOT_NULL(test, d);
	KUNIT_EXPECT_EQ(test, detect_digest_run(d, &nr_high, &nr_alerts), DETECT_DIGEST_WANT);
	KUNIT_EXPECT_GT(test, nr_high, 0U);
	KUNIT_EXPECT_GT(test, nr_alerts, 0U);
}

static struct kunit_case detect_cases[] = {
	KUNIT_CASE(detect_test_digest),
	{}
};

static struct kunit_suite detect_suite = {
	.name = "kvmeter_detect",
	.test_cases = detect_cases,
};

/* predict */

static void predict_test_mixture(struct kunit *test)
{
	struct kmc_predict *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	struct kmc_sample s = {};
	u64 missed = 0;
	int i, j;

	KUNIT_ASSERT_NOT_NULL(test, p);
	kmc_predict_init(p, 0);
	for (i = 0; i < 5000; i++) {
		u32 sum = 0;

		/* a saw: where it was last is where it is next, nearly */
		s.demand = i % 1000 * 5;
		s.usage = s.demand;
		if (i > 4000)
			missed += max(p->next.mean, s.demand) - min(p->next.mean, s.demand);
		kmc_predict_observe(p, &s, 1);
		for (j = 0; j < KMC_NR_EXPERTS; j++)
			sum += p->weight_q16[j];
		KUNIT_EXPECT_EQ(test, sum, 65536U);
		KUNIT_EXPECT_LE(test, p->next.mean, p->next.p95);
		KUNIT_EXPECT_LE(test, p->next.p95, p->next.p99);
	}
	/* the last value is off by 5, the mean by 1250 */
	KUNIT_EXPECT_LE(test, missed, 999 * 6ULL);
	KUNIT_EXPECT_LT(test, p->weight_q16[KMC_EXPERT_EWMA256], 100U);
}

static void predict_test_digest(struct kunit *test)
{
	struct kmc_predict *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);
	struct kmc_model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_EXPECT_EQ(test, predict_digest_run(p, m), PREDICT_DIGEST_WANT);
	KUNIT_EXPECT_NULL(test, kmc_model_check(m, sizeof(*m)));
	m->output_bias_q12[0] ^= 1;
	KUNIT_EXPECT_NOT_NULL(test, kmc_model_check(m, sizeof(*m)));
}

static struct kunit_case predict_cases[] = {
	KUNIT_CASE(predict_test_digest),
	KUNIT_CASE(predict_test_mixture),
	{}
};

static struct kunit_suite predict_suite = {
	.name = "kvmeter_predict",
	.test_cases = predict_cases,
};

/* decide */

static void decide_vector_describe(const struct decide_vector *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(decide, decide_vectors, decide_vector_describe);

static void decide_test_vector(struct kunit *test)
{
	const struct decide_vector *v = test->param_value;
	struct kmc_decide d;
	int i;

	kmc_decide_init(&d);
	for (i = 0; i < DECIDE_STEPS_MAX && v->step[i].at_ms; i++) {
		struct kmc_verdict got;
		bool good = decide_vector_run(v, &v->step[i], &d, &got);

		KUNIT_EXPECT_TRUE_MSG(test, good, "at %u ms: %u to %u, reason %u, would %d",
				      v->step[i].at_ms, got.old_bp, got.new_bp, got.reason,
				      got.would);
	}
}

static struct kunit_case decide_cases[] = {
	KUNIT_CASE_PARAM(decide_test_vector, decide_gen_params),
	{}
};

static struct kunit_suite decide_suite = {
	.name = "kvmeter_decide",
	.test_cases = decide_cases,
};

/* price */

static void price_test_targets(struct kunit *test)
{
	struct kmc_tariff t;
	int i;

	price_vector_tariff(&t);
	for (i = 0; i < ARRAY_SIZE(price_target_vectors); i++) {
		const u32 grant_bp[KMC_NR_RES] = { price_target_vectors[i].cpu_bp, KMC_BP };

		KUNIT_EXPECT_EQ_MSG(test, kmc_price_target(&t, grant_bp),
				    price_target_vectors[i].want_ncr_h, "grant %u", grant_bp[0]);
	}
}

static void price_vector_describe(const struct price_move_vector *v, char *desc)
{
	strscpy(desc, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(price, price_move_vectors, price_vector_describe);

static void price_test_moves(struct kunit *test)
{
	const struct price_move_vector *v = test->param_value;
	const struct kmc_now start = {};
	struct kmc_tariff t;
	struct kmc_price p;
	u32 i;

	price_vector_tariff(&t);
	t.slew_ncr_h_min = v->slew_ncr_h_min;
	t.notice_ms = v->notice_ms;
	kmc_price_init(&p, &t, &start);
	for (i = 0; i < PRICE_STEPS_MAX && v->step[i].cpu_bp; i++)
		KUNIT_EXPECT_TRUE_MSG(test, price_vector_run(v, i, &p, &t),
				      "at %u ms: now %llu, pending %llu from %llu",
				      v->step[i].at_ms, p.now_ncr_h, p.pending_ncr_h,
				      p.pending_at_ns);
}

static struct kunit_case price_cases[] = {
	KUNIT_CASE(price_test_targets),
	KUNIT_CASE_PARAM(price_test_moves, price_gen_params),
	{}
};

static struct kunit_suite price_suite = { .name = "kvmeter_price", .test_cases = price_cases };

/* budget */

static void budget_test_clip(struct kunit *test)
{
	const struct kmc_budget_conf conf = { .cap_ncr = 1000, .period_s = 10 };
	struct kmc_charge due = { { 700, 200 } }, waive;
	struct kmc_now now = {};
	struct kmc_budget b;

	kmc_budget_init(&b, &now);
	KUNIT_EXPECT_EQ(test, kmc_budget_charge(&b, &conf, &due, &waive, &now),
			(u32)KMC_BUDGET_WARN);
	KUNIT_EXPECT_EQ(test, kmc_charge_sum(&waive), 0ULL);
	due.ncr[KMC_CHARGE_TIME] = 60;
	KUNIT_EXPECT_EQ(test, kmc_budget_charge(&b, &conf, &due, &waive, &now),
			(u32)(KMC_BUDGET_WARN | KMC_BUDGET_CAPPED));
	KUNIT_EXPECT_EQ(test, waive.ncr[KMC_CHARGE_TIME], 0ULL);
	KUNIT_EXPECT_EQ(test, waive.ncr[KMC_CHARGE_CPU], 160ULL);
	KUNIT_EXPECT_EQ(test, b.spent_ncr, 1000ULL);
	now.at_ns = 25 * KMC_NS_PER_S;
	KUNIT_EXPECT_EQ(test, kmc_budget_charge(&b, &conf, &due, &waive, &now),
			(u32)KMC_BUDGET_RENEWED);
	KUNIT_EXPECT_EQ(test, b.spent_ncr, 260ULL);
	KUNIT_EXPECT_EQ(test, b.started_at_ns, 20 * KMC_NS_PER_S);
}

static void budget_test_pace(struct kunit *test)
{
	struct kmc_budget_conf conf = { .cap_ncr = 1000000000, .period_s = 3600, .pace = true };
	struct kmc_now now = {};
	struct kmc_policy policy;
	enum kmc_reason reason;
	struct kmc_tariff t;
	struct kmc_budget b;

	kmc_policy_default(&policy);
	kmc_tariff_default(&t);
	kmc_budget_init(&b, &now);
	/* a price of 1e9 and an hour left: nominal fits, no more */
	KUNIT_EXPECT_EQ(test, cpu_budget_limit(&b, &conf, &policy, &t, 1, &now, &reason), 10000U);
	KUNIT_EXPECT_EQ(test, (u32)reason, (u32)KMC_REASON_BUDGET_PACE);
	t.rate_ncr[KMC_RES_CPU] = 1000000000;
	KUNIT_EXPECT_EQ(test, cpu_budget_limit(&b, &conf, &policy, &t, 1, &now, &reason), 5000U);
	KUNIT_EXPECT_EQ(test, cpu_budget_limit(&b, &conf, &policy, &t, 3, &now, &reason), 2500U);
	conf.cap_ncr = 0;
	KUNIT_EXPECT_EQ(test, cpu_budget_limit(&b, &conf, &policy, &t, 1, &now, &reason), 2000U);
	KUNIT_EXPECT_EQ(test, (u32)reason, (u32)KMC_REASON_BUDGET_CAP);
	conf.cap_ncr = KMC_BUDGET_NONE;
	KUNIT_EXPECT_EQ(test, cpu_budget_limit(&b, &conf, &policy, &t, 1, &now, &reason), U32_MAX);
}

static struct kunit_case budget_cases[] = {
	KUNIT_CASE(budget_test_clip),
	KUNIT_CASE(budget_test_pace),
	{}
};

static struct kunit_suite budget_suite = {
	.name = "kvmeter_budget",
	.test_cases = budget_cases,
};

/* ledger */

static void ledger_test_overflow(struct kunit *test)
{
	const struct kmc_used used = { .of[KMC_RES_CPU] = 2 };
	const struct kmc_charge c = { { 3, 4 } };
	const struct kmc_price price = { .now_ncr_h = 5 };
	u64 seq = 0, ncr = 0, span = 0, total = 0;
	const struct kmc_record *r;
	struct kmc_record ring[4];
	struct kmc_now now = {};
	struct kmc_ledger l;
	int i;

	kmc_ledger_init(&l, ring, ARRAY_SIZE(ring), &now);
	KUNIT_EXPECT_EQ(test, kmc_ledger_close(&l, &price, &now), 0ULL);
	for (i = 1; i <= 100; i++) {
		now.at_ns += i;
		kmc_ledger_add(&l, &c, 1, &used, &now);
		KUNIT_EXPECT_EQ(test, kmc_ledger_close(&l, &price, &now), (u64)i);
	}
	while ((r = kmc_ledger_next(&l, seq))) {
		KUNIT_EXPECT_EQ(test, r->first_seq, seq + 1);
		seq = r->seq;
		ncr += r->ncr[KMC_CHARGE_TIME] + r->ncr[KMC_CHARGE_CPU];
		span += r->span_ns;
		total = r->total_ncr;
	}
	KUNIT_EXPECT_EQ(test, seq, 100ULL);
	KUNIT_EXPECT_EQ(test, ncr, 700ULL);
	KUNIT_EXPECT_EQ(test, total, 700ULL);
	KUNIT_EXPECT_EQ(test, span, 5050ULL);
	KUNIT_EXPECT_EQ(test, l.nr_merged, 96ULL);
	KUNIT_EXPECT_EQ(test, kmc_ledger_ack(&l, 101), -EINVAL);
	KUNIT_EXPECT_EQ(test, kmc_ledger_ack(&l, 100), 0);
}

static struct kunit_case ledger_cases[] = {
	KUNIT_CASE(ledger_test_overflow),
	{}
};

static struct kunit_suite ledger_suite = {
	.name = "kvmeter_ledger",
	.test_cases = ledger_cases,
};

/* pipeline */

static void pipeline_test_digest(struct kunit *test)
{
	struct kmc_record *ring = kunit_kcalloc(test, DIGEST_RING, sizeof(*ring), GFP_KERNEL);
	struct kmc_vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);
	u32 reasons[KMC_NR_ACT] = {};

	KUNIT_ASSERT_NOT_NULL(test, ring);
	KUNIT_ASSERT_NOT_NULL(test, vm);
	KUNIT_EXPECT_EQ(test, digest_run(vm, ring, reasons), DIGEST_WANT);
	KUNIT_EXPECT_TRUE(test, reasons[KMC_RES_CPU] & 1U << KMC_REASON_RISE);
	KUNIT_EXPECT_TRUE(test, reasons[KMC_RES_NETWORK] & 1U << KMC_REASON_BUDGET_CAP);
}

static void pipeline_test_split(struct kunit *test)
{
	struct kmc_record *ring = kunit_kcalloc(test, 8, sizeof(*ring), GFP_KERNEL);
	struct kmc_vm *whole = kunit_kzalloc(test, sizeof(*whole), GFP_KERNEL);
	struct kmc_vm *parts = kunit_kzalloc(test, sizeof(*parts), GFP_KERNEL);
	struct kmc_budget_conf budget;
	struct kmc_notice notice;
	struct kmc_policy policy;
	struct kmc_tariff tariff;
	struct kmc_now now = {};

	KUNIT_ASSERT_NOT_NULL(test, ring);
	KUNIT_ASSERT_NOT_NULL(test, whole);
	KUNIT_ASSERT_NOT_NULL(test, parts);
	kmc_policy_default(&policy);
	kmc_tariff_default(&tariff);
	kmc_budget_default(&budget);
	budget.cap_ncr = 20000000;
	budget.period_s = 77;
	cpu_vm_init(whole, &policy, &tariff, &budget, 100 * KMC_NS_PER_MS, ring, 4, &now);
	cpu_vm_init(parts, &policy, &tariff, &budget, 100 * KMC_NS_PER_MS, ring + 4, 4, &now);
	while (now.at_ns < KMC_NS_PER_HOUR) {
		now.at_ns += 1234567891;
		cpu_settle(parts, KMC_BP, 0, &notice, &now);
	}
	cpu_settle(whole, KMC_BP, 0, &notice, &now);
	KUNIT_EXPECT_EQ(test, whole->price.charged_ncr[KMC_CHARGE_TIME],
			parts->price.charged_ncr[KMC_CHARGE_TIME]);
	KUNIT_EXPECT_EQ(test, whole->price.waived_ncr, parts->price.waived_ncr);
	KUNIT_EXPECT_EQ(test, whole->budget.spent_ncr, parts->budget.spent_ncr);
	KUNIT_EXPECT_GT(test, whole->price.waived_ncr, 0ULL);
	/* what was cut off at the cap and what was not make up the hour */
	KUNIT_EXPECT_EQ(test,
			whole->price.charged_ncr[KMC_CHARGE_TIME] + whole->price.waived_ncr,
			kmc_muldiv_floor(tariff.base_ncr_h, now.at_ns, KMC_NS_PER_HOUR));
}

static struct kunit_case pipeline_cases[] = {
	KUNIT_CASE(pipeline_test_digest),
	KUNIT_CASE(pipeline_test_split),
	{}
};

static struct kunit_suite pipeline_suite = {
	.name = "kvmeter_pipeline",
	.test_cases = pipeline_cases,
};

kunit_test_suites(&q_suite, &hist_suite, &profile_suite, &detect_suite, &predict_suite,
		  &decide_suite, &price_suite, &budget_suite, &ledger_suite, &pipeline_suite);

MODULE_DESCRIPTION("KUnit tests of kvmeter's core");
MODULE_LICENSE("GPL");
