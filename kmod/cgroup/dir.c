// SPDX-License-Identifier: GPL-2.0
/*
 * The directory of a cgroup.
 *
 * The file behind the descriptor that was handed over is kept, so control files
 * are found below it whatever becomes of the path.  A cgroup that is removed
 * stays removed, also when one of the same name comes.
 *
 * Control files are opened anew for each access.  So a controller that is
 * switched off and on again, which ends every open file for good, costs one
 * failed access.  A file that is mounted over a control file is not taken for it.
 */
#include <linux/cgroup.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/namei.h>

#include "cgroup/dir.h"

/**
 * kvmeter_cg_dir_open - take the directory behind a descriptor of the caller
 * @dir: zeroed; to be closed whatever is returned
 * @fd: the descriptor, in the caller's files
 * @why: set to what is wrong with it, a static text, when it is refused
 *
 * Return: 0 or -errno.
 */
int kvmeter_cg_dir_open(struct kvmeter_cg_dir *dir, int fd, const char **why)
{
	struct inode *inode;
	int err;

	dir->file = fget(fd);
	if (!dir->file)
		return kvmeter_refuse(why, "not an open descriptor of the caller (O_PATH is none)",
				      -EBADF);
	inode = file_inode(dir->file);
	if (inode->i_sb->s_magic != CGROUP2_SUPER_MAGIC)
		return kvmeter_refuse(why, "not in a cgroup v2 file system", -EINVAL);
	if (!S_ISDIR(inode->i_mode))
		return kvmeter_refuse(why, "a control file: the cgroup's directory is wanted",
				      -ENOTDIR);
	dir->cgrp = cgroup_get_from_fd(fd);
	if (IS_ERR(dir->cgrp)) {
		err = PTR_ERR(dir->cgrp);
		dir->cgrp = NULL;
		return kvmeter_refuse(why, "the cgroup was removed", err);
	}
	/* another thread of the caller may have put another file there */
	if (inode->i_private != dir->cgrp->kn)
		return kvmeter_refuse(why, "the descriptor changed meanwhile", -EBADF);
	return 0;
}

/**
 * kvmeter_cg_dir_close - let go of a directory
 * @dir: the directory, opened or refused
 */
void kvmeter_cg_dir_close(struct kvmeter_cg_dir *dir)
{
	if (dir->cgrp)
		cgroup_put(dir->cgrp);
	if (dir->file)
		fput(dir->file);
}

/**
 * kvmeter_cg_removed - was the cgroup removed?
 * @dir: its directory
 *
 * Once true it stays true.
 */
bool kvmeter_cg_removed(struct kvmeter_cg_dir *dir)
{
	if (!(READ_ONCE(dir->cgrp->self.flags) & CSS_ONLINE))
		WRITE_ONCE(dir->gone, true);
	return READ_ONCE(dir->gone);
}

/*
 * Non-blocking: if something else is mounted there, opening it must not wait.
 * Only opening: from 6.16 on a limit written through a file that does not block
 * reclaims nothing.  A work is the kernel's own task and passes all permissions;
 * the process that handed the directory over had to have them.
 */
static struct file *file_open(const struct kvmeter_cg_dir *dir, const char *name, int flags)
{
	struct file *file;

	file = file_open_root(&dir->file->f_path, name, flags | O_NONBLOCK | O_NOFOLLOW, 0);
	if (IS_ERR(file))
		return file;
	if (file->f_path.mnt != dir->file->f_path.mnt) {
		filp_close(file, NULL);
		return ERR_PTR(-EXDEV);
	}
	spin_lock(&file->f_lock);
	file->f_flags &= ~O_NONBLOCK;
	spin_unlock(&file->f_lock);
	return file;
}

/**
 * kvmeter_cg_read - read a file of a cgroup
 * @dir: the cgroup's directory
 * @name: the file
 * @buf: KVMETER_CG_READ_SIZE bytes; ends with a 0
 *
 * Context: a work, no lock; sleeps.
 * Return: 0 or -errno; -EXDEV: something is mounted over the file.
 */
int kvmeter_cg_read(const struct kvmeter_cg_dir *dir, const char *name, char *buf)
{
	struct file *file = file_open(dir, name, O_RDONLY);
	loff_t pos = 0;
	ssize_t len;

	if (IS_ERR(file))
		return PTR_ERR(file);
	len = kernel_read(file, buf, KVMETER_CG_READ_SIZE - 1, &pos);
	filp_close(file, NULL);
	if (len < 0)
		return len;
	buf[len] = 0;
	return 0;
}

/**
 * kvmeter_cg_write - write a file of a cgroup
 * @dir: the cgroup's directory
 * @name: the file
 * @text: what to write
 *
 * Context: a work, no lock; sleeps, and may reclaim memory.
 * Return: 0 or -errno; -EXDEV: something is mounted over the file.
 */
int kvmeter_cg_write(const struct kvmeter_cg_dir *dir, const char *name, const char *text)
{
	struct file *file = file_open(dir, name, O_WRONLY);
	loff_t pos = 0;
	ssize_t len;

	if (IS_ERR(file))
		return PTR_ERR(file);
	len = kernel_write(file, text, strlen(text), &pos);
	filp_close(file, NULL);
	return len < 0 ? len : 0;
}
