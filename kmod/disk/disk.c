// SPDX-License-Identifier: GPL-2.0
/*
 * Disk: bytes and operations of a VMM.
 *
 * The problem.  A guest's disk is served by whatever thread its VMM chooses:
 * the main loop, an I/O thread, a pool of workers, io_uring's workers.  All
 * are threads of one group, and some end before anybody looks.  Part of the
 * work is done later by a kernel thread for many at once: the writeback of
 * what was written to the page cache.  Each byte and each operation must be
 * counted once.
 *
 * Bytes come from one source: the kernel's own account of each thread and of
 * the ended ones (/proc/PID/io).  A read counts when it is submitted to a
 * disk, so what the page cache served is free.  A direct write counts when it
 * is submitted, a buffered one when it makes a clean page dirty.  What is
 * truncated before it was written back is taken off what is written next.
 *
 * Operations are counted per bio, when it is queued (bio.c).  Bytes are never
 * taken from bios, nor operations from the account, so neither is counted twice:
 *
 *	access			bytes			operations
 *	direct, sync or async	when submitted		when submitted
 *	buffered read		read-ahead as it goes	each read-ahead
 *	buffered write		when the page dirties	fsync by the VMM: then; else
 *				(again after each	writeback: then if the VM's
 *				writeback)		cgroup is known, else never
 *	flush			none			one, as a write
 *	discard			none			one, as a write
 *
 * What this leaves:
 *
 * - A buffered write without a cgroup of its own is charged for its bytes and
 *   not for its operations.  That is next to nothing where writeback goes in
 *   order and merges, and 80 % too little for single pages of 4 KiB here and there.
 * - A bio that a stacking driver makes of another in the same thread does not
 *   count again.  The driver may make one later, in a kernel thread of its own.
 *   That one counts again in two cases: it carries page cache pages of a VM's
 *   cgroup, or io.max delayed it.  An image on a file system on a loop device
 *   is such a case.
 * - What io.max delays of a VM whose cgroup is not known has no operations.
 * - Guest memory that the host swapped out is read back by the vCPU and is a read
 *   of the VM.
 * - Kernel threads that do a VM's I/O without being in its group are not seen
 *   (vhost-scsi before Linux 6.4).
 */
#include <linux/slab.h>

#include "base/host.h"
#include "base/rate.h"
#include "cgroup/cgroup.h"
#include "core/profile.h"
#include "core/q.h"
#include "disk/bio.h"
#include "disk/disk.h"
#include "vm/vm.h"

/**
 * struct kvmeter_disk - the meter of a thread group; under kvmeter_lock
 * @bios: the group's operations
 * @last: as last read
 */
struct kvmeter_disk {
	struct kvmeter_bios *bios;
	struct kvmeter_disk_use last;
};

/* The kernel's account of the group, as of the last walk over its threads. */
static void disk_account(const struct kvmeter_group_use *use, u64 bytes[2])
{
	bytes[0] = use->read_bytes;
	bytes[1] = kmc_sat_sub(use->write_bytes, use->cancelled_bytes);
}

/**
 * kvmeter_disk_group_init - a meter for a thread group
 * @group: the group, walked; nobody knows it yet
 *
 * Context: process, sleeps.
 * Return: 0 or -ENOMEM.
 */
int kvmeter_disk_group_init(struct kvmeter_group *group)
{
	struct kvmeter_disk *disk = kzalloc(sizeof(*disk), GFP_KERNEL);

	if (!disk)
		return -ENOMEM;
	disk->bios = kvmeter_bios_new(group->leader->signal);
	if (!disk->bios) {
		kfree(disk);
		return -ENOMEM;
	}
	group->disk = disk;
	return 0;
}

/**
 * kvmeter_disk_group_begin - begin to meter a thread group
 * @group: the group; what it did so far belongs to no VM
 *
 * Context: kvmeter_lock.
 */
void kvmeter_disk_group_begin(struct kvmeter_group *group)
{
	disk_account(&group->use, group->disk->last.bytes);
	kvmeter_bios_begin(group->disk->bios);
}

/**
 * kvmeter_disk_group_gone - meter a thread group no more
 * @group: the group, without a VM; the actuator has let go of it
 *
 * Context: kvmeter_lock, or the module goes and no probe runs.
 */
void kvmeter_disk_group_gone(struct kvmeter_group *group)
{
	kvmeter_bios_end(group->disk->bios);
	kfree(group->disk);
	group->disk = NULL;
}

/**
 * kvmeter_disk_disks - the disks that a group used within the last 10 s
 * @group: the group
 * @lower: count those below the disks that the group addressed, where there are such
 * @dev: set to the disk used last, if there is any
 *
 * Context: kvmeter_lock.
 * Return: how many there are, 2 for two or more.
 */
unsigned int kvmeter_disk_disks(const struct kvmeter_group *group, bool lower, dev_t *dev)
{
	return kvmeter_bios_disks(group->disk->bios, lower, dev);
}

/* The row: kvmeter_lock.  See struct kvmeter_meter. */

/* Of several VMs in one VMM the oldest gets all. */
void kvmeter_disk_read(struct kvmeter_vm *vm, u64 now_ns)
{
	struct kvmeter_disk *disk = vm->group->disk;
	struct kvmeter_vm *owner = kvmeter_group_owner(vm->group);
	struct kvmeter_disk_use use = {}, *last = &disk->last;
	struct kvmeter_disk_counts *c;
	u64 bytes, base;
	int d;

	lockdep_assert_held(&kvmeter_lock);
	if (!owner)
		return;
	/* without memory it is tried again at the next reading */
	kvmeter_bios_set_cgroup(disk->bios, kvmeter_cgroup_id(owner));
	c = &owner->disk->now;
	disk_account(&vm->group->use, use.bytes);
	kvmeter_bios_sum(disk->bios, &use);
	for (d = 0; d < 2; d++) {
		/* cancelled writes make it fall: they are taken off later ones */
		bytes = kmc_sat_sub(use.bytes[d], last->bytes[d]);
		base = use.base_bytes[d] - last->base_bytes[d];
		c->bytes[d] += bytes;
		c->ops[d] += use.ops[d] - last->ops[d];
		c->base_bytes[d] += base;
		c->cost_bytes += bytes + base;
		last->bytes[d] += bytes;
		last->ops[d] = use.ops[d];
		last->base_bytes[d] = use.base_bytes[d];
	}
}

/* Return: cost bytes. */
u64 kvmeter_disk_used(const struct kvmeter_vm *vm)
{
	return vm->disk->now.cost_bytes;
}

/* In cost KiB per second. */
void kvmeter_disk_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns)
{
	u64 cost_bytes = vm->disk->now.cost_bytes - vm->disk->period.cost_bytes;

	s->usage = kvmeter_per_s(cost_bytes >> 10, span_ns);
	s->demand = s->usage;
	s->censored = false;
}

void kvmeter_disk_turn(struct kvmeter_vm *vm)
{
	vm->disk->period = vm->disk->now;
}

/**
 * kvmeter_disk_exit - wait until the memory of all groups is freed
 *
 * Context: no probe runs and no group is left.
 */
void kvmeter_disk_exit(void)
{
	rcu_barrier();
}
