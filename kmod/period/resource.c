// SPDX-License-Identifier: GPL-2.0
/*
 * Resources: a row each, with its meter and its actuator.
 *
 * The stages go through this table.  A further resource is a value of enum
 * kmc_resource, a row here, and a folder with its meter and actuator.
 *
 * A meter counts, and an actuator knows whether it holds.  Neither asks the
 * other: this file, above both, marks a sample as censored.
 */
#include "base/host.h"
#include "cgroup/cgroup.h"
#include "core/profile.h"
#include "core/units.h"
#include "cpu/limit.h"
#include "cpu/throttle.h"
#include "cpu/times.h"
#include "disk/act.h"
#include "disk/disk.h"
#include "memory/memory.h"
#include "memory/squeeze.h"
#include "net/net.h"
#include "period/resource.h"
#include "vm/vm.h"

static const struct {
	struct kvmeter_meter meter;
	struct kvmeter_actuator act;
} rows[KMC_NR_RES] = {
	[KMC_RES_CPU] = {
		.meter = {
			.read = kvmeter_cpu_read,
			.used = kvmeter_cpu_used,
			.sample = kvmeter_cpu_sample,
			.turn = kvmeter_cpu_turn,
		},
		.act = {
			.apply = kvmeter_limit_apply,
			.revert = kvmeter_act_cpu_revert,
		},
	},
	[KMC_RES_MEMORY] = {
		.meter = {
			.read = kvmeter_memory_read,
			.used = kvmeter_memory_used,
			.sample = kvmeter_memory_sample,
		},
		.act = {
			.apply = kvmeter_act_memory_apply,
			.revert = kvmeter_act_memory_revert,
			.holds = kvmeter_act_memory_holds,
		},
	},
	[KMC_RES_NETWORK] = {
		.meter = {
			.read = kvmeter_net_read,
			.used = kvmeter_net_used,
			.sample = kvmeter_net_sample,
			.turn = kvmeter_net_turn,
		},
		.act = {
			.apply = kvmeter_act_net_apply,
			.revert = kvmeter_act_net_revert,
		},
	},
	[KMC_RES_DISK] = {
		.meter = {
			.read = kvmeter_disk_read,
			.used = kvmeter_disk_used,
			.sample = kvmeter_disk_sample,
			.turn = kvmeter_disk_turn,
		},
		.act = {
			.apply = kvmeter_act_disk_apply,
			.revert = kvmeter_act_disk_revert,
			.holds = kvmeter_act_disk_holds,
		},
	},
	[KMC_RES_EXITS] = {
		.meter = {
			.sample = kvmeter_exits_sample,
			.turn = kvmeter_exits_turn,
		},
	},
};

/**
 * kvmeter_vm_read - bring all meters of a VM up to now
 * @vm: the VM, with a group
 *
 * A cgroup that is no longer the VM's is detached first.
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vm_read(struct kvmeter_vm *vm)
{
	u64 now_ns = ktime_get_ns();
	int r;

	lockdep_assert_held(&kvmeter_lock);
	kvmeter_cgroup_check(vm);
	for (r = 0; r < KMC_NR_RES; r++)
		if (rows[r].meter.read)
			rows[r].meter.read(vm, now_ns);
}

/**
 * kvmeter_vm_used - what a VM used of a resource since it was first seen
 * @vm: the VM, as last read
 * @r: a resource that is sold: below KMC_NR_ACT
 *
 * Context: kvmeter_lock.
 * Return: an amount of enum kmc_resource.
 */
u64 kvmeter_vm_used(const struct kvmeter_vm *vm, enum kmc_resource r)
{
	return rows[r].meter.used(vm);
}

/**
 * kvmeter_vm_sample - a VM's period in samples
 * @vm: the VM, as last read
 * @s: set to a sample per resource, in the units of enum kmc_resource
 * @span_ns: the period's length so far
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vm_sample(const struct kvmeter_vm *vm, struct kmc_sample s[KMC_NR_RES], u64 span_ns)
{
	int r;

	for (r = 0; r < KMC_NR_RES; r++) {
		rows[r].meter.sample(vm, &s[r], span_ns);
		if (rows[r].act.holds && rows[r].act.holds(vm, &s[r]))
			s[r].censored = true;
	}
}

/**
 * kvmeter_vm_turn - a VM's period is over: the next begins with what is counted now
 * @vm: the VM, as last read
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vm_turn(struct kvmeter_vm *vm)
{
	int r;

	for (r = 0; r < KMC_NR_RES; r++)
		if (rows[r].meter.turn)
			rows[r].meter.turn(vm);
}

/**
 * kvmeter_vm_apply - bring a grant in force, and renew its lease
 * @vm: the VM
 * @r: a resource that is adjusted: below KMC_NR_ACT
 * @grant_bp: the grant, 10 000: nominal
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: kvmeter_lock.
 * Return: the grant that is in force; vm->unenforceable[@r] says why it is
 * another than @grant_bp.
 */
u32 kvmeter_vm_apply(struct kvmeter_vm *vm, enum kmc_resource r, u32 grant_bp, u64 now_ns)
{
	return rows[r].act.apply(vm, grant_bp, now_ns);
}

/**
 * kvmeter_vm_revert - take back whatever is in force for a VM
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vm_revert(struct kvmeter_vm *vm)
{
	int r;

	for (r = 0; r < KMC_NR_ACT; r++)
		rows[r].act.revert(vm);
}
