/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module knows, as plain data that all verbs share.  Meanings and
 * units are those of Documentation/netlink/specs/kvmeter.yaml.
 */
#ifndef KVMETER_DATA_H
#define KVMETER_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kvmeter_nl.h>

#include "data/util.h"

#define NR_RESOURCES	(KVMETER_RESOURCE_EXITS + 1)
#define NR_ACT		KVMETER_RESOURCE_EXITS	/* the adjusted and charged ones */
#define NR_EXIT_CLASSES	(KVMETER_EXIT_CLASS_OTHER + 1)
#define NR_FAULT_KINDS	(KVMETER_FAULT_KIND_EXEC + 1)
#define NONE		UINT64_MAX	/* no cap; unknown alarm; no limit left */

/* exit statuses */
enum {
	EXIT_OK,
	EXIT_FAILED,
	EXIT_USAGE,
	EXIT_UNRECONCILED,	/* the ledger's sums disagree */
	EXIT_NOT_FOUND,		/* no such VM or adjustment */
	EXIT_NO_MODULE,
};

struct policy {
	uint32_t mode;
	uint32_t shadow;
	uint32_t contended_only;
	uint32_t nominal_bp;
	uint32_t threshold_mbit;
	uint32_t sensitivity_mbit;
	uint32_t floor_bp;
	uint32_t ceiling_bp;
	uint32_t step_bp;
	uint32_t dead_band_bp;
	uint32_t dwell_ms;
	uint32_t half_life_s;
	uint64_t nominal;		/* not of cpu; 0: not sold */
	uint32_t follow;		/* bits of resources */
};

struct tariff {
	uint64_t base_ncr_h;
	uint64_t floor_ncr_h;
	uint64_t ceiling_ncr_h;
	uint64_t slew_ncr_h_min;
	uint32_t notice_ms;
	uint64_t cost_ncr_h[NR_ACT];
	uint64_t rate_ncr[NR_ACT];	/* of metered use */
};

struct budget {
	uint64_t cap_ncr;		/* NONE: no cap */
	uint32_t period_s;
	uint32_t action;
	uint32_t pace;
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
	struct policy policy[NR_ACT];
	struct tariff tariff;
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
	struct nic nics[8];
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

struct host {
	char version[32];
	uint64_t epoch;
	uint32_t nr_vms;
	uint64_t period_ns;
	uint64_t record_ns;
	uint64_t burst_ns;
	struct policy policy[NR_ACT];
	struct tariff tariff;
	struct budget budget;
	struct knob knobs[16];
	size_t nr_knobs;
	uint64_t adjustment_seq;
};

/* weights of the network, as the module keeps them */
struct weights {
	char image[KVMETER_NAME_LEN + 1];	/* empty: the default */
	uint32_t checksum;
	uint64_t seq;
	uint64_t set_real_ns;
	uint32_t nr_vms;
};

#define SAMPLES_MAX	1024
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

#define BLOB_MAX	32768

struct blob {
	size_t len;
	uint8_t bytes[BLOB_MAX + 1];	/* one more, so that what is too long is seen */
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

/* what would become of a suggestion */
struct quote {
	uint32_t grant_bp;		/* 0: refused */
	uint32_t answer;
	uint64_t now_ncr_h;
	uint64_t price_ncr_h;
	uint64_t effective_real_ns;	/* 0: not foreseen */
};

struct adjustment {
	uint64_t seq;
	uint64_t epoch;
	uint64_t real_ns;
	uint32_t vm_id;
	uint32_t resource;
	uint32_t reason;
	uint32_t mode;
	uint32_t source;		/* of a suggestion; 0: none */
	bool would;
	bool enforced;
	uint32_t old_grant_bp;
	uint32_t new_grant_bp;
	uint32_t factor_bp;
	uint32_t threshold_mbit;
	uint32_t surprise_mbit;
	uint64_t usage_bp;
	uint64_t demand_bp;
	uint64_t predicted_bp;
	uint64_t p99_bp;
	uint64_t old_ncr_h;
	uint64_t new_ncr_h;
	uint64_t effective_real_ns;
};

struct price_change {
	uint64_t seq;
	uint64_t epoch;
	uint32_t vm_id;
	uint64_t real_ns;
	uint64_t effective_real_ns;
	uint64_t old_ncr_h;
	uint64_t new_ncr_h;
	uint64_t adjustment_seq;
};

struct record {
	uint64_t epoch;
	uint32_t vm_id;
	uint64_t seq;
	uint64_t first_seq;
	uint64_t start_real_ns;
	uint64_t end_real_ns;
	uint64_t span_ns;
	uint64_t price_ncr_h;
	uint64_t used[NR_ACT];
	uint64_t time_ncr;
	uint64_t used_ncr[NR_ACT];
	uint64_t waived_ncr;
	uint64_t total_ncr;
	uint64_t total_used[NR_ACT];
	uint64_t total_waived_ncr;
};

enum group {
	GROUP_LIFECYCLE,
	GROUP_PRICE,
	GROUP_ADJUST,
	GROUP_BUDGET,
	GROUP_ALERT,
	NR_GROUPS,
};

enum event {
	EVENT_VM_NEW,
	EVENT_VM_GONE,
	EVENT_PRICE,
	EVENT_ADJUST,
	EVENT_BUDGET,
	EVENT_ALERT,
};

struct notice {
	enum group group;
	enum event event;
	uint64_t seq;			/* in its group; 0: repaired by a dump */
	uint32_t budget_events;
	uint32_t alerted;		/* bit per resource */
	union {
		struct vm vm;
		struct price_change price;
		struct adjustment adjustment;
	};
};

/* a setting to change: where it belongs, its attribute there, its value */
enum change_to {
	TO_TOP,
	TO_POLICY,
	TO_TARIFF,
	TO_BUDGET,
	TO_COST,	/* attr: the resource */
};

struct change {
	enum change_to to;
	uint16_t attr;
	enum { CHANGE_U32, CHANGE_U64, CHANGE_STR } type;
	uint64_t value;
	const char *str;
};

struct changes {
	struct change c[32];
	size_t nr;
};

/* a resource as people and scripts read it */
struct resource_info {
	const char *title;
	const char *unit;	/* of a sample, in JSON */
	const char *amount;	/* of what was used in all, in JSON and CSV */
	const char *rate;	/* the tariff's rate of it */
	const char *per;	/* what that is paid for */
};

extern const struct resource_info resource_info[NR_RESOURCES];
extern const char * const resource_names[NR_RESOURCES];
extern const char * const mode_names[];
extern const char * const reason_names[];
extern const char * const cap_action_names[];
extern const char * const dir_names[];
extern const char * const exit_class_names[NR_EXIT_CLASSES];
extern const char * const fault_kind_names[NR_FAULT_KINDS];
extern const char * const wset_source_names[];

/* a newer module may know more than this tool */
static inline const char *name_of(const char * const *names, uint32_t nr, uint32_t i)
{
	return i < nr ? names[i] : "unknown";
}

#define RESOURCE_NAME(i)	name_of(resource_names, NR_RESOURCES, i)
#define MODE_NAME(i)		name_of(mode_names, KVMETER_MODE_GUARD + 1, i)
#define REASON_NAME(i)		name_of(reason_names, KVMETER_REASON_POLICY + 1, i)
#define CAP_ACTION_NAME(i)	name_of(cap_action_names, KVMETER_CAP_ACTION_PAUSE + 1, i)
#define WSET_SOURCE_NAME(i)	name_of(wset_source_names, KVMETER_WSET_SOURCE_FED + 1, i)
#define DIR_NAME(i)		name_of(dir_names, KVMETER_SURPRISE_DIR_DOWN + 1, i)

#endif /* KVMETER_DATA_H */
