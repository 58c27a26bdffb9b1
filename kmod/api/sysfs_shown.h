/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shown: what the files of a VM show, as its last settlement left it.
 */
#ifndef KVMETER_SYSFS_SHOWN_H
#define KVMETER_SYSFS_SHOWN_H

#include <linux/seqlock.h>

#include "core/budget.h"
#include "core/policy.h"
#include "core/predict.h"
#include "core/units.h"
#include "cpu/times.h"
#include "disk/disk.h"
#include "vm/vm.h"

/**
 * struct kvmeter_shown_res - of one resource
 * @usage: used in the last period, sample unit
 * @demand: @usage and what was withheld
 * @next: forecast for the period that runs
 * @surprise_mbit: how unusual @demand was
 * @grant_bp: in force; KMC_BP for what is not adjusted
 * @nominal: what a grant is a share of; 0 for what is not sold
 */
struct kvmeter_shown_res {
	u64 usage;
	u64 demand;
	struct kmc_forecast next;
	u32 surprise_mbit;
	u32 grant_bp;
	u64 nominal;
};

/**
 * struct kvmeter_shown_vm - the values
 * @name: what people call it
 * @image: what it runs
 * @disk_why: why its disk grant is not enforced, a constant; NULL: it is
 * @tgid: process of the VMM
 * @created_real_ns: when it was first seen, CLOCK_REALTIME
 * @nr_vcpus: distinct vCPUs
 * @mode: enum kmc_mode of its CPU
 * @cap_action: what a budget that is used up does; KMC_NR_CAP_ACTIONS: none is
 * @budget: its budget's settings
 * @left_ncr: of the budget; KMC_BUDGET_NONE: no cap
 * @price_ncr_h: announced last
 * @charged_ncr: since it appeared
 * @waived_ncr: not charged because of the cap
 * @exits: VM exits
 * @hypercalls: exits by hypercall
 * @times: CPU time
 * @disk: reads and writes
 * @res: per resource
 */
struct kvmeter_shown_vm {
	char name[KVMETER_NAME_MAX];
	char image[KVMETER_NAME_MAX];
	const char *disk_why;
	pid_t tgid;
	u64 created_real_ns;
	u32 nr_vcpus;
	u8 mode;
	enum kmc_cap_action cap_action;
	struct kmc_budget_conf budget;
	u64 left_ncr;
	u64 price_ncr_h;
	u64 charged_ncr;
	u64 waived_ncr;
	u64 exits;
	u64 hypercalls;
	struct kvmeter_times times;
	struct kvmeter_disk_counts disk;
	struct kvmeter_shown_res res[KMC_NR_RES];
};

/**
 * struct kvmeter_shown - the values and what makes a reading of them one
 * @seq: odd while they are written, under kvmeter_lock and without preemption
 * @vm: the values
 */
struct kvmeter_shown {
	seqcount_t seq;
	struct kvmeter_shown_vm vm;
};

void kvmeter_shown_init(struct kvmeter_shown *shown);
void kvmeter_shown_write(struct kvmeter_shown *shown, const struct kvmeter_vm *vm);
void kvmeter_shown_read(const struct kvmeter_shown *shown, struct kvmeter_shown_vm *out);

#endif /* KVMETER_SYSFS_SHOWN_H */
