// SPDX-License-Identifier: GPL-2.0
/*
 * Registry: VMs, their vCPU threads and the thread groups they live in.
 *
 * Birth.  KVM itself says what a vCPU is: its first guest entry.  That
 * happens with interrupts off, so the slot comes from a stock that the period
 * keeps filled, and takes a reference on the VM; the period adopts it later.
 *
 * Death of a thread is told by the scheduler, in the dying thread.  Death of
 * a VM is seen by the period: when all references that are left are ours, its
 * descriptors are closed and nobody can enter it any more.  (The VM's memory
 * belongs to its process and is not kept by this; the rest of struct kvm goes
 * at most one period late.)
 *
 * A thread may run several vCPUs in turn: each pair has a slot, one of them
 * is bound to the thread at a time.  Time between two entries goes to the
 * slot that was bound.
 *
 * Why nothing can still use a slot when it is freed:
 *  - the per-CPU pointer and the notifier: removed by the thread itself when
 *    it exits or binds another slot, or by unload under stop_machine();
 *  - a slot of a dead VM whose thread lives on stays until one of these;
 *  - slice timer: cancelled; throttle work: kvmeter_act_cpu_slot_idle();
 *  - the table: unlinked under the slot lock;
 *  - readers (netlink, sysfs, period): under kvmeter_lock.
 */
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>
#include <linux/xarray.h>

#include "cgroup/cgroup.h"
#include "cpu/event.h"

#define STOCK_SLOTS	64	/* vCPU threads that can appear between two periods */
#define SPARE_PAIRS	16	/* pairs beyond two per vCPU that a VM's threads may leave idle */
#define DEAD_VMS	64	/* VMs that are gone and whose records are kept */

/* see kvmeter.h for the lock order */
DEFINE_MUTEX(kvmeter_lock);
LIST_HEAD(kvmeter_vms);
DEFINE_PER_CPU(struct kvmeter_slot *, kvmeter_current);

static DEFINE_XARRAY_ALLOC1(vm_ids);		/* under kvmeter_lock */
static u32 vm_id_next = 1;			/* ids are not used again */
static LIST_HEAD(groups);			/* under kvmeter_lock */
static u32 nr_vms;				/* under kvmeter_lock */

/* slot_lock protects the next six, slot->bound, ->hash, ->exec_ns and ->exec_base_ns */
static DEFINE_RAW_SPINLOCK(slot_lock);
static DEFINE_HASHTABLE(slot_table, 9);		/* by task */
static LIST_HEAD(slot_stock);			/* empty slots for the event path */
static LIST_HEAD(slot_new);			/* to be adopted */
static unsigned int nr_stock;
static bool stock_asked;			/* the period knows that it is empty */
static bool slots_closed;

/* what publish_work has to do; both under kvmeter_lock */
static LIST_HEAD(slot_graveyard);		/* slots whose kvm is to be released */
static LIST_HEAD(vm_dead);			/* VMs to be taken out of sysfs */

static void publish(struct work_struct *work);
static DECLARE_WORK(publish_work, publish);

static void slots_restock(void)
{
	struct kvmeter_slot *slot;
	unsigned long flags;

	while (READ_ONCE(nr_stock) < STOCK_SLOTS) {
		slot = kzalloc(sizeof(*slot), GFP_KERNEL);
		if (!slot)
			return;		/* the next period tries again */
		if (kvmeter_vcpu_init(slot)) {
			kfree(slot);
			return;
		}
		kvmeter_act_cpu_slot_init(slot);
		raw_spin_lock_irqsave(&slot_lock, flags);
		list_add(&slot->node, &slot_stock);
		nr_stock++;
		stock_asked = false;
		raw_spin_unlock_irqrestore(&slot_lock, flags);
	}
}

static void slot_free(struct kvmeter_slot *slot)
{
	kvmeter_vcpu_free(slot);
	kfree(slot);
}

static struct kvmeter_slot *slot_find(struct task_struct *task, struct kvm_vcpu *vcpu)
{
	struct kvmeter_slot *slot;

	hash_for_each_possible(slot_table, slot, hash, (unsigned long)task)
		if (slot->task == task && slot->vcpu == vcpu)
			return slot;
	return NULL;
}

static struct kvmeter_slot *slot_take(struct kvm_vcpu *vcpu)
{
	struct kvmeter_slot *slot;

	slot = list_first_entry_or_null(&slot_stock, struct kvmeter_slot, node);
	if (!slot)
		return NULL;
	nr_stock--;
	slot->vcpu = vcpu;
	slot->kvm = vcpu->kvm;
	refcount_inc(&slot->kvm->users_count);
	slot->task = get_task_struct(current);
	slot->vcpu_id = vcpu->vcpu_id;
	slot->tid = task_pid_nr(current);
	slot->attention_cyc = U64_MAX;
	preempt_notifier_init(&slot->notifier, &kvmeter_preempt_ops);
	kvmeter_slot_base(slot);
	hash_add(slot_table, &slot->hash, (unsigned long)current);
	list_move_tail(&slot->node, &slot_new);
	return slot;
}

/* The thread leaves @slot at @now; its own thread, preemption off. */
static void slot_unbind(struct kvmeter_slot *slot, u64 now)
{
	preempt_notifier_unregister(&slot->notifier);
	kvmeter_slot_turn(slot, now, 0);
	slot->exec_ns = max(slot->exec_ns, slot->task->se.sum_exec_runtime);
	slot->anchor_exec_ns = 0;
	slot->bound = false;
}

/* current leaves @slot for good: its VM is gone.  Context: task work. */
void kvmeter_slot_leave(struct kvmeter_slot *slot)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&slot_lock, flags);
	if (slot->bound) {
		this_cpu_write(kvmeter_current, NULL);
		slot_unbind(slot, kvmeter_clock_cyc());
	}
	raw_spin_unlock_irqrestore(&slot_lock, flags);
	kvmeter_period_kick();
}

/**
 * kvmeter_slot_attach - bind the slot of current and @vcpu
 * @vcpu: about to be entered by current
 *
 * Context: kvm_entry, interrupts off.
 * Return: the slot, its interval open since now, or NULL when the stock is
 * empty (the next entry tries again) or the module goes away.
 */
struct kvmeter_slot *kvmeter_slot_attach(struct kvm_vcpu *vcpu)
{
	struct kvmeter_slot *old = this_cpu_read(kvmeter_current);
	struct kvmeter_slot *slot = NULL;
	u64 now = kvmeter_clock_cyc();
	bool kick = false;

	raw_spin_lock(&slot_lock);
	if (!slots_closed) {
		slot = slot_find(current, vcpu);
		if (slot) {	/* back to it: what ran elsewhere does not count here */
			slot->exec_base_ns += current->se.sum_exec_runtime - slot->exec_ns;
		} else {
			slot = slot_take(vcpu);
			kick = slot || !stock_asked;
			stock_asked = !slot;
		}
	}
	if (slot) {
		if (old)
			slot_unbind(old, now);
		slot->exec_ns = current->se.sum_exec_runtime;
		WRITE_ONCE(slot->open_cyc, now);
		slot->bound = true;
		preempt_notifier_register(&slot->notifier);
		this_cpu_write(kvmeter_current, slot);
	}
	raw_spin_unlock(&slot_lock);
	if (kick)
		kvmeter_period_kick();
	return slot;
}

/* current, which @slot is bound to, is exiting.  Context: sched_process_exit. */
void kvmeter_slot_exit_task(struct kvmeter_slot *slot)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&slot_lock, flags);
	this_cpu_write(kvmeter_current, NULL);
	slot_unbind(slot, kvmeter_clock_cyc());
	/* orders the last counts before the flag for slot_over() */
	smp_store_release(&slot->exited, true);
	raw_spin_unlock_irqrestore(&slot_lock, flags);
	kvmeter_period_kick();
}

/* The scheduler says that @task ran @exec_ns so far: note it in its slot. */
void kvmeter_slot_note_exec(struct task_struct *task, u64 exec_ns)
{
	struct kvmeter_slot *slot;
	unsigned long flags;

	raw_spin_lock_irqsave(&slot_lock, flags);
	hash_for_each_possible(slot_table, slot, hash, (unsigned long)task)
		if (slot->task == task && (slot->bound || slot->exited))
			slot->exec_ns = max(slot->exec_ns, exec_ns);
	raw_spin_unlock_irqrestore(&slot_lock, flags);
}

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
	if (kvmeter_disk_group_init(group)) {
		put_task_struct(group->leader);
		kfree(group);
		return NULL;
	}
	list_add(&group->node, &groups);
	return group;
}

static void group_put(struct kvmeter_group *group)
{
	if (!list_empty(&group->vms))
		return;
	list_del(&group->node);
	kvmeter_disk_group_gone(group);
	put_task_struct(group->leader);
	kfree(group);
}

/**
 * kvmeter_label_check - may this be a VM's name or image?
 * @label: the text
 *
 * Labels end up in paths, logs and terminals.
 *
 * Return: NULL, or what is wrong with it.
 */
const char *kvmeter_label_check(const char *label)
{
	const char *c;

	if (strlen(label) >= KVMETER_NAME_MAX)
		return "a name has at most 63 characters";
	for (c = label; *c; c++) {
		if (*c == '/')
			return "'/' is not allowed in a name";
		if (*c < ' ' || *c > '~')
			return "only printable ASCII is allowed in a name";
	}
	return NULL;
}

/* The VM with this id, living or gone: for its ledger and logs.  NULL: not known. */
struct kvmeter_vm *kvmeter_vm_find_record(u32 id)
{
	lockdep_assert_held(&kvmeter_lock);
	return xa_load(&vm_ids, id);
}

/* The VM with the smallest id of at least @id, living or gone; NULL: no more. */
struct kvmeter_vm *kvmeter_vm_next_record(u32 id)
{
	unsigned long index = id;

	lockdep_assert_held(&kvmeter_lock);
	return xa_find(&vm_ids, &index, U32_MAX, XA_PRESENT);
}

/* The living VM with the smallest id of at least @id, or NULL. */
struct kvmeter_vm *kvmeter_vm_next(u32 id)
{
	struct kvmeter_vm *vm = kvmeter_vm_next_record(id);

	while (vm && vm->dead)
		vm = kvmeter_vm_next_record(vm->id + 1);
	return vm;
}

u32 kvmeter_nr_vms(void)
{
	lockdep_assert_held(&kvmeter_lock);
	return nr_vms;
}

static struct kvmeter_vm *vm_of_kvm(struct kvm *kvm)
{
	struct kvmeter_vm *vm;

	/* young VMs stand last: a burst of births looks there first */
	list_for_each_entry_reverse(vm, &kvmeter_vms, node)
		if (vm->kvm == kvm)
			return vm;
	return NULL;
}

static void vm_free_rings(struct kvmeter_vm *vm)
{
	kvfree(vm->log);
	kvfree(vm->prices);
	kvfree(vm->records);
}

/* The last reference is gone. */
static void vm_release(struct kref *ref)
{
	struct kvmeter_vm *vm = container_of(ref, struct kvmeter_vm, ref);

	kvmeter_model_leave(vm);
	kvmeter_notify_free(vm);
	kvmeter_net_vm_free(vm);
	vm_free_rings(vm);
	kvfree(vm);
}

static struct kvmeter_vm *vm_create(struct kvmeter_slot *slot, const struct kmc_now *now)
{
	struct kvmeter_vm *vm = kvzalloc(sizeof(*vm), GFP_KERNEL);
	u32 id;
	int i;

	if (!vm)
		return NULL;
	vm->log = kvcalloc(KVMETER_LOG_LEN, sizeof(*vm->log), GFP_KERNEL);
	vm->prices = kvcalloc(KVMETER_LOG_LEN, sizeof(*vm->prices), GFP_KERNEL);
	vm->records = kvcalloc(KVMETER_LEDGER_LEN, sizeof(*vm->records), GFP_KERNEL);
	if (!vm->log || !vm->prices || !vm->records)
		goto err_rings;
	vm->group = group_get(slot->task->group_leader);
	if (!vm->group)
		goto err_rings;
	if (xa_alloc_cyclic(&vm_ids, &id, vm, XA_LIMIT(1, U32_MAX - 1), &vm_id_next,
			    GFP_KERNEL) < 0)
		goto err_group;

	vm->id = id;
	vm->kvm = slot->kvm;
	vm->tgid = task_tgid_nr(slot->task);
	vm->created_real_ns = now->real_ns;
	INIT_LIST_HEAD(&vm->slots);
	strscpy(vm->name, vm->group->leader->comm, TASK_COMM_LEN);
	for (i = 0; vm->name[i]; i++)
		if (vm->name[i] <= ' ' || vm->name[i] > '~' || vm->name[i] == '/')
			vm->name[i] = '_';
	kref_init(&vm->ref);
	vm->release = vm_release;
	kmc_vm_init(&vm->core, kvmeter_conf.policy, &kvmeter_conf.tariff, &kvmeter_conf.budget,
		    kvmeter_conf.period_ns, vm->records, KVMETER_LEDGER_LEN, now);
	kvmeter_act_cpu_init(vm);
	kvmeter_model_choose(vm);
	kvmeter_net_vm_init(vm);

	list_add_tail(&vm->group_node, &vm->group->vms);
	list_add_tail(&vm->node, &kvmeter_vms);
	nr_vms++;
	kvmeter_vm_begin(vm, now);
	queue_work(system_unbound_wq, &publish_work);
	return vm;

err_group:
	group_put(vm->group);
err_rings:
	vm_free_rings(vm);
	kvfree(vm);
	return NULL;
}

static void vm_count_vcpus(struct kvmeter_vm *vm)
{
	struct kvmeter_slot *slot, *other;
	u32 n = 0;

	list_for_each_entry(slot, &vm->slots, node) {
		n++;
		list_for_each_entry(other, &vm->slots, node) {
			if (other == slot)
				break;
			if (other->vcpu == slot->vcpu) {
				n--;
				break;
			}
		}
	}
	/* threads come and go, the VM's size does not shrink with them */
	vm->nr_vcpus = max(vm->nr_vcpus, n);
}

/* Give the new slots to their VMs. */
static void slots_adopt(const struct kmc_now *now)
{
	struct kvmeter_slot *slot;
	struct kvmeter_vm *vm;

	for (;;) {
		raw_spin_lock_irq(&slot_lock);
		slot = list_first_entry_or_null(&slot_new, struct kvmeter_slot, node);
		if (slot)
			list_del_init(&slot->node);
		raw_spin_unlock_irq(&slot_lock);
		if (!slot)
			return;

		vm = vm_of_kvm(slot->kvm);
		if (!vm)
			vm = vm_create(slot, now);
		if (!vm) {	/* no memory: it waits for the next period */
			raw_spin_lock_irq(&slot_lock);
			list_add(&slot->node, &slot_new);
			raw_spin_unlock_irq(&slot_lock);
			return;
		}
		kvmeter_vcpu_begin(slot, vm);
		list_add_tail(&slot->node, &vm->slots);
		vm->nr_slots++;
		vm_count_vcpus(vm);
		/* before any limit: the event path uses slot->vm when it sees one */
		smp_store_release(&slot->vm, vm);
		kvmeter_hints_slot(slot);
		if (!vm->group_base_ns) {
			/* what the group ran before its VM is nobody's: it goes into the bases */
			kvmeter_group_read(vm->group);
			vm->group_base_ns = vm->group->exec_ns -
					    (slot->exec_ns - slot->exec_base_ns);
		}
		/* limits that hold from the start do not wait for a period's end */
		kvmeter_act_cpu_apply(vm, vm->core.decide[KMC_RES_CPU].grant_bp, now->at_ns);
	}
}

/* Take @slot from its VM; false when something of ours still runs in its thread. */
static bool slot_retire(struct kvmeter_slot *slot)
{
	bool bound;

	if (!kvmeter_act_cpu_slot_idle(slot))
		return false;
	/* once out of the table, the thread can not bind it again */
	raw_spin_lock_irq(&slot_lock);
	bound = slot->bound;
	if (!bound)
		hash_del(&slot->hash);
	raw_spin_unlock_irq(&slot_lock);
	if (bound)
		return false;
	kvmeter_act_cpu_slot_drop(slot);
	kvmeter_slot_fold(slot);
	kvmeter_hints_fold(slot);
	slot->vm->nr_slots--;
	list_move(&slot->node, &slot_graveyard);
	queue_work(system_unbound_wq, &publish_work);
	return true;
}

/* All references left are ours: no descriptor is open, nobody can enter. */
static bool vm_closed(const struct kvmeter_vm *vm)
{
	return refcount_read(&vm->kvm->users_count) <= vm->nr_slots;
}

/*
 * A slot that is bound to no thread and will not be: the thread ended, the VM
 * is gone, or threads run so many vCPUs in turn that pairs must be given up.
 */
static bool slot_over(const struct kvmeter_slot *slot)
{
	const struct kvmeter_vm *vm = slot->vm;

	if (READ_ONCE(slot->bound))
		return false;
	return READ_ONCE(slot->exited) || vm->over || READ_ONCE(slot->task->exit_state) ||
	       vm->nr_slots > 2 * vm->nr_vcpus + SPARE_PAIRS;
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
	nr_vms--;
}

/* VMs kept for their records, oldest first; both under kvmeter_lock */
static LIST_HEAD(vm_records);
static unsigned int nr_records;

/* A VM that is gone can be asked for its ledger and logs until DEAD_VMS more have gone. */
static void vm_keep_records(struct kvmeter_vm *vm)
{
	struct kvmeter_vm *oldest;

	list_move_tail(&vm->node, &vm_records);
	if (nr_records < DEAD_VMS) {
		nr_records++;
		return;
	}
	oldest = list_first_entry(&vm_records, struct kvmeter_vm, node);
	xa_erase(&vm_ids, oldest->id);
	list_del(&oldest->node);
	kvmeter_vm_put(oldest);
}

static void vm_update(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	bool closed = !vm->over && vm_closed(vm), gone = closed;
	struct kvmeter_slot *slot, *next;

	list_for_each_entry(slot, &vm->slots, node)
		gone |= slot_over(slot);
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
				kvmeter_act_cpu_nudge(slot);
	}
	list_for_each_entry_safe(slot, next, &vm->slots, node)
		if (slot_over(slot))
			slot_retire(slot);
	/*
	 * A VM all of whose threads ended while its descriptors are open counts
	 * as gone too: should a new thread enter it, it is a new VM.
	 */
	if (!vm->nr_slots) {
		vm_kill(vm, now);
		list_move(&vm->node, &vm_dead);
		queue_work(system_unbound_wq, &publish_work);
	}
}

/**
 * kvmeter_registry_update - take in new vCPU threads, let go of ended ones
 * @now: the pass's clock
 *
 * Context: the period, kvmeter_lock held.
 */
void kvmeter_registry_update(const struct kmc_now *now)
{
	struct kvmeter_vm *vm, *next;

	lockdep_assert_held(&kvmeter_lock);
	slots_restock();
	slots_adopt(now);
	list_for_each_entry_safe(vm, next, &kvmeter_vms, node)
		vm_update(vm, now);
}

static void kvm_release(struct kvm *kvm)
{
	void (*put)(struct kvm *kvm) = symbol_get(kvm_put_kvm);

	/* kvm.ko can not have gone: the VM we hold pins it */
	if (WARN_ON_ONCE(!put))
		return;
	put(kvm);
	symbol_put(kvm_put_kvm);
}

static void graveyard_bury(struct list_head *graveyard)
{
	struct kvmeter_slot *slot, *next;

	list_for_each_entry_safe(slot, next, graveyard, node) {
		put_task_struct(slot->task);
		kvm_release(slot->kvm);
		slot_free(slot);
	}
}

/*
 * What must be done neither under kvmeter_lock nor by the period's thread.
 * sysfs waits for readers that wait for the lock; the last reference on a
 * struct kvm takes KVM's locks and several grace periods of RCU, and a period
 * that waits for a VM's end holds no other VM to its budget: 20 guests that
 * were killed at once kept it for 0.14 s on 6.12 and 0.46 s on 6.1.
 */
static void publish(struct work_struct *work)
{
	struct kvmeter_vm *vm, *next;
	LIST_HEAD(graveyard);
	LIST_HEAD(dead);

	mutex_lock(&kvmeter_lock);
	list_splice_init(&slot_graveyard, &graveyard);
	list_splice_init(&vm_dead, &dead);
	mutex_unlock(&kvmeter_lock);

	graveyard_bury(&graveyard);
	list_for_each_entry_safe(vm, next, &dead, node) {
		if (vm->in_sysfs)
			kvmeter_notify_vanish(vm);
		mutex_lock(&kvmeter_lock);
		vm_keep_records(vm);
		mutex_unlock(&kvmeter_lock);
	}

	/* only this work lets go of VMs: the one found is not freed meanwhile */
	for (;;) {
		bool found = false, added;

		mutex_lock(&kvmeter_lock);
		list_for_each_entry(vm, &kvmeter_vms, node) {
			if (!vm->published) {
				found = true;
				vm->published = true;
				break;
			}
		}
		mutex_unlock(&kvmeter_lock);
		if (!found)
			break;
		added = !kvmeter_notify_appear(vm);
		if (!added)
			pr_warn("kvmeter: vm %u is not in sysfs\n", vm->id);
		mutex_lock(&kvmeter_lock);
		vm->in_sysfs = added;
		/* it may have gone meanwhile, and that has been told */
		if (!vm->dead)
			kvmeter_notify_born(vm);
		mutex_unlock(&kvmeter_lock);
	}
}

/* The period has stopped: all that it left to publish is done when this returns. */
void kvmeter_registry_settle(void)
{
	flush_work(&publish_work);
}

int kvmeter_registry_init(void)
{
	preempt_notifier_inc();
	mutex_lock(&kvmeter_lock);
	slots_restock();
	mutex_unlock(&kvmeter_lock);
	return 0;
}

static void slots_collect(struct list_head *all)
{
	struct kvmeter_vm *vm;
	unsigned long flags;

	mutex_lock(&kvmeter_lock);
	list_for_each_entry(vm, &kvmeter_vms, node)
		list_splice_init(&vm->slots, all);
	raw_spin_lock_irqsave(&slot_lock, flags);
	list_splice_init(&slot_new, all);
	raw_spin_unlock_irqrestore(&slot_lock, flags);
	mutex_unlock(&kvmeter_lock);
}

/*
 * Take every notifier of ours out.  With all CPUs in the stopper no notifier
 * list is being walked and no slot is being used: walks and probes run with
 * preemption off.
 */
static int slots_detach(void *unused)
{
	struct kvmeter_slot *slot;
	unsigned int cpu;
	int i;

	hash_for_each(slot_table, i, slot, hash) {
		if (slot->bound)
			hlist_del(&slot->notifier.link);
		slot->bound = false;
		slot->open_cyc = 0;
	}
	for_each_possible_cpu(cpu)
		per_cpu(kvmeter_current, cpu) = NULL;
	return 0;
}

/* No new slots from here on.  Probes that run may still use theirs. */
void kvmeter_registry_close(void)
{
	raw_spin_lock_irq(&slot_lock);
	slots_closed = true;
	raw_spin_unlock_irq(&slot_lock);
}

/**
 * kvmeter_registry_exit - let go of everything
 *
 * The KVM probes are gone and the period has stopped.  Only threads' notifiers
 * and throttle work can still run; the first end here at once, the second is
 * waited for.
 */
void kvmeter_registry_exit(void)
{
	struct kvmeter_slot *slot, *next;
	struct kvmeter_vm *vm, *vnext;
	LIST_HEAD(all);

	stop_machine(slots_detach, NULL, NULL);
	kvmeter_probe_exit();

	slots_collect(&all);
	list_for_each_entry(slot, &all, node)
		kvmeter_act_cpu_drain(slot);
	/* a thread may be preempted on the last instructions of a callback */
	synchronize_rcu_tasks();
	list_for_each_entry(slot, &all, node)
		kvmeter_act_cpu_slot_drop(slot);
	graveyard_bury(&all);
	graveyard_bury(&slot_graveyard);
	list_for_each_entry_safe(slot, next, &slot_stock, node)
		slot_free(slot);

	list_splice_init(&vm_dead, &kvmeter_vms);
	list_splice_init(&vm_records, &kvmeter_vms);
	list_for_each_entry_safe(vm, vnext, &kvmeter_vms, node) {
		if (vm->group) {
			list_del(&vm->group_node);
			group_put(vm->group);
		}
		list_del(&vm->node);
		kvmeter_vm_put(vm);
	}
	xa_destroy(&vm_ids);
	preempt_notifier_dec();
}
