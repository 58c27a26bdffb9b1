/* SPDX-License-Identifier: GPL-2.0 */
/* Bios of a thread group: how many, what they cost, and on which disks. */
#ifndef KVMETER_DISK_BIO_H
#define KVMETER_DISK_BIO_H

#include <linux/types.h>

struct bio;
struct kvmeter_bios;
struct signal_struct;

/**
 * struct kvmeter_disk_use - disk use of a thread group, cumulative; [0]: reads, [1]: writes
 * @bytes: as the kernel accounts them to the threads
 * @ops: bios
 * @base_bytes: what the bios cost beside their bytes, in cost bytes
 */
struct kvmeter_disk_use {
	u64 bytes[2];
	u64 ops[2];
	u64 base_bytes[2];
};

struct kvmeter_bios *kvmeter_bios_new(const struct signal_struct *signal);
void kvmeter_bios_begin(struct kvmeter_bios *bios);
void kvmeter_bios_end(struct kvmeter_bios *bios);
int kvmeter_bios_set_cgroup(struct kvmeter_bios *bios, u64 cgroup_id);
void kvmeter_bios_sum(const struct kvmeter_bios *bios, struct kvmeter_disk_use *use);
unsigned int kvmeter_bios_disks(const struct kvmeter_bios *bios, bool lower, dev_t *dev);
void kvmeter_probe_bio(void *data, struct bio *bio);

#endif /* KVMETER_DISK_BIO_H */
