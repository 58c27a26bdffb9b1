/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_HINT_H
#define KVMETER_HINT_H

#include <linux/types.h>

#include "base/rate.h"
#include "compat/arch.h"

struct kvmeter_slot;
struct kvmeter_vm;

/**
 * struct kvmeter_hints - a VM's hints; under kvmeter_lock
 * @on: the guest may hint
 * @rate: passes that the guest may cause; atomic
 * @taken: hints that were followed
 * @refused: hints that were not
 * @gone: hints dropped in threads that ended
 */
struct kvmeter_hints {
	bool on;
	struct kvmeter_rate rate;
	u64 taken;
	u64 refused;
	u64 gone;
};

KVMETER_PROBE_HYPERCALL(kvmeter_probe_hypercall);
void kvmeter_hints_take(void);
void kvmeter_hints_slot(struct kvmeter_slot *slot);
void kvmeter_hints_fold(struct kvmeter_slot *slot);
void kvmeter_hints_allow(struct kvmeter_vm *vm, bool on);
u64 kvmeter_hints_dropped(const struct kvmeter_vm *vm);

#endif /* KVMETER_HINT_H */
