/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host: the one lock, the settings, the load epoch, the clock of a pass.
 */
#ifndef KVMETER_HOST_H
#define KVMETER_HOST_H

#include <linux/rtmutex.h>
#include <linux/time64.h>

#include "core/budget.h"
#include "core/policy.h"
#include "core/price.h"
#include "core/units.h"

#define KVMETER_PERIOD_MIN_NS	(10 * NSEC_PER_MSEC)
#define KVMETER_PERIOD_MAX_NS	(10ULL * NSEC_PER_SEC)

/**
 * struct kvmeter_conf - host-wide settings
 * @period_ns: length of a period, 10 ms .. 10 s
 * @record_ns: length of a ledger record, 100 ms .. 1 h
 * @burst_ns: CPU tokens that a VM may bank, 0 .. 10 s
 * @policy: of VMs to come, per resource
 * @tariff: of VMs to come
 * @budget: of VMs to come
 *
 * Protected by kvmeter_lock.
 */
struct kvmeter_conf {
	u64 period_ns;
	u64 record_ns;
	u64 burst_ns;
	struct kmc_policy policy[KMC_NR_ACT];
	struct kmc_tariff tariff;
	struct kmc_budget_conf budget;
};

/* outermost lock: VMs, their slots' period side, settings; see locking.rst */
extern struct rt_mutex kvmeter_lock;
extern struct kvmeter_conf kvmeter_conf;	/* under kvmeter_lock */
extern u64 kvmeter_epoch;	/* the load epoch: CLOCK_REALTIME at load, ns; then fixed */

void kvmeter_host_init(u64 period_ns);
struct kmc_now kvmeter_now(void);

/**
 * kvmeter_real_ns - what CLOCK_REALTIME shows at an instant
 * @at_ns: the instant, CLOCK_MONOTONIC
 * @now: a reading of both clocks
 *
 * Return: CLOCK_REALTIME in ns, by the offset between the clocks at @now.
 */
static inline u64 kvmeter_real_ns(u64 at_ns, const struct kmc_now *now)
{
	return now->real_ns + at_ns - now->at_ns;
}

#endif /* KVMETER_HOST_H */
