// SPDX-License-Identifier: GPL-2.0
/*
 * Act on disk: a grant is a limit, or else a weight.
 *
 * Three files can bring it in force.  io.max of the VM's cgroup holds the grant
 * with every I/O scheduler (iomax.c).  Without a cgroup, the I/O priority of the
 * VMM's threads is the next best (prio.c).  io.weight of the cgroup is scaled by
 * the grant besides.  It counts among cgroups where the operator has switched the
 * kernel's cost model on (io.cost.qos).  That cannot be seen from here, so for
 * the weight alone nothing is charged.
 *
 * If the disk's scheduler ignores priority (scheduler.c), we set none and charge
 * nothing.
 */
#include <linux/slab.h>

#include "base/host.h"
#include "cgroup/file.h"
#include "cgroup/want.h"
#include "core/profile.h"
#include "core/units.h"
#include "disk/act.h"
#include "disk/disk.h"
#include "disk/iomax.h"
#include "disk/prio.h"
#include "disk/scheduler.h"
#include "vm/vm.h"

/* Four of eight levels are to either side of the default. */
#define PRIO_MIN_BP	(KMC_BP / 4)
#define PRIO_MAX_BP	(2 * KMC_BP)

/**
 * struct kvmeter_disk_hold - what holds a thread group's disk use; under kvmeter_lock
 * @prio: its threads' priority; also prio_lock
 * @scheduler: whether that has an effect
 * @max: io.max
 */
struct kvmeter_disk_hold {
	struct kvmeter_prio prio;
	struct kvmeter_scheduler scheduler;
	struct kvmeter_iomax max;
};

/**
 * kvmeter_act_disk_group_init - what holds a thread group
 * @group: the group; nobody knows it yet
 *
 * Context: process, sleeps.
 * Return: 0 or -ENOMEM.
 */
int kvmeter_act_disk_group_init(struct kvmeter_group *group)
{
	struct kvmeter_disk_hold *hold = kzalloc(sizeof(*hold), GFP_KERNEL);

	if (!hold)
		return -ENOMEM;
	kvmeter_prio_setup(&hold->prio, group->leader);
	INIT_LIST_HEAD(&hold->scheduler.node);
	group->disk_hold = hold;
	return 0;
}

/**
 * kvmeter_act_disk_group_begin - a thread group may be held
 * @group: the group; its meter has begun
 *
 * Context: kvmeter_lock.
 */
void kvmeter_act_disk_group_begin(struct kvmeter_group *group)
{
	kvmeter_scheduler_add(&group->disk_hold->scheduler);
}

/**
 * kvmeter_act_disk_group_gone - let go of a thread group
 * @group: the group, without a VM
 *
 * Context: kvmeter_lock, or after kvmeter_act_disk_exit().
 */
void kvmeter_act_disk_group_gone(struct kvmeter_group *group)
{
	kvmeter_prio_revert(&group->disk_hold->prio);
	kvmeter_scheduler_del(&group->disk_hold->scheduler);
	kfree(group->disk_hold);
	group->disk_hold = NULL;
}

/* The grant that is in force by priority; *@why: why it is another. */
static u32 prio_apply(struct kvmeter_group *group, u32 grant_bp, const char **why)
{
	struct kvmeter_disk_hold *hold = group->disk_hold;

	*why = kvmeter_scheduler_why(&hold->scheduler, group);
	if (*why || grant_bp == KMC_BP) {
		if (kvmeter_prio_held(&hold->prio))
			kvmeter_prio_revert(&hold->prio);
		return KMC_BP;
	}
	if (!kvmeter_prio_hold(&hold->prio, grant_bp)) {
		*why = "someone else changed the I/O priority of a thread of the VMM";
		return KMC_BP;
	}
	return clamp(grant_bp, PRIO_MIN_BP, PRIO_MAX_BP);
}

/* The row: kvmeter_lock.  See struct kvmeter_actuator. */

u32 kvmeter_act_disk_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns)
{
	const char **why = &vm->unenforceable[KMC_RES_DISK];
	u64 cap = kmc_policy_flow_bytes_s(&vm->core.policy[KMC_RES_DISK], grant_bp);
	const char *max_text, *prio_text;
	u32 prio_bp;

	lockdep_assert_held(&kvmeter_lock);
	*why = NULL;
	if (!kvmeter_vm_owns_group(vm)) {
		*why = "disk use of its VMM is that of another VM";
		return KMC_BP;
	}
	if (cap == U64_MAX) {
		kvmeter_act_disk_revert(vm);
		return KMC_BP;
	}
	kvmeter_cgroup_scale(vm, KVMETER_CG_IO_WEIGHT, grant_bp);
	prio_bp = prio_apply(vm->group, grant_bp, &prio_text);
	/* a limit holds the grant; a priority is the next best */
	if (kvmeter_iomax_apply(&vm->group->disk_hold->max, vm, cap, &max_text))
		return grant_bp;
	*why = prio_text && vm->cgroup ? max_text : prio_text;
	return prio_bp;
}

void kvmeter_act_disk_revert(struct kvmeter_vm *vm)
{
	lockdep_assert_held(&kvmeter_lock);
	if (!kvmeter_vm_owns_group(vm))
		return;
	kvmeter_prio_revert(&vm->group->disk_hold->prio);
	kvmeter_cgroup_unset(vm, KVMETER_CG_IO_WEIGHT);
	kvmeter_iomax_revert(&vm->group->disk_hold->max, vm);
}

/* How much more a held VM wants is not known: it is taken to want a quarter more. */
bool kvmeter_act_disk_holds(const struct kvmeter_vm *vm, struct kmc_sample *s)
{
	if (!kvmeter_iomax_holds(&vm->group->disk_hold->max, s->usage))
		return false;
	s->demand += s->usage / 4;
	return true;
}

/** kvmeter_act_disk_init - at load, before the first grant */
void kvmeter_act_disk_init(void)
{
	kvmeter_prio_init();
}

/**
 * kvmeter_act_disk_exit - no work of ours runs any more
 *
 * Context: nothing applies any more.  Sleeps.  Groups are reverted as they go.
 */
void kvmeter_act_disk_exit(void)
{
	kvmeter_prio_exit();
	kvmeter_scheduler_exit();
}
