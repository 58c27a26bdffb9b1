// SPDX-License-Identifier: GPL-2.0
/*
 * Slot: which slot counts on this CPU now.
 *
 * KVM itself says what a vCPU is: its first guest entry.  That happens with
 * interrupts off, so the slot comes from a stock (stock.c).
 * It takes a reference on the VM, and the period adopts it later.
 *
 * A thread may run several vCPUs in turn: each pair has a slot, one of them
 * is bound to the thread at a time.  Time between two entries goes to the
 * slot that was bound.
 *
 * A slot that is bound has a preempt notifier in its thread, and the per-CPU
 * pointer shows it while the thread is on a CPU.  Only the thread itself can
 * take them out: when it exits, binds another slot, or is nudged to leave.
 * Unload does it for all under stop_machine().
 */
#include <linux/hash.h>
#include <linux/kvm_host.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/stop_machine.h>

#include "base/clock.h"
#include "base/wake.h"
#include "cpu/call.h"
#include "cpu/cpu.h"
#include "cpu/event.h"
#include "cpu/refuse.h"
#include "cpu/slot.h"
#include "cpu/stat.h"
#include "cpu/stock.h"
#include "vm/vm.h"

#define TABLE_BITS	12	/* two slots a chain for 8192 vCPU threads */

DEFINE_PER_CPU(struct kvmeter_slot *, kvmeter_current);

/*
 * By task and vCPU, so that a chain is short whatever a thread runs in turn.
 * The lock is raw, as kvm_entry takes it with interrupts off.  It protects the chain
 * and of its slots ->bound, ->hash and the scheduler's account.  Inside
 * kvmeter_lock; of two buckets one is taken at a time.
 */
static struct slot_bucket {
	raw_spinlock_t lock;
	struct hlist_head slots;
} slot_table[1 << TABLE_BITS];

static bool slots_closed;

/**
 * kvmeter_slots_init - the table of slots is empty
 *
 * Context: load.
 */
void kvmeter_slots_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(slot_table); i++) {
		raw_spin_lock_init(&slot_table[i].lock);
		INIT_HLIST_HEAD(&slot_table[i].slots);
	}
	WRITE_ONCE(slots_closed, false);
}

static struct slot_bucket *bucket_of(const struct task_struct *task, const struct kvm_vcpu *vcpu)
{
	return &slot_table[hash_64((unsigned long)task ^ rol64((unsigned long)vcpu, 32),
				   TABLE_BITS)];
}

static struct kvmeter_slot *slot_find(struct task_struct *task, struct kvm_vcpu *vcpu)
{
	struct kvmeter_slot *slot;

	hlist_for_each_entry(slot, &bucket_of(task, vcpu)->slots, hash)
		if (slot->task == task && slot->vcpu == vcpu)
			return slot;
	return NULL;
}

/*
 * A slot for a pair that is new.  current is alive and runs, so its group's leader is
 * still there; later it may be gone, and its memory another's.
 */
static struct kvmeter_slot *slot_take(struct kvm_vcpu *vcpu)
{
	struct kvmeter_slot *slot = kvmeter_stock_take();

	if (!slot)
		return NULL;
	slot->vcpu = vcpu;
	slot->kvm = vcpu->kvm;
	refcount_inc(&slot->kvm->users_count);
	slot->task = get_task_struct(current);
	slot->leader = get_task_struct(current->group_leader);
	slot->vcpu_id = vcpu->vcpu_id;
	slot->tid = task_pid_nr(current);
	slot->attention_cyc = U64_MAX;
	kvmeter_slot_base(slot);
	/* a limit holds from the first entry on, adopted or not */
	slot->early = kvmeter_vm_get_early(slot->kvm);
	slot->vm = slot->early;
	slot->limited = slot->vm && READ_ONCE(slot->vm->cpu->pool.limited);
	return slot;
}

/* current and @slot's vCPU belong together from @now on; the bucket's lock, interrupts off. */
static void slot_bind(struct kvmeter_slot *slot, u64 now)
{
	slot->account.exec_ns = current->se.sum_exec_runtime;
	WRITE_ONCE(slot->ev.open_cyc, now);
	slot->bound = true;
	preempt_notifier_register(&slot->notifier);
	this_cpu_write(kvmeter_current, slot);
}

/* The thread leaves @slot at @now; its own thread, preemption off, the bucket's lock. */
static void slot_unbind(struct kvmeter_slot *slot, u64 now)
{
	preempt_notifier_unregister(&slot->notifier);
	kvmeter_slot_turn(slot, now, 0);
	slot->account.exec_ns = max(slot->account.exec_ns, slot->task->se.sum_exec_runtime);
	slot->anchor.exec_ns = 0;
	slot->bound = false;
}

/* The slot that current and @vcpu had before, bound again; NULL: they had none. */
static struct kvmeter_slot *slot_come_back(struct kvm_vcpu *vcpu, u64 now)
{
	struct slot_bucket *bucket = bucket_of(current, vcpu);
	struct kvmeter_slot *slot;

	raw_spin_lock(&bucket->lock);
	slot = slot_find(current, vcpu);
	if (slot) {
		/* what ran elsewhere does not count here */
		slot->account.exec_base_ns += current->se.sum_exec_runtime - slot->account.exec_ns;
		slot_bind(slot, now);
	}
	raw_spin_unlock(&bucket->lock);
	return slot;
}

static struct kvmeter_slot *slot_begin(struct kvm_vcpu *vcpu, u64 now)
{
	struct slot_bucket *bucket = bucket_of(current, vcpu);
	struct kvmeter_slot *slot = slot_take(vcpu);

	if (!slot)
		return NULL;
	raw_spin_lock(&bucket->lock);
	hlist_add_head(&slot->hash, &bucket->slots);
	slot_bind(slot, now);
	raw_spin_unlock(&bucket->lock);
	kvmeter_stock_taken(slot);
	kvmeter_call_came(slot->early);
	return slot;
}

/**
 * kvmeter_slot_attach - bind the slot of current and @vcpu
 * @vcpu: about to be entered by current
 *
 * Context: kvm_entry, interrupts off.
 * Return: the slot, its interval open since now, or NULL when there is none for
 * current (the next entry tries again) or the module goes away.  An entry into a
 * limited VM is turned away then.
 */
struct kvmeter_slot *kvmeter_slot_attach(struct kvm_vcpu *vcpu)
{
	struct kvmeter_slot *old = this_cpu_read(kvmeter_current);
	struct slot_bucket *bucket;
	struct kvmeter_slot *slot;
	u64 now = kvmeter_clock_cyc();

	if (READ_ONCE(slots_closed))
		return NULL;
	if (old && old->vcpu == vcpu)
		return old;
	slot = slot_come_back(vcpu, now);
	if (!slot)
		slot = slot_begin(vcpu, now);
	if (!slot) {
		if (kvmeter_stock_ask())
			kvmeter_wake();
		kvmeter_refuse_entry(vcpu);
		return NULL;
	}
	if (old) {
		bucket = bucket_of(old->task, old->vcpu);
		raw_spin_lock(&bucket->lock);
		slot_unbind(old, now);
		raw_spin_unlock(&bucket->lock);
	}
	return slot;
}

/* current leaves @slot for good; @exited: it ends.  While the lock is held, the slot stays. */
static void slot_leave(struct kvmeter_slot *slot, bool exited)
{
	struct slot_bucket *bucket = bucket_of(slot->task, slot->vcpu);
	unsigned long flags;

	raw_spin_lock_irqsave(&bucket->lock, flags);
	if (slot->bound) {
		this_cpu_write(kvmeter_current, NULL);
		slot_unbind(slot, kvmeter_clock_cyc());
	}
	if (exited) {
		/* the last counts before the flag: pairs with kvmeter_thread_over() */
		smp_store_release(&slot->exited, true);
	}
	kvmeter_call_ended(READ_ONCE(slot->vm));
	raw_spin_unlock_irqrestore(&bucket->lock, flags);
}

/**
 * kvmeter_slot_exit_task - current, which a slot is bound to, is exiting
 * @slot: its slot
 *
 * Context: sched_process_exit.
 */
void kvmeter_slot_exit_task(struct kvmeter_slot *slot)
{
	slot_leave(slot, true);
}

/* Task work: the thread's turn to leave a VM that is over. */
static void nudge_work(struct callback_head *work)
{
	struct kvmeter_slot *slot = container_of(work, struct kvmeter_slot, nudge);

	if (READ_ONCE(slot->vm->over))
		slot_leave(slot, false);
	/* pairs with kvmeter_slot_idle() */
	smp_store_release(&slot->nudge_on, false);
}

/**
 * kvmeter_slot_nudge - make a slot's thread run its task work
 * @slot: its slot
 *
 * It waits until the thread runs by itself.  A thread whose VM is over leaves its
 * slot then.
 *
 * Context: process; one caller at a time.
 */
void kvmeter_slot_nudge(struct kvmeter_slot *slot)
{
	if (slot->nudge_on)
		return;
	slot->nudge_on = true;
	if (task_work_add(slot->task, &slot->nudge, KVMETER_TWA_RESUME))
		slot->nudge_on = false;	/* the thread is exiting */
}

/**
 * kvmeter_slot_idle - does no task work of ours run, or wait, in a slot's thread?
 * @slot: the slot
 *
 * Context: any.
 * Return: true: none does, and the slot may be freed once it is unlinked.
 */
bool kvmeter_slot_idle(const struct kvmeter_slot *slot)
{
	/* pairs with the last stores of throttle_work() and nudge_work() */
	return !smp_load_acquire(&slot->slice.work_on) && !smp_load_acquire(&slot->nudge_on);
}

/**
 * kvmeter_slot_init - a slot is made: what binds it
 * @slot: zeroed
 * @ops: called when its thread is switched in and out
 */
void kvmeter_slot_init(struct kvmeter_slot *slot, struct preempt_ops *ops)
{
	preempt_notifier_init(&slot->notifier, ops);
	init_task_work(&slot->nudge, nudge_work);
}

/* What a slot's thread ran in it, by the scheduler's account, up to its last look. */
static u64 slot_exec_ns(struct kvmeter_slot *slot)
{
	struct slot_bucket *bucket = bucket_of(slot->task, slot->vcpu);
	struct kvmeter_account *account = &slot->account;
	u64 ns;

	/* both words change when the thread comes back */
	raw_spin_lock_irq(&bucket->lock);
	if (slot->bound || slot->exited)
		account->exec_ns = max(account->exec_ns,
				       READ_ONCE(slot->task->se.sum_exec_runtime));
	ns = account->exec_ns - account->exec_base_ns;
	raw_spin_unlock_irq(&bucket->lock);
	return ns;
}

/**
 * kvmeter_slot_group_ns - what a slot's thread ran in it as one of its VM's group
 * @slot: the slot, adopted
 *
 * KVM lets any process run a vCPU that shares the memory of the VMM.  What such a one
 * ran is no part of what the group's threads ran.
 *
 * Context: kvmeter_lock.
 * Return: ns by the scheduler's account, up to its last look at the thread; 0: the thread
 * is of another process.
 */
u64 kvmeter_slot_group_ns(struct kvmeter_slot *slot)
{
	if (slot->task->signal != slot->vm->group->leader->signal)
		return 0;
	return slot_exec_ns(slot);
}

/**
 * kvmeter_slot_unlink - take a slot out of the table, unless it is bound
 * @slot: the slot
 *
 * Context: kvmeter_lock.
 * Return: whether it is out.  Then its thread cannot bind it again.
 */
bool kvmeter_slot_unlink(struct kvmeter_slot *slot)
{
	struct slot_bucket *bucket = bucket_of(slot->task, slot->vcpu);
	bool bound;

	raw_spin_lock_irq(&bucket->lock);
	bound = slot->bound;
	if (!bound)
		hlist_del_init(&slot->hash);
	raw_spin_unlock_irq(&bucket->lock);
	return !bound;
}

/* No probe that begins from here on binds a slot.  Those that run may. */
void kvmeter_slots_close(void)
{
	WRITE_ONCE(slots_closed, true);
}

/*
 * With all CPUs in the stopper no notifier list is being walked and no slot is
 * being used: walks, and what is left of probes, run with preemption off.
 */
static int slots_detach(void *unused)
{
	struct kvmeter_slot *slot;
	unsigned int cpu;
	int i;

	for (i = 0; i < ARRAY_SIZE(slot_table); i++)
		hlist_for_each_entry(slot, &slot_table[i].slots, hash) {
			if (slot->bound)
				hlist_del(&slot->notifier.link);
			slot->bound = false;
			slot->ev.open_cyc = 0;
		}
	for_each_possible_cpu(cpu)
		per_cpu(kvmeter_current, cpu) = NULL;
	return 0;
}

/**
 * kvmeter_slots_detach - take every notifier of ours out of its thread
 *
 * Context: unload; no slot is bound any more.
 */
void kvmeter_slots_detach(void)
{
	stop_machine(slots_detach, NULL, NULL);
}
