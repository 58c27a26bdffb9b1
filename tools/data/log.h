/* SPDX-License-Identifier: GPL-2.0 */
/* What happened, and what would. */
#ifndef KVMETER_LOG_H
#define KVMETER_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kvmeter_nl.h>

#include "data/host.h"
#include "data/vm.h"

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

enum event {
	EVENT_VM_NEW,
	EVENT_VM_GONE,
	EVENT_PRICE,
	EVENT_ADJUST,
	EVENT_BUDGET,
	EVENT_ALERT,
	EVENT_LAPSED,
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
		struct host host;
	};
};

#endif /* KVMETER_LOG_H */
