/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One period of one VM, stages in order.
 *
 *   kmc_plan():   judge, fold, predict, detect, decide   -> kmc_verdict, alerts
 *   (act: the caller applies the verdict and says what it achieved)
 *   kmc_settle(): charge, book, price, warn              -> kmc_notice
 *
 * Only these two know the order of the stages.  The module, the replay tool and
 * the tests call the same two; without a machine to act on, effect = verdict.
 */
#ifndef KMC_PIPELINE_H
#define KMC_PIPELINE_H

#include "budget.h"
#include "detect.h"
#include "ledger.h"

/**
 * struct kmc_vm - core state of one VM
 * @policy: in force, per resource
 * @tariff: in force
 * @budget_conf: the operator's, in force
 * @own_conf: the VM's own budget, in force
 * @period_ns: nominal length of a period
 * @profile: per resource
 * @predict: per resource
 * @detect: per resource
 * @surprise: of the last period, per resource
 * @unusual: surprise of the last period by the time of day and the samples before it,
 *           per resource, from @detect; no decision rests on it
 * @sample: the last period, per resource
 * @alarm: per resource, demand whose surprise reaches the threshold in the next period
 * @decide: per resource
 * @effect_bp: grant that is in force on the machine, per resource
 * @held: a bit for each resource whose grant the VM's own budget holds down
 * @released: a bit for each that it let go, and whose grant is not in force yet
 * @asked: a bit for each resource whose last suggestion was the payer's: its own side's
 *         or its guest's
 * @price: price and charges
 * @budget: state of the operator's
 * @own: state of the VM's own
 * @ledger: records
 */
struct kmc_vm {
	struct kmc_policy policy[KMC_NR_ACT];
	struct kmc_tariff tariff;
	struct kmc_budget_conf budget_conf;
	struct kmc_budget_conf own_conf;
	u64 period_ns;
	struct kmc_profile profile[KMC_NR_RES];
	struct kmc_predict predict[KMC_NR_RES];
	struct kmc_detect detect[KMC_NR_RES];
	struct kmc_surprise surprise[KMC_NR_RES];
	struct kmc_surprise unusual[KMC_NR_RES];
	struct kmc_sample sample[KMC_NR_RES];
	u64 alarm[KMC_NR_RES];
	struct kmc_decide decide[KMC_NR_ACT];
	u32 effect_bp[KMC_NR_ACT];
	u32 held;
	u32 released;
	u32 asked;
	struct kmc_price price;
	struct kmc_budget budget;
	struct kmc_budget own;
	struct kmc_ledger ledger;
};

/**
 * struct kmc_plan_in - what the meter says of the period
 * @sample: per resource, in its sample unit
 * @repeat: how many like periods passed, at least 1 (an idle VM is not visited each period)
 * @nr_vcpus: of the VM
 * @contended: another VM waited for CPU
 * @early: the alarm rang inside the period: judge and decide, but do not learn.
 *         The period's end will learn; both share the period's step
 * @again: a setting changed: decide on what is known of the last period.  Nothing is
 *         judged or learned, and @sample and @contended are not looked at
 */
struct kmc_plan_in {
	struct kmc_sample sample[KMC_NR_RES];
	u32 repeat;
	u32 nr_vcpus;
	bool contended;
	bool early;
	bool again;
};

/**
 * struct kmc_plan - what kmc_plan() decided, and what it looked at
 * @obs: the observation, per resource, for the log
 * @verdict: what to do, per resource
 * @alert_mbit: score of an alert, per resource; 0: none
 */
struct kmc_plan {
	struct kmc_observation obs[KMC_NR_ACT];
	struct kmc_verdict verdict[KMC_NR_ACT];
	u32 alert_mbit[KMC_NR_RES];
};

/**
 * struct kmc_notice - what is worth telling after a period
 * @price_changed: a new price was announced
 * @old_ncr_h: announced price before
 * @new_ncr_h: announced price now
 * @effective_at_ns: when the price is in force
 * @budget_events: bits of enum kmc_budget_event: of the operator's budget
 * @own_events: of the VM's own
 * @charge: booked in this settlement
 */
struct kmc_notice {
	bool price_changed;
	u64 old_ncr_h;
	u64 new_ncr_h;
	u64 effective_at_ns;
	u32 budget_events;
	u32 own_events;
	struct kmc_charge charge;
};

/**
 * kmc_vm_init - a new VM with these settings
 * @vm: set
 * @policy: per resource
 * @tariff: rates
 * @budget: cap
 * @period_ns: nominal length of a period
 * @ring: storage for records, owned by the caller
 * @ring_size: length of @ring, at least 4
 * @now: clock
 */
void kmc_vm_init(struct kmc_vm *vm, const struct kmc_policy policy[KMC_NR_ACT],
		 const struct kmc_tariff *tariff, const struct kmc_budget_conf *budget,
		 u64 period_ns, struct kmc_record *ring, u32 ring_size,
		 const struct kmc_now *now);

/**
 * kmc_vm_set_policy - replace a resource's policy
 * @vm: VM.  The next plan brings the grant within the new bounds, with the reason
 *      KMC_REASON_POLICY
 * @r: resource
 * @policy: checked by the caller
 */
void kmc_vm_set_policy(struct kmc_vm *vm, enum kmc_resource r, const struct kmc_policy *policy);

/**
 * kmc_vm_set_period - the length of a period changed
 * @vm: VM; half-lives, predictors and detectors follow
 * @period_ns: nominal length of a period
 */
void kmc_vm_set_period(struct kmc_vm *vm, u64 period_ns);

/**
 * kmc_periods_per_day - how many periods make a day
 * @period_ns: length of a period
 *
 * Return: rounded down.
 */
u32 kmc_periods_per_day(u64 period_ns);

/**
 * kmc_vm_profile_half_life - half-life of a resource's profile, by its policy
 * @vm: VM
 * @r: resource; exits go by CPU's policy
 *
 * Return: periods, 1 to KMC_HIST_HALF_LIFE_MAX.
 */
u32 kmc_vm_profile_half_life(const struct kmc_vm *vm, enum kmc_resource r);

/**
 * kmc_vm_learned - profiles were replaced
 * @vm: VM; half-lives and alarms follow
 */
void kmc_vm_learned(struct kmc_vm *vm);

/**
 * kmc_vm_forget - profiles, predictors and detectors start anew
 * @vm: VM
 * @mask: of these resources (1 << enum kmc_resource)
 */
void kmc_vm_forget(struct kmc_vm *vm, u32 mask);

/**
 * kmc_vm_at_rest - is there nothing to do until the VM uses something?
 * @vm: VM
 *
 * Return: true when grants are at rest, the price is at its target and none is
 * pending.
 */
bool kmc_vm_at_rest(const struct kmc_vm *vm);

/**
 * kmc_plan - judge a period, decide, and learn it
 * @vm: VM
 * @in: what the meter says
 * @out: set
 * @now: clock
 */
void kmc_plan(struct kmc_vm *vm, const struct kmc_plan_in *in, struct kmc_plan *out,
	      const struct kmc_now *now);

/**
 * kmc_settle - charge what fell due and let the price follow
 * @vm: VM
 * @effect_bp: grants that are in force on the machine now
 * @used: metered since the last call
 * @out: set to what is worth telling
 * @now: clock
 *
 * The time before a change of tariff, budget or effect is charged as it was:
 * settle first, then change.  Where a budget period ended since the last call,
 * time is split at its end to the nanosecond; metered use goes to the last
 * budget period.
 */
void kmc_settle(struct kmc_vm *vm, const u32 effect_bp[KMC_NR_ACT], const struct kmc_used *used,
		struct kmc_notice *out, const struct kmc_now *now);

#endif /* KMC_PIPELINE_H */
