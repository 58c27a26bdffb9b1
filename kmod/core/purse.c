// SPDX-License-Identifier: GPL-2.0
#include "purse.h"

enum kmc_reason kmc_vm_budget_limit(const struct kmc_vm *vm, u32 nr_vcpus,
				    const struct kmc_now *now, u32 limit_bp[KMC_NR_ACT], u32 *own)
{
	struct kmc_budget_size size = { .nr_vcpus = nr_vcpus };
	enum kmc_reason reason, own_reason;
	u32 own_bp[KMC_NR_ACT];
	int r;

	*own = 0;
	for (r = 0; r < KMC_NR_ACT; r++)
		size.usage[r] = vm->sample[r].usage;
	reason = kmc_budget_limit(&vm->budget, &vm->budget_conf, vm->policy, &vm->tariff, &size,
				  now, limit_bp);
	own_reason = kmc_budget_limit(&vm->own, &vm->own_conf, vm->policy, &vm->tariff, &size,
				      now, own_bp);
	if (own_bp[KMC_RES_CPU] < limit_bp[KMC_RES_CPU])
		reason = own_reason;
	for (r = 0; r < KMC_NR_ACT; r++) {
		*own |= own_bp[r] < limit_bp[r] ? 1U << r : 0;
		limit_bp[r] = min(limit_bp[r], own_bp[r]);
	}
	return reason;
}

void kmc_vm_budgets_charge(struct kmc_vm *vm, const struct kmc_charge *due,
			   struct kmc_charge *waive, u32 *events, u32 *own_events,
			   const struct kmc_now *now)
{
	*events |= kmc_budget_charge(&vm->budget, &vm->budget_conf, due, waive, now);
	*own_events |= kmc_budget_note(&vm->own, &vm->own_conf,
				       kmc_sat_sub(kmc_charge_sum(due), kmc_charge_sum(waive)),
				       now);
}

u32 kmc_vm_budgets_mark(struct kmc_vm *vm, u32 *own_events, const struct kmc_now *now)
{
	const struct kmc_charge nothing = {};
	struct kmc_charge waive;
	u32 events = *own_events = 0;

	kmc_vm_budgets_charge(vm, &nothing, &waive, &events, own_events, now);
	return events;
}

/* U64_MAX of one that is used up: then the grant holds the VM */
static u64 runway_ns(const struct kmc_vm *vm, const struct kmc_budget *b,
		     const struct kmc_budget_conf *conf)
{
	return b->capped ? U64_MAX : kmc_budget_runway_ns(b, conf, &vm->tariff, &vm->price);
}

u64 kmc_vm_runway_ns(const struct kmc_vm *vm)
{
	return min(runway_ns(vm, &vm->budget, &vm->budget_conf),
		   runway_ns(vm, &vm->own, &vm->own_conf));
}

static u64 closed_until_ns(const struct kmc_vm *vm, const struct kmc_budget *b,
			   const struct kmc_budget_conf *conf, u64 near_ns)
{
	bool near = runway_ns(vm, b, conf) <= near_ns;

	return b->capped || near ? kmc_budget_renews_at(b, conf) : 0;
}

u64 kmc_vm_closed_until_ns(const struct kmc_vm *vm, u64 near_ns)
{
	return max(closed_until_ns(vm, &vm->budget, &vm->budget_conf, near_ns),
		   closed_until_ns(vm, &vm->own, &vm->own_conf, near_ns));
}

void kmc_vm_own_holds(struct kmc_vm *vm, u32 own)
{
	u32 held = 0;
	int r;

	for (r = 0; r < KMC_NR_ACT; r++)
		if (vm->decide[r].limited_by_budget)
			held |= own & 1U << r;
	vm->released |= vm->held;
	vm->held = held;
}

u32 kmc_vm_own_released(struct kmc_vm *vm)
{
	u32 released = vm->released;
	int r;

	for (r = 0; r < KMC_NR_ACT; r++)
		if (vm->effect_bp[r] == vm->decide[r].grant_bp)
			vm->released &= ~(1U << r);
	return released;
}
