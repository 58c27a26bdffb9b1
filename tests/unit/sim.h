/* SPDX-License-Identifier: GPL-2.0 */
/* A VM on a machine that enforces every verdict: effect = verdict. */
#ifndef UNIT_SIM_H
#define UNIT_SIM_H

#include "unit.h"
#include "cpu_only.h"

#define SIM_PERIOD_NS	(100 * KMC_NS_PER_MS)
#define SIM_RING	8

struct sim {
	struct kmc_vm vm;
	struct kmc_record ring[SIM_RING];
	struct kmc_now now;
	struct kmc_plan plan;
	struct kmc_notice notice;
	u32 cap_bp;
};

/* Settings that the tests begin with */
void sim_default(struct kmc_policy *p, struct kmc_tariff *t, struct kmc_budget_conf *b);
/* A VM that sells CPU alone */
void sim_init(struct sim *s, const struct kmc_policy *p, const struct kmc_tariff *t,
	      const struct kmc_budget_conf *b);
void sim_pass(struct sim *s, u64 ns);
/* One period in which the guest wants @demand bp of its one vCPU's time */
void sim_period(struct sim *s, u32 demand, bool contended);
/* @periods of them, each with a demand of 1 500 to 3 000 bp */
void sim_learn(struct sim *s, u64 *seed, int periods);

#endif /* UNIT_SIM_H */
