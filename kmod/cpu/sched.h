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

extern struct preempt_ops kvmeter_preempt_ops;	/* constant */

void kvmeter_slot_anchor(struct kvmeter_slot *slot);
void kvmeter_probe_task_exit(void *data, struct task_struct *task);
bool kvmeter_sched_in_run(const struct kvm_vcpu *vcpu);

#endif /* KVMETER_SCHED_H */
