/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Purse: the two budgets of a VM, the operator's and its own (budget.h), as one.
 *
 * The VM's side makes its own budget and lifts it.  So a grant that comes back when it
 * does was asked for, and costs from then on.  Else a VM goes down to its floor for the
 * length of the notice, and up again at the floor's price for as long.
 *
 * Worked: notice 300 s, price 1 at nominal and 0.2 at the floor.  310 s at the floor and
 * 300 s at nominal, over and over, were 0.2 all the time.  It is so of a part that it
 * lets go, too.  What a return is above nominal is the policy's doing, and has notice.
 */
#ifndef KMC_PURSE_H
#define KMC_PURSE_H

#include "pipeline.h"

/**
 * kmc_vm_budget_limit - what both budgets allow, by what the VM used in the last period
 * @vm: VM
 * @nr_vcpus: of the VM
 * @now: clock
 * @limit_bp: set to the grant ceiling of each resource: the lower of both
 * @own: set to a bit for each resource of which the VM's own budget allows less
 *
 * Return: the reason of the one that limits CPU more, else KMC_REASON_NONE.
 */
enum kmc_reason kmc_vm_budget_limit(const struct kmc_vm *vm, u32 nr_vcpus,
				    const struct kmc_now *now, u32 limit_bp[KMC_NR_ACT], u32 *own);

/**
 * kmc_vm_budgets_charge - take what the operator's cap allows, and count it in the VM's own
 * @vm: VM; a budget period that has ended is renewed
 * @due: what fell due
 * @waive: set to what must not be booked
 * @events: bits of enum kmc_budget_event are added: of the operator's
 * @own_events: the same of the VM's own
 * @now: clock
 */
void kmc_vm_budgets_charge(struct kmc_vm *vm, const struct kmc_charge *due,
			   struct kmc_charge *waive, u32 *events, u32 *own_events,
			   const struct kmc_now *now);

/**
 * kmc_vm_budgets_mark - where the spending stands, after a budget was changed
 * @vm: VM; a budget period that has ended is renewed
 * @own_events: set to bits of enum kmc_budget_event: of the VM's own
 * @now: clock
 *
 * Return: bits of enum kmc_budget_event: of the operator's.
 */
u32 kmc_vm_budgets_mark(struct kmc_vm *vm, u32 *own_events, const struct kmc_now *now);

/**
 * kmc_vm_runway_ns - vCPU time that the money left of both budgets pays for at worst
 * @vm: VM
 *
 * Return: ns, by those that are not used up; U64_MAX: no cap, or nothing to pay.  One that
 * is used up holds the VM by its grant.
 */
u64 kmc_vm_runway_ns(const struct kmc_vm *vm);

/**
 * kmc_vm_closed_until_ns - when a budget that is used up, or nearly, renews
 * @vm: VM
 * @near_ns: vCPU time that is nearly nothing
 *
 * Return: instant of CLOCK_MONOTONIC, the later one if both are; U64_MAX: never; 0: none is.
 */
u64 kmc_vm_closed_until_ns(const struct kmc_vm *vm, u64 near_ns);

/**
 * kmc_vm_own_binds - has the VM's own budget less left than the operator's?
 * @vm: VM
 */
static inline bool kmc_vm_own_binds(const struct kmc_vm *vm)
{
	return vm->own_conf.cap_ncr != KMC_BUDGET_NONE &&
	       kmc_budget_left_ncr(&vm->own, &vm->own_conf) <=
	       kmc_budget_left_ncr(&vm->budget, &vm->budget_conf);
}

/**
 * kmc_vm_cap_action - what the cap of a budget does to the VM now
 * @vm: VM
 *
 * Return: enum kmc_cap_action; KMC_NR_CAP_ACTIONS: no cap is reached.
 */
static inline enum kmc_cap_action kmc_vm_cap_action(const struct kmc_vm *vm)
{
	if ((vm->budget.capped && vm->budget_conf.action == KMC_CAP_PAUSE) ||
	    (vm->own.capped && vm->own_conf.action == KMC_CAP_PAUSE))
		return KMC_CAP_PAUSE;
	return vm->budget.capped || vm->own.capped ? KMC_CAP_FLOOR : KMC_NR_CAP_ACTIONS;
}

/**
 * kmc_vm_own_holds - grants were decided
 * @vm: VM
 * @own: of kmc_vm_budget_limit()
 */
void kmc_vm_own_holds(struct kmc_vm *vm, u32 own);

/**
 * kmc_vm_own_released - which grants does the VM have back from its own budget?
 * @vm: VM; what is in force is not said again
 *
 * The VM's side lifted that limit, so their price takes force with them.
 *
 * Return: a bit for each resource.
 */
u32 kmc_vm_own_released(struct kmc_vm *vm);

#endif /* KMC_PURSE_H */
