// SPDX-License-Identifier: GPL-2.0
/*
 * Settings: a request changes some, and they take effect as one.
 *
 * A request is parsed into a copy and checked as a whole; then it is committed
 * here, once, and nothing in a commit fails.  What is used up to then is
 * charged by the old settings.  All new ones are assigned before the first
 * stage sees any of them.  Else a VM might be planned under a new policy and
 * priced by the old tariff.  It would be adjusted, told and charged by settings
 * that nobody chose.
 */
#include "base/host.h"
#include "base/wake.h"
#include "core/budget.h"
#include "core/pipeline.h"
#include "core/price.h"
#include "core/purse.h"
#include "core/units.h"
#include "cpu/vcpu.h"
#include "period/notify.h"
#include "period/settings.h"
#include "period/visit.h"
#include "vm/vm.h"

/**
 * kvmeter_vm_commit - a VM gets new settings
 * @vm: the VM
 * @s: the settings
 *
 * Refreshes, assigns all, and takes the VM through the stages once: at most one
 * adjustment per resource, one price and one budget event are told.
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vm_commit(struct kvmeter_vm *vm, const struct kvmeter_settings *s)
{
	struct kmc_now now = kvmeter_now();
	u32 events = 0, own_events = 0;
	int r;

	kvmeter_vm_refresh(vm, &now);
	if (s->policy) {
		for (r = 0; r < KMC_NR_ACT; r++)
			kmc_vm_set_policy(&vm->core, r, &s->policy[r]);
		kvmeter_vcpus_set_half_life(vm);
	}
	if (s->tariff)
		vm->core.tariff = *s->tariff;
	if (s->budget)
		vm->core.budget_conf = *s->budget;
	if (s->own_budget)
		vm->core.own_conf = *s->own_budget;
	if (vm->over || vm->dead)
		return;
	/* before the plan: a new budget period may have begun, or the cap be reached */
	if (s->budget || s->own_budget)
		events = kmc_vm_budgets_mark(&vm->core, &own_events, &now);
	kvmeter_vm_reconsider(vm, &now);
	if (events)
		kvmeter_notify_budget(vm, events);
	if (own_events)
		kvmeter_notify_own_budget(vm, own_events);
}

static void set_period(u64 period_ns)
{
	struct kvmeter_vm *vm;

	list_for_each_entry(vm, &kvmeter_vms, node) {
		kmc_vm_set_period(&vm->core, period_ns);
		kvmeter_vcpus_set_period(vm);
	}
}

/**
 * kvmeter_host_commit - the host gets new settings
 * @conf: all of them, checked
 *
 * Policy, tariff and budget are those of VMs to come; the rest is in force at
 * once.
 *
 * Context: kvmeter_lock.
 */
void kvmeter_host_commit(const struct kvmeter_conf *conf)
{
	bool period = conf->period_ns != kvmeter_conf.period_ns;

	lockdep_assert_held(&kvmeter_lock);
	kvmeter_conf = *conf;
	if (!period)
		return;
	set_period(conf->period_ns);
	/* the period that goes on may have become too long */
	kvmeter_wake();
}
