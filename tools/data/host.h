/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_HOST_H
#define KVMETER_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "data/vm.h"

/* The module, and the settings of VMs to come; the budget has no state */
struct host {
	char version[32];
	uint64_t epoch;
	uint32_t nr_vms;
	uint64_t period_ns;
	uint64_t record_ns;
	uint64_t burst_ns;
	struct kmc_policy policy[NR_ACT];
	struct kmc_tariff tariff;
	struct budget budget;
	struct knob knobs[16];
	size_t nr_knobs;
	uint64_t adjustment_seq;
	uint64_t gap_max_ns;	/* between the ends of two periods */
	uint64_t periods_late;
	uint64_t periods_lapsed;
};

#endif /* KVMETER_HOST_H */
