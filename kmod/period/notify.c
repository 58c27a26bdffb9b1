// SPDX-License-Identifier: GPL-2.0
/*
 * Notify: one event to all who listen: netlink groups, sysfs pollers, files of
 * /dev/kvmeter.  Trace events are written where the thing happens.
 *
 * All run under kvmeter_lock, so the sequence numbers of notices and of log
 * entries have the same order.  The period is the rate limit: per VM and
 * kind at most one notice per visit.
 */
#include <uapi/linux/kvmeter.h>

#include "kvmeter.h"

static void notify_file(struct kvmeter_vm *vm, const char *dir, const char *file)
{
	/* not yet or no more in sysfs: nobody can have it open */
	if (vm->in_sysfs && !vm->dead)
		sysfs_notify(&vm->kobj, dir, file);
}

void kvmeter_notify_vm(struct kvmeter_vm *vm, bool born)
{
	kvmeter_netlink_notify_vm(vm, born);
	/* not over: its threads ended, its descriptors are open */
	if (!born && !vm->over)
		kvmeter_notify_over(vm);
}

/* Nobody can enter the VM any more: the end for its own side. */
void kvmeter_notify_over(struct kvmeter_vm *vm)
{
	kvmeter_page_update(vm);
	kvmeter_tenants_notify(vm, KVMETER_EVENT_GONE);
}

void kvmeter_notify_adjust(struct kvmeter_vm *vm, const struct kvmeter_adjustment *a)
{
	static const char * const dir[KMC_NR_ACT] = {
		[KMC_RES_CPU] = "cpu",
		[KMC_RES_MEMORY] = "memory",
		[KMC_RES_NETWORK] = "network",
		[KMC_RES_DISK] = "disk",
	};

	if (!a->would) {
		notify_file(vm, dir[a->resource], "grant_bp");
		notify_file(vm, NULL, "state");
		kvmeter_tenants_notify(vm, KVMETER_EVENT_ADJUSTMENT);
	}
	kvmeter_netlink_notify_adjust(vm, a);
}

void kvmeter_notify_price(struct kvmeter_vm *vm, const struct kvmeter_price_change *c)
{
	notify_file(vm, NULL, "price_ncr_h");
	kvmeter_tenants_notify(vm, KVMETER_EVENT_PRICE);
	kvmeter_netlink_notify_price(vm, c);
}

void kvmeter_notify_budget(struct kvmeter_vm *vm, u32 events)
{
	notify_file(vm, NULL, "state");
	kvmeter_tenants_notify(vm, KVMETER_EVENT_BUDGET);
	kvmeter_netlink_notify_budget(vm, events);
}

void kvmeter_notify_alert(struct kvmeter_vm *vm, u32 resources)
{
	kvmeter_netlink_notify_alert(vm, resources);
}
