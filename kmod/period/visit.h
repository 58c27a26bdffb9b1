/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_VISIT_H
#define KVMETER_VISIT_H

#include "core/units.h"

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

void kvmeter_vm_begin(struct kvmeter_vm *vm, const struct kmc_now *now);
void kvmeter_vm_finish(struct kvmeter_vm *vm, const struct kmc_now *now);
void kvmeter_vm_refresh(struct kvmeter_vm *vm, const struct kmc_now *now);
void kvmeter_vm_reconsider(struct kvmeter_vm *vm, const struct kmc_now *now);
u64 kvmeter_visit(struct kvmeter_vm *vm, const struct kmc_now *now);
void kvmeter_visit_alarm(struct kvmeter_vm *vm, const struct kmc_now *now);
void kvmeter_visit_waited(u64 wait_ns);

#endif /* KVMETER_VISIT_H */
