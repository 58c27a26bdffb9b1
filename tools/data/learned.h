/* SPDX-License-Identifier: GPL-2.0 */
/* What the module has learned: profiles, samples, weights. */
#ifndef KVMETER_LEARNED_H
#define KVMETER_LEARNED_H

#include <stddef.h>
#include <stdint.h>

#include <linux/kvmeter_nl.h>

#include "data/vm.h"

/* weights of the network, as the module keeps them */
struct weights {
	char image[KVMETER_NAME_LEN + 1];	/* empty: the default */
	uint32_t checksum;
	uint64_t seq;
	uint64_t set_real_ns;
	uint32_t nr_vms;
};

#define SAMPLES_MAX	1024	/* room; the module keeps KVMETER_HISTORY_LEN */
#define SAMPLE_CENSORED	(1U << 31)

/* a VM's last periods: of a resource the numbers first_seq up to seq */
struct samples {
	uint64_t epoch;
	uint64_t first_seq;
	uint64_t seq;
	uint64_t period_ns;
	uint64_t end_real_ns;
	uint32_t value[NR_RESOURCES][SAMPLES_MAX];
	size_t nr[NR_RESOURCES];
};

struct bin {
	uint64_t low;
	uint64_t end;
	uint32_t weight;
};

struct expert {
	char name[16];
	uint64_t value_q8;
	uint64_t loss_q8;
	uint32_t weight_q16;
};

/* whose profile, and of what */
struct profile_of {
	uint32_t vm_id;
	const char *image;	/* NULL: the VM's */
	int resource;		/* -1: all */
};

struct profile {
	uint32_t vm_id;
	char image[KVMETER_NAME_LEN + 1];	/* empty: the VM's */
	uint32_t resource;
	struct moments moments;
	uint64_t censored;
	uint32_t prior_samples;
	uint32_t effective_samples;
	uint32_t half_life;
	struct forecast next;
	uint64_t alarm;			/* NONE: not known yet */
	struct bin bins[512];
	size_t nr_bins;
	struct expert experts[16];
	size_t nr_experts;
};

#define BLOB_MAX	32768

struct blob {
	size_t len;
	uint8_t bytes[BLOB_MAX + 1];	/* one more, so that what is too long is seen */
};

#endif /* KVMETER_LEARNED_H */
