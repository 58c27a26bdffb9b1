/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_SYSFS_VM_H
#define KVMETER_SYSFS_VM_H

#include <linux/kobject.h>

#include "api/sysfs_polled.h"
#include "api/sysfs_shown.h"
#include "compat/compat.h"

struct kvmeter_vm;

/**
 * struct kvmeter_sysfs - a VM's directory
 * @kobj: vms/<id>
 * @vm: the VM; referenced
 * @shown: what its files show
 * @polled: those that can be polled; set before the VM has appeared
 */
struct kvmeter_sysfs {
	struct kobject kobj;
	struct kvmeter_vm *vm;
	struct kvmeter_shown shown;
	struct kvmeter_polled polled;
};

extern const struct kobj_type kvmeter_sysfs_vm_type;

#endif /* KVMETER_SYSFS_VM_H */
