// SPDX-License-Identifier: GPL-2.0
/*
 * What is learned of each vCPU thread: its CPU time and its exits.
 *
 * Nothing is decided by it.  It tells which of a VM's threads is busy and, where
 * forecasts are on, which will be.  That helps to place threads and to size VMs.
 *
 * A profile takes some 200 instructions a period.  A predictor takes a hundred
 * times that and four times the memory (prediction.rst), as much as the VM's
 * own.  So threads have predictors while the VM's operator asks for them.  They
 * have no network: its weights are an image's, trained on whole VMs.
 */
#include <linux/slab.h>

#include "base/host.h"
#include "core/pipeline.h"
#include "core/predict.h"
#include "core/profile.h"
#include "core/units.h"
#include "cpu/cpu.h"
#include "cpu/slot.h"
#include "cpu/times.h"
#include "cpu/vcpu.h"
#include "vm/vm.h"

static const enum kmc_resource slot_res[KVMETER_NR_SLOT_RES] = {
	[KVMETER_SLOT_CPU] = KMC_RES_CPU,
	[KVMETER_SLOT_EXITS] = KMC_RES_EXITS,
};

/**
 * kvmeter_vcpu_res - the resource that a thread's is a part of
 * @i: what is learned of a thread
 *
 * Return: the VM's resource, whose units and half-life hold.
 */
enum kmc_resource kvmeter_vcpu_res(enum kvmeter_slot_resource i)
{
	return slot_res[i];
}

/**
 * kvmeter_vcpu_init - a slot is made
 * @slot: zeroed
 *
 * Return: 0 or -ENOMEM.
 */
int kvmeter_vcpu_init(struct kvmeter_slot *slot)
{
	struct kmc_profile *profile = kcalloc(KVMETER_NR_SLOT_RES, sizeof(*profile), GFP_KERNEL);

	slot->learned.profile = profile;
	return profile ? 0 : -ENOMEM;
}

static void vcpu_forget_forecasts(struct kvmeter_slot *slot)
{
	kfree(slot->learned.predict);
	slot->learned.predict = NULL;
}

void kvmeter_vcpu_free(struct kvmeter_slot *slot)
{
	vcpu_forget_forecasts(slot);
	kfree(slot->learned.profile);
}

/**
 * kvmeter_vcpu_begin - a slot is adopted: it begins to learn
 * @slot: the slot
 * @vm: its VM, which has the half-life
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vcpu_begin(struct kvmeter_slot *slot, const struct kvmeter_vm *vm)
{
	int i;

	for (i = 0; i < KVMETER_NR_SLOT_RES; i++)
		kmc_profile_init(&slot->learned.profile[i],
				 kmc_vm_profile_half_life(&vm->core, slot_res[i]));
}

/* Begins to forecast, if there is memory at once; else the next period tries again. */
static void vcpu_begin_forecasts(struct kvmeter_slot *slot, const struct kvmeter_vm *vm)
{
	struct kmc_predict *predict = kcalloc(KVMETER_NR_SLOT_RES, sizeof(*predict),
					      GFP_NOWAIT | __GFP_NOWARN);
	int i;

	for (i = 0; predict && i < KVMETER_NR_SLOT_RES; i++)
		kmc_predict_init(&predict[i], kmc_periods_per_day(vm->core.period_ns));
	slot->learned.predict = predict;
}

static void vcpu_learn(struct kvmeter_slot *slot, enum kvmeter_slot_resource i,
		       const struct kmc_sample *s, u32 repeat, u32 censor_max)
{
	kmc_profile_fold(&slot->learned.profile[i], s, repeat, censor_max);
	if (slot->learned.predict)
		kmc_predict_observe(&slot->learned.predict[i], s, repeat);
}

/**
 * kvmeter_vcpus_turn - a period is over
 * @vm: the VM; its threads have been read
 * @span_ns: how long it was
 * @repeat: how many periods it counts for
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vcpus_turn(struct kvmeter_vm *vm, u64 span_ns, u32 repeat)
{
	u32 censor_max = (u32)div64_u64(KMC_PROFILE_CENSOR_MAX_S * NSEC_PER_SEC,
					vm->core.period_ns);
	struct kmc_sample s;
	struct kvmeter_slot *slot;

	list_for_each_entry(slot, &vm->slots, node) {
		if (vm->cpu->vcpu_forecasts && !slot->learned.predict)
			vcpu_begin_forecasts(slot, vm);
		kvmeter_times_sample(&s, &slot->times, &slot->period_times, span_ns);
		vcpu_learn(slot, KVMETER_SLOT_CPU, &s, repeat, censor_max);
		kvmeter_counts_sample(&s, slot->counts.exits - slot->period_exits, span_ns,
				      s.censored);
		vcpu_learn(slot, KVMETER_SLOT_EXITS, &s, repeat, censor_max);
		slot->last_used_ns = kvmeter_on_cpu_ns(&slot->times) -
				     kvmeter_on_cpu_ns(&slot->period_times);
		slot->period_times = slot->times;
		slot->period_exits = slot->counts.exits;
	}
}

/**
 * kvmeter_vcpus_set_half_life - a VM's policy has changed: how fast is forgotten
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vcpus_set_half_life(struct kvmeter_vm *vm)
{
	struct kvmeter_slot *slot;
	int i;

	list_for_each_entry(slot, &vm->slots, node)
		for (i = 0; i < KVMETER_NR_SLOT_RES; i++)
			kmc_profile_set_half_life(&slot->learned.profile[i],
						  kmc_vm_profile_half_life(&vm->core,
									   slot_res[i]));
}

/**
 * kvmeter_vcpus_set_period - a VM's period is of another length now
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vcpus_set_period(struct kvmeter_vm *vm)
{
	struct kvmeter_slot *slot;
	int i;

	kvmeter_vcpus_set_half_life(vm);
	list_for_each_entry(slot, &vm->slots, node)
		for (i = 0; slot->learned.predict && i < KVMETER_NR_SLOT_RES; i++)
			kmc_predict_set_period(&slot->learned.predict[i],
					       kmc_periods_per_day(vm->core.period_ns));
}

/**
 * kvmeter_vcpus_forecast - forecast each thread of a VM, too?
 * @vm: the VM
 * @on: from its next period on; else what was learned for it is forgotten
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vcpus_forecast(struct kvmeter_vm *vm, bool on)
{
	struct kvmeter_slot *slot;

	lockdep_assert_held(&kvmeter_lock);
	vm->cpu->vcpu_forecasts = on;
	if (on)
		return;
	list_for_each_entry(slot, &vm->slots, node)
		vcpu_forget_forecasts(slot);
}
