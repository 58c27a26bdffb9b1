/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_SYSFS_VM_H
#define KVMETER_SYSFS_VM_H

#include <linux/kobject.h>

struct kvmeter_vm;

/**
 * struct kvmeter_sysfs - a VM's directory
 * @kobj: vms/<id>
 * @vm: the VM; referenced
 */
struct kvmeter_sysfs {
	struct kobject kobj;
	struct kvmeter_vm *vm;
};

extern const struct kobj_type kvmeter_sysfs_vm_type;

#endif /* KVMETER_SYSFS_VM_H */
