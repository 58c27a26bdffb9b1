// SPDX-License-Identifier: GPL-2.0
/*
 * Life: births and deaths of VMs, and of the thread groups that they live in.
 *
 * Birth of a VM is the first slot of a struct kvm that the period adopts.
 *
 * Death of a VM is seen by the period.  When all references that are left are
 * ours, its descriptors are closed and nobody can enter it any more.  (The VM's
 * memory belongs to its process and is not kept by this; the rest of struct kvm
 * goes at most one period late.)
 */
#include <linux/kvm_host.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "base/host.h"
#include "cgroup/cgroup.h"
#include "core/pipeline.h"
#include "core/units.h"
#include "cpu/cpu.h"
#include "cpu/slot.h"
#include "cpu/throttle.h"
#include "disk/act.h"
#include "disk/disk.h"
#include "memory/memory.h"
#include "net/net.h"
#include "period/hint.h"
#include "period/life.h"
#include "period/notify.h"
#include "period/thread.h"
#include "period/visit.h"
#include "vm/history.h"
#include "vm/image.h"
#include "vm/log.h"
#include "vm/model.h"
#include "vm/vm.h"

#define LEDGER_LEN	512	/* ledger records kept per VM: 85 min at one each 10 s */

static LIST_HEAD(groups);	/* under kvmeter_lock */

static LIST_HEAD(vm_dead);	/* VMs to be taken out of sysfs; under kvmeter_lock */

static void publish(struct work_struct *work);
static DECLARE_WORK(publish_work, publish);

static struct kvmeter_group *group_get(struct task_struct *leader)
{
	struct kvmeter_group *group;

	list_for_each_entry(group, &groups, node)
		if (group->leader == leader)
			return group;
	group = kzalloc(sizeof(*group), GFP_KERNEL);
	if (!group)
		return NULL;
	INIT_LIST_HEAD(&group->vms);
	group->leader = get_task_struct(leader);
	if (kvmeter_disk_group_init(group))
		goto err_disk;
	if (kvmeter_act_disk_group_init(group))
		goto err_act;
	list_add(&group->node, &groups);
	return group;

err_act:
	kvmeter_disk_group_gone(group);
err_disk:
	put_task_struct(group->leader);
	kfree(group);
	return NULL;
}

static void group_put(struct kvmeter_group *group)
{
	if (!list_empty(&group->vms))
		return;
	list_del(&group->node);
	kvmeter_act_disk_group_gone(group);
	kvmeter_disk_group_gone(group);
	put_task_struct(group->leader);
	kfree(group);
}

/* A VM and its parts: each folder sees its own, through a pointer in the VM. */
struct vm_box {
	struct kvmeter_vm vm;
	struct kvmeter_cpu cpu;
	struct kvmeter_memory memory;
	struct kvmeter_disk_usage disk;
	struct kvmeter_net net;
	struct kvmeter_log log;
	struct kvmeter_history history;
	struct kvmeter_visit visit;
	struct kvmeter_hints hints;
};

static void vm_free(struct kvmeter_vm *vm)
{
	kvfree(vm->log->adjustment);
	kvfree(vm->log->price);
	kvfree(vm->records);
	kvfree(container_of(vm, struct vm_box, vm));
}

static struct kvmeter_vm *vm_alloc(void)
{
	struct vm_box *box = kvzalloc(sizeof(*box), GFP_KERNEL);
	struct kvmeter_vm *vm;

	if (!box)
		return NULL;
	vm = &box->vm;
	vm->cpu = &box->cpu;
	vm->memory = &box->memory;
	vm->disk = &box->disk;
	vm->net = &box->net;
	vm->log = &box->log;
	vm->history = &box->history;
	vm->visit = &box->visit;
	vm->hints = &box->hints;
	vm->log->adjustment = kvcalloc(KVMETER_LOG_LEN, sizeof(*vm->log->adjustment), GFP_KERNEL);
	vm->log->price = kvcalloc(KVMETER_LOG_LEN, sizeof(*vm->log->price), GFP_KERNEL);
	vm->records = kvcalloc(LEDGER_LEN, sizeof(*vm->records), GFP_KERNEL);
	if (vm->log->adjustment && vm->log->price && vm->records)
		return vm;
	vm_free(vm);
	return NULL;
}

/* The last reference is gone. */
static void vm_release(struct kref *ref)
{
	struct kvmeter_vm *vm = container_of(ref, struct kvmeter_vm, ref);

	kvmeter_model_leave(vm);
	kvmeter_notify_free(vm);
	kvmeter_net_vm_free(vm);
	vm_free(vm);
}

/* A VM's first name: its VMM's, with nothing in it that a label may not have. */
static void vm_name(struct kvmeter_vm *vm)
{
	char *c;

	strscpy(vm->name, vm->group->leader->comm, TASK_COMM_LEN);
	for (c = vm->name; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == '/')
			*c = '_';
}

static struct kvmeter_vm *vm_create(struct kvmeter_slot *slot, const struct kmc_now *now)
{
	struct kvmeter_vm *vm = vm_alloc();

	if (!vm)
		return NULL;
	vm->group = group_get(slot->task->group_leader);
	if (!vm->group)
		goto err_vm;
	if (kvmeter_vm_add(vm, vm_release))
		goto err_group;

	vm->kvm = slot->kvm;
	vm->tgid = task_tgid_nr(slot->task);
	vm->created_real_ns = now->real_ns;
	INIT_LIST_HEAD(&vm->slots);
	vm_name(vm);
	kmc_vm_init(&vm->core, kvmeter_conf.policy, &kvmeter_conf.tariff, &kvmeter_conf.budget,
		    kvmeter_conf.period_ns, vm->records, LEDGER_LEN, now);
	kvmeter_act_cpu_init(vm);
	kvmeter_model_choose(vm);
	kvmeter_net_vm_init(vm);

	list_add_tail(&vm->group_node, &vm->group->vms);
	kvmeter_vm_begin(vm, now);
	queue_work(system_dfl_wq, &publish_work);
	return vm;

err_group:
	group_put(vm->group);
err_vm:
	vm_free(vm);
	return NULL;
}

/* Give the new slots to their VMs. */
static void slots_adopt(const struct kmc_now *now)
{
	struct kvmeter_slot *slot;
	struct kvmeter_vm *vm;

	for (;;) {
		slot = kvmeter_slot_next_new();
		if (!slot)
			return;
		vm = kvmeter_vm_of_kvm(slot->kvm);
		if (!vm)
			vm = vm_create(slot, now);
		if (!vm) {	/* no memory: it waits for the next period */
			kvmeter_slot_put_back(slot);
			return;
		}
		kvmeter_thread_adopt(slot, vm, now);
	}
}

/* All references left are ours: no descriptor is open, nobody can enter. */
static bool vm_closed(const struct kvmeter_vm *vm)
{
	return refcount_read(&vm->kvm->users_count) <= vm->nr_slots;
}

static void vm_kill(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	vm->dead = true;
	kvmeter_cgroup_detach(vm, NULL);
	kvmeter_vm_finish(vm, now);
	kvmeter_image_learn(vm);
	kvmeter_notify_gone(vm);
	kvmeter_net_vm_gone(vm);
	list_del(&vm->group_node);
	group_put(vm->group);
	vm->group = NULL;
}

static void vm_update(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	bool closed = !vm->over && vm_closed(vm), gone = closed;
	struct kvmeter_slot *slot, *next;

	list_for_each_entry(slot, &vm->slots, node)
		gone |= kvmeter_thread_over(slot);
	if (!gone)
		return;
	/* with the slots still there, so that nothing that ran is missed */
	kvmeter_vm_refresh(vm, now);
	if (closed) {
		vm->over = true;
		kvmeter_notify_over(vm);
		/* threads that live on leave by themselves, when they run next */
		list_for_each_entry(slot, &vm->slots, node)
			if (READ_ONCE(slot->bound))
				kvmeter_slot_nudge(slot);
	}
	list_for_each_entry_safe(slot, next, &vm->slots, node)
		if (kvmeter_thread_over(slot) && kvmeter_thread_retire(slot))
			queue_work(system_dfl_wq, &publish_work);
	/*
	 * A VM all of whose threads ended while its descriptors are open counts
	 * as gone too.  Should a new thread enter it, it is a new VM.
	 */
	if (!vm->nr_slots) {
		vm_kill(vm, now);
		kvmeter_vm_remove(vm, &vm_dead);
		queue_work(system_dfl_wq, &publish_work);
	}
}

/**
 * kvmeter_life_update - take in new vCPU threads, let go of ended ones
 * @now: the pass's clock
 *
 * Context: the period, kvmeter_lock held.
 */
void kvmeter_life_update(const struct kmc_now *now)
{
	struct kvmeter_vm *vm, *next;

	lockdep_assert_held(&kvmeter_lock);
	kvmeter_threads_stock();
	slots_adopt(now);
	list_for_each_entry_safe(vm, next, &kvmeter_vms, node)
		vm_update(vm, now);
}

/*
 * What must be done neither under kvmeter_lock nor by the period's thread.
 * sysfs waits for readers that wait for the lock.  The last reference on a
 * struct kvm takes KVM's locks and several grace periods of RCU.  A period that
 * waits for a VM's end holds no other VM to its budget.  20 guests that were
 * killed at once kept the period for 0.14 s on 6.12 and 0.46 s on 6.1.
 */
static void publish(struct work_struct *work)
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

	/* only this work lets go of VMs: the one found is not freed meanwhile */
	for (;;) {
		bool found = false, added;

		rt_mutex_lock(&kvmeter_lock);
		list_for_each_entry(vm, &kvmeter_vms, node) {
			if (!vm->published) {
				found = true;
				vm->published = true;
				break;
			}
		}
		rt_mutex_unlock(&kvmeter_lock);
		if (!found)
			break;
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

/* The period has stopped: all that it left to publish is done when this returns. */
void kvmeter_life_settle(void)
{
	flush_work(&publish_work);
}

/**
 * kvmeter_life_init - make the first slots
 *
 * Return: 0 or -ENOMEM.
 */
int kvmeter_life_init(void)
{
	preempt_notifier_inc();
	if (kvmeter_threads_stock()) {
		kvmeter_life_exit();
		return -ENOMEM;
	}
	return 0;
}

/**
 * kvmeter_life_exit - let go of everything
 *
 * The probes are gone, kvmeter_slots_detach() has been called and the period has
 * stopped.  Only throttle work can still run in threads: it is waited for.
 */
void kvmeter_life_exit(void)
{
	struct kvmeter_vm *vm;

	kvmeter_threads_exit();
	list_splice_init(&vm_dead, &kvmeter_vms);
	list_for_each_entry(vm, &kvmeter_vms, node) {
		if (!vm->group)
			continue;
		list_del(&vm->group_node);
		group_put(vm->group);
		vm->group = NULL;
	}
	kvmeter_vms_exit();
	preempt_notifier_dec();
}
