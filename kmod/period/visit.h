/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_VISIT_H
#define KVMETER_VISIT_H

#include "core/policy.h"
#include "core/price.h"

struct kvmeter_vm;

/**
 * struct kvmeter_alert - alerts of one resource of a VM
 * @nr: since the VM appeared
 * @real_ns: CLOCK_REALTIME at the end of the last one's period
 * @mbit: score of the last one, in 1/1000 bit
 */
struct kvmeter_alert {
	u64 nr;
	u64 real_ns;
	u32 mbit;
};

/**
 * struct kvmeter_visit - a VM's part of the period; under kvmeter_lock
 * @visited_ns: end of its last period, CLOCK_MONOTONIC
 * @next_visit_ns: visited by then even if idle
 * @wait_ns: run-queue wait in the last period
 * @billed: charged so far, per resource in its amount
 * @alert: alerts, per resource
 * @suggested_by: enum kvmeter_source of the suggestion in force, per resource
 */
struct kvmeter_visit {
	u64 visited_ns;
	u64 next_visit_ns;
	u64 wait_ns;
	struct kmc_used billed;
	struct kvmeter_alert alert[KMC_NR_RES];
	u8 suggested_by[KMC_NR_ACT];
};

void kvmeter_vm_begin(struct kvmeter_vm *vm, const struct kmc_now *now);
void kvmeter_vm_finish(struct kvmeter_vm *vm, const struct kmc_now *now);
void kvmeter_vm_refresh(struct kvmeter_vm *vm, const struct kmc_now *now);
void kvmeter_vm_reconsider(struct kvmeter_vm *vm, const struct kmc_now *now);
u64 kvmeter_visit(struct kvmeter_vm *vm, u32 period, const struct kmc_now *now);
void kvmeter_visit_alarm(struct kvmeter_vm *vm, const struct kmc_now *now);
void kvmeter_visit_waited(u64 wait_ns);

#endif /* KVMETER_VISIT_H */
