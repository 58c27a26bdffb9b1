/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vCPU: what is learned of each vCPU thread.
 */
#ifndef KVMETER_VCPU_H
#define KVMETER_VCPU_H

#include <linux/types.h>

#include "core/units.h"

struct kmc_predict;
struct kmc_profile;
struct kvmeter_slot;
struct kvmeter_vm;

/**
 * enum kvmeter_slot_resource - what is learned of each vCPU thread
 * @KVMETER_SLOT_CPU: its CPU time
 * @KVMETER_SLOT_EXITS: its exits
 * @KVMETER_NR_SLOT_RES: how many there are
 */
enum kvmeter_slot_resource {
	KVMETER_SLOT_CPU,
	KVMETER_SLOT_EXITS,
	KVMETER_NR_SLOT_RES,
};

/**
 * struct kvmeter_learned - what is learned of a vCPU thread
 * @profile: per enum kvmeter_slot_resource
 * @predict: forecasts, per enum kvmeter_slot_resource; NULL: none
 */
struct kvmeter_learned {
	struct kmc_profile *profile;
	struct kmc_predict *predict;
};

enum kmc_resource kvmeter_vcpu_res(enum kvmeter_slot_resource i);
int kvmeter_vcpu_init(struct kvmeter_slot *slot);
void kvmeter_vcpu_free(struct kvmeter_slot *slot);
void kvmeter_vcpu_begin(struct kvmeter_slot *slot, const struct kvmeter_vm *vm);
void kvmeter_vcpus_turn(struct kvmeter_vm *vm, u64 span_ns, u32 repeat);
void kvmeter_vcpus_set_half_life(struct kvmeter_vm *vm);
void kvmeter_vcpus_set_period(struct kvmeter_vm *vm);
void kvmeter_vcpus_forecast(struct kvmeter_vm *vm, bool on);

#endif /* KVMETER_VCPU_H */
