/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decide: from surprise to a grant.
 *
 * The rule: an episode begins when surprise passes the threshold and demand is
 * more than the dead band above the forecast.  The factor is surprise /
 * sensitivity; the grant moves by the factor, at most a step per period, within
 * [floor, ceiling].  The forecast follows a rise within a few periods, so it
 * only says when an episode begins.  The episode lasts, and the grant goes on
 * moving, as long as demand stays surprising.  Memory may grow out of all that
 * was normal without ever passing its forecast by much: there the threshold
 * alone counts, and the dead band keeps small changes from moving the grant.
 *
 * elastic: only a VM that presses on its cap (demand within a tenth of it)
 * gets more.  It gets no more than demand plus the dead band, unless that is all
 * of its vCPUs' time: then more grant is more priority, up to the ceiling.
 * Once demand has fit the rest grant for the dwell time, the grant steps back.
 * guard: the grant steps down to the profile's alarm level (the normal
 * range's upper end), never below the floor; once demand has not been
 * surprising for the dwell time, it steps back.
 * Rest is 10 000 bp, or what an accepted suggestion says while it lasts.
 *
 * Worked: threshold 8 bits, sensitivity 16 bits, step 2500 bp; a demand with
 * surprise 10 bits has factor 0.625; 6250 bp is cut to the step; after three
 * periods an elastic VM holds 17 500 bp.
 *
 * A resource may follow others.  While one of the others rises surprisingly, the
 * resource is granted more (or held to its own normal range), as if the surprise
 * were its own.  It need not press on its cap for that.
 *
 * The budget's limit is applied after the policy, whatever the mode.
 */
#ifndef KMC_DECIDE_H
#define KMC_DECIDE_H

#include "policy.h"
#include "predict.h"

/**
 * enum kmc_reason - why a grant changed
 * @KMC_REASON_NONE: it did not
 * @KMC_REASON_RISE: elastic: a surprising rise gets more
 * @KMC_REASON_GUARD: guard: a surprising rise is held
 * @KMC_REASON_RETURN: the deviation ended: back toward rest
 * @KMC_REASON_SUGGESTION: an application asked
 * @KMC_REASON_BUDGET_PACE: spending is spread over the time left
 * @KMC_REASON_BUDGET_CAP: the cap is reached
 * @KMC_REASON_BUDGET_FREE: the budget allows more again
 * @KMC_REASON_POLICY: policy or nominal share was changed
 * @KMC_NR_REASONS: how many there are
 */
enum kmc_reason {
	KMC_REASON_NONE,
	KMC_REASON_RISE,
	KMC_REASON_GUARD,
	KMC_REASON_RETURN,
	KMC_REASON_SUGGESTION,
	KMC_REASON_BUDGET_PACE,
	KMC_REASON_BUDGET_CAP,
	KMC_REASON_BUDGET_FREE,
	KMC_REASON_POLICY,
	KMC_NR_REASONS,
};

/**
 * struct kmc_observation - what decide looks at
 * @usage_bp: consumed in the period
 * @demand_bp: usage plus what was withheld
 * @predicted_bp: the forecast for this period
 * @p99_bp: upper band of the forecast
 * @alarm_bp: upper end of the profile's normal range; U64_MAX: not known yet
 * @surprise: of the demand
 * @led_mbit: surprise of a rise of a resource that this one follows, 0: none goes on
 * @contended: another VM waited for CPU in the period
 * @creeps: use grows by little in a period and the forecast follows, as with memory;
 *          surprise alone begins an episode
 * @again: the period was decided on before: only bounds, suggestion and budget are new
 *
 * Amounts are in bp of the nominal allotment (CPU: of all of the vCPUs' time).
 */
struct kmc_observation {
	u64 usage_bp;
	u64 demand_bp;
	u64 predicted_bp;
	u64 p99_bp;
	u64 alarm_bp;
	struct kmc_surprise surprise;
	u32 led_mbit;
	bool contended;
	bool creeps;
	bool again;
};

/**
 * struct kmc_decide - the decision's memory
 * @policy_bp: grant that the policy wants (under observe: would have wanted)
 * @grant_bp: in force after budget; 10 000 under observe without budget limit
 * @rest_bp: grant without a deviation; 10 000 or the suggested one
 * @rest_until_ns: when the suggestion lapses, 0: none
 * @stepped_bp: moved in this period; kmc_plan() clears it at the period's end
 * @moved_at_ns: last adjustment
 * @moved_dir: direction of the last adjustment, +1 or -1
 * @calm_since_ns: since when the rule calls for a step back; 0: it does not
 * @limited_by_budget: the budget holds the grant below what policy wants
 * @hot: a surprising rise of its own goes on
 * @suggested: a suggestion set @policy_bp: when it lapses, the grant returns
 *             whether or not demand fits
 */
struct kmc_decide {
	u32 policy_bp;
	u32 grant_bp;
	u32 rest_bp;
	u64 rest_until_ns;
	u32 stepped_bp;
	u64 moved_at_ns;
	s32 moved_dir;
	u64 calm_since_ns;
	bool limited_by_budget;
	bool hot;
	bool suggested;
};

/**
 * struct kmc_verdict - what is to be done and why
 * @old_bp: grant before
 * @new_bp: grant from now on; equal to @old_bp when nothing changes
 * @reason: enum kmc_reason
 * @factor_bp: surprise / sensitivity that moved it, bp
 * @would: observe: @old_bp and @new_bp are the shadow mode's, to be logged only
 */
struct kmc_verdict {
	u32 old_bp;
	u32 new_bp;
	u8 reason;
	u32 factor_bp;
	bool would;
};

/**
 * kmc_grant_cap_bp - what a grant allows
 * @p: policy
 * @grant_bp: grant
 *
 * Return: in the unit of struct kmc_observation; of CPU 10 000 at most, all of its
 * vCPUs' time.
 */
u32 kmc_grant_cap_bp(const struct kmc_policy *p, u32 grant_bp);

/**
 * kmc_decide_init - a grant of 10 000, at rest
 * @d: set
 */
void kmc_decide_init(struct kmc_decide *d);

/**
 * kmc_decide_at_rest - is nothing going on?
 * @d: memory
 *
 * Return: true when the grant is 10 000, and nobody wants another.
 */
bool kmc_decide_at_rest(const struct kmc_decide *d);

/**
 * kmc_decide - one period's decision
 * @d: memory, updated
 * @p: policy
 * @o: observation
 * @budget_bp: grant ceiling set by the budget, U32_MAX: none
 * @budget_reason: KMC_REASON_BUDGET_PACE or _CAP when @budget_bp limits
 * @now: the pass's clock
 *
 * A change smaller than the dead band is not made, unless it ends exactly at
 * floor, ceiling or rest, or the cap asks for it.
 *
 * Under observe the shadow's change and a budget change can fall into one
 * period; then the budget's is returned and the shadow's comes in the next.
 *
 * Return: the change, if any.
 */
struct kmc_verdict kmc_decide(struct kmc_decide *d, const struct kmc_policy *p,
			      const struct kmc_observation *o, u32 budget_bp,
			      enum kmc_reason budget_reason, const struct kmc_now *now);

/**
 * kmc_decide_unsold - the decision for a resource without an allotment: the budget's alone
 * @d: memory, updated
 * @p: policy
 * @budget_bp: grant ceiling set by the budget's cap, U32_MAX: none; no pace limits it
 *
 * Return: the change, if any, between 10 000 and KMC_GRANT_MIN_BP.
 */
struct kmc_verdict kmc_decide_unsold(struct kmc_decide *d, const struct kmc_policy *p,
				     u32 budget_bp);

/**
 * kmc_decide_suggest - an application asks for a rest grant
 * @d: memory; changed only when accepted
 * @p: policy
 * @want_bp: the grant asked for
 * @duration_ms: for how long, 0 ends the present suggestion
 * @now: clock
 *
 * Return: the grant accepted (clamped to [floor, ceiling]; 10 000 when a
 * suggestion was ended), or 0 when the policy only observes.
 */
u32 kmc_decide_suggest(struct kmc_decide *d, const struct kmc_policy *p, u32 want_bp,
		       u32 duration_ms, const struct kmc_now *now);

#endif /* KMC_DECIDE_H */
