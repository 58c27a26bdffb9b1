/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Throttle: a grant below all of the vCPUs' time becomes sleep.
 */
#ifndef KVMETER_THROTTLE_H
#define KVMETER_THROTTLE_H

#include <linux/types.h>

struct kvmeter_slot;
struct kvmeter_vm;

/* the period */
void kvmeter_act_cpu_init(struct kvmeter_vm *vm);
u32 kvmeter_act_cpu_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);
void kvmeter_act_cpu_revert(struct kvmeter_vm *vm);
void kvmeter_throttle_init_slot(struct kvmeter_slot *slot);
void kvmeter_throttle_drop(struct kvmeter_slot *slot);

/* unload */
void kvmeter_throttle_drain(struct kvmeter_slot *slot);

#endif /* KVMETER_THROTTLE_H */
