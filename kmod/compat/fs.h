/* SPDX-License-Identifier: GPL-2.0 */
/* Paths, as kernel threads of other kernels see them. */
#ifndef KVMETER_COMPAT_FS_H
#define KVMETER_COMPAT_FS_H

#include <linux/fs.h>
#include <linux/fs_struct.h>

/**
 * kvmeter_open_absolute - open what the first process finds at a path
 * @path: the path, absolute
 * @flags: as of open()
 *
 * Since 7.3 a kernel thread's own root is an empty file system.  Before, it was
 * the first process's.
 *
 * Context: a kernel thread; sleeps.
 * Return: the file, or an error pointer.
 */
static inline struct file *kvmeter_open_absolute(const char *path, int flags)
{
#ifdef scoped_with_init_fs
	scoped_with_init_fs()
		return filp_open(path, flags, 0);
#endif
	return filp_open(path, flags, 0);
}

#endif /* KVMETER_COMPAT_FS_H */
