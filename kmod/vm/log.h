/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Log: a VM's last adjustments and price changes.
 */
#ifndef KVMETER_LOG_H
#define KVMETER_LOG_H

#include <linux/rbtree.h>
#include <linux/types.h>

struct kvmeter_vm;

#define KVMETER_LOG_LEN		512	/* adjustments and price changes kept per VM */

/**
 * struct kvmeter_adjustment - one entry of the log of adjustments
 * @by_seq: entry in the tree of all VMs' adjustments, while @seq is not 0
 * @seq: number, per host, from 1; 0: the entry was not written yet
 * @at_ns: CLOCK_MONOTONIC
 * @real_ns: CLOCK_REALTIME
 * @vm_id: the VM's id
 * @resource: enum kmc_resource
 * @reason: enum kmc_reason
 * @mode: enum kmc_mode in force
 * @source: enum kvmeter_source, of a suggestion
 * @would: mode observe: this is what would have been done
 * @enforced: the actuator did it
 * @old_grant_bp: grant before, bp of nominal
 * @new_grant_bp: grant from now on, bp of nominal
 * @factor_bp: by what the grant was multiplied
 * @threshold_mbit: surprise from which on a deviation is one, in milli-bits
 * @surprise_mbit: surprise of the period, in milli-bits
 * @usage_bp: what was used, bp of nominal
 * @demand_bp: what was wanted, bp of nominal
 * @predicted_bp: what was expected, bp of nominal
 * @p99_bp: what was expected not to be passed in 99 of 100, bp of nominal
 * @old_ncr_h: price before, ncr per hour
 * @new_ncr_h: price announced, ncr per hour
 * @effective_real_ns: from when on the new price holds, CLOCK_REALTIME
 *
 * An entry is under kvmeter_lock.
 */
struct kvmeter_adjustment {
	struct rb_node by_seq;
	u64 seq;
	u64 at_ns;
	u64 real_ns;
	u32 vm_id;
	u8 resource;
	u8 reason;
	u8 mode;
	u8 source;
	bool would;
	bool enforced;
	u32 old_grant_bp;
	u32 new_grant_bp;
	u32 factor_bp;
	u32 threshold_mbit;
	u32 surprise_mbit;
	u64 usage_bp;
	u64 demand_bp;
	u64 predicted_bp;
	u64 p99_bp;
	u64 old_ncr_h;
	u64 new_ncr_h;
	u64 effective_real_ns;
};

/**
 * struct kvmeter_price_change - one entry of the price history
 * @seq: number, per VM, from 1
 * @real_ns: when it was announced, CLOCK_REALTIME
 * @effective_real_ns: from when on it holds, CLOCK_REALTIME
 * @old_ncr_h: price before, ncr per hour
 * @new_ncr_h: price then, ncr per hour
 * @adjustment_seq: the adjustment that caused it; 0: tariff or slew
 *
 * An entry is under kvmeter_lock.
 */
struct kvmeter_price_change {
	u64 seq;
	u64 real_ns;
	u64 effective_real_ns;
	u64 old_ncr_h;
	u64 new_ncr_h;
	u64 adjustment_seq;
};

/**
 * struct kvmeter_log - a VM's rings; under kvmeter_lock
 * @adjustment: KVMETER_LOG_LEN of them
 * @nr: adjustments ever written
 * @price: KVMETER_LOG_LEN of them
 * @nr_prices: price changes ever written
 */
struct kvmeter_log {
	struct kvmeter_adjustment *adjustment;
	u64 nr;
	struct kvmeter_price_change *price;
	u64 nr_prices;
};

extern u64 kvmeter_adjustment_seq;	/* of the last adjustment on the host; kvmeter_lock */

struct kvmeter_adjustment *kvmeter_log_new(struct kvmeter_vm *vm);
u64 kvmeter_log_seq(const struct kvmeter_vm *vm);
void kvmeter_log_drop(struct kvmeter_vm *vm);
const struct kvmeter_adjustment *kvmeter_log_next(const struct kvmeter_vm *vm, u64 seq);
const struct kvmeter_adjustment *kvmeter_log_next_of_all(u64 seq);
struct kvmeter_price_change *kvmeter_price_new(struct kvmeter_vm *vm);
const struct kvmeter_price_change *kvmeter_price_next(const struct kvmeter_vm *vm, u64 seq);

#endif /* KVMETER_LOG_H */
