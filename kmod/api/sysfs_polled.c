// SPDX-License-Identifier: GPL-2.0
/*
 * Polled: the files of a VM whose pollers are woken.
 *
 * The period wakes them.  To look a file up by its name takes a lock of the whole sysfs.
 * A reader of any directory holds that, be it as slow as it likes.  So each file is
 * looked up once, where a VM's directory is made.
 */
#include <linux/sysfs.h>

#include "api/sysfs_polled.h"

static struct kernfs_node *grant_of(struct kernfs_node *dir, const char *resource)
{
	struct kernfs_node *sub = sysfs_get_dirent(dir, resource), *file;

	if (!sub)
		return NULL;
	file = sysfs_get_dirent(sub, "grant_bp");
	sysfs_put(sub);
	return file;
}

/**
 * kvmeter_polled_find - look up the files
 * @polled: set; what is not found is NULL
 * @dir: the VM's directory, with its files
 *
 * Context: process; sleeps.
 */
void kvmeter_polled_find(struct kvmeter_polled *polled, struct kernfs_node *dir)
{
	static const char * const resource[KMC_NR_ACT] = {
		[KMC_RES_CPU] = "cpu",
		[KMC_RES_MEMORY] = "memory",
		[KMC_RES_NETWORK] = "network",
		[KMC_RES_DISK] = "disk",
	};
	int r;

	polled->state = sysfs_get_dirent(dir, "state");
	polled->price = sysfs_get_dirent(dir, "price_ncr_h");
	for (r = 0; r < KMC_NR_ACT; r++)
		polled->grant[r] = grant_of(dir, resource[r]);
}

/**
 * kvmeter_polled_put - let go of the files
 * @polled: found, or zeroed
 */
void kvmeter_polled_put(struct kvmeter_polled *polled)
{
	int r;

	sysfs_put(polled->state);
	sysfs_put(polled->price);
	for (r = 0; r < KMC_NR_ACT; r++)
		sysfs_put(polled->grant[r]);
}
