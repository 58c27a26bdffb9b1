// SPDX-License-Identifier: GPL-2.0
#include "sim.h"

void sim_init(struct sim *s, const struct kmc_policy *p, const struct kmc_tariff *t,
	      const struct kmc_budget_conf *b)
{
	memset(s, 0, sizeof(*s));
	s->now.at_ns = 77;
	s->now.real_ns = 1000077;
	assert_null(kmc_policy_check(KMC_RES_CPU, p));
	assert_null(kmc_tariff_check(t));
	assert_null(kmc_budget_check(b));
	cpu_vm_init(&s->vm, p, t, b, SIM_PERIOD_NS, s->ring, SIM_RING, &s->now);
	s->cap_bp = kmc_grant_cap_bp(p, KMC_BP);
}

void sim_pass(struct sim *s, u64 ns)
{
	s->now.at_ns += ns;
	s->now.real_ns += ns;
}

void sim_period(struct sim *s, u32 demand, bool contended)
{
	u32 usage = min(demand, s->cap_bp), grant_bp;
	struct kmc_plan_in in = {
		.sample[KMC_RES_CPU] = { usage, demand, usage < demand },
		.repeat = 1,
		.nr_vcpus = 1,
		.contended = contended,
	};

	sim_pass(s, SIM_PERIOD_NS);
	kmc_plan(&s->vm, &in, &s->plan, &s->now);
	grant_bp = s->vm.decide[KMC_RES_CPU].grant_bp;
	cpu_settle(&s->vm, grant_bp, usage * (SIM_PERIOD_NS / KMC_BP), &s->notice, &s->now);
	s->cap_bp = kmc_grant_cap_bp(&s->vm.policy[KMC_RES_CPU], grant_bp);
}

void sim_learn(struct sim *s, u64 *seed, int periods)
{
	for (int i = 0; i < periods; i++)
		sim_period(s, 1500 + unit_below(seed, 1500), true);
}

void sim_default(struct kmc_policy *p, struct kmc_tariff *t, struct kmc_budget_conf *b)
{
	kmc_policy_default(p);
	p->nominal_bp = 4000;
	p->threshold_mbit = 8000;
	kmc_tariff_default(t);
	kmc_budget_default(b);
}
