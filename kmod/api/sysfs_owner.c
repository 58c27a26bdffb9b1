// SPDX-License-Identifier: GPL-2.0
/*
 * Who may read in sysfs.  What a neighbour uses, to the nanosecond, tells what it
 * computes.  So files are root's and one group's, which the module parameter gid
 * names: a module cannot look a group up by its name.
 */
#include <linux/moduleparam.h>

#include "api/sysfs_owner.h"

static unsigned int gid;
module_param(gid, uint, 0444);
MODULE_PARM_DESC(gid, "group that may read sysfs, by number (default 0, root's)");

/**
 * kvmeter_sysfs_owner - whose a directory and its files are
 * @kobj: the directory
 * @uid: root
 * @gid_out: set to the group that may read
 */
void kvmeter_sysfs_owner(KVMETER_KOBJ_CONST struct kobject *kobj, kuid_t *uid, kgid_t *gid_out)
{
	*uid = GLOBAL_ROOT_UID;
	*gid_out = make_kgid(&init_user_ns, gid);
}

/**
 * kvmeter_sysfs_owner_check - is the group that was given one?
 *
 * Return: 0, or -EINVAL, and the kernel's log says why.
 */
int kvmeter_sysfs_owner_check(void)
{
	if (gid_valid(make_kgid(&init_user_ns, gid)))
		return 0;
	pr_err("kvmeter: gid=%u is no group\n", gid);
	return -EINVAL;
}
