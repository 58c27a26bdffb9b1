/* SPDX-License-Identifier: GPL-2.0 */
/* The core as tests see it that look at CPU alone: nothing else is sold. */
#ifndef CPU_ONLY_H
#define CPU_ONLY_H

#include "../../kmod/core/pipeline.h"

static inline void cpu_policies(struct kmc_policy all[KMC_NR_ACT], const struct kmc_policy *cpu)
{
	int r;

	for (r = 0; r < KMC_NR_ACT; r++) {
		all[r] = *cpu;
		all[r].nominal_bp = KMC_BP;
	}
	all[KMC_RES_CPU] = *cpu;
}

static inline void cpu_vm_init(struct kmc_vm *vm, const struct kmc_policy *cpu,
			       const struct kmc_tariff *t, const struct kmc_budget_conf *b,
			       u64 period_ns, struct kmc_record *ring, u32 ring_size,
			       const struct kmc_now *now)
{
	struct kmc_policy all[KMC_NR_ACT];

	cpu_policies(all, cpu);
	kmc_vm_init(vm, all, t, b, period_ns, ring, ring_size, now);
}

static inline void cpu_settle(struct kmc_vm *vm, u32 cpu_bp, u64 cpu_ns, struct kmc_notice *out,
			      const struct kmc_now *now)
{
	const u32 effect_bp[KMC_NR_ACT] = { cpu_bp, KMC_BP, KMC_BP, KMC_BP };
	const struct kmc_used used = { .of[KMC_RES_CPU] = cpu_ns };

	kmc_settle(vm, effect_bp, &used, out, now);
}

static inline struct kmc_charge cpu_accrue(struct kmc_price *p, const struct kmc_tariff *t,
					   u64 cpu_ns, const struct kmc_now *now)
{
	const struct kmc_used used = { .of[KMC_RES_CPU] = cpu_ns };

	return kmc_price_accrue(p, t, &used, now);
}

static inline u32 cpu_budget_limit(const struct kmc_budget *b, const struct kmc_budget_conf *conf,
				   const struct kmc_policy *cpu, const struct kmc_tariff *t,
				   u32 nr_vcpus, const struct kmc_now *now,
				   enum kmc_reason *reason)
{
	const struct kmc_budget_size size = { .nr_vcpus = nr_vcpus };
	struct kmc_policy all[KMC_NR_ACT];
	u32 limit_bp[KMC_NR_ACT];

	cpu_policies(all, cpu);
	*reason = kmc_budget_limit(b, conf, all, t, &size, now, limit_bp);
	return limit_bp[KMC_RES_CPU];
}

#endif /* CPU_ONLY_H */
