/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_LEASE_H
#define KVMETER_LEASE_H

#include <linux/hrtimer.h>
#include <linux/workqueue.h>

/**
 * struct kvmeter_lease - what to undo when periods stop
 * @timer: runs off at @until_ns
 * @work: lets it lapse, unless it has been renewed meanwhile
 * @lapse: undoes it, in process context
 * @until_ns: CLOCK_MONOTONIC
 */
struct kvmeter_lease {
	struct hrtimer timer;
	struct work_struct work;
	void (*lapse)(struct kvmeter_lease *lease);
	u64 until_ns;
};

void kvmeter_lease_init(struct kvmeter_lease *lease, void (*lapse)(struct kvmeter_lease *lease));
void kvmeter_lease_renew(struct kvmeter_lease *lease);
bool kvmeter_lease_over(const struct kvmeter_lease *lease);
void kvmeter_lease_stop(struct kvmeter_lease *lease);

#endif /* KVMETER_LEASE_H */
