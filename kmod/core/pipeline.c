// SPDX-License-Identifier: GPL-2.0
#include "pipeline.h"
#include "purse.h"

/*
 * One settlement splits at most this many ended budget periods.  After years without a
 * call the rest falls under a single cap, in the tenant's favour.
 */
#define PIPELINE_SPLIT_MAX	1000

/* Until this many samples were seen everything is new, and nothing is worth an alert */
#define PIPELINE_ALERT_FROM	256

static u32 periods_in(u64 ns, u64 period_ns)
{
	return min_t(u64, div64_u64(ns, max_t(u64, period_ns, 1)), U32_MAX);
}

u32 kmc_periods_per_day(u64 period_ns)
{
	return periods_in(24 * KMC_NS_PER_HOUR, period_ns);
}

/* A resource that is profiled but not adjusted has no policy: it goes by CPU's */
static const struct kmc_policy *vm_policy(const struct kmc_vm *vm, enum kmc_resource r)
{
	return &vm->policy[r < KMC_NR_ACT ? r : KMC_RES_CPU];
}

u32 kmc_vm_profile_half_life(const struct kmc_vm *vm, enum kmc_resource r)
{
	u32 periods = periods_in(vm_policy(vm, r)->half_life_s * KMC_NS_PER_S, vm->period_ns);

	return clamp_t(u32, periods, 1, KMC_HIST_HALF_LIFE_MAX);
}

static void vm_set_half_life(struct kmc_vm *vm)
{
	int i;

	for (i = 0; i < KMC_NR_RES; i++)
		kmc_profile_set_half_life(&vm->profile[i], kmc_vm_profile_half_life(vm, i));
}

static void vm_set_alarms(struct kmc_vm *vm)
{
	int i;

	for (i = 0; i < KMC_NR_RES; i++)
		vm->alarm[i] = kmc_profile_alarm(&vm->profile[i],
						 vm_policy(vm, i)->threshold_mbit);
}

void kmc_vm_init(struct kmc_vm *vm, const struct kmc_policy policy[KMC_NR_ACT],
		 const struct kmc_tariff *tariff, const struct kmc_budget_conf *budget,
		 u64 period_ns, struct kmc_record *ring, u32 ring_size,
		 const struct kmc_now *now)
{
	int i;

	memset(vm, 0, sizeof(*vm));
	memcpy(vm->policy, policy, sizeof(vm->policy));
	vm->tariff = *tariff;
	vm->budget_conf = *budget;
	kmc_budget_default(&vm->own_conf);
	vm->period_ns = period_ns;
	for (i = 0; i < KMC_NR_RES; i++) {
		kmc_profile_init(&vm->profile[i], kmc_vm_profile_half_life(vm, i));
		kmc_predict_init(&vm->predict[i], kmc_periods_per_day(period_ns));
		kmc_detect_init(&vm->detect[i], kmc_periods_per_day(period_ns));
	}
	vm_set_alarms(vm);
	for (i = 0; i < KMC_NR_ACT; i++) {
		kmc_decide_init(&vm->decide[i]);
		vm->effect_bp[i] = KMC_BP;
	}
	kmc_price_init(&vm->price, tariff, now);
	kmc_budget_init(&vm->budget, now);
	kmc_budget_init(&vm->own, now);
	kmc_ledger_init(&vm->ledger, ring, ring_size, now);
}

void kmc_vm_set_policy(struct kmc_vm *vm, enum kmc_resource r, const struct kmc_policy *policy)
{
	struct kmc_policy *old = &vm->policy[r];

	/* no other mode begins with the grant that observe would have made */
	if (old->mode != policy->mode && old->mode == KMC_MODE_OBSERVE)
		kmc_decide_init(&vm->decide[r]);
	/* a resource that is no longer sold has no grant */
	if (!kmc_policy_sold(r, policy))
		kmc_decide_init(&vm->decide[r]);
	*old = *policy;
	kmc_vm_learned(vm);
}

void kmc_vm_set_period(struct kmc_vm *vm, u64 period_ns)
{
	int i;

	if (vm->period_ns == period_ns)
		return;
	vm->period_ns = period_ns;
	vm_set_half_life(vm);
	for (i = 0; i < KMC_NR_RES; i++) {
		kmc_predict_set_period(&vm->predict[i], kmc_periods_per_day(period_ns));
		kmc_detect_set_rate(&vm->detect[i], kmc_periods_per_day(period_ns));
	}
}

void kmc_vm_learned(struct kmc_vm *vm)
{
	vm_set_half_life(vm);
	vm_set_alarms(vm);
}

void kmc_vm_forget(struct kmc_vm *vm, u32 mask)
{
	int i;

	for (i = 0; i < KMC_NR_RES; i++) {
		const struct kmc_predict_tune *tune = vm->predict[i].tune;
		const struct kmc_model *model = vm->predict[i].model;

		if (!(mask >> i & 1))
			continue;
		kmc_profile_init(&vm->profile[i], 0);
		kmc_predict_init(&vm->predict[i], kmc_periods_per_day(vm->period_ns));
		vm->predict[i].tune = tune;
		kmc_predict_set_model(&vm->predict[i], model);
		kmc_detect_init(&vm->detect[i], kmc_periods_per_day(vm->period_ns));
	}
	kmc_vm_learned(vm);
}

bool kmc_vm_at_rest(const struct kmc_vm *vm)
{
	int r;

	for (r = 0; r < KMC_NR_ACT; r++)
		if (!kmc_decide_at_rest(&vm->decide[r]) || vm->effect_bp[r] != KMC_BP)
			return false;
	return !vm->price.pending_at_ns &&
	       vm->price.now_ncr_h == kmc_price_target(&vm->tariff, vm->effect_bp);
}

/* A resource's sample as a share of its nominal allotment */
static u64 vm_share_bp(const struct kmc_policy *p, u64 sample)
{
	return p->nominal ? kmc_muldiv_floor(sample, KMC_BP, p->nominal) : sample;
}

/* The largest surprise of the rises that @r follows, 0: none goes on */
static u32 vm_led_mbit(const struct kmc_vm *vm, enum kmc_resource r)
{
	u32 led = 0;
	int i;

	for (i = 0; i < KMC_NR_ACT; i++)
		if (i != r && vm->policy[r].follow & 1U << i && vm->decide[i].hot)
			led = max(led, vm->surprise[i].mbit);
	return led;
}

/*
 * Surprise of the period under what was known before it; the alarm and the forecast are
 * still those that were made for it.
 */
static void plan_observe(struct kmc_vm *vm, const struct kmc_plan_in *in,
			 struct kmc_observation obs[KMC_NR_ACT])
{
	int i;

	for (i = 0; i < KMC_NR_RES && !in->again; i++) {
		vm->sample[i] = in->sample[i];
		vm->surprise[i] = kmc_profile_judge(&vm->profile[i], in->sample[i].demand);
	}
	for (i = 0; i < KMC_NR_ACT; i++) {
		const struct kmc_forecast *forecast = &vm->predict[i].next;
		const struct kmc_policy *p = &vm->policy[i];

		obs[i].usage_bp = vm_share_bp(p, vm->sample[i].usage);
		obs[i].demand_bp = vm_share_bp(p, vm->sample[i].demand);
		obs[i].predicted_bp = vm_share_bp(p, forecast->mean);
		obs[i].p99_bp = vm_share_bp(p, forecast->p99);
		obs[i].alarm_bp = vm->alarm[i] == U64_MAX ? U64_MAX :
				  vm_share_bp(p, vm->alarm[i]);
		obs[i].surprise = vm->surprise[i];
		obs[i].contended = i == KMC_RES_CPU && in->contended;
		obs[i].creeps = i == KMC_RES_MEMORY;
		obs[i].again = in->again;
	}
}

/* An alert is for people: as rare as an adjustment, and one per event */
static void plan_detect(struct kmc_vm *vm, const struct kmc_plan_in *in, struct kmc_plan *out,
			const struct kmc_now *now)
{
	u64 when_s = div64_u64(now->real_ns, KMC_NS_PER_S);
	u32 mbit;
	int i;

	for (i = 0; i < KMC_NR_RES; i++) {
		vm->unusual[i] = kmc_detect_observe(&vm->detect[i], &in->sample[i], when_s,
						    in->repeat);
		mbit = kmc_detect_alert(&vm->detect[i]);
		if (mbit >= vm_policy(vm, i)->threshold_mbit &&
		    vm->detect[i].age >= PIPELINE_ALERT_FROM)
			out->alert_mbit[i] = mbit;
	}
}

static void plan_learn(struct kmc_vm *vm, const struct kmc_plan_in *in)
{
	u32 censor_max = periods_in(KMC_PROFILE_CENSOR_MAX_S * KMC_NS_PER_S, vm->period_ns);
	int i;

	for (i = 0; i < KMC_NR_RES; i++) {
		kmc_profile_fold(&vm->profile[i], &in->sample[i], in->repeat, censor_max);
		kmc_predict_observe(&vm->predict[i], &in->sample[i], in->repeat);
	}
	vm_set_alarms(vm);
}

void kmc_plan(struct kmc_vm *vm, const struct kmc_plan_in *in, struct kmc_plan *out,
	      const struct kmc_now *now)
{
	u32 budget_bp[KMC_NR_ACT], own;
	enum kmc_reason reason;
	int r;

	memset(out, 0, sizeof(*out));
	plan_observe(vm, in, out->obs);
	reason = kmc_vm_budget_limit(vm, in->nr_vcpus, now, budget_bp, &own);
	/* a resource sees the rise of an earlier one at once, that of a later one next time */
	for (r = 0; r < KMC_NR_ACT; r++) {
		if (!kmc_policy_sold(r, &vm->policy[r])) {
			out->verdict[r] = kmc_decide_unsold(&vm->decide[r], &vm->policy[r],
							    budget_bp[r]);
			continue;
		}
		out->obs[r].led_mbit = vm_led_mbit(vm, r);
		out->verdict[r] = kmc_decide(&vm->decide[r], &vm->policy[r], &out->obs[r],
					     budget_bp[r], reason, now);
	}
	kmc_vm_own_holds(vm, own);
	if (in->early || in->again)
		return;
	for (r = 0; r < KMC_NR_ACT; r++)
		vm->decide[r].stepped_bp = 0;
	plan_detect(vm, in, out, now);
	plan_learn(vm, in);
}

/*
 * Charge up to @now, clipped by the cap of the budget period that holds @budget_now, and
 * add it to the ledger.
 */
static void settle_until(struct kmc_vm *vm, const struct kmc_used *used, struct kmc_notice *out,
			 const struct kmc_now *now, const struct kmc_now *budget_now)
{
	struct kmc_charge due = kmc_price_accrue(&vm->price, &vm->tariff, used, now);
	struct kmc_charge waive;
	int i;

	kmc_vm_budgets_charge(vm, &due, &waive, &out->budget_events, &out->own_events, budget_now);
	kmc_price_book(&vm->price, &due, &waive);
	for (i = 0; i < KMC_NR_CHARGES; i++) {
		due.ncr[i] -= waive.ncr[i];
		out->charge.ncr[i] = kmc_sat_add(out->charge.ncr[i], due.ncr[i]);
	}
	kmc_ledger_add(&vm->ledger, &due, kmc_charge_sum(&waive), used, now);
}

/*
 * Time up to the end of a budget period is booked in it, as of its last
 * nanosecond; a charge of nothing at its end then opens the next one.
 */
static void settle_ended_periods(struct kmc_vm *vm, struct kmc_notice *out,
				 const struct kmc_now *now)
{
	const struct kmc_charge nothing = {};
	const struct kmc_used none = {};
	struct kmc_charge waive;
	struct kmc_now end, last;
	u32 i;

	for (i = 0; i < PIPELINE_SPLIT_MAX; i++) {
		end.at_ns = kmc_budget_renews_at(&vm->budget, &vm->budget_conf);
		if (end.at_ns > now->at_ns)
			return;
		end.real_ns = kmc_sat_sub(now->real_ns, now->at_ns - end.at_ns);
		last = end;
		last.at_ns--;
		settle_until(vm, &none, out, &end, &last);
		out->budget_events |= kmc_budget_charge(&vm->budget, &vm->budget_conf, &nothing,
							&waive, &end);
	}
}

static void settle_price(struct kmc_vm *vm, const u32 old_bp[KMC_NR_ACT],
			 struct kmc_notice *out, const struct kmc_now *now)
{
	const struct kmc_price *p = &vm->price;
	u32 asked = 0, released = kmc_vm_own_released(vm), back_bp[KMC_NR_ACT];
	int r;

	out->old_ncr_h = kmc_price_announced(p);
	for (r = 0; r < KMC_NR_ACT; r++) {
		asked |= vm->asked & (vm->decide[r].suggested ? 1U << r : 0);
		/* what is above nominal is the policy's doing */
		back_bp[r] = released & 1U << r ? min(vm->effect_bp[r], KMC_BP) : vm->effect_bp[r];
	}
	out->price_changed = kmc_price_raise(&vm->price, &vm->tariff, old_bp, back_bp, released);
	if (kmc_price_raise(&vm->price, &vm->tariff, old_bp, vm->effect_bp, asked))
		out->price_changed = true;
	if (kmc_price_move(&vm->price, &vm->tariff, vm->effect_bp, now))
		out->price_changed = true;
	out->new_ncr_h = kmc_price_announced(p);
	out->effective_at_ns = p->pending_at_ns ? p->pending_at_ns : now->at_ns;
}

void kmc_settle(struct kmc_vm *vm, const u32 effect_bp[KMC_NR_ACT], const struct kmc_used *used,
		struct kmc_notice *out, const struct kmc_now *now)
{
	u32 old_bp[KMC_NR_ACT];
	int r;

	memset(out, 0, sizeof(*out));
	settle_ended_periods(vm, out, now);
	settle_until(vm, used, out, now, now);
	memcpy(old_bp, vm->effect_bp, sizeof(old_bp));
	for (r = 0; r < KMC_NR_ACT; r++)
		vm->effect_bp[r] = kmc_policy_sold(r, &vm->policy[r]) ? effect_bp[r] : KMC_BP;
	settle_price(vm, old_bp, out, now);
}
