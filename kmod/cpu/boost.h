/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Boost: a grant above all of the vCPUs' time becomes priority.
 */
#ifndef KVMETER_BOOST_H
#define KVMETER_BOOST_H

#include <linux/list.h>
#include <linux/types.h>

struct kvmeter_slot;
struct kvmeter_vm;

/**
 * enum kvmeter_knob - what can move a VM's CPU
 * @KVMETER_KNOB_THROTTLE: slices of time
 * @KVMETER_KNOB_NICE: nice value of the vCPU threads
 * @KVMETER_KNOB_UCLAMP: floor of the utilisation that schedutil sees
 * @KVMETER_KNOB_CPUFREQ: request for the highest frequency
 * @KVMETER_NR_KNOBS: how many there are
 */
enum kvmeter_knob {
	KVMETER_KNOB_THROTTLE,
	KVMETER_KNOB_NICE,
	KVMETER_KNOB_UCLAMP,
	KVMETER_KNOB_CPUFREQ,
	KVMETER_NR_KNOBS,
};

/**
 * struct kvmeter_boost - a thread's priority while it is boosted; under boost_lock
 * @node: entry in the list of boosted threads; empty: no boost
 * @saved_nice: nice value to restore
 * @nice: nice value that we set
 * @saved_uclamp: least utilisation to restore; U32_MAX: none was set
 * @saved_reset: the thread's children did not take after it before us either
 */
struct kvmeter_boost {
	struct list_head node;
	int saved_nice;
	int nice;
	u32 saved_uclamp;
	bool saved_reset;
};

extern const char * const kvmeter_knob_name[KVMETER_NR_KNOBS];

const char *kvmeter_knob_why(enum kvmeter_knob knob);
u32 kvmeter_boost_floor_bp(const struct kvmeter_vm *vm);
void kvmeter_boost_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);
void kvmeter_boost_revert(struct kvmeter_slot *slot);
void kvmeter_boost_init_slot(struct kvmeter_slot *slot);
void kvmeter_boost_init(void);
void kvmeter_boost_exit(void);

#endif /* KVMETER_BOOST_H */
