// SPDX-License-Identifier: GPL-2.0
/*
 * Thread: births and deaths of vCPU threads' slots.
 *
 * Slots are made here and put in stock, as the event path that takes one cannot
 * allocate.  One that was taken is adopted by its VM.  Death of a thread is told
 * by the scheduler, in the dying thread; its slot is retired by the period.
 *
 * Why nothing can still use a slot when it is freed:
 *  - the per-CPU pointer and the notifier: removed by the thread itself when
 *    it exits or binds another slot, or by unload under stop_machine();
 *  - a slot of a dead VM whose thread lives on stays until one of these;
 *  - slice timer: cancelled; throttle work and nudge: kvmeter_slot_idle();
 *  - the table: unlinked under the slot lock;
 *  - readers (netlink, sysfs, period): under kvmeter_lock.
 */
#include <linux/kthread.h>
#include <linux/kvm_host.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "base/host.h"
#include "core/units.h"
#include "cpu/boost.h"
#include "cpu/cpu.h"
#include "cpu/limit.h"
#include "cpu/sched.h"
#include "cpu/slot.h"
#include "cpu/stock.h"
#include "cpu/throttle.h"
#include "cpu/times.h"
#include "cpu/vcpu.h"
#include "period/hint.h"
#include "period/thread.h"
#include "vm/vm.h"

#define SPARE_PAIRS	16	/* pairs beyond two per vCPU that a VM's threads may leave idle */

/* retired slots whose kvm is to be released; under kvmeter_lock */
static LIST_HEAD(graveyard);

static void slot_free(struct kvmeter_slot *slot)
{
	kvmeter_vcpu_free(slot);
	kfree(slot);
}

static struct kvmeter_slot *slot_make(void)
{
	struct kvmeter_slot *slot = kzalloc(sizeof(*slot), GFP_KERNEL);

	if (!slot)
		return NULL;
	if (kvmeter_vcpu_init(slot)) {
		kfree(slot);
		return NULL;
	}
	kvmeter_slot_init(slot, &kvmeter_preempt_ops);
	kvmeter_throttle_init_slot(slot);
	kvmeter_boost_init_slot(slot);
	return slot;
}

/**
 * kvmeter_threads_stock - fill the stock of empty slots
 *
 * Context: process.
 * Return: 0 or -ENOMEM: what is missing is made the next time.
 */
int kvmeter_threads_stock(void)
{
	struct kvmeter_slot *slot;

	while (kvmeter_stock_wanted()) {
		slot = slot_make();
		if (!slot)
			return -ENOMEM;
		kvmeter_stock_add(slot);
	}
	return 0;
}

/* A vCPU that was not seen before makes the VM larger; it does not shrink again. */
static void vm_count_vcpu(struct kvmeter_vm *vm, const struct kvm_vcpu *vcpu)
{
	if (!test_and_set_bit(vcpu->vcpu_idx, vm->cpu->seen))
		vm->nr_vcpus++;
}

static bool slot_before(struct rb_node *a, const struct rb_node *b)
{
	return kvmeter_slot_key(rb_entry(a, struct kvmeter_slot, by_id)) <
	       kvmeter_slot_key(rb_entry(b, struct kvmeter_slot, by_id));
}

/**
 * kvmeter_thread_adopt - a slot is one of its VM's from now on
 * @slot: the slot, new, in a list
 * @vm: its VM
 * @now: the pass's clock
 *
 * Context: kvmeter_lock.
 */
void kvmeter_thread_adopt(struct kvmeter_slot *slot, struct kvmeter_vm *vm,
			  const struct kmc_now *now)
{
	kvmeter_vcpu_begin(slot, vm);
	list_move_tail(&slot->node, &vm->slots);
	rb_add(&slot->by_id, &vm->slots_by_id, slot_before);
	vm->nr_slots++;
	vm_count_vcpu(vm, slot->vcpu);
	kvmeter_stock_settle(slot);
	/* before any limit: the event path uses slot->vm when it sees one */
	smp_store_release(&slot->vm, vm);
	/* pairs with kvmeter_probe_entry() */
	smp_wmb();
	kvmeter_hints_slot(slot);
	if (!vm->cpu->group_base_ns) {
		/* what the group ran before its VM is nobody's: it goes into the bases */
		kvmeter_group_read(vm->group, now->at_ns);
		vm->cpu->group_base_ns = vm->group->exec_ns - kvmeter_slot_group_ns(slot);
	}
	/* limits that hold from the start do not wait for a period's end */
	kvmeter_limit_apply(vm, vm->core.decide[KMC_RES_CPU].grant_bp, now->at_ns);
}

/**
 * kvmeter_thread_over - is a slot bound to no thread, and will it not be?
 * @slot: the slot, adopted
 *
 * So it is when the thread ended or when the VM is over.  So it is, too, when
 * threads run so many vCPUs in turn that pairs must be given up.
 *
 * Context: kvmeter_lock.
 */
bool kvmeter_thread_over(const struct kvmeter_slot *slot)
{
	const struct kvmeter_vm *vm = slot->vm;

	if (READ_ONCE(slot->bound))
		return false;
	/* pairs with kvmeter_slot_exit_task(): its last counts are there, too */
	return smp_load_acquire(&slot->exited) || vm->over || READ_ONCE(slot->task->exit_state) ||
	       vm->nr_slots > 2 * vm->nr_vcpus + SPARE_PAIRS;
}

/* The thread has nothing of ours any more: no timer, and its own nice value. */
static void slot_quiet(struct kvmeter_slot *slot)
{
	kvmeter_throttle_drop(slot);
	kvmeter_boost_revert(slot);
}

/**
 * kvmeter_thread_retire - take a slot from its VM
 * @slot: one that is over; what it counted stays with its VM
 *
 * It waits for kvmeter_threads_bury().
 *
 * Context: kvmeter_lock.
 * Return: false: something of ours still runs in its thread.
 */
bool kvmeter_thread_retire(struct kvmeter_slot *slot)
{
	if (!kvmeter_slot_idle(slot) || !kvmeter_slot_unlink(slot))
		return false;
	slot_quiet(slot);
	kvmeter_slot_fold(slot);
	kvmeter_hints_fold(slot);
	slot->vm->nr_slots--;
	rb_erase(&slot->by_id, &slot->vm->slots_by_id);
	list_move(&slot->node, &graveyard);
	return true;
}

/*
 * The last reference ends the VM: KVM unmaps from its process what it had mapped
 * there, if that process's memory is current's.  So it is, for the time being.  A VMM
 * that lives on would keep some mappings of each of its VMs otherwise.
 *
 * Context: a kernel thread.
 */
static void kvm_release(struct kvm *kvm)
{
	void (*put)(struct kvm *kvm) = symbol_get(kvm_put_kvm);
	struct mm_struct *mm = kvm->mm;

	/* kvm.ko cannot have gone: the VM we hold pins it */
	if (WARN_ON_ONCE(!put))
		return;
	if (mm && !mmget_not_zero(mm))
		mm = NULL;
	if (mm)
		kthread_use_mm(mm);
	put(kvm);
	if (mm) {
		kthread_unuse_mm(mm);
		mmput(mm);
	}
	symbol_put(kvm_put_kvm);
}

/* Slots to be released, for a kernel thread to do it */
struct release {
	struct work_struct work;
	struct list_head slots;
};

static void slots_release(struct work_struct *work)
{
	struct release *release = container_of(work, struct release, work);
	struct kvmeter_slot *slot, *next;

	list_for_each_entry_safe(slot, next, &release->slots, node) {
		put_task_struct(slot->leader);
		put_task_struct(slot->task);
		kvm_release(slot->kvm);
		if (slot->early)
			kvmeter_vm_put(slot->early);
		slot_free(slot);
	}
}

/* Unload is no kernel thread. */
static void slots_release_all(struct list_head *slots)
{
	struct release release = {};

	INIT_WORK_ONSTACK(&release.work, slots_release);
	INIT_LIST_HEAD(&release.slots);
	list_splice_init(slots, &release.slots);
	queue_work(system_dfl_wq, &release.work);
	flush_work(&release.work);
	destroy_work_on_stack(&release.work);
}

/**
 * kvmeter_threads_bury - give back what retired slots hold, and free them
 *
 * Context: process, without kvmeter_lock: the last reference on a struct kvm
 * takes KVM's locks, and time.
 */
void kvmeter_threads_bury(void)
{
	LIST_HEAD(dead);

	rt_mutex_lock(&kvmeter_lock);
	list_splice_init(&graveyard, &dead);
	rt_mutex_unlock(&kvmeter_lock);
	if (!list_empty(&dead))
		slots_release_all(&dead);
}

static void slots_collect(struct list_head *attached, struct list_head *stock)
{
	struct kvmeter_vm *vm;

	rt_mutex_lock(&kvmeter_lock);
	list_for_each_entry(vm, &kvmeter_vms, node)
		list_splice_init(&vm->slots, attached);
	kvmeter_stock_collect(stock);
	rt_mutex_unlock(&kvmeter_lock);
}

/**
 * kvmeter_threads_exit - wait for what still runs in threads, and free all slots
 * @attached: slots that no VM has adopted
 *
 * Context: unload, after kvmeter_slots_detach(); the period has stopped.
 */
void kvmeter_threads_exit(struct list_head *attached)
{
	struct kvmeter_slot *slot, *next;
	LIST_HEAD(stock);

	slots_collect(attached, &stock);
	list_for_each_entry(slot, attached, node)
		kvmeter_throttle_drain(slot);
	/* a thread may be preempted on the last instructions of a callback */
	synchronize_rcu_tasks();
	list_for_each_entry(slot, attached, node)
		slot_quiet(slot);
	slots_release_all(attached);
	kvmeter_threads_bury();
	list_for_each_entry_safe(slot, next, &stock, node)
		slot_free(slot);
}
