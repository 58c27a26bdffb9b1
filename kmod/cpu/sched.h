/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sched: switch-in and switch-out of vCPU threads.
 */
#ifndef KVMETER_SCHED_H
#define KVMETER_SCHED_H

#include <linux/types.h>

struct kvm_vcpu;
struct kvmeter_slot;
struct preempt_ops;
struct task_struct;

/**
 * struct kvmeter_anchor - where the scheduler's account last set host time right
 * @exec_ns: the account then; 0: never
 * @used_cyc: what guest and host cycles should have been then
 * @host_cyc: host cycles then
 */
struct kvmeter_anchor {
	u64 exec_ns;
	u64 used_cyc;
	u64 host_cyc;
};

extern struct preempt_ops kvmeter_preempt_ops;	/* constant */

void kvmeter_slot_anchor(struct kvmeter_slot *slot);
KVMETER_TASK_EXIT_PROBE(kvmeter_probe_task_exit);
bool kvmeter_sched_in_run(const struct kvm_vcpu *vcpu);

#endif /* KVMETER_SCHED_H */
