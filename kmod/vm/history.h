/* SPDX-License-Identifier: GPL-2.0 */
/*
 * History: the last periods of a VM.
 */
#ifndef KVMETER_HISTORY_H
#define KVMETER_HISTORY_H

#include <linux/bits.h>
#include <linux/types.h>

#include <uapi/linux/kvmeter_nl.h>	/* KVMETER_HISTORY_LEN */

#include "core/units.h"

struct kmc_now;
struct kmc_sample;
struct kvmeter_vm;

#define KVMETER_HISTORY_CENSORED	BIT(31)	/* in a value: demand was withheld */

/**
 * struct kvmeter_history - the last periods of a VM
 * @seq: periods since the VM appeared
 * @forgotten: periods up to this one are not kept
 * @period_ns: length of the periods that are kept
 * @end_real_ns: end of the last period, CLOCK_REALTIME
 * @value: demand in the resource's sample unit, with KVMETER_HISTORY_CENSORED;
 *         period n is at index n % KVMETER_HISTORY_LEN
 *
 * Protected by kvmeter_lock.
 */
struct kvmeter_history {
	u64 seq;
	u64 forgotten;
	u64 period_ns;
	u64 end_real_ns;
	u32 value[KMC_NR_RES][KVMETER_HISTORY_LEN];
};

void kvmeter_history_add(struct kvmeter_vm *vm, const struct kmc_sample *sample, u32 repeat,
			 const struct kmc_now *now);
u64 kvmeter_history_first(const struct kvmeter_history *h, u64 since);

#endif /* KVMETER_HISTORY_H */
