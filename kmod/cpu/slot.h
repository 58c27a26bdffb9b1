/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slot: one vCPU thread, and which slot counts on this CPU now.
 */
#ifndef KVMETER_SLOT_H
#define KVMETER_SLOT_H

#include <linux/cache.h>
#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/task_work.h>

#include "base/rate.h"
#include "cpu/stat.h"
#include "cpu/times.h"

struct kmc_predict;
struct kmc_profile;
struct kvm;
struct kvm_vcpu;
struct kvmeter_vm;

/**
 * struct kvmeter_slot - one vCPU thread: a (task, vCPU) pair
 * @open_cyc: begin of the open interval; bit 0: in guest; 0: off CPU
 * @guest_cyc: in guest; clock.h says what a cycle is
 * @host_cyc: on CPU, not in guest: handling, polling, VMM code
 * @nr_exits: VM exits
 * @slice_end_cyc: @guest_cyc + @host_cyc at which the slice is used up
 * @debt_ns: ran beyond its slices, not yet paid
 * @timer_on: the slice timer is armed
 * @timer_cpu: the CPU that armed it
 * @sleep_until_ns: CLOCK_MONOTONIC; 0: may run; the period may clear it
 * @throttled_ns: sum of ended throttle sleeps
 * @credited_ns: part of @throttled_ns, credited to the thread's run delay as steal
 * @throttle_since_ns: CLOCK_MONOTONIC, begin of the present sleep; 0: none
 * @anchor_exec_ns: scheduler's account when it last set host time right; 0: never
 * @anchor_used_cyc: what @guest_cyc + @host_cyc should have been then
 * @anchor_host_cyc: @host_cyc then
 * @poll_seen_ns: halt polling that @slice_end_cyc allows for
 * @pool_gen: the limit that @slice_end_cyc belongs to
 * @work_on: throttle work is queued or runs, so the slot must stay
 * @nudge_on: the nudge is queued or runs, so the slot must stay
 * @rang: the alarm level was passed; the period clears it
 * @nr_fault: guest page faults by what was wanted, from KVMETER_FAULT_READ on
 * @hint: mailbox, see hint.c; the period empties it
 * @hint_rate: how often the thread may hint; atomic
 * @hints_dropped: hints that found @hint_rate used up
 * @bound: the notifier is registered on @task; slot_lock
 * @exited: the thread ended
 * @attention_cyc: ring when @guest_cyc + @host_cyc passes it; the event path
 *                 sets it to U64_MAX when it rings
 * @limited: the pool deals out slices
 * @hints: the guest may hint
 * @vcpu: valid while @kvm is referenced
 * @kvm: one reference of ours per slot
 * @task: referenced
 * @vm: NULL until adopted
 * @vcpu_id: KVM's number of the vCPU
 * @tid: thread id, in the initial namespace
 * @notifier: called when @task is switched in and out
 * @timer: ends the slice; see throttle.c
 * @work: task work that sleeps; see throttle.c
 * @nudge: task work that leaves a VM that is over
 * @hash: entry in the table of slots, by task; slot_lock
 * @node: entry in the stock or among new slots, under slot_lock; then in
 *        vm->slots, under kvmeter_lock
 * @times: CPU time of the thread, cumulative
 * @counts: events of the thread, cumulative
 * @exec_base_ns: scheduler's account of the thread when first seen, less time in
 *                other slots; slot_lock
 * @exec_ns: scheduler's account of the thread at the last reading; slot_lock
 * @run_delay_base_ns: run-queue wait of the thread when first seen
 * @poll_base_ns: KVM's halt polling when first seen
 * @stat_base: KVM's exits when first seen
 * @fault_base: KVM's faults when first seen
 * @period_times: @times at the period's start
 * @period_exits: @counts.exits at the period's start
 * @profile: what is learned of it, per enum kvmeter_slot_resource
 * @predict: forecasts, per enum kvmeter_slot_resource; NULL: none
 * @boost_node: entry in the list of boosted threads; empty: no boost; boost_lock
 * @saved_nice: nice value to restore; boost_lock
 * @boost_nice: nice value that we set; boost_lock
 *
 * Split by writer.  The first cache lines belong to the vCPU's thread, and to
 * the slice timer, which interrupts it on its CPU.  event.h says how others
 * read them.  What the period writes for the event path to read lies apart.
 * Fields are under what the comments below name, but where said otherwise.
 */
struct kvmeter_slot {
	/* the event path writes: no lock, one writer */
	u64 open_cyc;
	u64 guest_cyc;
	u64 host_cyc;
	u64 nr_exits;
	u64 slice_end_cyc;
	u64 debt_ns;
	bool timer_on;
	u16 timer_cpu;
	u64 sleep_until_ns;
	u64 throttled_ns;
	u64 credited_ns;
	u64 throttle_since_ns;
	u64 anchor_exec_ns;
	u64 anchor_used_cyc;
	u64 anchor_host_cyc;
	u64 poll_seen_ns;
	u32 pool_gen;
	bool work_on;
	bool nudge_on;
	bool rang;
	u64 nr_fault[KVMETER_NR_FAULTS - KVMETER_NR_KVM_FAULTS];
	u64 hint;
	struct kvmeter_rate hint_rate;
	u64 hints_dropped;
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
	struct kvmeter_vm *vm;
	int vcpu_id;
	pid_t tid;
	struct preempt_notifier notifier;
	struct hrtimer timer;
	struct callback_head work;
	struct callback_head nudge;
	struct hlist_node hash;
	struct list_head node;

	/* the period's own, under kvmeter_lock */
	struct kvmeter_times times;
	struct kvmeter_counts counts;
	u64 exec_base_ns;
	u64 exec_ns;
	u64 run_delay_base_ns;
	u64 poll_base_ns;
	u64 stat_base[KVMETER_NR_EXITS];
	u64 fault_base[KVMETER_NR_KVM_FAULTS];
	struct kvmeter_times period_times;
	u64 period_exits;
	struct kmc_profile *profile;
	struct kmc_predict *predict;

	struct list_head boost_node;
	int saved_nice;
	int boost_nice;
};

/* the slot that counts on this CPU; written on this CPU, preemption off */
DECLARE_PER_CPU(struct kvmeter_slot *, kvmeter_current);

/* the event path and the thread itself */
struct kvmeter_slot *kvmeter_slot_attach(struct kvm_vcpu *vcpu);
void kvmeter_slot_exit_task(struct kvmeter_slot *slot);

/* the period */
void kvmeter_slot_init(struct kvmeter_slot *slot, struct preempt_ops *ops);
bool kvmeter_slots_wanted(void);
void kvmeter_slot_stock(struct kvmeter_slot *slot);
struct kvmeter_slot *kvmeter_slot_next_new(void);
void kvmeter_slot_put_back(struct kvmeter_slot *slot);
void kvmeter_slot_note_exec(struct task_struct *task, u64 exec_ns);
void kvmeter_slot_nudge(struct kvmeter_slot *slot);
bool kvmeter_slot_idle(const struct kvmeter_slot *slot);
bool kvmeter_slot_unlink(struct kvmeter_slot *slot);

/* unload */
void kvmeter_slots_close(void);
void kvmeter_slots_detach(void);
void kvmeter_slots_collect(struct list_head *attached, struct list_head *stock);

#endif /* KVMETER_SLOT_H */
