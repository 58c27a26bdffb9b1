/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_SYSFS_VM_H
#define KVMETER_SYSFS_VM_H

#include <linux/kobject.h>

extern const struct kobj_type kvmeter_sysfs_vm_type;

#endif /* KVMETER_SYSFS_VM_H */
