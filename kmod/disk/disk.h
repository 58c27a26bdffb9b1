/* SPDX-License-Identifier: GPL-2.0 */
/* Disk: the meter. */
#ifndef KVMETER_DISK_H
#define KVMETER_DISK_H

#include <linux/types.h>

struct kmc_sample;
struct kvmeter_group;
struct kvmeter_vm;

/**
 * struct kvmeter_disk_counts - a VM's disk use, cumulative; [0]: reads, [1]: writes
 * @bytes: as the kernel accounts them to the VMM's threads
 * @ops: bios
 * @base_bytes: what the operations cost beside their bytes, in cost bytes
 * @cost_bytes: all of it: what is charged
 */
struct kvmeter_disk_counts {
	u64 bytes[2];
	u64 ops[2];
	u64 base_bytes[2];
	u64 cost_bytes;
};

/**
 * struct kvmeter_disk_usage - a VM's disk use; under kvmeter_lock
 * @now: up to the last reading
 * @period: @now at the period's start
 */
struct kvmeter_disk_usage {
	struct kvmeter_disk_counts now;
	struct kvmeter_disk_counts period;
};

int kvmeter_disk_group_init(struct kvmeter_group *group);
void kvmeter_disk_group_begin(struct kvmeter_group *group);
void kvmeter_disk_group_gone(struct kvmeter_group *group);
unsigned int kvmeter_disk_disks(const struct kvmeter_group *group, bool lower, dev_t *dev);
void kvmeter_disk_read(struct kvmeter_vm *vm, u64 now_ns);
u64 kvmeter_disk_used(const struct kvmeter_vm *vm);
void kvmeter_disk_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns);
void kvmeter_disk_turn(struct kvmeter_vm *vm);
void kvmeter_disk_exit(void);

#endif /* KVMETER_DISK_H */
