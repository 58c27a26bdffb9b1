// SPDX-License-Identifier: GPL-2.0
#include "decide.h"

/* What the rule calls for in one period; reason NONE: no change */
struct decide_move {
	u32 bp;
	u32 factor_bp;
	u8 reason;
};

u32 kmc_grant_cap_bp(const struct kmc_policy *p, u32 grant_bp)
{
	u64 cap_bp = div_u64((u64)grant_bp * p->nominal_bp, KMC_BP);

	return p->nominal ? cap_bp : min_t(u64, cap_bp, KMC_BP);
}

/* The smallest grant whose cap is @cap_bp at least */
static u64 decide_grant_for(const struct kmc_policy *p, u64 cap_bp)
{
	return div_u64(min_t(u64, cap_bp, KMC_GRANT_MAX_BP) * KMC_BP + p->nominal_bp - 1,
		       p->nominal_bp);
}

void kmc_decide_init(struct kmc_decide *d)
{
	memset(d, 0, sizeof(*d));
	d->policy_bp = KMC_BP;
	d->grant_bp = KMC_BP;
	d->rest_bp = KMC_BP;
}

bool kmc_decide_at_rest(const struct kmc_decide *d)
{
	return d->policy_bp == KMC_BP && d->grant_bp == KMC_BP && !d->rest_until_ns && !d->hot;
}

static u8 decide_mode(const struct kmc_policy *p)
{
	return p->mode == KMC_MODE_OBSERVE ? p->shadow : p->mode;
}

static u32 decide_rest(const struct kmc_decide *d, const struct kmc_policy *p)
{
	return clamp(d->rest_bp, p->floor_bp, p->ceiling_bp);
}

static void decide_expire(struct kmc_decide *d, const struct kmc_now *now)
{
	if (d->rest_until_ns && now->at_ns >= d->rest_until_ns) {
		d->rest_bp = KMC_BP;
		d->rest_until_ns = 0;
	}
}

static bool decide_surprising(const struct kmc_policy *p, const struct kmc_observation *o)
{
	return o->surprise.dir > 0 && o->surprise.mbit >= p->threshold_mbit;
}

/* An episode begins with a rise over the forecast, lasts while surprising */
static void decide_heat(struct kmc_decide *d, const struct kmc_policy *p,
			const struct kmc_observation *o)
{
	bool rise = o->creeps || o->demand_bp >= kmc_sat_add(o->predicted_bp, p->dead_band_bp);

	d->hot = decide_surprising(p, o) && (d->hot || rise);
}

static bool decide_idle_guard(const struct kmc_policy *p, const struct kmc_observation *o)
{
	return decide_mode(p) == KMC_MODE_GUARD && p->contended_only && !o->contended;
}

static u32 decide_factor(const struct kmc_policy *p, const struct kmc_observation *o)
{
	u32 mbit = o->led_mbit;

	if (o->surprise.dir > 0)
		mbit = max(mbit, o->surprise.mbit);
	return min_t(u64, div_u64((u64)mbit * KMC_BP, p->sensitivity_mbit), U32_MAX);
}

static u32 decide_step_to(const struct kmc_policy *p, u32 from, u32 to)
{
	if (to > from)
		return from + min(to - from, p->step_bp);
	return from - min(from - to, p->step_bp);
}

/* The grant that @demand_bp can use */
static u32 decide_useful(const struct kmc_policy *p, u64 demand_bp)
{
	u64 cap_bp = kmc_sat_add(demand_bp, p->dead_band_bp);

	/* more than all of a vCPU's time is priority */
	if (cap_bp >= KMC_BP && !p->nominal)
		return p->ceiling_bp;
	return min_t(u64, decide_grant_for(p, cap_bp), p->ceiling_bp);
}

static struct decide_move decide_rise(const struct kmc_decide *d, const struct kmc_policy *p,
				      const struct kmc_observation *o)
{
	struct decide_move m = { d->policy_bp, decide_factor(p, o), KMC_REASON_RISE };
	u32 cap_bp = kmc_grant_cap_bp(p, d->policy_bp);
	u32 useful = p->ceiling_bp;

	if (!o->led_mbit) {
		if (o->demand_bp < cap_bp - cap_bp / 10)
			return m;
		useful = decide_useful(p, o->demand_bp);
	}
	m.bp = min_t(u64, (u64)m.bp + min(m.factor_bp, p->step_bp), useful);
	m.bp = max(m.bp, d->policy_bp);
	return m;
}

static struct decide_move decide_hold(const struct kmc_decide *d, const struct kmc_policy *p,
				      const struct kmc_observation *o)
{
	struct decide_move m = { d->policy_bp, decide_factor(p, o), KMC_REASON_GUARD };
	u64 target = max_t(u64, decide_grant_for(p, o->alarm_bp), p->floor_bp);

	if (target < m.bp)
		m.bp = max_t(u64, kmc_sat_sub(m.bp, min(m.factor_bp, p->step_bp)), target);
	return m;
}

/* Does nothing speak against a step back toward rest in this period? */
static bool decide_calm(const struct kmc_decide *d, const struct kmc_policy *p,
			const struct kmc_observation *o, u32 rest)
{
	if (decide_mode(p) == KMC_MODE_GUARD)
		return !decide_surprising(p, o) || decide_idle_guard(p, o);
	if (d->policy_bp < rest || d->suggested)
		return true;
	return kmc_sat_add(o->demand_bp, p->dead_band_bp) <= kmc_grant_cap_bp(p, rest);
}

static bool decide_calm_for_dwell(struct kmc_decide *d, const struct kmc_policy *p,
				  const struct kmc_observation *o, u32 rest,
				  const struct kmc_now *now)
{
	if (!decide_calm(d, p, o, rest)) {
		d->calm_since_ns = 0;
		return false;
	}
	if (!d->calm_since_ns)
		d->calm_since_ns = max_t(u64, now->at_ns, 1);
	return kmc_sat_sub(now->at_ns, d->calm_since_ns) >= p->dwell_ms * KMC_NS_PER_MS;
}

/*
 * Is a suggestion to be followed at once?  What an episode did is not taken back before
 * the VM is calm.
 */
static bool decide_asked(const struct kmc_decide *d)
{
	return d->rest_until_ns && (d->suggested || d->policy_bp == KMC_BP);
}

static struct decide_move decide_return(struct kmc_decide *d, const struct kmc_policy *p,
					const struct kmc_observation *o, const struct kmc_now *now)
{
	struct decide_move m = { d->policy_bp, 0, KMC_REASON_RETURN };
	u32 rest = decide_rest(d, p);

	if (m.bp == rest) {
		d->calm_since_ns = 0;
		d->suggested = d->rest_until_ns;
		return m;
	}
	if (decide_asked(d))
		m.reason = KMC_REASON_SUGGESTION;
	else if (!decide_calm_for_dwell(d, p, o, rest, now))
		return m;
	m.bp = decide_step_to(p, m.bp, rest);
	return m;
}

static struct decide_move decide_rule(struct kmc_decide *d, const struct kmc_policy *p,
				      const struct kmc_observation *o, const struct kmc_now *now)
{
	struct decide_move m = { d->policy_bp, 0, KMC_REASON_NONE };

	if (o->again)
		return decide_asked(d) ? decide_return(d, p, o, now) : m;
	decide_heat(d, p, o);
	if ((!d->hot && !o->led_mbit) || decide_idle_guard(p, o))
		return decide_return(d, p, o, now);
	d->calm_since_ns = 0;
	switch (decide_mode(p)) {
	case KMC_MODE_GUARD:
		return decide_hold(d, p, o);
	case KMC_MODE_ELASTIC:
		m = decide_rise(d, p, o);
		if (m.bp != d->policy_bp || !decide_asked(d))
			return m;
		break;
	default:
		break;
	}
	return decide_return(d, p, o, now);
}

/* Dead band and dwell may veto what the rule calls for */
static bool decide_worth(const struct kmc_decide *d, const struct kmc_policy *p, u32 to,
			 const struct kmc_now *now)
{
	bool up = to > d->policy_bp;
	u32 change = kmc_distance(to, d->policy_bp);

	if (!change)
		return false;
	if (change < p->dead_band_bp && to != p->floor_bp && to != p->ceiling_bp &&
	    to != decide_rest(d, p))
		return false;
	return !d->moved_dir || (d->moved_dir > 0) == up ||
	       kmc_sat_sub(now->at_ns, d->moved_at_ns) >= p->dwell_ms * KMC_NS_PER_MS;
}

/* Move policy_bp, and return the move */
static struct decide_move decide_policy(struct kmc_decide *d, const struct kmc_policy *p,
					const struct kmc_observation *o, const struct kmc_now *now)
{
	u32 inside = clamp(d->policy_bp, p->floor_bp, p->ceiling_bp);
	struct decide_move m = { inside, 0, KMC_REASON_POLICY };

	if (inside != d->policy_bp) {
		d->policy_bp = inside;
		return m;
	}
	m = decide_rule(d, p, o, now);
	if (!decide_worth(d, p, m.bp, now)) {
		struct decide_move stay = { d->policy_bp, 0, KMC_REASON_NONE };

		return stay;
	}
	d->moved_dir = m.bp > d->policy_bp ? 1 : -1;
	d->stepped_bp += kmc_distance(m.bp, d->policy_bp);
	d->moved_at_ns = now->at_ns;
	d->policy_bp = m.bp;
	if (m.reason != KMC_REASON_RETURN)
		d->suggested = m.reason == KMC_REASON_SUGGESTION;
	return m;
}

/* Pacing moves its limit a little in each period, which is not worth a change each time */
static bool decide_pace_holds(const struct kmc_decide *d, const struct kmc_policy *p, u32 want_bp,
			      u32 limit_bp)
{
	u32 change = kmc_distance(d->grant_bp, limit_bp);

	return change < p->dead_band_bp && limit_bp != p->floor_bp &&
	       d->grant_bp >= p->floor_bp && d->grant_bp <= want_bp;
}

/* Bring grant_bp to what policy wants and the budget allows */
static struct kmc_verdict decide_limit(struct kmc_decide *d, const struct kmc_policy *p,
				       const struct decide_move *m, u32 budget_bp,
				       enum kmc_reason budget_reason)
{
	bool was_limited = d->limited_by_budget, limited = budget_bp < m->bp;
	struct kmc_verdict v = { .old_bp = d->grant_bp, .new_bp = min(m->bp, budget_bp) };

	if (limited && budget_reason == KMC_REASON_BUDGET_PACE &&
	    decide_pace_holds(d, p, m->bp, budget_bp))
		v.new_bp = v.old_bp;
	d->limited_by_budget = limited;
	d->grant_bp = v.new_bp;
	if (v.new_bp == v.old_bp)
		return v;
	if (v.new_bp < v.old_bp && limited) {
		v.reason = budget_reason;
	} else if (v.new_bp > v.old_bp && was_limited) {
		v.reason = KMC_REASON_BUDGET_FREE;
	} else {
		v.reason = m->reason ? m->reason : KMC_REASON_POLICY;
		v.factor_bp = m->factor_bp;
	}
	return v;
}

static struct kmc_verdict decide_observe(struct kmc_decide *d, const struct kmc_policy *p,
					 const struct kmc_observation *o, u32 budget_bp,
					 enum kmc_reason budget_reason, const struct kmc_now *now)
{
	struct decide_move m = { KMC_BP, 0, KMC_REASON_NONE };
	struct kmc_verdict v = decide_limit(d, p, &m, budget_bp, budget_reason);

	if (v.old_bp != v.new_bp)
		return v;
	v.would = true;
	v.old_bp = d->policy_bp;
	m = decide_policy(d, p, o, now);
	v.new_bp = m.bp;
	v.reason = m.reason;
	v.factor_bp = m.factor_bp;
	return v;
}

struct kmc_verdict kmc_decide(struct kmc_decide *d, const struct kmc_policy *p,
			      const struct kmc_observation *o, u32 budget_bp,
			      enum kmc_reason budget_reason, const struct kmc_now *now)
{
	/* an alarm's decision and that of the period's end share one step */
	struct kmc_policy rest = *p;
	struct decide_move m;

	rest.step_bp -= min(rest.step_bp, d->stepped_bp);
	decide_expire(d, now);
	if (p->mode == KMC_MODE_OBSERVE)
		return decide_observe(d, &rest, o, budget_bp, budget_reason, now);
	m = decide_policy(d, &rest, o, now);
	return decide_limit(d, p, &m, budget_bp, budget_reason);
}

struct kmc_verdict kmc_decide_unsold(struct kmc_decide *d, const struct kmc_policy *p,
				     u32 budget_bp)
{
	const struct decide_move m = { KMC_BP, 0, KMC_REASON_NONE };

	return decide_limit(d, p, &m, budget_bp, KMC_REASON_BUDGET_CAP);
}

u32 kmc_decide_suggest(struct kmc_decide *d, const struct kmc_policy *p, u32 want_bp,
		       u32 duration_ms, const struct kmc_now *now)
{
	if (p->mode == KMC_MODE_OBSERVE)
		return 0;
	if (!duration_ms) {
		d->rest_bp = KMC_BP;
		d->rest_until_ns = 0;
		return KMC_BP;
	}
	d->rest_bp = clamp(want_bp, p->floor_bp, p->ceiling_bp);
	d->rest_until_ns = kmc_sat_add(now->at_ns, duration_ms * KMC_NS_PER_MS);
	return d->rest_bp;
}
