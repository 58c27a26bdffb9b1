/* SPDX-License-Identifier: GPL-2.0 */
/* A VMM's disk use: what meter and actuator share. */
#ifndef KVMETER_DISK_H
#define KVMETER_DISK_H

#include "kvmeter.h"

#define KVMETER_DISK_RECENT	4	/* disks per CPU whose last position is known */

/**
 * struct kvmeter_disk_pos - where a VMM last was on a disk
 * @id: which; compared only, its disk may be gone
 * @end: first sector behind the last bio
 * @dev: its number
 * @used: jiffies of the last bio
 * @lower: it only serves other disks: of device mapper and the like
 */
struct kvmeter_disk_pos {
	const void *id;
	sector_t end;
	dev_t dev;
	unsigned long used;
	bool lower;
};

/**
 * struct kvmeter_disk_cpu - bios that one CPU saw; written by that CPU only
 * @ops: bios by direction, 0: reads, 1: writes
 * @base_bytes: what they cost beside their bytes
 * @pos: positions, by a hash of the disk
 */
struct kvmeter_disk_cpu {
	u64 ops[2];
	u64 base_bytes[2];
	struct kvmeter_disk_pos pos[KVMETER_DISK_RECENT];
};

/**
 * struct kvmeter_disk_use - sums of a thread group
 * @bytes: by direction, as the kernel accounts them to the threads
 * @ops: see struct kvmeter_disk_cpu
 * @base_bytes: see there
 */
struct kvmeter_disk_use {
	u64 bytes[2];
	u64 ops[2];
	u64 base_bytes[2];
};

/**
 * struct kvmeter_disk_max - io.max of the VMM's cgroup; see act_iomax.c
 * @seen: counters at the last look
 * @mix: what was done of late, when anything was: the shape of the VM's use
 * @rate: decayed cost per look, of each of @limit's parts, times RATE_LOOKS
 * @dev: the disk that is limited
 * @cap: cost bytes per second that the grant allows; 0: no limit of ours
 * @limit: bytes read and written, reads and writes per second
 * @held: the file was read back with a limit within @cap
 */
struct kvmeter_disk_max {
	struct kvmeter_disk_counts seen;
	struct kvmeter_disk_use mix;
	u64 rate[4];
	dev_t dev;
	u64 cap;
	u64 limit[4];
	bool held;
};

struct kvmeter_disk;

/* A cgroup that is a VM's: looked up under RCU, written under kvmeter_lock. */
struct kvmeter_disk_cgroup {
	struct hlist_node by_id;
	u64 id;
	struct kvmeter_disk *disk;
	struct rcu_head rcu;
};

/**
 * struct kvmeter_disk - disk use of a VMM's thread group
 *
 * The event path looks it up under RCU and writes @cpu only; all else is under
 * kvmeter_lock, but for what prio_lock protects (act_disk.c).
 */
struct kvmeter_disk {
	struct hlist_node by_signal;
	const struct signal_struct *signal; /* of the group; lives as long as its leader */
	struct kvmeter_disk_cgroup *cgroup; /* NULL: none is known */
	struct kvmeter_disk_cpu __percpu *cpu;
	struct rcu_head rcu;
	struct task_struct *leader;	/* the group's reference */
	struct kvmeter_disk_use last;	/* as last read */

	/* act_disk.c */
	struct list_head held_node;	/* in the list of those whose threads we hold */
	struct list_head threads;	/* whose I/O priority we hold, in the group's order */
	bool conflict;			/* someone else set a priority that we had set */
	dev_t dev;			/* the disk whose scheduler is looked at */
	bool looked;			/* it was, and ... */
	const char *scheduler_why;	/* ... priority has no effect there; NULL: it has */
	unsigned long look;		/* jiffies of the next look */
	struct kvmeter_disk_max max;
};

/* disk.c */
unsigned int kvmeter_disk_devs(const struct kvmeter_disk *disk, bool lower, dev_t *dev);

/* act_disk.c */
void kvmeter_act_disk_group_gone(struct kvmeter_disk *disk);

/* act_iomax.c */
bool kvmeter_iomax_apply(struct kvmeter_vm *vm, u32 grant_bp, const char **why);
void kvmeter_iomax_revert(struct kvmeter_vm *vm);

#endif /* KVMETER_DISK_H */
