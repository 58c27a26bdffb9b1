/* SPDX-License-Identifier: GPL-2.0 */
/* Memory: the actuator. */
#ifndef KVMETER_MEMORY_SQUEEZE_H
#define KVMETER_MEMORY_SQUEEZE_H

#include <linux/types.h>

struct kmc_sample;
struct kvmeter_vm;

u32 kvmeter_act_memory_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);
void kvmeter_act_memory_revert(struct kvmeter_vm *vm);
bool kvmeter_act_memory_holds(const struct kvmeter_vm *vm, struct kmc_sample *s);
u64 kvmeter_squeeze_found_kib(const struct kvmeter_vm *vm, u64 now_ns);
bool kvmeter_squeeze_sensed(const struct kvmeter_vm *vm, u64 *current_kib, u32 *full_bp);

#endif /* KVMETER_MEMORY_SQUEEZE_H */
