/* SPDX-License-Identifier: GPL-2.0 */
/* Resources, as the stages see them: all of a VM's, or one by its number. */
#ifndef KVMETER_RESOURCE_H
#define KVMETER_RESOURCE_H

#include "core/pipeline.h"

struct kvmeter_vm;

/**
 * struct kvmeter_meter - what is known of a VM's use of one resource
 * @read: bring the meter up to now, CLOCK_MONOTONIC; NULL: another row's does
 * @used: what the VM used since it was first seen, as an amount of enum
 *        kmc_resource; NULL: it is not sold
 * @sample: the period that began at the last @turn and is @span_ns long.  The
 *          meter knows nothing of limits but those that it counts itself
 * @turn: that period is over, the next begins with what is counted now; NULL:
 *        the sample is a state and not a difference
 *
 * All under kvmeter_lock, from a thread of real-time priority: none waits for
 * I/O or reclaim.  @used, @sample and @turn use what @read left.
 */
struct kvmeter_meter {
	void (*read)(struct kvmeter_vm *vm, u64 now_ns);
	u64 (*used)(const struct kvmeter_vm *vm);
	void (*sample)(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns);
	void (*turn)(struct kvmeter_vm *vm);
};

/**
 * struct kvmeter_actuator - what moves a VM's use of one resource
 * @apply: bring a grant in force and renew its lease, at CLOCK_MONOTONIC.
 *         Returns the grant that is in force, so that nobody pays for what has
 *         no effect.  If that is not the one asked for, vm->unenforceable[]
 *         says why
 * @revert: take back whatever is in force
 * @holds: the limit keeps the VM from using more than @s shows, so the sample is
 *         censored.  Adds to @s->demand what a held VM is taken to want beyond
 *         its use; NULL: the meter counts what was withheld
 *
 * All under kvmeter_lock, from a thread of real-time priority: none waits for
 * I/O or reclaim.
 */
struct kvmeter_actuator {
	u32 (*apply)(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);
	void (*revert)(struct kvmeter_vm *vm);
	bool (*holds)(const struct kvmeter_vm *vm, struct kmc_sample *s);
};

void kvmeter_vm_read(struct kvmeter_vm *vm);
u64 kvmeter_vm_used(const struct kvmeter_vm *vm, enum kmc_resource r);
void kvmeter_vm_sample(const struct kvmeter_vm *vm, struct kmc_sample s[KMC_NR_RES], u64 span_ns);
void kvmeter_vm_turn(struct kvmeter_vm *vm);
u32 kvmeter_vm_apply(struct kvmeter_vm *vm, enum kmc_resource r, u32 grant_bp, u64 now_ns);
void kvmeter_vm_revert(struct kvmeter_vm *vm);

#endif /* KVMETER_RESOURCE_H */
