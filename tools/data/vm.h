/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A VM and its vCPUs, as the module tells of them.  Meanings and units are
 * those of Documentation/netlink/specs/kvmeter.yaml.
 */
#ifndef KVMETER_VM_H
#define KVMETER_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kvmeter_nl.h>

#include "policy.h"

#include "data/names.h"

#define NONE		UINT64_MAX	/* no cap; unknown alarm; no limit left */
#define ALL_VMS		UINT32_MAX

struct budget {
	struct kmc_budget_conf conf;	/* cap_ncr NONE: no cap */
	/* state */
	uint64_t spent_ncr;
	uint64_t left_ncr;		/* NONE: no cap */
	uint64_t started_real_ns;
	uint64_t ends_real_ns;		/* 0: never */
	uint32_t warned;
	bool capped;
};

struct times {
	uint64_t guest_ns;
	uint64_t host_ns;
	uint64_t halt_poll_ns;
	uint64_t wait_ns;
	uint64_t throttled_ns;
	uint64_t other_ns;
};

struct counts {
	uint64_t exits;
	uint64_t class[NR_EXIT_CLASSES];
};

/* of a coming period's demand; 95 and 99 % of periods stay at or below */
struct forecast {
	uint64_t predicted;
	uint64_t p95;
	uint64_t p99;
};

struct usage {
	uint64_t usage;
	uint64_t demand;
	struct forecast next;		/* of the period that now runs ... */
	struct forecast ahead;		/* ... and the fifth after it */
	uint64_t mean;
	uint64_t alarm;			/* NONE: not known yet */
	uint32_t surprise_mbit;
	uint32_t surprise_dir;
	uint32_t unusual_mbit;		/* surprise by the time of day */
	uint64_t alerts;
	uint64_t alert_real_ns;		/* of the last one, where there was one */
	uint32_t alert_mbit;
	uint32_t grant_bp;
	uint32_t wanted_bp;
	uint32_t rest_bp;
	uint64_t used;
	uint64_t charged_ncr;
	bool censored;
	bool enforced;
	char unenforceable[160];	/* empty: the grant in force is enforced */
};

struct knob {
	char name[32];
	bool enforceable;
	char why[160];
	/* of a cgroup only */
	char value[96];
	char before[96];
	bool conflict;
};

struct memory_use {
	uint64_t resident_kib;
	uint64_t used_mib_ms;
	uint64_t minor_faults;
	uint64_t major_faults;
	uint64_t faults[NR_FAULT_KINDS];
	uint64_t working_set_kib;
	uint32_t working_set_source;
	uint64_t current_kib;		/* NONE: not limited */
	uint32_t full_bp;
};

struct cgroup {
	uint64_t id;
	char path[256];			/* empty: none was handed over ... */
	char why[160];			/* ... or it was dropped for this */
	struct knob knobs[8];
	size_t nr_knobs;
};

/* in is what the guest receives */
struct nic {
	char name[16];
	uint32_t ifindex;
	bool found;			/* a tap that its VMM has open */
	uint64_t bytes_in;
	uint64_t bytes_out;
	uint64_t packets_in;
	uint64_t packets_out;
};

struct vm {
	uint32_t id;
	char name[KVMETER_NAME_LEN + 1];
	char image[KVMETER_NAME_LEN + 1];
	uint32_t tgid;
	uint32_t nr_vcpus;
	uint64_t created_real_ns;
	uint64_t epoch;
	struct times times;
	struct counts counts;
	uint64_t group_exec_ns;
	uint64_t billed_cpu_ns;
	struct usage usage[NR_RESOURCES];
	struct kmc_policy policy[NR_ACT];
	struct kmc_tariff tariff;
	struct budget budget;
	uint64_t price_ncr_h;
	uint64_t pending_ncr_h;
	uint64_t pending_real_ns;	/* 0: none pending */
	uint64_t charged_ncr;
	uint64_t charged_time_ncr;
	uint64_t waived_ncr;
	bool vcpu_forecasts;		/* each vCPU thread is forecast, too */
	bool hints;			/* its guest may hint */
	uint64_t hints_taken;
	uint64_t hints_refused;
	uint64_t hints_dropped;
	bool knob_conflict;
	bool gone;			/* only its records are left */
	uint64_t adjustment_seq;
	uint64_t price_seq;
	uint64_t ledger_next_seq;
	uint64_t ledger_acked_seq;
	uint64_t ledger_merged;
	struct nic nics[KVMETER_NICS_MAX];
	size_t nr_nics;
	bool has_model;
	char model_image[KVMETER_NAME_LEN + 1];	/* empty: the default */
	uint32_t model_checksum;
	struct memory_use memory;
	struct cgroup cgroup;
};

struct moments {
	uint64_t mean_q32;
	uint64_t var_q16;
	uint64_t samples;
};

struct vcpu {
	uint32_t vm_id;
	uint32_t vcpu_id;
	uint32_t tid;
	struct times times;
	struct counts counts;
	struct moments moments[NR_RESOURCES];
	uint32_t has_moments;		/* bits of resources */
	struct forecast next[NR_RESOURCES];
	struct forecast ahead[NR_RESOURCES];
	uint32_t has_forecasts;		/* bits of resources */
};

#endif /* KVMETER_VM_H */
