// SPDX-License-Identifier: GPL-2.0
/*
 * Cgroups: a directory that was handed over, from attach to detach.
 *
 * The kernel limits memory, I/O and CPU weight by cgroup, and only through
 * control files.  Which directory is a VM's is the operator's to say: a
 * privileged tool opens it and hands the descriptor over.  It is looked up in
 * the caller's own files.  It must be a directory of cgroup v2, not the root,
 * and hold the VMM.  It must not overlap with another VM's: a limit meant for
 * one VM must not hold another.
 *
 * Giving back takes time: a write may wait for reclaim.  So detach, which runs
 * under kvmeter_lock, only takes the cgroup from its VM.  A work then stops the
 * other works, restores what was there, and frees.  Until then the cgroup cannot
 * be attached again, or our values would be taken for the operator's.
 *
 * A resource that needs a work of its own is the cgroup's user.  It puts two
 * functions there, and is told when the lease is over and when the cgroup ends.
 *
 * Why nothing can still use a cgroup when it is freed: there are three ways to
 * it.  vm->cgroup, read under kvmeter_lock, was cleared by detach.  Its works
 * were cancelled by the last one.  The list does not have it any more.
 */
#include <linux/cgroup.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "base/host.h"
#include "base/lease.h"
#include "cgroup/cgroup.h"
#include "cgroup/dir.h"
#include "cgroup/file.h"
#include "vm/vm.h"

#define SETTLE_S	5	/* that a detach waits for values to be restored */

static LIST_HEAD(cgroups);
static DEFINE_SPINLOCK(cgroups_lock);		/* protects the list; leaf */
static DECLARE_WAIT_QUEUE_HEAD(cgroups_gone);

static void cgroup_destroy(struct kvmeter_cgroup *cg)
{
	kvmeter_cg_dir_close(&cg->dir);
	kfree(cg);
}

static void end_work(struct work_struct *work)
{
	struct kvmeter_cgroup *cg = container_of(work, struct kvmeter_cgroup, end);

	kvmeter_lease_stop(&cg->lease);
	if (cg->user)
		cg->user->end(cg->user);
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
	/* pairs with kvmeter_cgroup_use() */
	struct kvmeter_cgroup_user *user = smp_load_acquire(&cg->user);

	if (user)
		user->look(user);
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
		if (cg->dir.cgrp == cgrp)
			why = "the cgroup's values are still being restored";
		else if (cgroup_is_descendant(cg->dir.cgrp, cgrp) ||
			 cgroup_is_descendant(cgrp, cg->dir.cgrp))
			why = "the cgroup of another VM is above or below";
	spin_unlock(&cgroups_lock);
	return why;
}

/* May @cg be this VM's?  Sets @cg->path. */
static int cgroup_may(const struct kvmeter_vm *vm, struct kvmeter_cgroup *cg, const char **why)
{
	struct cgroup *cgrp = cg->dir.cgrp;

	if (!cgroup_parent(cgrp))
		return kvmeter_refuse(why, "the root cgroup cannot be limited", -EINVAL);
	if (!cgroup_holds(cgrp, vm->group->leader))
		return kvmeter_refuse(why, "the VMM's process is not in this cgroup", -ESRCH);
	*why = check_others(vm, cgrp);
	if (*why)
		return -EBUSY;
	if (cgroup_path(cgrp, cg->path, sizeof(cg->path)) < 0 ||
	    strnlen(cg->path, sizeof(cg->path)) == sizeof(cg->path) - 1)
		return kvmeter_refuse(why, "the path of the cgroup is longer than 255 characters",
				      -ENAMETOOLONG);
	return 0;
}

/* Make @cg, which has a directory, the VM's. */
static void cgroup_begin(struct kvmeter_cgroup *cg, struct kvmeter_vm *vm)
{
	cg->vm_id = vm->id;
	spin_lock_init(&cg->lock);
	INIT_WORK(&cg->end, end_work);
	kvmeter_lease_init(&cg->lease, cgroup_lapse);
	kvmeter_cg_file_init(cg);
	spin_lock(&cgroups_lock);
	list_add_tail(&cg->node, &cgroups);
	spin_unlock(&cgroups_lock);
	vm->cgroup = cg;
	vm->cgroup_why = NULL;
}

/**
 * kvmeter_cgroup_attach - take a VM's cgroup
 * @vm: the VM
 * @fd: descriptor of the cgroup's directory, in the caller's files
 * @why: set to what is wrong with it, a static text, when it is refused; else NULL
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
	*why = NULL;
	if (vm->over || vm->dead)
		return kvmeter_refuse(why, "the VM is gone", -ENOENT);
	if (vm->cgroup)
		return kvmeter_refuse(why, "the VM has a cgroup: detach it first", -EEXIST);
	cg = kzalloc(sizeof(*cg), GFP_KERNEL);
	if (!cg)
		return -ENOMEM;
	err = kvmeter_cg_dir_open(&cg->dir, fd, why);
	if (!err)
		err = cgroup_may(vm, cg, why);
	if (err) {
		cgroup_destroy(cg);
		return err;
	}
	cgroup_begin(cg, vm);
	return 0;
}

/**
 * kvmeter_cgroup_detach - let go of a VM's cgroup, and restore its values
 * @vm: the VM, with a cgroup or without
 * @why: why it was dropped, a static text; NULL: the operator wants it
 *
 * Context: kvmeter_lock.  Does not wait; kvmeter_cgroup_settled() does.
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

/**
 * kvmeter_cgroup_check - detach a VM's cgroup if it is no longer the VM's alone
 * @vm: the VM, with a group; with a cgroup or without
 *
 * Context: kvmeter_lock; at each reading of the meters.
 */
void kvmeter_cgroup_check(struct kvmeter_vm *vm)
{
	const struct kvmeter_vm *other;
	unsigned int n = 0;

	lockdep_assert_held(&kvmeter_lock);
	if (!vm->cgroup)
		return;
	if (kvmeter_cg_removed(&vm->cgroup->dir)) {
		kvmeter_cgroup_detach(vm, "the cgroup was removed");
		return;
	}
	if (!cgroup_holds(vm->cgroup->dir.cgrp, vm->group->leader)) {
		kvmeter_cgroup_detach(vm, "the VMM's process left the cgroup");
		return;
	}
	list_for_each_entry(other, &vm->group->vms, group_node)
		n += !other->over;
	if (n > 1)
		kvmeter_cgroup_detach(vm, "the VMM runs another VM, too");
}

/**
 * kvmeter_cgroup_id - a VM's cgroup, as the kernel numbers it
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 * Return: its id, which is that of its directory's inode; 0: the VM has none.
 */
u64 kvmeter_cgroup_id(const struct kvmeter_vm *vm)
{
	lockdep_assert_held(&kvmeter_lock);
	return vm->cgroup ? cgroup_id(vm->cgroup->dir.cgrp) : 0;
}

/**
 * kvmeter_cgroup_use - a resource works on a cgroup by itself
 * @cg: the cgroup, without a user
 * @user: what to call; the cgroup's until @user->end
 *
 * Context: kvmeter_lock.
 */
void kvmeter_cgroup_use(struct kvmeter_cgroup *cg, struct kvmeter_cgroup_user *user)
{
	lockdep_assert_held(&kvmeter_lock);
	WARN_ON_ONCE(cg->user);
	/* pairs with cgroup_lapse() */
	smp_store_release(&cg->user, user);
}

/**
 * kvmeter_cgroup_init - at load, before the first attach
 *
 * Return: 0 or -ENOMEM.
 */
int kvmeter_cgroup_init(void)
{
	kvmeter_cg_wq = alloc_workqueue("kvmeter_cgroup", WQ_UNBOUND, 0);
	return kvmeter_cg_wq ? 0 : -ENOMEM;
}

/**
 * kvmeter_cgroup_exit - detach all, and wait until their values are restored
 *
 * Context: nothing attaches any more.  Without kvmeter_lock; sleeps.
 */
void kvmeter_cgroup_exit(void)
{
	struct kvmeter_vm *vm;

	rt_mutex_lock(&kvmeter_lock);
	list_for_each_entry(vm, &kvmeter_vms, node)
		kvmeter_cgroup_detach(vm, NULL);
	rt_mutex_unlock(&kvmeter_lock);
	/* each cgroup's last work stops its others: then none is left, nor a timer of one */
	flush_workqueue(kvmeter_cg_wq);
	destroy_workqueue(kvmeter_cg_wq);
}
