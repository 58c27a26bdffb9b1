// SPDX-License-Identifier: GPL-2.0
/*
 * Wants: what the control files of a VM's cgroup should hold.
 *
 * The actuators' side.  A VM without a cgroup is no error for them: then nothing
 * is set, and kvmeter_cgroup_why() says so.
 */
#include "base/host.h"
#include "base/lease.h"
#include "cgroup/cgroup.h"
#include "cgroup/file.h"
#include "cgroup/line.h"
#include "cgroup/want.h"
#include "core/units.h"
#include "vm/vm.h"

/**
 * kvmeter_cgroup_set - what a control file of a VM's cgroup should hold
 * @vm: the VM
 * @knob: the file
 * @text: its value, as the kernel shows it: numbers page-rounded; for io.weight
 *        "default 200", for io.max "8:0 rbps=1048576 wbps=max"
 *
 * Each call renews the lease, so it is made each period.  Only a change is written.
 *
 * Context: kvmeter_lock.  Does not wait: kvmeter_cgroup_in_force() tells.
 * Return: 0; -ENODEV: the VM has no cgroup; -EINVAL: no such value.
 */
int kvmeter_cgroup_set(struct kvmeter_vm *vm, enum kvmeter_cg_knob knob, const char *text)
{
	lockdep_assert_held(&kvmeter_lock);
	if (!vm->cgroup)
		return -ENODEV;
	if (!*text || strlen(text) >= KVMETER_CG_TEXT)
		return -EINVAL;
	kvmeter_lease_renew(&vm->cgroup->lease);
	kvmeter_cg_want(vm->cgroup, knob, text, 0);
	return 0;
}

/**
 * kvmeter_cgroup_scale - let a control file hold a share of what it held before us
 * @vm: the VM
 * @knob: a weight (of 10 000 at most), or cpu.max.burst: what @scale_bp exceeds
 *        10 000 by, of cpu.max
 * @scale_bp: the share; 10 000: as it was before us
 *
 * Each call renews the lease, so it is made each period.
 *
 * Context: kvmeter_lock.  Does not wait.
 * Return: 0; -ENODEV: the VM has no cgroup; -EINVAL: the file knows no share.
 */
int kvmeter_cgroup_scale(struct kvmeter_vm *vm, enum kvmeter_cg_knob knob, u32 scale_bp)
{
	lockdep_assert_held(&kvmeter_lock);
	if (!vm->cgroup)
		return -ENODEV;
	if (!scale_bp || (knob != KVMETER_CG_CPU_WEIGHT && knob != KVMETER_CG_IO_WEIGHT &&
			  knob != KVMETER_CG_CPU_BURST))
		return -EINVAL;
	if (scale_bp == KMC_BP) {
		kvmeter_cgroup_unset(vm, knob);
		return 0;
	}
	kvmeter_lease_renew(&vm->cgroup->lease);
	kvmeter_cg_want(vm->cgroup, knob, NULL, scale_bp);
	return 0;
}

/**
 * kvmeter_cgroup_unset - a control file should hold what it did before us
 * @vm: the VM, with a cgroup or without
 * @knob: the file
 *
 * Context: kvmeter_lock.  Does not wait.
 */
void kvmeter_cgroup_unset(struct kvmeter_vm *vm, enum kvmeter_cg_knob knob)
{
	lockdep_assert_held(&kvmeter_lock);
	if (vm->cgroup)
		kvmeter_cg_want(vm->cgroup, knob, NULL, 0);
}

/**
 * kvmeter_cgroup_why - why a control file cannot be used
 * @vm: the VM, with a cgroup or without
 * @knob: the file
 *
 * Context: kvmeter_lock.
 * Return: a static text, as far as known; NULL: it can be used.
 */
const char *kvmeter_cgroup_why(const struct kvmeter_vm *vm, enum kvmeter_cg_knob knob)
{
	lockdep_assert_held(&kvmeter_lock);
	if (!vm->cgroup)
		return vm->cgroup_why ?: "no cgroup was handed over";
	return kvmeter_cg_state(vm->cgroup, knob).why;
}

/**
 * kvmeter_cgroup_in_force - does a control file hold what it should, as last read?
 * @vm: the VM, with a cgroup or without
 * @knob: the file
 *
 * Context: kvmeter_lock.
 */
bool kvmeter_cgroup_in_force(const struct kvmeter_vm *vm, enum kvmeter_cg_knob knob)
{
	struct kvmeter_cg_state state;

	lockdep_assert_held(&kvmeter_lock);
	if (!vm->cgroup)
		return false;
	state = kvmeter_cg_state(vm->cgroup, knob);
	return state.held && !state.conflict && state.settled;
}
