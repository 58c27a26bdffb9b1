// SPDX-License-Identifier: GPL-2.0
/*
 * Birth: new slots find their VMs, and new VMs are made for them.
 *
 * A new slot of a VM that is known is adopted at once, by the period.  A new VM takes
 * 200 KiB and more.  The period's thread must not wait for memory, nor anybody who
 * holds kvmeter_lock: a tenant who thrashes memory and starts VMs would hold up
 * everybody's limits.  So a work makes VMs, and another fills the stock of slots.
 * Both allocate without a lock.  Nothing is lost meanwhile: slots count from
 * their first entries.
 *
 * What a VM takes is charged to the memory cgroup of its VMM.  Where that has no
 * room, the host pays: a VM that is not metered would be worse.  It has to pay
 * little, as KVM charges the cgroup for the VM itself.
 *
 * A VM that cannot be made waits for the next period.
 */
#include <linux/kvm_host.h>
#include <linux/list.h>
#include <linux/memcontrol.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "base/host.h"
#include "core/pipeline.h"
#include "core/units.h"
#include "cpu/crew.h"
#include "cpu/call.h"
#include "cpu/cpu.h"
#include "cpu/slot.h"
#include "cpu/stock.h"
#include "cpu/throttle.h"
#include "disk/act.h"
#include "disk/disk.h"
#include "memory/memory.h"
#include "net/net.h"
#include "period/birth.h"
#include "period/hint.h"
#include "period/notify.h"
#include "period/publish.h"
#include "period/thread.h"
#include "period/visit.h"
#include "vm/group.h"
#include "vm/history.h"
#include "vm/log.h"
#include "vm/model.h"
#include "vm/vm.h"

#define LEDGER_LEN	512	/* ledger records kept per VM: 85 min at one each 10 s */

/* both under kvmeter_lock */
static LIST_HEAD(groups);
static LIST_HEAD(unborn);	/* slots whose VM is to be made */

static void births(struct work_struct *work);
static DECLARE_WORK(birth_work, births);

static void restock(struct work_struct *work)
{
	kvmeter_threads_stock();
}

static DECLARE_WORK(stock_work, restock);

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
	struct rcu_head rcu;
};

static struct kvmeter_group *group_find(const struct task_struct *leader)
{
	struct kvmeter_group *group;

	list_for_each_entry(group, &groups, node)
		if (group->leader == leader)
			return group;
	return NULL;
}

/* Without any lock: only births() makes groups, so no other makes the same meanwhile. */
static struct kvmeter_group *group_make(struct task_struct *leader)
{
	struct kvmeter_group *group = kvmeter_group_new(leader);

	if (!group)
		return NULL;
	if (kvmeter_disk_group_init(group))
		goto err_group;
	if (kvmeter_act_disk_group_init(group))
		goto err_disk;
	return group;

err_disk:
	kvmeter_disk_group_gone(group);
err_group:
	kvmeter_group_free(group);
	return NULL;
}

static void group_drop(struct kvmeter_group *group)
{
	kvmeter_crew_group_gone(group);
	kvmeter_act_disk_group_gone(group);
	kvmeter_disk_group_gone(group);
	kvmeter_group_free(group);
}

static void group_add(struct kvmeter_group *group)
{
	kvmeter_disk_group_begin(group);
	kvmeter_act_disk_group_begin(group);
	list_add(&group->node, &groups);
}

static void group_put(struct kvmeter_group *group)
{
	if (!list_empty(&group->vms))
		return;
	list_del(&group->node);
	group_drop(group);
}

/**
 * kvmeter_birth_leave_group - a VM has died: its group has a VM less
 * @vm: the VM
 *
 * Context: kvmeter_lock, or the module goes.
 */
void kvmeter_birth_leave_group(struct kvmeter_vm *vm)
{
	list_del(&vm->group_node);
	vm->group->nr_vms--;
	group_put(vm->group);
	vm->group = NULL;
}

static void box_free(struct rcu_head *rcu)
{
	kvfree(container_of(rcu, struct vm_box, rcu));
}

/* The event path may be looking at the VM. */
static void vm_free(struct kvmeter_vm *vm)
{
	kvfree(vm->log->adjustment);
	kvfree(vm->log->price);
	kvfree(vm->records);
	call_rcu(&container_of(vm, struct vm_box, vm)->rcu, box_free);
}

static struct kvmeter_vm *vm_alloc(gfp_t gfp)
{
	struct vm_box *box = kvzalloc(sizeof(*box), gfp);
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
	vm->cpu->vm = vm;
	vm->log->adjustment = kvcalloc(KVMETER_LOG_LEN, sizeof(*vm->log->adjustment), gfp);
	vm->log->price = kvcalloc(KVMETER_LOG_LEN, sizeof(*vm->log->price), gfp);
	vm->records = kvcalloc(LEDGER_LEN, sizeof(*vm->records), gfp);
	if (vm->log->adjustment && vm->log->price && vm->records)
		return vm;
	vm_free(vm);
	return NULL;
}

/* Charged to who made the VM, unless there is no room. */
static struct kvmeter_vm *vm_alloc_charged(const struct kvm *kvm)
{
	struct mem_cgroup *memcg = get_mem_cgroup_from_mm(kvm->mm), *old;
	struct kvmeter_vm *vm;

	old = set_active_memcg(memcg);
	vm = vm_alloc(GFP_KERNEL_ACCOUNT | __GFP_NORETRY | __GFP_NOWARN);
	set_active_memcg(old);
	mem_cgroup_put(memcg);
	return vm ?: vm_alloc(GFP_KERNEL);
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

/* @vm becomes the one of @slot, whose group is known; returns 0 or -errno. */
static int vm_begin(struct kvmeter_vm *vm, struct kvmeter_slot *slot, struct kvmeter_group *group,
		    const struct kmc_now *now)
{
	int err;

	vm->group = group;
	vm->kvm = slot->kvm;
	err = kvmeter_vm_add(vm, vm_release);
	if (err)
		return err;
	vm->tgid = task_tgid_nr(slot->task);
	vm->created_real_ns = now->real_ns;
	INIT_LIST_HEAD(&vm->slots);
	vm->slots_by_id = RB_ROOT;
	vm_name(vm);
	kmc_vm_init(&vm->core, kvmeter_conf.policy, &kvmeter_conf.tariff, &kvmeter_conf.budget,
		    kvmeter_conf.period_ns, vm->records, LEDGER_LEN, now);
	kvmeter_act_cpu_init(vm);
	kvmeter_model_choose(vm);
	kvmeter_net_vm_init(vm);

	list_add_tail(&vm->group_node, &group->vms);
	kvmeter_vm_begin(vm, now);
	kvmeter_vm_show(vm);
	return 0;
}

static void adopt(struct kvmeter_slot *slot, struct kvmeter_vm *vm, const struct kmc_now *now)
{
	kvmeter_thread_adopt(slot, vm, now);
	/* it may have ended while nobody knew whose it was */
	if (READ_ONCE(slot->exited))
		kvmeter_call_ended(vm);
}

/* The slot that waits longest for a VM that is not known; adopts those whose VM is. */
static struct kvmeter_slot *unborn_next(const struct kmc_now *now)
{
	struct kvmeter_slot *slot, *next;
	struct kvmeter_vm *vm;

	list_for_each_entry_safe(slot, next, &unborn, node) {
		vm = kvmeter_vm_of_kvm(slot->kvm);
		if (!vm)
			return slot;
		adopt(slot, vm, now);
	}
	return NULL;
}

/* Make the VM that the first slot in the list waits for; false: there is none, or no memory. */
static bool birth(void)
{
	struct kmc_now now = kvmeter_now();
	struct kvmeter_group *made = NULL;
	struct kvmeter_slot *slot;
	struct kvmeter_vm *vm;
	bool group_known;
	int err = -ENOMEM;

	rt_mutex_lock(&kvmeter_lock);
	slot = unborn_next(&now);
	group_known = slot && group_find(slot->leader);
	rt_mutex_unlock(&kvmeter_lock);
	if (!slot)
		return false;
	/* only this work takes slots from the list: the one found stays */
	vm = vm_alloc_charged(slot->kvm);
	if (!vm)
		return false;
	if (!group_known)
		made = group_make(slot->leader);

	rt_mutex_lock(&kvmeter_lock);
	if (made)
		group_add(made);
	if (group_find(slot->leader))
		err = vm_begin(vm, slot, group_find(slot->leader), &now);
	if (!err)
		adopt(slot, vm, &now);
	else if (made)
		group_put(made);
	rt_mutex_unlock(&kvmeter_lock);
	if (err)
		vm_free(vm);
	return !err;
}

static void births(struct work_struct *work)
{
	bool any = false;

	while (birth())
		any = true;
	if (any)
		kvmeter_publish();
}

/**
 * kvmeter_births_take - new slots go to their VMs, or wait for them to be made
 * @now: the pass's clock
 *
 * Context: the period, kvmeter_lock.
 */
void kvmeter_births_take(const struct kmc_now *now)
{
	struct kvmeter_slot *slot, *next;
	struct kvmeter_vm *vm;
	LIST_HEAD(fresh);

	kvmeter_stock_new(&fresh);
	list_for_each_entry_safe(slot, next, &fresh, node) {
		vm = kvmeter_vm_of_kvm(slot->kvm);
		if (vm)
			adopt(slot, vm, now);
		else
			list_move_tail(&slot->node, &unborn);
	}
	if (!list_empty(&unborn))
		queue_work(system_dfl_wq, &birth_work);
	if (kvmeter_stock_wanted())
		queue_work(system_dfl_wq, &stock_work);
}

/* The period has stopped: what it left to the works is done when this returns. */
void kvmeter_births_settle(void)
{
	flush_work(&birth_work);
	flush_work(&stock_work);
}

/**
 * kvmeter_births_collect - hand out the slots that no VM has adopted
 * @slots: they are added to it
 *
 * Context: unload, kvmeter_lock.
 */
void kvmeter_births_collect(struct list_head *slots)
{
	kvmeter_stock_new(slots);
	list_splice_init(&unborn, slots);
}

/**
 * kvmeter_births_init - make the first slots
 *
 * Return: 0 or -ENOMEM.
 */
int kvmeter_births_init(void)
{
	return kvmeter_threads_stock();
}
