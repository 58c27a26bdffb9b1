// SPDX-License-Identifier: GPL-2.0
/*
 * Publish: what births and deaths leave to be done without the lock.
 *
 * sysfs waits for readers that wait for the lock.  The last reference on a
 * struct kvm takes KVM's locks and several grace periods of RCU.  A period that
 * waits for a VM's end holds no other VM to its budget.  20 guests that were
 * killed at once kept the period for 0.14 s on 6.12 and 0.46 s on 6.1.  So a work
 * does it.
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/workqueue.h>

#include "base/host.h"
#include "period/notify.h"
#include "period/publish.h"
#include "period/thread.h"
#include "vm/vm.h"

static LIST_HEAD(vm_dead);	/* VMs to be taken out of sysfs; under kvmeter_lock */

/* VMs that died: they leave sysfs, and are kept for their records. */
static void publish_deaths(void)
{
	struct kvmeter_vm *vm, *next;
	LIST_HEAD(dead);

	rt_mutex_lock(&kvmeter_lock);
	list_splice_init(&vm_dead, &dead);
	rt_mutex_unlock(&kvmeter_lock);

	kvmeter_threads_bury();
	list_for_each_entry_safe(vm, next, &dead, node) {
		if (vm->appeared)
			kvmeter_notify_vanish(vm);
		rt_mutex_lock(&kvmeter_lock);
		kvmeter_vm_keep_record(vm);
		rt_mutex_unlock(&kvmeter_lock);
	}
}

/* A VM that was not offered to the listeners yet; NULL: there is none. */
static struct kvmeter_vm *publish_next(void)
{
	struct kvmeter_vm *vm, *found = NULL;

	rt_mutex_lock(&kvmeter_lock);
	/* the youngest stand last, and are offered in the order of their births */
	list_for_each_entry_reverse(vm, &kvmeter_vms, node) {
		if (vm->published)
			break;
		found = vm;
	}
	if (found)
		found->published = true;
	rt_mutex_unlock(&kvmeter_lock);
	return found;
}

static void publish(struct work_struct *work)
{
	struct kvmeter_vm *vm;
	bool added;

	publish_deaths();
	/* only this work lets go of VMs: the one found is not freed meanwhile */
	while ((vm = publish_next())) {
		added = !kvmeter_notify_appear(vm);
		if (!added)
			pr_warn("kvmeter: vm %u is not in sysfs\n", vm->id);
		rt_mutex_lock(&kvmeter_lock);
		vm->appeared = added;
		/* it may have gone meanwhile, and that has been told */
		if (!vm->dead)
			kvmeter_notify_born(vm);
		rt_mutex_unlock(&kvmeter_lock);
	}
}

static DECLARE_WORK(publish_work, publish);

/**
 * kvmeter_publish - a VM is new, or slots were retired
 *
 * Context: any.
 */
void kvmeter_publish(void)
{
	queue_work(system_dfl_wq, &publish_work);
}

/**
 * kvmeter_publish_dead - a VM has died: it leaves the list of VMs
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 */
void kvmeter_publish_dead(struct kvmeter_vm *vm)
{
	kvmeter_vm_remove(vm, &vm_dead);
	kvmeter_publish();
}

/* The period has stopped: all that was left to publish is done when this returns. */
void kvmeter_publish_settle(void)
{
	flush_work(&publish_work);
}

/* Unload: what was not published goes with the others. */
void kvmeter_publish_exit(void)
{
	list_splice_init(&vm_dead, &kvmeter_vms);
}
