// SPDX-License-Identifier: GPL-2.0
#include "pipeline.h"

/* Budget periods that one settlement splits exactly; beyond it, after years
 * of 1-day periods without a call, the tenant gains: one cap clips the rest.
 */
#define PIPELINE_SPLIT_MAX	1000

u32 kmc_vm_half_life(const struct kmc_policy *policy, u64 period_ns)
{
	u64 periods = div64_u64(policy->half_life_s * KMC_NS_PER_S, max_t(u64, period_ns, 1));

	return clamp_t(u64, periods, 1, KMC_HIST_HALF_LIFE_MAX);
}

static u32 vm_censor_max(const struct kmc_vm *vm)
{
	u64 periods = div64_u64(KMC_PROFILE_CENSOR_MAX_S * KMC_NS_PER_S,
				max_t(u64, vm->period_ns, 1));

	return min_t(u64, periods, U32_MAX);
}

static u32 vm_periods_per_day(u64 period_ns)
{
	return min_t(u64, div64_u64(24 * KMC_NS_PER_HOUR, max_t(u64, period_ns, 1)), U32_MAX);
}

static void vm_set_half_life(struct kmc_vm *vm)
{
	u32 half_life = kmc_vm_half_life(&vm->policy, vm->period_ns);
	int i;

	for (i = 0; i < KMC_NR_RES; i++)
		kmc_profile_set_half_life(&vm->profile[i], half_life);
}

static void vm_set_alarms(struct kmc_vm *vm)
{
	int i;

	for (i = 0; i < KMC_NR_RES; i++)
		vm->alarm[i] = kmc_profile_alarm(&vm->profile[i], vm->policy.threshold_mbit);
}

void kmc_vm_init(struct kmc_vm *vm, const struct kmc_policy *policy,
		 const struct kmc_tariff *tariff, const struct kmc_budget_conf *budget,
		 u64 period_ns, struct kmc_record *ring, u32 ring_size,
		 const struct kmc_now *now)
{
	u32 half_life = kmc_vm_half_life(policy, period_ns);
	int i;

	memset(vm, 0, sizeof(*vm));
	vm->policy = *policy;
	vm->tariff = *tariff;
	vm->budget_conf = *budget;
	vm->period_ns = period_ns;
	for (i = 0; i < KMC_NR_RES; i++) {
		kmc_profile_init(&vm->profile[i], half_life);
		kmc_predict_init(&vm->predict[i], vm_periods_per_day(period_ns));
		vm->effect_bp[i] = KMC_BP;
	}
	vm_set_alarms(vm);
	kmc_decide_init(&vm->decide);
	kmc_price_init(&vm->price, tariff, now);
	kmc_budget_init(&vm->budget, now);
	kmc_ledger_init(&vm->ledger, ring, ring_size, now);
}

void kmc_vm_set_policy(struct kmc_vm *vm, const struct kmc_policy *policy)
{
	/* what observe would have done is no grant to begin another mode with */
	if (vm->policy.mode != policy->mode && vm->policy.mode == KMC_MODE_OBSERVE)
		kmc_decide_init(&vm->decide);
	vm->policy = *policy;
	vm_set_half_life(vm);
	vm_set_alarms(vm);
}

void kmc_vm_set_period(struct kmc_vm *vm, u64 period_ns)
{
	int i;

	if (vm->period_ns == period_ns)
		return;
	vm->period_ns = period_ns;
	vm_set_half_life(vm);
	for (i = 0; i < KMC_NR_RES; i++)
		kmc_predict_set_period(&vm->predict[i], vm_periods_per_day(period_ns));
}

bool kmc_vm_at_rest(const struct kmc_vm *vm)
{
	const struct kmc_decide *d = &vm->decide;

	return d->policy_bp == KMC_BP && d->grant_bp == KMC_BP &&
	       vm->effect_bp[KMC_RES_CPU] == KMC_BP && !d->rest_until_ns && !d->hot &&
	       !vm->price.pending_at_ns &&
	       vm->price.now_ncr_h == kmc_price_target(&vm->tariff, vm->effect_bp);
}

/* Surprise of the period under what was known before it; the alarm and the
 * forecast still are those that stood for it
 */
static void plan_observe(struct kmc_vm *vm, const struct kmc_plan_in *in,
			 struct kmc_observation *obs)
{
	const struct kmc_forecast *forecast = &vm->predict[KMC_RES_CPU].next;
	const struct kmc_sample *cpu = &in->sample[KMC_RES_CPU];
	int i;

	for (i = 0; i < KMC_NR_RES; i++) {
		vm->sample[i] = in->sample[i];
		vm->surprise[i] = kmc_profile_judge(&vm->profile[i], in->sample[i].demand);
	}
	obs->usage_bp = cpu->usage;
	obs->demand_bp = cpu->demand;
	obs->predicted_bp = forecast->mean;
	obs->p99_bp = forecast->p99;
	obs->alarm_bp = vm->alarm[KMC_RES_CPU];
	obs->surprise = vm->surprise[KMC_RES_CPU];
	obs->contended = in->contended;
}

static void plan_learn(struct kmc_vm *vm, const struct kmc_plan_in *in)
{
	u32 censor_max = vm_censor_max(vm);
	int i;

	for (i = 0; i < KMC_NR_RES; i++) {
		kmc_profile_fold(&vm->profile[i], &in->sample[i], in->repeat, censor_max);
		kmc_predict_observe(&vm->predict[i], &vm->profile[i], &in->sample[i], in->repeat);
	}
	vm_set_alarms(vm);
}

void kmc_plan(struct kmc_vm *vm, const struct kmc_plan_in *in, struct kmc_plan *out,
	      const struct kmc_now *now)
{
	enum kmc_reason reason;
	u32 budget_bp;

	memset(out, 0, sizeof(*out));
	plan_observe(vm, in, &out->obs);
	budget_bp = kmc_budget_limit(&vm->budget, &vm->budget_conf, &vm->policy, &vm->tariff,
				     in->nr_vcpus, now, &reason);
	out->verdict = kmc_decide(&vm->decide, &vm->policy, &out->obs, budget_bp, reason, now);
	if (in->early)
		return;
	vm->decide.stepped_bp = 0;
	plan_learn(vm, in);
}

/* Charge up to @now, clipped by the cap of the budget period that holds
 * @budget_now, and write it down
 */
static void settle_until(struct kmc_vm *vm, u64 cpu_ns, struct kmc_notice *out,
			 const struct kmc_now *now, const struct kmc_now *budget_now)
{
	struct kmc_charge due = kmc_price_accrue(&vm->price, &vm->tariff, cpu_ns, now);
	struct kmc_charge waive;
	int i;

	out->budget_events |= kmc_budget_charge(&vm->budget, &vm->budget_conf, &due, &waive,
						budget_now);
	kmc_price_book(&vm->price, &due, &waive);
	for (i = 0; i < KMC_NR_CHARGES; i++) {
		due.ncr[i] -= waive.ncr[i];
		out->charge.ncr[i] = kmc_sat_add(out->charge.ncr[i], due.ncr[i]);
	}
	kmc_ledger_add(&vm->ledger, &due, kmc_charge_sum(&waive), cpu_ns, now);
}

/* Time up to the end of a budget period is booked in it, as of its last
 * nanosecond; a charge of nothing at its end then opens the next one.
 */
static void settle_ended_periods(struct kmc_vm *vm, struct kmc_notice *out,
				 const struct kmc_now *now)
{
	const struct kmc_charge nothing = {};
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
		settle_until(vm, 0, out, &end, &last);
		out->budget_events |= kmc_budget_charge(&vm->budget, &vm->budget_conf, &nothing,
							&waive, &end);
	}
}

static void settle_price(struct kmc_vm *vm, struct kmc_notice *out, const struct kmc_now *now)
{
	const struct kmc_price *p = &vm->price;

	out->old_ncr_h = kmc_price_announced(p);
	out->price_changed = kmc_price_move(&vm->price, &vm->tariff, vm->effect_bp, now);
	out->new_ncr_h = kmc_price_announced(p);
	out->effective_at_ns = p->pending_at_ns ? p->pending_at_ns : now->at_ns;
}

void kmc_settle(struct kmc_vm *vm, u32 effect_bp, u64 cpu_ns, struct kmc_notice *out,
		const struct kmc_now *now)
{
	memset(out, 0, sizeof(*out));
	settle_ended_periods(vm, out, now);
	settle_until(vm, cpu_ns, out, now, now);
	vm->effect_bp[KMC_RES_CPU] = effect_bp;
	settle_price(vm, out, now);
}
