// SPDX-License-Identifier: GPL-2.0
/*
 * Meter: from the event path's counters to CPU time by class.
 *
 * Guest and host time are summed at the events.  Halt polling is what KVM
 * counts itself, run-queue wait what the scheduler counts.  Both are taken from
 * where they were when the thread was first seen.  CPU time of the VMM's other
 * threads is the scheduler's account of the thread group less the vCPU threads'
 * part of it.
 *
 * So guest + host + halt_poll of a thread is measured by us, its
 * sum_exec_runtime by the scheduler.  That the two agree is a test, not a
 * definition.
 */
#include <linux/sched.h>

#include "base/clock.h"
#include "base/host.h"
#include "compat/arch.h"
#include "core/profile.h"
#include "core/q.h"
#include "core/units.h"
#include "cpu/cpu.h"
#include "cpu/event.h"
#include "cpu/slot.h"
#include "cpu/stat.h"
#include "cpu/times.h"
#include "vm/vm.h"

#define CENSOR_BP	100	/* withheld share that makes a sample censored */

/* Events so far and the part of the open interval that has passed. */
static void slot_snapshot(const struct kvmeter_slot *slot, u64 *guest_ns, u64 *host_ns)
{
	u64 guest_cyc, host_cyc, open, now;

	guest_cyc = READ_ONCE(slot->ev.guest_cyc);
	host_cyc = READ_ONCE(slot->ev.host_cyc);
	/* sums before the open interval: see event.h; pairs with kvmeter_slot_turn() */
	smp_rmb();
	open = READ_ONCE(slot->ev.open_cyc);
	now = kvmeter_clock_cyc();
	/* counters of two CPUs may differ by a little: never count backwards */
	if (open && now > open) {
		if (open & KVMETER_IN_GUEST)
			guest_cyc += now - open;
		else
			host_cyc += now - open;
	}
	*guest_ns = kvmeter_cyc_to_ns(guest_cyc);
	*host_ns = kvmeter_cyc_to_ns(host_cyc);
}

/* Did the thread use its CPU since the last reading?  Cheap, for idle VMs. */
static bool slot_ran(const struct kvmeter_slot *slot)
{
	return READ_ONCE(slot->ev.open_cyc) || READ_ONCE(slot->ev.nr_exits) != slot->counts.exits ||
	       READ_ONCE(slot->slice.since_ns) || READ_ONCE(slot->exited);
}

/**
 * kvmeter_vm_ran - did a VM use its CPUs since the last reading?
 * @vm: the VM
 *
 * Costs one look at each thread's counters.
 *
 * Context: kvmeter_lock.
 */
bool kvmeter_vm_ran(struct kvmeter_vm *vm)
{
	struct kvmeter_slot *slot;

	list_for_each_entry(slot, &vm->slots, node)
		if (slot_ran(slot))
			return true;
	return false;
}

static void slot_read_faults(struct kvmeter_slot *slot)
{
	u64 fault[KVMETER_NR_KVM_FAULTS], wanted = 0;
	int i;

	kvmeter_stat_faults(slot->vcpu, fault);
	for (i = 0; i < KVMETER_NR_KVM_FAULTS; i++)
		slot->counts.fault[i] = fault[i] - slot->account.fault_base[i];
	for (; i < KVMETER_NR_FAULTS; i++) {
		slot->counts.fault[i] = READ_ONCE(slot->nr_fault[i - KVMETER_NR_KVM_FAULTS]);
		wanted += slot->counts.fault[i];
	}
	if (!KVMETER_ARCH_COUNTS_FAULTS)
		slot->counts.fault[KVMETER_FAULT_TAKEN] = wanted;
}

/* Its faults have been read. */
static void slot_read_exits(struct kvmeter_slot *slot)
{
	u64 stat[KVMETER_NR_EXITS], sum = 0;
	int i;

	slot->counts.exits = READ_ONCE(slot->ev.nr_exits);
	kvmeter_stat_exits(slot->vcpu, stat);
	for (i = 0; i < KVMETER_EXIT_OTHER; i++) {
		slot->counts.class[i] = stat[i] - slot->account.stat_base[i];
		if (i == KVMETER_EXIT_FAULT && !KVMETER_ARCH_COUNTS_FAULTS)
			slot->counts.class[i] = slot->counts.fault[KVMETER_FAULT_TAKEN];
		/* MMIO exits are among the faults; leaving for a signal is no VM exit */
		if (i != KVMETER_EXIT_MMIO && i != KVMETER_EXIT_SIGNAL)
			sum += slot->counts.class[i];
	}
	slot->counts.class[KVMETER_EXIT_OTHER] = kmc_sat_sub(slot->counts.exits, sum);
}

/**
 * kvmeter_slot_read - bring slot->times and slot->counts up to now
 * @slot: the slot, adopted
 *
 * Context: kvmeter_lock.
 */
void kvmeter_slot_read(struct kvmeter_slot *slot)
{
	u64 guest_ns, host_ns, poll_ns, wait_ns, throttled_ns, since, now;
	struct kvmeter_times *t = &slot->times;

	lockdep_assert_held(&kvmeter_lock);
	/* polling first: host_ns read later holds at least as much of it */
	poll_ns = kvmeter_poll_ns(slot->vcpu) - slot->account.poll_base_ns;
	slot_snapshot(slot, &guest_ns, &host_ns);
	wait_ns = READ_ONCE(slot->task->sched_info.run_delay) - slot->account.run_delay_base_ns;
	/* the delay before what we credited to it: pairs with steal_credit() */
	smp_rmb();

	t->guest_ns = max(t->guest_ns, guest_ns);
	t->host_ns = max(t->host_ns, kmc_sat_sub(host_ns, poll_ns));
	/*
	 * KVM counts a poll when it is over: till then it was shown as host time,
	 * which never falls.  What cannot be taken off that yet is not shown as
	 * polling yet either: the two are always all of the time.
	 */
	t->halt_poll_ns = max(t->halt_poll_ns, kmc_sat_sub(host_ns, t->host_ns));
	t->wait_ns = max(t->wait_ns, kmc_sat_sub(wait_ns, READ_ONCE(slot->slice.credited_ns)));
	throttled_ns = READ_ONCE(slot->slice.throttled_ns);
	/* the sum before the sleep that goes on: pairs with throttle_work() */
	smp_rmb();
	since = READ_ONCE(slot->slice.since_ns);
	now = ktime_get_ns();
	if (since && now > since)
		throttled_ns += now - since;
	/* the end of a sleep takes off what was not sleep: never count backwards */
	t->throttled_ns = max(t->throttled_ns, throttled_ns);
	slot_read_faults(slot);
	slot_read_exits(slot);
}

/**
 * kvmeter_group_read - read the scheduler's account of a thread group
 * @group: the group
 * @now_ns: CLOCK_MONOTONIC
 *
 * It is split in vCPU threads and others.  Nothing is done if it was read just now
 * (vm/group.c).  The vCPU threads are looked at last: what they run meanwhile is
 * taken off the others' part for now, never added to it.
 *
 * Context: kvmeter_lock.
 */
void kvmeter_group_read(struct kvmeter_group *group, u64 now_ns)
{
	const struct kvmeter_group_use *use = &group->use;
	u64 ns, vcpu = group->gone_vcpu_ns;
	struct kvmeter_slot *slot;
	unsigned int nr = 0;
	struct kvmeter_vm *vm;

	lockdep_assert_held(&kvmeter_lock);
	/* what the first walk saw counts from when the first slot is there */
	if (!kvmeter_group_walk(group, now_ns) && group->based)
		return;
	list_for_each_entry(vm, &group->vms, group_node)
		list_for_each_entry(slot, &vm->slots, node) {
			vcpu += kvmeter_slot_group_ns(slot);
			nr++;
		}
	kvmeter_group_paid(group, nr);
	group->exec_ns = max(group->exec_ns, use->exec_ns);
	group->minor_faults = max(group->minor_faults, use->minor_faults);
	group->major_faults = max(group->major_faults, use->major_faults);
	vm = kvmeter_group_owner(group);
	ns = kmc_sat_sub(use->exec_ns, vcpu);
	if (ns > group->other_ns) {
		if (vm && group->based)
			vm->cpu->gone.other_ns += ns - group->other_ns;
		group->other_ns = ns;
	}
	group->based = true;
}

static void times_add(struct kvmeter_times *to, const struct kvmeter_times *t)
{
	to->guest_ns += t->guest_ns;
	to->host_ns += t->host_ns;
	to->halt_poll_ns += t->halt_poll_ns;
	to->wait_ns += t->wait_ns;
	to->throttled_ns += t->throttled_ns;
	to->other_ns += t->other_ns;
}

static void counts_add(struct kvmeter_counts *to, const struct kvmeter_counts *c)
{
	int i;

	to->exits += c->exits;
	for (i = 0; i < KVMETER_NR_EXITS; i++)
		to->class[i] += c->class[i];
	for (i = 0; i < KVMETER_NR_FAULTS; i++)
		to->fault[i] += c->fault[i];
}

/**
 * kvmeter_cpu_read - bring vm->cpu->times and vm->cpu->counts up to now
 * @vm: the VM, with a group; the group's faults are read, too
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: kvmeter_lock.
 */
void kvmeter_cpu_read(struct kvmeter_vm *vm, u64 now_ns)
{
	struct kvmeter_slot *slot;

	kvmeter_group_read(vm->group, now_ns);
	vm->cpu->times = vm->cpu->gone;
	vm->cpu->counts = vm->cpu->gone_counts;
	list_for_each_entry(slot, &vm->slots, node) {
		kvmeter_slot_read(slot);
		times_add(&vm->cpu->times, &slot->times);
		counts_add(&vm->cpu->counts, &slot->counts);
	}
	vm->cpu->group_exec_ns = vm->group->exec_ns - vm->cpu->group_base_ns;
}

/**
 * kvmeter_slot_fold - a slot is about to go: what it counted stays with its VM
 * @slot: the slot, unlinked
 *
 * Context: kvmeter_lock.
 */
void kvmeter_slot_fold(struct kvmeter_slot *slot)
{
	struct kvmeter_vm *vm = slot->vm;

	kvmeter_slot_read(slot);
	times_add(&vm->cpu->gone, &slot->times);
	counts_add(&vm->cpu->gone_counts, &slot->counts);
	vm->group->gone_vcpu_ns += kvmeter_slot_group_ns(slot);
}

/* the rows of cpu and exits: kvmeter_lock */

static u64 share_bp(u64 ns, u64 capacity_ns)
{
	return kmc_muldiv_floor(ns, KMC_BP, max(capacity_ns, 1ULL));
}

/**
 * kvmeter_times_sample - CPU time as a share of what there was
 * @s: set to the share that was used, and the share that was wanted, in bp
 * @t: time by class, cumulative
 * @from: @t at the period's start
 * @capacity_ns: what there was: all vCPUs' time, or one thread's
 */
void kvmeter_times_sample(struct kmc_sample *s, const struct kvmeter_times *t,
			  const struct kvmeter_times *from, u64 capacity_ns)
{
	u64 withheld = share_bp(t->throttled_ns - from->throttled_ns, capacity_ns);

	s->usage = share_bp(kvmeter_billable_ns(t) - kvmeter_billable_ns(from), capacity_ns);
	/* vCPUs cannot demand more than all of their time; other threads may use more */
	s->demand = max(s->usage, min_t(u64, s->usage + withheld, KMC_BP));
	s->censored = withheld >= CENSOR_BP;
}

/**
 * kvmeter_counts_sample - exits per second
 * @s: set to them
 * @exits: in the period
 * @span_ns: its length
 * @censored: CPU time was withheld: without that there were more exits
 */
void kvmeter_counts_sample(struct kmc_sample *s, u64 exits, u64 span_ns, bool censored)
{
	s->usage = kmc_muldiv_floor(exits, NSEC_PER_SEC, max(span_ns, 1ULL));
	s->demand = s->usage;
	s->censored = censored;
}

u64 kvmeter_cpu_used(const struct kvmeter_vm *vm)
{
	return kvmeter_billable_ns(&vm->cpu->times);
}

void kvmeter_cpu_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns)
{
	kvmeter_times_sample(s, &vm->cpu->times, &vm->cpu->period_times,
			     span_ns * max(vm->nr_vcpus, 1U));
}

void kvmeter_cpu_turn(struct kvmeter_vm *vm)
{
	vm->cpu->period_times = vm->cpu->times;
}

/* A VM that is throttled exits less: what it would have is not known. */
void kvmeter_exits_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns)
{
	struct kmc_sample cpu;

	kvmeter_cpu_sample(vm, &cpu, span_ns);
	kvmeter_counts_sample(s, vm->cpu->counts.exits - vm->cpu->period_exits, span_ns,
			      cpu.censored);
}

void kvmeter_exits_turn(struct kvmeter_vm *vm)
{
	vm->cpu->period_exits = vm->cpu->counts.exits;
}
