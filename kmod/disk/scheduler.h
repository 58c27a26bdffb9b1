/* SPDX-License-Identifier: GPL-2.0 */
/* The I/O scheduler of a VMM's disk: does priority have an effect there? */
#ifndef KVMETER_DISK_SCHEDULER_H
#define KVMETER_DISK_SCHEDULER_H

#include <linux/list.h>
#include <linux/types.h>

struct kvmeter_group;

/**
 * struct kvmeter_scheduler - what is known of a VMM's disk; all under kvmeter_lock
 * @node: list of all
 * @dev: the disk that the VMM used last; 0: none is known
 * @known: @why is that of @dev
 * @why: why priority has no effect there; NULL: it has
 * @next_look: jiffies of the next look
 */
struct kvmeter_scheduler {
	struct list_head node;
	dev_t dev;
	bool known;
	const char *why;
	unsigned long next_look;
};

void kvmeter_scheduler_add(struct kvmeter_scheduler *scheduler);
void kvmeter_scheduler_del(struct kvmeter_scheduler *scheduler);
const char *kvmeter_scheduler_why(struct kvmeter_scheduler *scheduler,
				  const struct kvmeter_group *group);
void kvmeter_scheduler_exit(void);

#endif /* KVMETER_DISK_SCHEDULER_H */
