// SPDX-License-Identifier: GPL-2.0
/*
 * The host: the one lock, the settings, the load epoch, the clock of a pass.
 */
#include <linux/timekeeping.h>

#include "base/host.h"

DEFINE_RT_MUTEX(kvmeter_lock);	/* protects the state of VMs, slots and settings */
struct kvmeter_conf kvmeter_conf;
u64 kvmeter_epoch;

/**
 * kvmeter_host_init - the epoch begins, settings are the defaults
 * @period_ns: length of a period, KVMETER_PERIOD_MIN_NS .. KVMETER_PERIOD_MAX_NS
 *
 * Context: load, before anything else.
 */
void kvmeter_host_init(u64 period_ns)
{
	int r;

	kvmeter_epoch = ktime_get_real_ns();
	kvmeter_conf.period_ns = period_ns;
	kvmeter_conf.record_ns = 10 * NSEC_PER_SEC;
	kvmeter_conf.burst_ns = 10 * NSEC_PER_MSEC;
	for (r = 0; r < KMC_NR_ACT; r++)
		kmc_policy_default(&kvmeter_conf.policy[r]);
	kmc_tariff_default(&kvmeter_conf.tariff);
	kmc_budget_default(&kvmeter_conf.budget);
}

/**
 * kvmeter_now - read the clocks, once for a whole pass
 *
 * Return: CLOCK_MONOTONIC and CLOCK_REALTIME, in ns.
 */
struct kmc_now kvmeter_now(void)
{
	return (struct kmc_now) {
		.at_ns = ktime_get_ns(),
		.real_ns = ktime_get_real_ns(),
	};
}
