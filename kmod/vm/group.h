/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Group: a VMM's thread group, and what its threads used.
 */
#ifndef KVMETER_GROUP_H
#define KVMETER_GROUP_H

#include <linux/list.h>
#include <linux/types.h>

struct kvmeter_crew;
struct kvmeter_disk;
struct kvmeter_disk_hold;
struct task_struct;

/**
 * struct kvmeter_group_use - what the threads of a group used, by the kernel's accounts
 * @exec_ns: CPU time
 * @minor_faults: page faults
 * @major_faults: page faults that waited for storage
 * @read_bytes: read from storage
 * @write_bytes: written, or made dirty
 * @cancelled_bytes: of @write_bytes, truncated before they were written
 *
 * Ended threads are included.
 */
struct kvmeter_group_use {
	u64 exec_ns;
	u64 minor_faults;
	u64 major_faults;
	u64 read_bytes;
	u64 write_bytes;
	u64 cancelled_bytes;
};

/**
 * struct kvmeter_walk - the walk over a group's threads
 * @at: the thread that it goes on with; referenced; NULL: it begins anew
 * @sum: of the threads before @at, and of those that had ended when it began
 * @next_ns: not before this, CLOCK_MONOTONIC
 */
struct kvmeter_walk {
	struct task_struct *at;
	struct kvmeter_group_use sum;
	u64 next_ns;
};

/**
 * struct kvmeter_group - a VMM's thread group, which may hold several VMs
 * @node: entry in life.c's list of groups
 * @vms: its VMs, the oldest first
 * @nr_vms: length of @vms
 * @leader: its first thread; referenced
 * @walk: over its threads
 * @use: at the end of the last walk; it lags a little and is never too much
 * @gone_vcpu_ns: vCPU part of threads that ended, by the scheduler's account
 * @based: it was read once: what ran before is nobody's
 * @other_ns: part of threads that are no vCPU, at the last reading
 * @exec_ns: CPU time of all threads, at the last reading
 * @minor_faults: of all threads, at the last reading
 * @major_faults: of all threads, at the last reading
 * @crew: its threads, once a VM of it was limited; cpu/crew.h
 * @disk: its disk meter
 * @disk_hold: its disk actuator
 *
 * CPU time of threads that are no vCPU goes to the oldest VM of the group.
 * All is under kvmeter_lock, but for a group that nobody knows yet.
 */
struct kvmeter_group {
	struct list_head node;
	struct list_head vms;
	u32 nr_vms;
	struct task_struct *leader;
	struct kvmeter_walk walk;
	struct kvmeter_group_use use;
	u64 gone_vcpu_ns;
	bool based;
	u64 other_ns;
	u64 exec_ns;
	u64 minor_faults;
	u64 major_faults;
	struct kvmeter_crew *crew;
	struct kvmeter_disk *disk;
	struct kvmeter_disk_hold *disk_hold;
};

struct kvmeter_group *kvmeter_group_new(struct task_struct *leader);
void kvmeter_group_free(struct kvmeter_group *group);
bool kvmeter_group_walk(struct kvmeter_group *group, u64 now_ns);
void kvmeter_group_paid(struct kvmeter_group *group, unsigned int nr);
void kvmeter_group_hurry(struct kvmeter_group *group);

#endif /* KVMETER_GROUP_H */
