/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Budget: a cap on charges per budget period that holds.
 *
 * A VM has two.  The operator's is a credit limit: what is beyond its cap is not booked.
 * The VM's own side has one of its own, which only tightens.  What the two allow is the
 * less of both, and what is beyond the own cap is booked all the same.  Else a cap of 0
 * would be a free VM: 4 vCPUs at a floor of 20 %, for an hour, were 600 022 222 ncr.
 *
 * The operator's.  What is booked is clipped at the cap: a tenant never pays more.  What the
 * VM consumed beyond it is waived, and bounded: near the cap the limiter
 * deals out CPU in slices, each worth no more than the money left
 * (kmc_budget_runway_ns()).  So after the money is gone at most one slice per
 * vCPU, and the time price of one period, can be consumed.  At the cap the VM
 * falls to its floor (free of charge until the budget period ends) or is paused.
 *
 * Worked: cap 5e9 ncr, price 3.6e12 ncr/h (1e9 ncr/s), one vCPU, no usage
 * rate: 5 s.  A slice of 2 ms is worth 2e6 ncr, 0.04 % of the cap.
 *
 * Pacing: allowed rate = left / time left.  One grant for all resources is
 * lowered until the most that the VM can spend at it fits the rate; no
 * resource's grant goes below its floor.
 *
 * The other resources' metered use is limited to a rate by their grants and
 * checked each period: beyond the cap a VM gets at most one period of it free.  Then
 * network and disk that have a rate and no allotment are held to a trickle.  Memory
 * without an allotment cannot be taken away: it is free until the budget period ends.
 *
 * Worked: 0.05 credits a GiB, 1 Gbit/s, without an allotment.  A trickle of 128 KiB/s is
 * 10.5 GiB a day each way, 1.05 credits in all; the device is worth 1006.
 */
#ifndef KMC_BUDGET_H
#define KMC_BUDGET_H

#include "price.h"

#define KMC_NR_WARNINGS	3	/* 50, 80 and 95 % of the cap */

/**
 * struct kmc_budget - state of the present budget period
 * @started_at_ns: when it began
 * @spent_ncr: booked in it
 * @warned: how many warnings were given
 * @capped: the cap is reached
 */
struct kmc_budget {
	u64 started_at_ns;
	u64 spent_ncr;
	u32 warned;
	bool capped;
};

/**
 * struct kmc_budget_size - how much a VM can use
 * @nr_vcpus: of the VM
 * @usage: per resource, in the last period, in its sample unit; a resource that is
 *         not sold is taken to go on like this
 */
struct kmc_budget_size {
	u32 nr_vcpus;
	u64 usage[KMC_NR_ACT];
};

/**
 * enum kmc_budget_event - bits returned by kmc_budget_charge()
 * @KMC_BUDGET_WARN: spending passed 50, 80 or 95 % of the cap
 * @KMC_BUDGET_CAPPED: spending reached the cap
 * @KMC_BUDGET_RENEWED: a budget period ended, another one began
 */
enum kmc_budget_event {
	KMC_BUDGET_WARN = 1 << 0,
	KMC_BUDGET_CAPPED = 1 << 1,
	KMC_BUDGET_RENEWED = 1 << 2,
};

/**
 * kmc_budget_init - a budget of which nothing is spent
 * @b: set
 * @now: the first budget period begins
 */
void kmc_budget_init(struct kmc_budget *b, const struct kmc_now *now);

/**
 * kmc_budget_renews_at - when the present budget period ends
 * @b: state
 * @conf: the cap
 *
 * Return: instant of CLOCK_MONOTONIC, ns; U64_MAX: never.
 */
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

/**
 * kmc_budget_note - count in a VM's own budget what was booked
 * @b: state; a budget period that has ended is renewed first
 * @conf: the cap
 * @booked_ncr: charges, whether within the cap or not
 * @now: clock
 *
 * What spans the end of a period counts wholly in the new one.
 *
 * Return: bits of enum kmc_budget_event.
 */
u32 kmc_budget_note(struct kmc_budget *b, const struct kmc_budget_conf *conf, u64 booked_ncr,
		    const struct kmc_now *now);

/**
 * kmc_budget_left_ncr - what may still be booked
 * @b: state
 * @conf: the cap
 *
 * Return: nano-credits; KMC_BUDGET_NONE: no cap.
 */
u64 kmc_budget_left_ncr(const struct kmc_budget *b, const struct kmc_budget_conf *conf);

/**
 * kmc_budget_runway_ns - vCPU time that the money left pays for at worst
 * @b: state
 * @conf: the cap
 * @t: tariff
 * @p: price
 *
 * left / (announced price + cpu rate): one vCPU running alone bears the whole
 * time price, so this is the safe side for any number of vCPUs.
 *
 * Return: ns; U64_MAX: no cap or nothing to pay.
 */
u64 kmc_budget_runway_ns(const struct kmc_budget *b, const struct kmc_budget_conf *conf,
			 const struct kmc_tariff *t, const struct kmc_price *p);

/**
 * kmc_budget_limit - the grants that the budget allows
 * @b: state
 * @conf: cap, action, pacing
 * @policy: floors and nominal allotments, per resource
 * @t: tariff
 * @size: of the VM
 * @now: clock
 * @limit_bp: set to the grant ceiling of each resource; 0 of CPU: to pause;
 *            KMC_GRANT_MIN_BP of one without an allotment: a trickle; U32_MAX: the
 *            budget allows all
 *
 * Return: KMC_REASON_BUDGET_PACE or KMC_REASON_BUDGET_CAP when it limits, else
 * KMC_REASON_NONE.
 */
enum kmc_reason kmc_budget_limit(const struct kmc_budget *b, const struct kmc_budget_conf *conf,
				 const struct kmc_policy policy[KMC_NR_ACT],
				 const struct kmc_tariff *t, const struct kmc_budget_size *size,
				 const struct kmc_now *now, u32 limit_bp[KMC_NR_ACT]);

#endif /* KMC_BUDGET_H */
