/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Leases for limits that no code path checks.
 */
#ifndef KVMETER_LEASE_H
#define KVMETER_LEASE_H

#include <linux/hrtimer.h>
#include <linux/minmax.h>
#include <linux/workqueue.h>

#include "base/host.h"

#define KVMETER_LEASE_MIN_NS	(5ULL * NSEC_PER_SEC)	/* a host that is slow, not stuck */
#define KVMETER_LEASE_PERIODS	10	/* if so many are late, something is wrong */

/**
 * struct kvmeter_lease - what to undo when periods stop
 * @timer: runs off at @until_ns
 * @work: lets it lapse, unless it has been renewed meanwhile
 * @lapse: undoes it, in process context
 * @until_ns: CLOCK_MONOTONIC; written under kvmeter_lock, read without it
 *
 * All but @until_ns is fixed once it is initialised.
 */
struct kvmeter_lease {
	struct hrtimer timer;
	struct work_struct work;
	void (*lapse)(struct kvmeter_lease *lease);
	u64 until_ns;
};

/**
 * kvmeter_lease_ns - limits and boosts lapse so long after their last renewal
 *
 * Context: kvmeter_lock.
 * Return: ns.
 */
static inline u64 kvmeter_lease_ns(void)
{
	return max_t(u64, KVMETER_LEASE_MIN_NS, KVMETER_LEASE_PERIODS * kvmeter_conf.period_ns);
}

void kvmeter_lease_init(struct kvmeter_lease *lease, void (*lapse)(struct kvmeter_lease *lease));
void kvmeter_lease_renew(struct kvmeter_lease *lease);
bool kvmeter_lease_over(const struct kvmeter_lease *lease);
void kvmeter_lease_stop(struct kvmeter_lease *lease);

#endif /* KVMETER_LEASE_H */
