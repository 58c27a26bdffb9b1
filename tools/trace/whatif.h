/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What if: a policy, a tariff and a budget on a recorded trace.
 */
#ifndef KVMETER_WHATIF_H
#define KVMETER_WHATIF_H

#include "detect.h"
#include "pipeline.h"

/**
 * struct whatif_conf - what is tried
 * @tune: of the predictors
 * @detect: of the detector
 * @policy: per resource; what is not the trace's is not used
 * @tariff: rates
 * @budget: cap
 * @nr_vcpus: what a share of CPU is a share of; 0: as the trace says, or 1
 * @contended: another VM waits all the time
 * @resource: what the trace is of
 * @model: the network's weights, NULL: none
 */
struct whatif_conf {
	struct kmc_predict_tune tune;
	struct kmc_detect_params detect;
	struct kmc_policy policy[KMC_NR_ACT];
	struct kmc_tariff tariff;
	struct kmc_budget_conf budget;
	u32 nr_vcpus;
	u32 contended;
	enum kmc_resource resource;
	const struct kmc_model *model;
};

void whatif_default(struct whatif_conf *conf);

#define WHATIF_RING	8

/**
 * struct whatif - a VM that demands what the trace says
 * @conf: what is tried
 * @vm: the core's state
 * @ring: its ledger
 * @now: end of the last period
 * @nr_vcpus: what a share of CPU is a share of
 * @nr_periods: that were stepped through
 * @nr_adjustments: changes of the grant, or such as would have been
 * @nr_below: periods that began with less than nominal
 * @nr_above: with more
 * @demand: sum over the periods, sample unit
 * @withheld: of them
 */
struct whatif {
	const struct whatif_conf *conf;
	struct kmc_vm vm;
	struct kmc_record ring[WHATIF_RING];
	struct kmc_now now;
	u32 nr_vcpus;
	u64 nr_periods;
	u64 nr_adjustments;
	u64 nr_below;
	u64 nr_above;
	u64 demand;
	u64 withheld;
};

/**
 * struct whatif_step - one period
 * @usage: what it had under the grant that the period began with
 * @grant_bp: from now on
 * @would_bp: what the policy wants, also where it only observes
 * @reason: enum kmc_reason; 0: no change
 * @price_ncr_h: from now on
 * @charged_ncr: sum since the begin
 * @waived_ncr: the same, beyond the cap
 */
struct whatif_step {
	u64 usage;
	u32 grant_bp;
	u32 would_bp;
	u32 reason;
	u64 price_ncr_h;
	u64 charged_ncr;
	u64 waived_ncr;
};

/** whatif_init - @nr_vcpus: as the trace says, 0: it does not */
void whatif_init(struct whatif *w, const struct whatif_conf *conf, u64 period_ns, u32 nr_vcpus);
void whatif_step(struct whatif *w, u64 demand, struct whatif_step *step);

#endif /* KVMETER_WHATIF_H */
