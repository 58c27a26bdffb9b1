/* SPDX-License-Identifier: GPL-2.0 */
/* A cgroup that was handed over: its directory, its control files, its user. */
#ifndef KVMETER_CGROUP_H
#define KVMETER_CGROUP_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "base/lease.h"
#include "cgroup/dir.h"
#include "cgroup/file.h"

struct kvmeter_vm;

#define KVMETER_CG_PATH		256

/**
 * struct kvmeter_cgroup_user - a resource that works on a cgroup by itself
 * @look: the lease is over: let go soon.  Does not wait
 * @end: let go now, and free.  Sleeps; nothing of the user runs when it returns
 *
 * Both run in works on kvmeter_cg_wq, without kvmeter_lock.
 */
struct kvmeter_cgroup_user {
	void (*look)(struct kvmeter_cgroup_user *user);
	void (*end)(struct kvmeter_cgroup_user *user);
};

/**
 * struct kvmeter_cgroup - a VM's cgroup, from attach until its values are restored
 * @node: in the list of all; cgroups_lock
 * @vm_id: whose; fixed
 * @dir: the directory; fixed
 * @path: from the root of all cgroups; fixed
 * @lease: of all wants
 * @lock: what is wanted of @file and what became of it; leaf
 * @file: the control files; @lock
 * @user: NULL: none yet; set once, under kvmeter_lock
 * @end: restores all and frees
 */
struct kvmeter_cgroup {
	struct list_head node;
	u32 vm_id;
	struct kvmeter_cg_dir dir;
	char path[KVMETER_CG_PATH];
	struct kvmeter_lease lease;
	spinlock_t lock;		/* protects @file; leaf */
	struct kvmeter_cg_file file[KVMETER_NR_CG_KNOBS];
	struct kvmeter_cgroup_user *user;
	struct work_struct end;
};

int kvmeter_cgroup_init(void);
void kvmeter_cgroup_exit(void);
int kvmeter_cgroup_attach(struct kvmeter_vm *vm, int fd, const char **why);
void kvmeter_cgroup_detach(struct kvmeter_vm *vm, const char *why);
int kvmeter_cgroup_settled(u32 vm_id);
void kvmeter_cgroup_check(struct kvmeter_vm *vm);
u64 kvmeter_cgroup_id(const struct kvmeter_vm *vm);
void kvmeter_cgroup_use(struct kvmeter_cgroup *cg, struct kvmeter_cgroup_user *user);

#endif /* KVMETER_CGROUP_H */
