// SPDX-License-Identifier: GPL-2.0
/*
 * Slot: which slot counts on this CPU now.
 *
 * KVM itself says what a vCPU is: its first guest entry.  That happens with
 * interrupts off, so the slot comes from a stock that the period keeps filled.
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
#include <linux/hashtable.h>
#include <linux/kvm_host.h>
#include <linux/sched/task.h>
#include <linux/stop_machine.h>

#include "base/clock.h"
#include "base/wake.h"
#include "cpu/event.h"
#include "cpu/slot.h"
#include "cpu/stat.h"
#include "vm/vm.h"

#define STOCK_SLOTS	64	/* vCPU threads that can appear between two periods */
#define TABLE_BITS	9	/* two slots a chain for 1024 vCPU threads */

DEFINE_PER_CPU(struct kvmeter_slot *, kvmeter_current);

/*
 * Raw, as kvm_entry takes it with interrupts off.  It protects the next six,
 * slot->bound, ->hash, ->exec_ns and ->exec_base_ns.  Inside kvmeter_lock.
 */
static DEFINE_RAW_SPINLOCK(slot_lock);
static DEFINE_HASHTABLE(slot_table, TABLE_BITS);	/* by task */
static LIST_HEAD(slot_stock);			/* empty slots for the event path */
static LIST_HEAD(slot_new);			/* to be adopted */
static unsigned int nr_stock;
static bool stock_asked;			/* the period knows that it is empty */
static bool slots_closed;

/**
 * kvmeter_slots_wanted - is the stock of empty slots to be filled?
 *
 * Context: process.
 */
bool kvmeter_slots_wanted(void)
{
	return READ_ONCE(nr_stock) < STOCK_SLOTS;
}

/**
 * kvmeter_slot_stock - an empty slot for the event path
 * @slot: made ready by kvmeter_slot_init() and its other owners
 *
 * Context: process.
 */
void kvmeter_slot_stock(struct kvmeter_slot *slot)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&slot_lock, flags);
	list_add(&slot->node, &slot_stock);
	nr_stock++;
	stock_asked = false;
	raw_spin_unlock_irqrestore(&slot_lock, flags);
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
	slot->account.exec_ns = max(slot->account.exec_ns, slot->task->se.sum_exec_runtime);
	slot->anchor.exec_ns = 0;
	slot->bound = false;
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
	bool wake = false;

	raw_spin_lock(&slot_lock);
	if (!slots_closed) {
		slot = slot_find(current, vcpu);
		if (slot) {	/* back to it: what ran elsewhere does not count here */
			slot->account.exec_base_ns += current->se.sum_exec_runtime -
						      slot->account.exec_ns;
		} else {
			slot = slot_take(vcpu);
			wake = slot || !stock_asked;
			stock_asked = !slot;
		}
	}
	if (slot) {
		if (old)
			slot_unbind(old, now);
		slot->account.exec_ns = current->se.sum_exec_runtime;
		WRITE_ONCE(slot->ev.open_cyc, now);
		slot->bound = true;
		preempt_notifier_register(&slot->notifier);
		this_cpu_write(kvmeter_current, slot);
	}
	raw_spin_unlock(&slot_lock);
	if (wake)
		kvmeter_wake();
	return slot;
}

/**
 * kvmeter_slot_exit_task - current, which a slot is bound to, is exiting
 * @slot: its slot
 *
 * Context: sched_process_exit.
 */
void kvmeter_slot_exit_task(struct kvmeter_slot *slot)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&slot_lock, flags);
	this_cpu_write(kvmeter_current, NULL);
	slot_unbind(slot, kvmeter_clock_cyc());
	/* the last counts before the flag: pairs with kvmeter_thread_over() */
	smp_store_release(&slot->exited, true);
	raw_spin_unlock_irqrestore(&slot_lock, flags);
	kvmeter_wake();
}

/* current leaves @slot for good: its VM is gone.  Context: task work. */
static void slot_leave(struct kvmeter_slot *slot)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&slot_lock, flags);
	if (slot->bound) {
		this_cpu_write(kvmeter_current, NULL);
		slot_unbind(slot, kvmeter_clock_cyc());
	}
	raw_spin_unlock_irqrestore(&slot_lock, flags);
	kvmeter_wake();
}

/* Task work: the thread's turn to leave a VM that is over. */
static void nudge_work(struct callback_head *work)
{
	struct kvmeter_slot *slot = container_of(work, struct kvmeter_slot, nudge);

	if (READ_ONCE(slot->vm->over))
		slot_leave(slot);
	/* pairs with kvmeter_slot_idle() */
	smp_store_release(&slot->nudge_on, false);
}

/**
 * kvmeter_slot_nudge - make a slot's thread run its task work now
 * @slot: its slot
 *
 * As urgent as a signal, so that a sleep in a system call ends (with -EINTR, or
 * restarted).  A thread whose VM is over leaves its slot then.
 *
 * Context: process; one caller at a time.
 */
void kvmeter_slot_nudge(struct kvmeter_slot *slot)
{
	if (slot->nudge_on)
		return;
	slot->nudge_on = true;
	if (task_work_add(slot->task, &slot->nudge, TWA_SIGNAL))
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

/**
 * kvmeter_slot_next_new - take the oldest slot that nobody has adopted
 *
 * Context: kvmeter_lock.
 * Return: the slot, on no list, or NULL.
 */
struct kvmeter_slot *kvmeter_slot_next_new(void)
{
	struct kvmeter_slot *slot;

	raw_spin_lock_irq(&slot_lock);
	slot = list_first_entry_or_null(&slot_new, struct kvmeter_slot, node);
	if (slot)
		list_del_init(&slot->node);
	raw_spin_unlock_irq(&slot_lock);
	return slot;
}

/**
 * kvmeter_slot_put_back - a new slot waits until it can be adopted
 * @slot: from kvmeter_slot_next_new()
 */
void kvmeter_slot_put_back(struct kvmeter_slot *slot)
{
	raw_spin_lock_irq(&slot_lock);
	list_add(&slot->node, &slot_new);
	raw_spin_unlock_irq(&slot_lock);
}

/**
 * kvmeter_slot_note_exec - the scheduler's account of a thread, for its slot
 * @task: the thread
 * @exec_ns: it ran so long so far
 *
 * Context: process, RCU.
 */
void kvmeter_slot_note_exec(struct task_struct *task, u64 exec_ns)
{
	struct kvmeter_slot *slot;
	unsigned long flags;

	raw_spin_lock_irqsave(&slot_lock, flags);
	hash_for_each_possible(slot_table, slot, hash, (unsigned long)task)
		if (slot->task == task && (slot->bound || slot->exited))
			slot->account.exec_ns = max(slot->account.exec_ns, exec_ns);
	raw_spin_unlock_irqrestore(&slot_lock, flags);
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
	bool bound;

	raw_spin_lock_irq(&slot_lock);
	bound = slot->bound;
	if (!bound)
		hash_del(&slot->hash);
	raw_spin_unlock_irq(&slot_lock);
	return !bound;
}

/* No slot is bound from here on.  Probes that run may still use theirs. */
void kvmeter_slots_close(void)
{
	raw_spin_lock_irq(&slot_lock);
	slots_closed = true;
	raw_spin_unlock_irq(&slot_lock);
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

	hash_for_each(slot_table, i, slot, hash) {
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

/**
 * kvmeter_slots_collect - hand out all slots, for the last time
 * @attached: those that nobody has adopted are added to it
 * @stock: those that were never used are added to it
 *
 * Context: unload, after kvmeter_slots_detach().
 */
void kvmeter_slots_collect(struct list_head *attached, struct list_head *stock)
{
	raw_spin_lock_irq(&slot_lock);
	list_splice_init(&slot_new, attached);
	list_splice_init(&slot_stock, stock);
	raw_spin_unlock_irq(&slot_lock);
}
