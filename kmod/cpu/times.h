/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Times: from the event path's counters to CPU time by class.
 */
#ifndef KVMETER_TIMES_H
#define KVMETER_TIMES_H

#include "cpu/stat.h"

struct kvmeter_group;
struct kvmeter_slot;
struct kvmeter_vm;

/**
 * struct kvmeter_times - CPU time by class, cumulative, in ns
 * @guest_ns: between guest entry and exit
 * @host_ns: vCPU threads, outside the guest, without halt polling
 * @halt_poll_ns: KVM's halt polling; never billed
 * @wait_ns: runnable, waiting for a CPU
 * @throttled_ns: withheld by kvmeter
 * @other_ns: the VMM's other threads
 *
 * What holds one protects it: a slot's and a VM's are under kvmeter_lock.
 */
struct kvmeter_times {
	u64 guest_ns;
	u64 host_ns;
	u64 halt_poll_ns;
	u64 wait_ns;
	u64 throttled_ns;
	u64 other_ns;
};

/**
 * struct kvmeter_counts - events, cumulative
 * @exits: all VM exits
 * @class: exits by reason class, enum kvmeter_exit_class
 * @fault: guest page faults by kind, enum kvmeter_fault_kind
 *
 * What holds one protects it: a slot's and a VM's are under kvmeter_lock.
 */
struct kvmeter_counts {
	u64 exits;
	u64 class[KVMETER_NR_EXITS];
	u64 fault[KVMETER_NR_FAULTS];
};

/**
 * kvmeter_billable_ns - what is billed
 * @t: times
 *
 * Return: ns; all but halt polling, which is KVM's choice and not the VM's use.
 */
static inline u64 kvmeter_billable_ns(const struct kvmeter_times *t)
{
	return t->guest_ns + t->host_ns + t->other_ns;
}

/**
 * kvmeter_on_cpu_ns - how long a vCPU thread was on its CPU
 * @t: its times
 *
 * Return: ns, halt polling included.
 */
static inline u64 kvmeter_on_cpu_ns(const struct kvmeter_times *t)
{
	return t->guest_ns + t->host_ns + t->halt_poll_ns;
}

struct kmc_sample;

void kvmeter_times_sample(struct kmc_sample *s, const struct kvmeter_times *t,
			  const struct kvmeter_times *from, u64 capacity_ns);
void kvmeter_counts_sample(struct kmc_sample *s, u64 exits, u64 span_ns, bool censored);
void kvmeter_cpu_read(struct kvmeter_vm *vm, u64 now_ns);
u64 kvmeter_cpu_used(const struct kvmeter_vm *vm);
void kvmeter_cpu_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns);
void kvmeter_cpu_turn(struct kvmeter_vm *vm);
void kvmeter_exits_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns);
void kvmeter_exits_turn(struct kvmeter_vm *vm);
void kvmeter_slot_read(struct kvmeter_slot *slot);
void kvmeter_slot_fold(struct kvmeter_slot *slot);
bool kvmeter_vm_ran(struct kvmeter_vm *vm);
void kvmeter_group_read(struct kvmeter_group *group, u64 now_ns);

#endif /* KVMETER_TIMES_H */
