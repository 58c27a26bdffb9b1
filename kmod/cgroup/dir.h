/* SPDX-License-Identifier: GPL-2.0 */
/* The directory of a cgroup: files in it are read and written by name. */
#ifndef KVMETER_CGROUP_DIR_H
#define KVMETER_CGROUP_DIR_H

#include <linux/types.h>

struct cgroup;
struct file;

#define KVMETER_CG_READ_SIZE	4096	/* of any file that is read */

/**
 * struct kvmeter_cg_dir - a directory of cgroup v2, as it was handed over
 * @file: the directory; referenced; fixed
 * @cgrp: the cgroup; referenced; fixed
 * @gone: the cgroup was removed; set once, without a lock
 */
struct kvmeter_cg_dir {
	struct file *file;
	struct cgroup *cgrp;
	bool gone;
};

int kvmeter_cg_dir_open(struct kvmeter_cg_dir *dir, int fd, const char **why);
void kvmeter_cg_dir_close(struct kvmeter_cg_dir *dir);
bool kvmeter_cg_removed(struct kvmeter_cg_dir *dir);
int kvmeter_cg_read(const struct kvmeter_cg_dir *dir, const char *name, char *buf);
int kvmeter_cg_write(const struct kvmeter_cg_dir *dir, const char *name, const char *text);

/* kvmeter_refuse - say in one statement that something is wrong, and what */
static inline int kvmeter_refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

#endif /* KVMETER_CGROUP_DIR_H */
