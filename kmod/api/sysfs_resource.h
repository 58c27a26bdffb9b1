/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_SYSFS_RESOURCE_H
#define KVMETER_SYSFS_RESOURCE_H

#include <linux/sysfs.h>

/* a directory of a VM for each resource */
extern const struct attribute_group kvmeter_sysfs_cpu;
extern const struct attribute_group kvmeter_sysfs_memory;
extern const struct attribute_group kvmeter_sysfs_network;
extern const struct attribute_group kvmeter_sysfs_disk;
extern const struct attribute_group kvmeter_sysfs_exits;

#endif /* KVMETER_SYSFS_RESOURCE_H */
