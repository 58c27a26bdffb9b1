/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The group that may read in sysfs.
 */
#ifndef KVMETER_SYSFS_OWNER_H
#define KVMETER_SYSFS_OWNER_H

#include <linux/kobject.h>
#include <linux/uidgid.h>

void kvmeter_sysfs_owner(KVMETER_KOBJ_CONST struct kobject *kobj, kuid_t *uid, kgid_t *gid_out);
int kvmeter_sysfs_owner_check(void);

#endif /* KVMETER_SYSFS_OWNER_H */
