/* SPDX-License-Identifier: GPL-2.0 */
/* What the control files of a VM's cgroup should hold. */
#ifndef KVMETER_CGROUP_WANT_H
#define KVMETER_CGROUP_WANT_H

#include "cgroup/file.h"

struct kvmeter_vm;

int kvmeter_cgroup_set(struct kvmeter_vm *vm, enum kvmeter_cg_knob knob, const char *text);
int kvmeter_cgroup_scale(struct kvmeter_vm *vm, enum kvmeter_cg_knob knob, u32 scale_bp);
void kvmeter_cgroup_unset(struct kvmeter_vm *vm, enum kvmeter_cg_knob knob);
const char *kvmeter_cgroup_why(const struct kvmeter_vm *vm, enum kvmeter_cg_knob knob);
bool kvmeter_cgroup_in_force(const struct kvmeter_vm *vm, enum kvmeter_cg_knob knob);

#endif /* KVMETER_CGROUP_WANT_H */
