/* SPDX-License-Identifier: GPL-2.0 */
/* io.max of a VMM's cgroup. */
#ifndef KVMETER_DISK_IOMAX_H
#define KVMETER_DISK_IOMAX_H

#include "disk/bio.h"
#include "disk/disk.h"

/* bytes read, bytes written, reads, writes */
#define KVMETER_IOMAX_PARTS	4

/**
 * struct kvmeter_iomax - io.max of a VMM's cgroup; all under kvmeter_lock
 * @seen: the VM's counters at the last look at which they had moved
 * @mix: the shape of the VM's use: what it did, each older look counts half
 * @rate: cost bytes per look of each part, decayed, times RATE_LOOKS
 * @dev: the disk that is limited
 * @cap: cost bytes per second that the grant allows; 0: no limit of ours
 * @limit: of each part, per second
 * @held: the file was read back with a limit within @cap
 */
struct kvmeter_iomax {
	struct kvmeter_disk_counts seen;
	struct kvmeter_disk_use mix;
	u64 rate[KVMETER_IOMAX_PARTS];
	dev_t dev;
	u64 cap;
	u64 limit[KVMETER_IOMAX_PARTS];
	bool held;
};

bool kvmeter_iomax_apply(struct kvmeter_iomax *max, struct kvmeter_vm *vm, u64 cap,
			 const char **why);
void kvmeter_iomax_revert(struct kvmeter_iomax *max, struct kvmeter_vm *vm);
bool kvmeter_iomax_holds(const struct kvmeter_iomax *max, u64 kib_s);

#endif /* KVMETER_DISK_IOMAX_H */
