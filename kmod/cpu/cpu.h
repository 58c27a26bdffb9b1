/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPU: a VM's part of this folder.
 */
#ifndef KVMETER_CPU_H
#define KVMETER_CPU_H

#include <linux/kvm_host.h>

#include "cpu/call.h"
#include "cpu/pool.h"
#include "cpu/times.h"

/**
 * struct kvmeter_cpu - a VM's CPU
 * @vm: whose it is; fixed
 * @times: CPU time, cumulative, ended threads included
 * @counts: events, cumulative, ended threads included
 * @gone: CPU time of threads that ended; @other_ns: of all others
 * @gone_counts: events of threads that ended
 * @group_exec_ns: scheduler's account of the group since the VM was first seen
 * @group_base_ns: scheduler's account of the group when the VM was first seen
 * @period_times: @times at the period's start
 * @period_exits: @counts.exits at the period's start
 * @vcpu_forecasts: each vCPU thread is forecast, too
 * @seen: vCPUs that were entered, by KVM's index
 * @looks: how often the alarm's level was looked at in the period
 * @knob_conflict: someone else changed a nice value that we had set
 * @call: its threads call the period; atomic
 * @pool: tokens; has a lock of its own
 *
 * All but @call and @pool is under kvmeter_lock.
 */
struct kvmeter_cpu {
	struct kvmeter_vm *vm;
	struct kvmeter_times times;
	struct kvmeter_counts counts;
	struct kvmeter_times gone;
	struct kvmeter_counts gone_counts;
	u64 group_exec_ns;
	u64 group_base_ns;
	struct kvmeter_times period_times;
	u64 period_exits;
	bool vcpu_forecasts;
	DECLARE_BITMAP(seen, KVM_MAX_VCPUS);
	u32 looks;
	bool knob_conflict;
	struct kvmeter_call call;
	struct kvmeter_pool pool;
};

#endif /* KVMETER_CPU_H */
