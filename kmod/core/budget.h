/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Budget: a cap on charges per budget period that holds.
 *
 * What is booked is clipped at the cap: a tenant never pays more.  What the
 * VM consumed beyond it is waived, and bounded: near the cap the limiter
 * deals out CPU in slices of which the money left is worth at least as much
 * (kmc_budget_runway_ns()), so that at most one slice per vCPU, and the time
 * price of one period, can be consumed after the money is gone.  At the cap
 * the VM falls to its floor (free of charge until the budget period ends) or
 * is paused.
 *
 * Worked: cap 5e9 ncr, price 3.6e12 ncr/h (1e9 ncr/s), one vCPU, no usage
 * rate: 5 s.  A slice of 2 ms is worth 2e6 ncr, 0.04 % of the cap.
 *
 * Pacing: allowed rate = left / time left; the grant is lowered until the
 * most that the VM can spend at it fits the rate, never below the floor.
 */
#ifndef KMC_BUDGET_H
#define KMC_BUDGET_H

#include "price.h"

#define KMC_NR_WARNINGS	3	/* 50, 80 and 95 % of the cap */

/**
 * struct kmc_budget - state of the present budget period
 * @started_at_ns: when it began
 * @spent_ncr: booked in it
 * @warned: how many of the warnings were given
 * @capped: the cap is reached
 */
struct kmc_budget {
	u64 started_at_ns;
	u64 spent_ncr;
	u32 warned;
	bool capped;
};

/** enum kmc_budget_event - bits returned by kmc_budget_charge() */
enum kmc_budget_event {
	KMC_BUDGET_WARN = 1 << 0,
	KMC_BUDGET_CAPPED = 1 << 1,
	KMC_BUDGET_RENEWED = 1 << 2,
};

void kmc_budget_init(struct kmc_budget *b, const struct kmc_now *now);
/** kmc_budget_warning_bp - the fraction of the i-th warning */
u32 kmc_budget_warning_bp(u32 i);
/** kmc_budget_renews_at - when the present budget period ends; U64_MAX: never */
u64 kmc_budget_renews_at(const struct kmc_budget *b, const struct kmc_budget_conf *conf);
/**
 * kmc_budget_charge - take what the cap allows of a charge
 * @b: state; a budget period that has ended is renewed first
 * @conf: the cap
 * @due: what fell due
 * @waive: set to what must not be booked
 * @now: clock
 *
 * A charge that spans the end of a period is booked wholly in the new one;
 * kmc_settle() splits at kmc_budget_renews_at(), so that none does.  Time is
 * booked first, then CPU.
 *
 * Return: bits of enum kmc_budget_event.
 */
u32 kmc_budget_charge(struct kmc_budget *b, const struct kmc_budget_conf *conf,
		      const struct kmc_charge *due, struct kmc_charge *waive,
		      const struct kmc_now *now);
/** kmc_budget_left_ncr - what may still be booked; KMC_BUDGET_NONE: no cap */
u64 kmc_budget_left_ncr(const struct kmc_budget *b, const struct kmc_budget_conf *conf);
/**
 * kmc_budget_runway_ns - vCPU time that what is left pays for at worst
 *
 * left / (announced price + cpu rate): one vCPU running alone bears the whole
 * time price, so this is the safe side for any number.  U64_MAX: no cap or
 * nothing to pay.
 */
u64 kmc_budget_runway_ns(const struct kmc_budget *b, const struct kmc_budget_conf *conf,
			 const struct kmc_tariff *t, const struct kmc_price *p);
/**
 * kmc_budget_limit - the grant that the budget allows
 * @b: state
 * @conf: cap, action, pacing
 * @policy: floor and nominal share
 * @t: tariff
 * @nr_vcpus: of the VM
 * @now: clock
 * @reason: set to KMC_REASON_BUDGET_PACE or KMC_REASON_BUDGET_CAP when limited
 *
 * Return: grant ceiling in bp (0: pause), U32_MAX when the budget allows all.
 */
u32 kmc_budget_limit(const struct kmc_budget *b, const struct kmc_budget_conf *conf,
		     const struct kmc_policy *policy, const struct kmc_tariff *t, u32 nr_vcpus,
		     const struct kmc_now *now, enum kmc_reason *reason);

#endif /* KMC_BUDGET_H */
