/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slot: one vCPU thread, and which slot counts on this CPU now.
 */
#ifndef KVMETER_SLOT_H
#define KVMETER_SLOT_H

#include <linux/cache.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rbtree.h>
#include <linux/sched.h>
#include <linux/task_work.h>

#include "base/rate.h"
#include "cpu/boost.h"
#include "cpu/sched.h"
#include "cpu/slice.h"
#include "cpu/stat.h"
#include "cpu/stock.h"
#include "cpu/times.h"
#include "cpu/vcpu.h"

struct kvm;
struct kvm_vcpu;
struct kvmeter_vm;

/**
 * struct kvmeter_event - what the event path counts; event.h says how others read it
 * @open_cyc: begin of the open interval; bit 0: in guest; 0: off CPU
 * @guest_cyc: in guest; clock.h says what a cycle is
 * @host_cyc: on CPU, not in guest: handling, polling, VMM code
 * @nr_exits: VM exits
 */
struct kvmeter_event {
	u64 open_cyc;
	u64 guest_cyc;
	u64 host_cyc;
	u64 nr_exits;
};

/**
 * struct kvmeter_hint - mailbox for the guest's hints; see period/hint.c
 * @word: the last hint; the period empties it
 * @rate: how often the thread may hint; atomic
 * @dropped: hints that found @rate used up
 */
struct kvmeter_hint {
	u64 word;
	struct kvmeter_rate rate;
	u64 dropped;
};

/**
 * struct kvmeter_slot - one vCPU thread: a (task, vCPU) pair
 * @ev: events
 * @anchor: where the scheduler's account last set host time right
 * @slice: CPU time that it may use, and the sleep after it
 * @nudge_on: the nudge is queued or runs, so the slot must stay
 * @nr_fault: guest page faults by what was wanted, from KVMETER_FAULT_READ on
 * @hint: mailbox for the guest's hints
 * @bound: the notifier is registered on @task; the bucket's lock
 * @exited: the thread ended
 * @attention_cyc: ring when guest and host cycles pass it; the event path sets it
 *                 to U64_MAX when it rings
 * @limited: the pool deals out slices
 * @hints: the guest may hint
 * @vcpu: valid while @kvm is referenced
 * @kvm: one reference of ours per slot
 * @task: referenced
 * @leader: of @task's thread group; referenced
 * @early: the VM that @vm was before the slot was adopted; referenced; NULL: none
 * @vm: whose it is; NULL: the VM is not known yet
 * @vcpu_id: KVM's number of the vCPU
 * @tid: thread id, in the initial namespace
 * @notifier: called when @task is switched in and out
 * @nudge: task work that leaves a VM that is over
 * @hash: entry in the table of slots, by task and vCPU; the bucket's lock
 * @fresh: entry among new slots
 * @claim: whom it counts for while it is new
 * @node: entry in the stock, under its lock; then in vm->slots, under kvmeter_lock
 * @by_id: entry in vm->slots_by_id, under kvmeter_lock
 * @times: CPU time of the thread, cumulative
 * @counts: events of the thread, cumulative
 * @account: where its meters begin
 * @period_times: @times at the period's start
 * @period_exits: @counts.exits at the period's start
 * @last_used_ns: CPU time, polling included, in the last period
 * @learned: what is learned of it
 * @boost: its priority while it is boosted; boost_lock
 *
 * Split by writer.  The first cache lines belong to the vCPU's thread, and to
 * the slice timer, which interrupts it on its CPU.  What the period writes for
 * the event path to read lies apart.  Fields are under what the comments below
 * name, but where said otherwise.
 */
struct kvmeter_slot {
	/* the event path writes: no lock, one writer */
	struct kvmeter_event ev;
	struct kvmeter_anchor anchor;
	struct kvmeter_slice slice;
	bool nudge_on;
	u64 nr_fault[KVMETER_NR_FAULTS - KVMETER_NR_KVM_FAULTS];
	struct kvmeter_hint hint;
	bool bound;
	bool exited;

	/* the period writes, the event path reads: no lock, one writer */
	u64 attention_cyc ____cacheline_aligned_in_smp;
	bool limited;
	bool hints;

	/* fixed while the slot is attached */
	struct kvm_vcpu *vcpu;
	struct kvm *kvm;
	struct task_struct *task;
	struct task_struct *leader;
	struct kvmeter_vm *early;
	struct kvmeter_vm *vm;
	int vcpu_id;
	pid_t tid;
	struct preempt_notifier notifier;
	struct callback_head nudge;
	struct hlist_node hash;
	struct llist_node fresh;
	struct kvmeter_claim claim;
	struct list_head node;
	struct rb_node by_id;

	/* the period's own, under kvmeter_lock */
	struct kvmeter_times times;
	struct kvmeter_counts counts;
	struct kvmeter_account account;
	struct kvmeter_times period_times;
	u64 period_exits;
	u64 last_used_ns;
	struct kvmeter_learned learned;

	struct kvmeter_boost boost;
};

/* the slot that counts on this CPU; written on this CPU, preemption off */
DECLARE_PER_CPU(struct kvmeter_slot *, kvmeter_current);

/**
 * kvmeter_slot_key - the order of a VM's slots for its readers
 * @slot: the slot
 *
 * Return: the vCPU id, then the thread id.
 */
static inline u64 kvmeter_slot_key(const struct kvmeter_slot *slot)
{
	return (u64)(u32)slot->vcpu_id << 32 | (u32)slot->tid;
}

/* the event path and the thread itself */
struct kvmeter_slot *kvmeter_slot_attach(struct kvm_vcpu *vcpu);
void kvmeter_slot_exit_task(struct kvmeter_slot *slot);

/* the period */
void kvmeter_slots_init(void);
void kvmeter_slot_init(struct kvmeter_slot *slot, struct preempt_ops *ops);
u64 kvmeter_slot_group_ns(struct kvmeter_slot *slot);
void kvmeter_slot_nudge(struct kvmeter_slot *slot);
bool kvmeter_slot_idle(const struct kvmeter_slot *slot);
bool kvmeter_slot_unlink(struct kvmeter_slot *slot);

/* unload */
void kvmeter_slots_close(void);
void kvmeter_slots_detach(void);

#endif /* KVMETER_SLOT_H */
