// SPDX-License-Identifier: GPL-2.0
#include "budget.h"

static const u16 budget_warning_bp[KMC_NR_WARNINGS] = { 5000, 8000, 9500 };

void kmc_budget_init(struct kmc_budget *b, const struct kmc_now *now)
{
	memset(b, 0, sizeof(*b));
	b->started_at_ns = now->at_ns;
}

u64 kmc_budget_renews_at(const struct kmc_budget *b, const struct kmc_budget_conf *conf)
{
	if (!conf->period_s)
		return U64_MAX;
	return kmc_sat_add(b->started_at_ns, conf->period_s * KMC_NS_PER_S);
}

/* Periods start at multiples of their length after the first: no drift */
static bool budget_renew(struct kmc_budget *b, const struct kmc_budget_conf *conf,
			 const struct kmc_now *now)
{
	u64 period_ns = conf->period_s * KMC_NS_PER_S, late_ns;

	if (now->at_ns < kmc_budget_renews_at(b, conf))
		return false;
	div64_u64_rem(now->at_ns - b->started_at_ns, period_ns, &late_ns);
	b->started_at_ns = now->at_ns - late_ns;
	b->spent_ncr = 0;
	b->warned = 0;
	b->capped = false;
	return true;
}

static struct kmc_charge budget_clip(const struct kmc_charge *due, u64 left)
{
	struct kmc_charge waive;
	int i;

	for (i = 0; i < KMC_NR_CHARGES; i++) {
		u64 book = min(due->ncr[i], left);

		waive.ncr[i] = due->ncr[i] - book;
		if (left != KMC_BUDGET_NONE)
			left -= book;
	}
	return waive;
}

/* Warnings and the cap, by what is spent; both follow a new cap */
static u32 budget_mark(struct kmc_budget *b, const struct kmc_budget_conf *conf)
{
	bool capped = !kmc_budget_left_ncr(b, conf);
	u32 events = 0, warned = 0;

	if (conf->cap_ncr != KMC_BUDGET_NONE)
		while (warned < KMC_NR_WARNINGS &&
		       b->spent_ncr >= kmc_muldiv_floor(conf->cap_ncr, budget_warning_bp[warned],
							KMC_BP))
			warned++;
	if (warned > b->warned)
		events |= KMC_BUDGET_WARN;
	if (capped && !b->capped)
		events |= KMC_BUDGET_CAPPED;
	b->warned = warned;
	b->capped = capped;
	return events;
}

u32 kmc_budget_charge(struct kmc_budget *b, const struct kmc_budget_conf *conf,
		      const struct kmc_charge *due, struct kmc_charge *waive,
		      const struct kmc_now *now)
{
	u32 events = budget_renew(b, conf, now) ? KMC_BUDGET_RENEWED : 0;

	*waive = budget_clip(due, kmc_budget_left_ncr(b, conf));
	b->spent_ncr = kmc_sat_add(b->spent_ncr,
				   kmc_sat_sub(kmc_charge_sum(due), kmc_charge_sum(waive)));
	return events | budget_mark(b, conf);
}

u32 kmc_budget_note(struct kmc_budget *b, const struct kmc_budget_conf *conf, u64 booked_ncr,
		    const struct kmc_now *now)
{
	u32 events = budget_renew(b, conf, now) ? KMC_BUDGET_RENEWED : 0;

	b->spent_ncr = kmc_sat_add(b->spent_ncr, booked_ncr);
	return events | budget_mark(b, conf);
}

u64 kmc_budget_left_ncr(const struct kmc_budget *b, const struct kmc_budget_conf *conf)
{
	if (conf->cap_ncr == KMC_BUDGET_NONE)
		return KMC_BUDGET_NONE;
	return kmc_sat_sub(conf->cap_ncr, b->spent_ncr);
}

u64 kmc_budget_runway_ns(const struct kmc_budget *b, const struct kmc_budget_conf *conf,
			 const struct kmc_tariff *t, const struct kmc_price *p)
{
	u64 rate = kmc_sat_add(kmc_price_announced(p), t->rate_ncr[KMC_RES_CPU]);
	u64 left = kmc_budget_left_ncr(b, conf);

	if (left == KMC_BUDGET_NONE || !rate)
		return U64_MAX;
	return kmc_muldiv_floor(left, KMC_NS_PER_HOUR, rate);
}

/* The metered amount of an hour at a rate in the sample unit */
static u64 budget_amount_h(enum kmc_resource r, u64 sample)
{
	switch (r) {
	case KMC_RES_MEMORY:	/* MiB, for an hour */
		return kmc_muldiv_floor(sample, KMC_NS_PER_HOUR / KMC_NS_PER_MS, 1);
	case KMC_RES_NETWORK:	/* KiB per second, each way */
		return kmc_muldiv_floor(sample, 2 * 1024 * KMC_NS_PER_HOUR / KMC_NS_PER_S, 1);
	default:		/* KiB per second */
		return kmc_muldiv_floor(sample, 1024 * KMC_NS_PER_HOUR / KMC_NS_PER_S, 1);
	}
}

/* The most of a resource that a VM can use per hour at this grant */
static u64 budget_most_h(enum kmc_resource r, const struct kmc_policy *p,
			 const struct kmc_budget_size *size, u32 grant_bp)
{
	if (r == KMC_RES_CPU)
		return kmc_muldiv_floor((u64)size->nr_vcpus * kmc_grant_cap_bp(p, grant_bp),
					KMC_NS_PER_HOUR, KMC_BP);
	if (!p->nominal)
		return budget_amount_h(r, size->usage[r]);
	return budget_amount_h(r, kmc_muldiv_floor(p->nominal, grant_bp, KMC_BP));
}

/* One resource's part of a common grant */
static u32 budget_grant(enum kmc_resource r, const struct kmc_policy *p, u32 grant_bp)
{
	return kmc_policy_sold(r, p) ? clamp(grant_bp, p->floor_bp, p->ceiling_bp) : KMC_BP;
}

/* The most that a VM can spend per hour at this common grant */
static u64 budget_rate_ncr_h(const struct kmc_policy policy[KMC_NR_ACT],
			     const struct kmc_tariff *t, const struct kmc_budget_size *size,
			     u32 common_bp)
{
	u32 grant_bp[KMC_NR_ACT];
	u64 sum = 0;
	int r;

	for (r = 0; r < KMC_NR_ACT; r++) {
		grant_bp[r] = budget_grant(r, &policy[r], common_bp);
		if (t->rate_ncr[r])
			sum = kmc_sat_add(sum, kmc_muldiv_floor(t->rate_ncr[r],
								budget_most_h(r, &policy[r], size,
									      grant_bp[r]),
								kmc_price_per(r)));
	}
	return kmc_sat_add(kmc_price_target(t, grant_bp), sum);
}

/* The largest common grant that may spend @rate; the rate grows with the grant */
static u32 budget_pace(const struct kmc_policy policy[KMC_NR_ACT], const struct kmc_tariff *t,
		       const struct kmc_budget_size *size, u64 rate)
{
	u32 fits = KMC_GRANT_MAX_BP, too_much = 0;
	int r;

	for (r = 0; r < KMC_NR_ACT; r++) {
		if (!kmc_policy_sold(r, &policy[r]))
			continue;
		fits = min(fits, policy[r].floor_bp);
		too_much = max(too_much, policy[r].ceiling_bp);
	}
	if (budget_rate_ncr_h(policy, t, size, too_much) <= rate)
		return U32_MAX;
	while (too_much - fits > 1) {
		u32 mid = fits + (too_much - fits) / 2;

		if (budget_rate_ncr_h(policy, t, size, mid) <= rate)
			fits = mid;
		else
			too_much = mid;
	}
	return fits;
}

/*
 * At the cap: floors; to pause a VM is to stop its vCPUs.  A flow that has a rate and no
 * allotment has no floor either, so it gets a trickle.
 */
static void budget_cap(const struct kmc_budget_conf *conf,
		       const struct kmc_policy policy[KMC_NR_ACT], const struct kmc_tariff *t,
		       u32 limit_bp[KMC_NR_ACT])
{
	int r;

	for (r = 0; r < KMC_NR_ACT; r++) {
		if (kmc_policy_sold(r, &policy[r]))
			limit_bp[r] = policy[r].floor_bp;
		else if (r != KMC_RES_MEMORY && t->rate_ncr[r])
			limit_bp[r] = KMC_GRANT_MIN_BP;
	}
	if (conf->action == KMC_CAP_PAUSE)
		limit_bp[KMC_RES_CPU] = 0;
}

enum kmc_reason kmc_budget_limit(const struct kmc_budget *b, const struct kmc_budget_conf *conf,
				 const struct kmc_policy policy[KMC_NR_ACT],
				 const struct kmc_tariff *t, const struct kmc_budget_size *size,
				 const struct kmc_now *now, u32 limit_bp[KMC_NR_ACT])
{
	struct kmc_budget present = *b;
	u64 left, left_ns;
	u32 limit;
	int r;

	for (r = 0; r < KMC_NR_ACT; r++)
		limit_bp[r] = U32_MAX;
	budget_renew(&present, conf, now);
	left = kmc_budget_left_ncr(&present, conf);
	if (!left) {
		budget_cap(conf, policy, t, limit_bp);
		return KMC_REASON_BUDGET_CAP;
	}
	if (!conf->pace || !conf->period_s || left == KMC_BUDGET_NONE)
		return KMC_REASON_NONE;

	left_ns = kmc_budget_renews_at(&present, conf) - now->at_ns;
	limit = budget_pace(policy, t, size, kmc_muldiv_floor(left, KMC_NS_PER_HOUR, left_ns));
	if (limit == U32_MAX)
		return KMC_REASON_NONE;
	for (r = 0; r < KMC_NR_ACT; r++)
		if (kmc_policy_sold(r, &policy[r]))
			limit_bp[r] = max(limit, policy[r].floor_bp);
	return KMC_REASON_BUDGET_PACE;
}
