// SPDX-License-Identifier: GPL-2.0
/*
 * Cgroups: a directory that was handed over, from attach to detach.
 *
 * The kernel limits memory, I/O and CPU weight by cgroup, and only through
 * control files.  Which directory is a VM's is the operator's to say: a
 * privileged tool opens it and hands the descriptor over.  It is looked up in
 * the caller's own files, and refused unless it is a directory of cgroup v2,
 * not the root, holds the VMM, and overlaps with no other VM's: a limit meant
 * for one VM must not hold another.
 *
 * The descriptor's file is kept, so control files are found below it whatever
 * becomes of the path (cgroup_knob.c).  A cgroup that is removed stays removed,
 * also when one of the same name comes.
 *
 * Giving back takes time: a write may wait for reclaim.  So detach, which runs
 * under kvmeter_lock, only takes the cgroup from its VM; a work then stops the
 * others, restores what was there, and frees.  Until then the cgroup can not be
 * attached again, or our values would be taken for the operator's.
 *
 * Why nothing can still use a cgroup when it is freed: it is reached through
 * vm->cgroup, under kvmeter_lock, which detach has cleared; through its works,
 * which the last one has cancelled; and through the list, which it has left.
 */
#include <linux/cgroup.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "cgroup/cgroup.h"

#define SETTLE_S	5	/* that a detach waits for values to be restored */

struct workqueue_struct *kvmeter_cg_wq;

static LIST_HEAD(cgroups);
static DEFINE_SPINLOCK(cgroups_lock);		/* protects the list; leaf */
static DECLARE_WAIT_QUEUE_HEAD(cgroups_gone);

static void cgroup_destroy(struct kvmeter_cgroup *cg)
{
	if (cg->cgrp)
		cgroup_put(cg->cgrp);
	if (cg->dir)
		fput(cg->dir);
	kfree(cg);
}

static void end_work(struct work_struct *work)
{
	struct kvmeter_cgroup *cg = container_of(work, struct kvmeter_cgroup, end);

	kvmeter_lease_stop(&cg->lease);
	kvmeter_squeeze_end(cg);
	kvmeter_cg_file_end(cg);
	spin_lock(&cgroups_lock);
	list_del(&cg->node);
	spin_unlock(&cgroups_lock);
	wake_up_all(&cgroups_gone);
	cgroup_destroy(cg);
}

/* No period has renewed the lease: every work looks at that itself, now. */
static void cgroup_lapse(struct kvmeter_lease *lease)
{
	struct kvmeter_cgroup *cg = container_of(lease, struct kvmeter_cgroup, lease);

	kvmeter_squeeze_look(cg);
	kvmeter_cg_file_look(cg);
}

/* Is @task's process in @cgrp or below? */
static bool cgroup_holds(struct cgroup *cgrp, struct task_struct *task)
{
	bool holds;

	rcu_read_lock();
	holds = cgroup_is_descendant(task_css_set(task)->dfl_cgrp, cgrp);
	rcu_read_unlock();
	return holds;
}

static const char *check_others(const struct kvmeter_vm *vm, struct cgroup *cgrp)
{
	const struct kvmeter_cgroup *cg;
	const struct kvmeter_vm *other;
	const char *why = NULL;

	list_for_each_entry(other, &kvmeter_vms, node)
		if (other != vm && other->group && !other->over &&
		    cgroup_holds(cgrp, other->group->leader))
			return "the cgroup holds another VM, too";
	spin_lock(&cgroups_lock);
	list_for_each_entry(cg, &cgroups, node)
		if (cg->cgrp == cgrp)
			why = "the cgroup's values are still being restored";
		else if (cgroup_is_descendant(cg->cgrp, cgrp) ||
			 cgroup_is_descendant(cgrp, cg->cgrp))
			why = "the cgroup of another VM is above or below";
	spin_unlock(&cgroups_lock);
	return why;
}

/* Resolve @fd in the caller's files into @cg; *@why says what is wrong with it. */
static int cgroup_resolve(struct kvmeter_cgroup *cg, int fd, const char **why)
{
	struct inode *inode;
	int err;

	cg->dir = fget(fd);
	*why = "not an open descriptor of the caller (O_PATH is none)";
	if (!cg->dir)
		return -EBADF;
	inode = file_inode(cg->dir);
	*why = "not in a cgroup v2 file system";
	if (inode->i_sb->s_magic != CGROUP2_SUPER_MAGIC)
		return -EINVAL;
	*why = "a control file: the cgroup's directory is wanted";
	if (!S_ISDIR(inode->i_mode))
		return -ENOTDIR;
	cg->cgrp = cgroup_get_from_fd(fd);
	if (IS_ERR(cg->cgrp)) {
		err = PTR_ERR(cg->cgrp);
		cg->cgrp = NULL;
		*why = "the cgroup was removed";
		return err;
	}
	/* another thread of the caller may have put another file there */
	*why = "the descriptor changed meanwhile";
	return inode->i_private == cg->cgrp->kn ? 0 : -EBADF;
}

static int cgroup_check(const struct kvmeter_vm *vm, struct kvmeter_cgroup *cg, const char **why)
{
	*why = "the root cgroup can not be limited";
	if (!cgroup_parent(cg->cgrp))
		return -EINVAL;
	*why = "the VMM's process is not in this cgroup";
	if (!cgroup_holds(cg->cgrp, vm->group->leader))
		return -ESRCH;
	*why = check_others(vm, cg->cgrp);
	if (*why)
		return -EBUSY;
	*why = "the path of the cgroup is longer than 255 characters";
	if (cgroup_path(cg->cgrp, cg->path, sizeof(cg->path)) < 0 ||
	    strnlen(cg->path, sizeof(cg->path)) == sizeof(cg->path) - 1)
		return -ENAMETOOLONG;
	return 0;
}

/**
 * kvmeter_cgroup_attach - take a VM's cgroup
 * @vm: the VM
 * @fd: descriptor of the cgroup's directory, in the caller's files
 * @why: set to what is wrong with it, a static text, when it is refused
 *
 * The caller has checked the capability to write control files as root.
 *
 * Context: kvmeter_lock; the process that owns @fd.
 * Return: 0 or -errno; then nothing has changed.
 */
int kvmeter_cgroup_attach(struct kvmeter_vm *vm, int fd, const char **why)
{
	struct kvmeter_cgroup *cg;
	int err;

	lockdep_assert_held(&kvmeter_lock);
	*why = "the VM is gone";
	if (vm->over || vm->dead)
		return -ENOENT;
	*why = "the VM has a cgroup: detach it first";
	if (vm->cgroup)
		return -EEXIST;
	cg = kzalloc(sizeof(*cg), GFP_KERNEL);
	*why = NULL;
	if (!cg)
		return -ENOMEM;
	err = cgroup_resolve(cg, fd, why);
	if (!err)
		err = cgroup_check(vm, cg, why);
	if (err) {
		cgroup_destroy(cg);
		return err;
	}
	*why = NULL;
	cg->vm_id = vm->id;
	spin_lock_init(&cg->lock);
	INIT_WORK(&cg->end, end_work);
	kvmeter_lease_init(&cg->lease, cgroup_lapse);
	kvmeter_cg_file_init(cg);
	kvmeter_squeeze_init(cg);
	spin_lock(&cgroups_lock);
	list_add_tail(&cg->node, &cgroups);
	spin_unlock(&cgroups_lock);
	vm->cgroup = cg;
	vm->cgroup_why = NULL;
	return 0;
}

/**
 * kvmeter_cgroup_detach - let go of a VM's cgroup, and restore its values
 * @vm: the VM, with a cgroup or without
 * @why: what became of it, a static text, for who asks; NULL: it was wanted
 *
 * Context: kvmeter_lock.  Does not wait: see kvmeter_cgroup_settled().
 */
void kvmeter_cgroup_detach(struct kvmeter_vm *vm, const char *why)
{
	lockdep_assert_held(&kvmeter_lock);
	if (!vm->cgroup)
		return;
	queue_work(kvmeter_cg_wq, &vm->cgroup->end);
	vm->cgroup = NULL;
	vm->cgroup_why = why;
	if (why)
		pr_info("kvmeter: vm %u: cgroup dropped: %s\n", vm->id, why);
}

static bool settled(u32 vm_id)
{
	const struct kvmeter_cgroup *cg;
	bool found = false;

	spin_lock(&cgroups_lock);
	list_for_each_entry(cg, &cgroups, node)
		found |= cg->vm_id == vm_id;
	spin_unlock(&cgroups_lock);
	return !found;
}

/**
 * kvmeter_cgroup_settled - wait until a detached VM's values are restored
 * @vm_id: the VM
 *
 * Context: process, without kvmeter_lock.
 * Return: 0, -EINTR, or -EINPROGRESS: it goes on.
 */
int kvmeter_cgroup_settled(u32 vm_id)
{
	long left = wait_event_interruptible_timeout(cgroups_gone, settled(vm_id), SETTLE_S * HZ);

	if (left < 0)
		return -EINTR;
	return left ? 0 : -EINPROGRESS;
}

/* Is the cgroup still what it was?  Once a period. */
void kvmeter_cgroup_check(struct kvmeter_vm *vm)
{
	const struct kvmeter_vm *other;
	unsigned int n = 0;

	lockdep_assert_held(&kvmeter_lock);
	if (!vm->cgroup)
		return;
	if (kvmeter_cg_removed(vm->cgroup)) {
		kvmeter_cgroup_detach(vm, "the cgroup was removed");
		return;
	}
	if (!cgroup_holds(vm->cgroup->cgrp, vm->group->leader)) {
		kvmeter_cgroup_detach(vm, "the VMM's process left the cgroup");
		return;
	}
	list_for_each_entry(other, &vm->group->vms, group_node)
		n += !other->over;
	if (n > 1)
		kvmeter_cgroup_detach(vm, "the VMM runs another VM, too");
}

/**
 * kvmeter_cgroup_set - what a control file of a VM's cgroup shall hold
 * @vm: the VM
 * @knob: the file
 * @text: its value, as the kernel shows it: numbers page-rounded; for io.weight
 *        "default 200", for io.max "8:0 rbps=1048576 wbps=max"
 *
 * To be called each period, which renews the lease; only a change is written.
 *
 * Context: kvmeter_lock.  Does not wait: kvmeter_cgroup_in_force() tells.
 * Return: 0 or -errno: -ENODEV, the VM has no cgroup.
 */
int kvmeter_cgroup_set(struct kvmeter_vm *vm, enum kvmeter_cg_knob knob, const char *text)
{
	lockdep_assert_held(&kvmeter_lock);
	if (!vm->cgroup)
		return -ENODEV;
	if (!*text || strlen(text) >= KVMETER_CG_TEXT)
		return -EINVAL;
	kvmeter_lease_renew(&vm->cgroup->lease);
	kvmeter_cg_want(vm->cgroup, knob, text, 0);
	return 0;
}

/**
 * kvmeter_cgroup_scale - let a control file hold a share of what it held before us
 * @vm: the VM
 * @knob: a weight (of 10 000 at most), or cpu.max.burst: what @scale_bp exceeds
 *        10 000 by, of cpu.max
 * @scale_bp: the share; 10 000: as it was before us
 *
 * Otherwise as kvmeter_cgroup_set().
 */
int kvmeter_cgroup_scale(struct kvmeter_vm *vm, enum kvmeter_cg_knob knob, u32 scale_bp)
{
	lockdep_assert_held(&kvmeter_lock);
	if (!vm->cgroup)
		return -ENODEV;
	if (!scale_bp || (knob != KVMETER_CG_CPU_WEIGHT && knob != KVMETER_CG_IO_WEIGHT &&
			  knob != KVMETER_CG_CPU_BURST))
		return -EINVAL;
	if (scale_bp == KMC_BP) {
		kvmeter_cgroup_unset(vm, knob);
		return 0;
	}
	kvmeter_lease_renew(&vm->cgroup->lease);
	kvmeter_cg_want(vm->cgroup, knob, NULL, scale_bp);
	return 0;
}

/* As it was before. */
void kvmeter_cgroup_unset(struct kvmeter_vm *vm, enum kvmeter_cg_knob knob)
{
	lockdep_assert_held(&kvmeter_lock);
	if (vm->cgroup)
		kvmeter_cg_want(vm->cgroup, knob, NULL, 0);
}

/* Why a control file can not be used, as far as known; NULL: it can. */
const char *kvmeter_cgroup_why(const struct kvmeter_vm *vm, enum kvmeter_cg_knob knob)
{
	const char *why;

	lockdep_assert_held(&kvmeter_lock);
	if (!vm->cgroup)
		return vm->cgroup_why ?: "no cgroup was handed over";
	spin_lock(&vm->cgroup->lock);
	why = vm->cgroup->file[knob].why;
	spin_unlock(&vm->cgroup->lock);
	return why;
}

/* Does the file hold what it shall, as last read? */
bool kvmeter_cgroup_in_force(const struct kvmeter_vm *vm, enum kvmeter_cg_knob knob)
{
	struct kvmeter_cgroup *cg = vm->cgroup;
	const struct kvmeter_cg_file *f;
	bool yes;

	lockdep_assert_held(&kvmeter_lock);
	if (!cg)
		return false;
	f = &cg->file[knob];
	spin_lock(&cg->lock);
	yes = f->held && !f->conflict && !memcmp(&f->want, &f->done, sizeof(f->want));
	spin_unlock(&cg->lock);
	return yes;
}

int kvmeter_cgroup_init(void)
{
	kvmeter_cg_wq = alloc_workqueue("kvmeter_cgroup", WQ_UNBOUND, 0);
	return kvmeter_cg_wq ? 0 : -ENOMEM;
}

/* All is given back when this returns; nobody can attach any more. */
void kvmeter_cgroup_exit(void)
{
	struct kvmeter_vm *vm;

	mutex_lock(&kvmeter_lock);
	list_for_each_entry(vm, &kvmeter_vms, node)
		kvmeter_cgroup_detach(vm, NULL);
	mutex_unlock(&kvmeter_lock);
	/* each cgroup's last work stops its others: then none is left, nor a timer of one */
	flush_workqueue(kvmeter_cg_wq);
	destroy_workqueue(kvmeter_cg_wq);
}
