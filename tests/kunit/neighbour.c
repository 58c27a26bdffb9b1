// SPDX-License-Identifier: GPL-2.0
/*
 * What births and deaths call, played: it counts or does nothing.
 */
#include <linux/ktime.h>
#include <linux/kvm_host.h>
#include <linux/timekeeping.h>

#include "../../kmod/base/host.h"
#include "../../kmod/base/wake.h"
#include "../../kmod/cgroup/cgroup.h"
#include "../../kmod/cpu/boost.h"
#include "../../kmod/cpu/cpu.h"
#include "../../kmod/cpu/leave.c"
#include "../../kmod/cpu/limit.h"
#include "../../kmod/cpu/throttle.h"
#include "../../kmod/cpu/times.h"
#include "../../kmod/disk/act.h"
#include "../../kmod/disk/disk.h"
#include "../../kmod/net/net.h"
#include "../../kmod/period/hint.h"
#include "../../kmod/period/notify.h"
#include "../../kmod/period/visit.h"
#include "../../kmod/vm/vm.h"
#include "neighbour.h"

DEFINE_RT_MUTEX(kvmeter_lock);	/* as in base/host.c */
struct kvmeter_conf kvmeter_conf;

unsigned int neighbour_nr_born, neighbour_nr_gone;

struct kmc_now kvmeter_now(void)
{
	return (struct kmc_now) { .at_ns = ktime_get_ns(), .real_ns = ktime_get_real_ns() };
}

void kvmeter_vm_begin(struct kvmeter_vm *vm, const struct kmc_now *now)
{
}

void kvmeter_vm_refresh(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	if (!vm->over && !vm->dead)
		kvmeter_cpu_read(vm, now->at_ns);
}

void kvmeter_vm_finish(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	vm->cpu->times = vm->cpu->gone;
}

void kvmeter_notify_born(struct kvmeter_vm *vm)
{
	neighbour_nr_born++;
}

void kvmeter_notify_gone(struct kvmeter_vm *vm)
{
	neighbour_nr_gone++;
}

void kvmeter_notify_over(struct kvmeter_vm *vm)
{
}

int kvmeter_notify_appear(struct kvmeter_vm *vm)
{
	return 0;
}

void kvmeter_notify_vanish(struct kvmeter_vm *vm)
{
}

void kvmeter_notify_free(struct kvmeter_vm *vm)
{
}

void kvmeter_hints_slot(struct kvmeter_slot *slot)
{
}

void kvmeter_hints_fold(struct kvmeter_slot *slot)
{
}

void kvmeter_act_cpu_init(struct kvmeter_vm *vm)
{
}

u32 kvmeter_limit_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns)
{
	return grant_bp;
}

void kvmeter_throttle_init_slot(struct kvmeter_slot *slot)
{
}

void kvmeter_throttle_drop(struct kvmeter_slot *slot)
{
}

void kvmeter_throttle_drain(struct kvmeter_slot *slot)
{
}

void kvmeter_boost_init_slot(struct kvmeter_slot *slot)
{
}

void kvmeter_boost_revert(struct kvmeter_slot *slot)
{
}

void kvmeter_cgroup_detach(struct kvmeter_vm *vm, const char *why)
{
}

int kvmeter_disk_group_init(struct kvmeter_group *group)
{
	return 0;
}

int kvmeter_act_disk_group_init(struct kvmeter_group *group)
{
	return 0;
}

void kvmeter_act_disk_group_gone(struct kvmeter_group *group)
{
}

void kvmeter_disk_group_begin(struct kvmeter_group *group)
{
}

void kvmeter_act_disk_group_begin(struct kvmeter_group *group)
{
}

void kvmeter_disk_group_gone(struct kvmeter_group *group)
{
}

void kvmeter_net_vm_init(struct kvmeter_vm *vm)
{
}

void kvmeter_net_vm_gone(struct kvmeter_vm *vm)
{
}

void kvmeter_net_vm_free(struct kvmeter_vm *vm)
{
}

bool kvmeter_wake_alive(void)
{
	return true;
}
