/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_HINT_H
#define KVMETER_HINT_H

#include <linux/types.h>

struct kvmeter_slot;
struct kvmeter_vm;

void kvmeter_probe_hypercall(void *data, unsigned long nr, unsigned long a0, unsigned long a1,
			     unsigned long a2, unsigned long a3);
void kvmeter_hints_take(void);
void kvmeter_hints_slot(struct kvmeter_slot *slot);
void kvmeter_hints_fold(struct kvmeter_slot *slot);
void kvmeter_hints_allow(struct kvmeter_vm *vm, bool on);
u64 kvmeter_hints_dropped(const struct kvmeter_vm *vm);

#endif /* KVMETER_HINT_H */
