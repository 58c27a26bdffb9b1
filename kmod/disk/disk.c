// SPDX-License-Identifier: GPL-2.0
/*
 * Disk: bytes and operations of a VMM, and what they cost.
 *
 * The problem.  A guest's disk is served by whatever thread its VMM chooses:
 * the main loop, an I/O thread, a pool of workers, io_uring's workers.  All
 * are threads of one group, some end before anybody looks, and part of the
 * work, the writeback of what was written to the page cache, is done later by
 * a kernel thread for many at once.  Each byte and each operation is to be
 * counted once.
 *
 * Bytes come from one source: the kernel's own account of each thread and of
 * the ended ones (/proc/PID/io).  A read counts when it is submitted to a
 * disk, so what the page cache served is free.  A direct write counts when it
 * is submitted, a buffered one when it makes a clean page dirty; what is
 * truncated before it was written back is taken off what is written next.
 *
 * Operations come from another: each bio as it is queued, by the thread group
 * that queues it, or, if that is no VMM's, by its cgroup, where that is known to
 * be a VM's: for writeback that of the pages, for a bio that io.max held back,
 * which a kernel thread queues when its time has come, that of who submitted it.
 * Bytes are never taken from bios, nor operations from the account, so neither is
 * counted twice:
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
 * What this leaves: a buffered write without a cgroup of its own is charged
 * for its bytes and not for its operations: nothing worth naming where
 * writeback goes in order and merges, and 80 % too little for single pages of
 * 4 KiB here and there.  A bio that a stacking driver makes of another in the
 * same thread does not count again; one that it makes later, in a kernel thread
 * of its own, counts again only if it carries page cache pages of a VM's
 * cgroup, or was held back by io.max: an image on a file system on a loop device.
 * What an io.max holds back of a VM whose cgroup is not known has no operations.
 * Guest memory that the host swapped out is read back by the vCPU and is a read of
 * the VM.  Kernel threads that do a VM's I/O without being in its group (vhost-scsi
 * before Linux 6.4) are not seen.
 *
 * Cost.  A disk is not exhausted by bytes alone.  As in blk-iocost the model
 * is linear: a bio costs its bytes and a base, which is larger if it begins
 * more than 16 MiB from where the VM's last one on that disk and CPU ended (a
 * VMM's workers take turns and a thread moves between CPUs: nearby is as good
 * as next).  One that continues the last while the thread still gathers requests
 * is merged with it and has no base: the page cache of a block device writes
 * page by page.  The unit is the byte of a large sequential transfer.  The bases:
 *
 *	sequential		 4 KiB
 *	random, solid state	16 KiB
 *	random, rotating	448 KiB: 174 MB/s against 370 random reads/s
 *
 * the last by blk-iocost's own figures for a hard disk; for solid state they
 * spread from 0.2 KiB (fast NVMe) to 15 KiB (SATA, random writes).
 *
 * Worked: 1000 random reads of 4 KiB from solid state are 4000 KiB and
 * 16 000 KiB of base: 20 480 000 cost bytes.  The same bytes in four
 * sequential reads cost 4 112 384.
 *
 * The event path, at each bio of the host: with no VM known it is one load and
 * a branch; in a process that is no VMM's, a look into one hash bucket.  It
 * allocates nothing, takes no lock and writes to its CPU's counters only.
 */
#include <linux/blkdev.h>
#include <linux/blk-cgroup.h>
#include <linux/cgroup.h>
#include <linux/hashtable.h>
#include <linux/pagemap.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "cgroup/cgroup.h"
#include "compat/thread.h"
#include "disk/disk.h"

#define SEQ_BASE_BYTES		(4 << 10)
#define RANDOM_BASE_BYTES	(16 << 10)
#define ROTATE_BASE_BYTES	(448 << 10)
#define NEAR_SECTORS		(16 << (20 - SECTOR_SHIFT))
#define RECENT_JIFFIES		(10 * HZ)	/* a disk is in use so long after its last bio */

/* written under kvmeter_lock, read under RCU */
static DEFINE_HASHTABLE(disks, 8);		/* by signal */
static DEFINE_HASHTABLE(cgroup_disks, 8);	/* by id */
static unsigned int nr_disks __read_mostly;
static unsigned int nr_cgroup_disks __read_mostly;

/* the event path */

static struct kvmeter_disk *disk_of_group(const struct signal_struct *signal)
{
	struct kvmeter_disk *disk;

	hash_for_each_possible_rcu(disks, disk, by_signal, (unsigned long)signal)
		if (disk->signal == signal)
			return disk;
	return NULL;
}

/* A write of page cache pages, not passed on by a stacking driver. */
static bool bio_writes_back(struct bio *bio)
{
	struct folio *folio;

	if (!op_is_write(bio_op(bio)) || !bio_has_data(bio) || bio_flagged(bio, BIO_CLONED))
		return false;
	folio = page_folio(bio_page(bio));
	return !folio_test_slab(folio) && folio->mapping &&
	       !((unsigned long)folio->mapping & PAGE_MAPPING_FLAGS);
}

/* What io.max held back comes from a kernel thread of its own, whoever submitted it. */
static bool bio_was_held(struct bio *bio)
{
	return current->flags & PF_WQ_WORKER && bio_flagged(bio, BIO_BPS_THROTTLED) &&
	       !bio_flagged(bio, BIO_CLONED);
}

/* The VM's cgroup may be above the one that the pages are charged to. */
static struct kvmeter_disk *disk_of_cgroup(struct bio *bio)
{
	struct cgroup_subsys_state *css = bio_blkcg_css(bio);
	struct kvmeter_disk_cgroup *node;
	struct cgroup *cgrp;
	u64 id;

	if (!css)
		return NULL;
	for (cgrp = css->cgroup; cgrp; cgrp = cgroup_parent(cgrp)) {
		id = cgroup_id(cgrp);
		hash_for_each_possible_rcu(cgroup_disks, node, by_id, id)
			if (node->id == id)
				return node->disk;
	}
	return NULL;
}

/* The thread gathers requests: what continues one becomes part of it. */
static bool plugged(void)
{
	return current->plug && current->plug->rq_count;
}

static void disk_count(struct kvmeter_disk_cpu *c, struct bio *bio, bool lower)
{
	struct gendisk *gd = bio->bi_bdev->bd_disk;
	struct kvmeter_disk_pos *pos = &c->pos[hash_ptr(gd, ilog2(KVMETER_DISK_RECENT))];
	sector_t begin = bio->bi_iter.bi_sector, end = pos->end;
	u32 base = SEQ_BASE_BYTES;
	bool write, known = pos->id == gd;

	pos->id = gd;
	pos->dev = disk_devt(gd);
	WRITE_ONCE(pos->used, jiffies);
	pos->lower = lower;
	if (lower)
		return;

	write = op_is_write(bio_op(bio));
	/* a flush is nowhere; a discard moves no head */
	if (bio_has_data(bio)) {
		pos->end = bio_end_sector(bio);
		if (known && begin == end && plugged())
			base = 0;
		else if (!known || (begin > end ? begin - end : end - begin) > NEAR_SECTORS)
			base = bdev_nonrot(bio->bi_bdev) ? RANDOM_BASE_BYTES : ROTATE_BASE_BYTES;
	}
	WRITE_ONCE(c->ops[write], c->ops[write] + 1);
	WRITE_ONCE(c->base_bytes[write], c->base_bytes[write] + base);
}

/* block_bio_queue: in whoever queues the bio, preemption off. */
void kvmeter_probe_bio(void *data, struct bio *bio)
{
	struct kvmeter_disk *disk = NULL;

	if (likely(!READ_ONCE(nr_disks)) || !in_task())
		return;
	rcu_read_lock();
	if (!(current->flags & PF_KTHREAD))
		disk = disk_of_group(current->signal);
	/* within a stacking driver's submit_bio: the outer bio was counted */
	if (!disk && READ_ONCE(nr_cgroup_disks) && !current->bio_list &&
	    (bio_writes_back(bio) || bio_was_held(bio)))
		disk = disk_of_cgroup(bio);
	if (disk)
		disk_count(this_cpu_ptr(disk->cpu), bio, current->bio_list);
	rcu_read_unlock();
}

/* the period's side: kvmeter_lock */

/*
 * The kernel's account of the group.  A thread that ends moves its part to the
 * group's sum; signal->stats_lock makes the two one reading.
 */
static void disk_account(const struct kvmeter_disk *disk, u64 bytes[2])
{
	struct signal_struct *sig = disk->leader->signal;
	struct task_io_accounting sum;
	struct task_struct *t;
	unsigned int seq;

	rcu_read_lock();
	do {
		seq = read_seqbegin(&sig->stats_lock);
		sum = sig->ioac;
		kvmeter_for_each_thread(sig, t) {
			sum.read_bytes += READ_ONCE(t->ioac.read_bytes);
			sum.write_bytes += READ_ONCE(t->ioac.write_bytes);
			sum.cancelled_write_bytes += READ_ONCE(t->ioac.cancelled_write_bytes);
		}
	} while (read_seqretry(&sig->stats_lock, seq));
	rcu_read_unlock();
	bytes[0] = sum.read_bytes;
	bytes[1] = kmc_sat_sub(sum.write_bytes, sum.cancelled_write_bytes);
}

static void disk_sum(const struct kvmeter_disk *disk, struct kvmeter_disk_use *use)
{
	const struct kvmeter_disk_cpu *c;
	unsigned int cpu;
	int d;

	memset(use, 0, sizeof(*use));
	disk_account(disk, use->bytes);
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(disk->cpu, cpu);
		for (d = 0; d < 2; d++) {
			use->ops[d] += READ_ONCE(c->ops[d]);
			use->base_bytes[d] += READ_ONCE(c->base_bytes[d]);
		}
	}
}

/**
 * kvmeter_disk_group_init - begin to meter a thread group
 * @group: the group; what it did so far is nobody's
 *
 * Return: 0 or -ENOMEM.
 */
int kvmeter_disk_group_init(struct kvmeter_group *group)
{
	struct kvmeter_disk *disk = kzalloc(sizeof(*disk), GFP_KERNEL);

	lockdep_assert_held(&kvmeter_lock);
	if (!disk)
		return -ENOMEM;
	disk->cpu = alloc_percpu(struct kvmeter_disk_cpu);
	if (!disk->cpu) {
		kfree(disk);
		return -ENOMEM;
	}
	disk->leader = group->leader;
	disk->signal = group->leader->signal;
	INIT_LIST_HEAD(&disk->held_node);
	INIT_LIST_HEAD(&disk->threads);
	disk_account(disk, disk->last.bytes);
	hash_add_rcu(disks, &disk->by_signal, (unsigned long)disk->signal);
	WRITE_ONCE(nr_disks, nr_disks + 1);
	group->disk = disk;
	return 0;
}

static void disk_free(struct rcu_head *rcu)
{
	struct kvmeter_disk *disk = container_of(rcu, struct kvmeter_disk, rcu);

	free_percpu(disk->cpu);
	kfree(disk);
}

/* A walk may still be at the node: it is freed, and never used again. */
static void disk_forget_cgroup(struct kvmeter_disk *disk)
{
	struct kvmeter_disk_cgroup *node = disk->cgroup;

	if (!node)
		return;
	disk->cgroup = NULL;
	hash_del_rcu(&node->by_id);
	WRITE_ONCE(nr_cgroup_disks, nr_cgroup_disks - 1);
	kfree_rcu(node, rcu);
}

/*
 * The group's last VM is gone, or the module goes.  A bio that is being counted
 * holds RCU; the memory goes after it.
 */
void kvmeter_disk_group_gone(struct kvmeter_group *group)
{
	struct kvmeter_disk *disk = group->disk;

	kvmeter_act_disk_group_gone(disk);
	disk_forget_cgroup(disk);
	hash_del_rcu(&disk->by_signal);
	WRITE_ONCE(nr_disks, nr_disks - 1);
	group->disk = NULL;
	call_rcu(&disk->rcu, disk_free);
}

/**
 * kvmeter_disk_set_cgroup - whose writeback is this VM's
 * @vm: the VM
 * @cgroup_id: its cgroup, or 0
 *
 * Of several VMMs in one cgroup the first gets it.
 *
 * Context: kvmeter_lock.
 * Return: 0 or -ENOMEM.
 */
int kvmeter_disk_set_cgroup(struct kvmeter_vm *vm, u64 cgroup_id)
{
	struct kvmeter_disk *disk = vm->group ? vm->group->disk : NULL;
	struct kvmeter_disk_cgroup *node;

	lockdep_assert_held(&kvmeter_lock);
	if (!disk || (disk->cgroup ? disk->cgroup->id : 0) == cgroup_id)
		return 0;
	disk_forget_cgroup(disk);
	if (!cgroup_id)
		return 0;
	hash_for_each_possible(cgroup_disks, node, by_id, cgroup_id)
		if (node->id == cgroup_id)
			return 0;
	node = kzalloc(sizeof(*node), GFP_KERNEL);
	if (!node)
		return -ENOMEM;
	node->disk = disk;
	node->id = cgroup_id;
	disk->cgroup = node;
	hash_add_rcu(cgroup_disks, &node->by_id, cgroup_id);
	WRITE_ONCE(nr_cgroup_disks, nr_cgroup_disks + 1);
	return 0;
}

/* The VM that its group's disk use belongs to: the oldest that still lives. */
static struct kvmeter_vm *disk_owner(const struct kvmeter_group *group)
{
	struct kvmeter_vm *vm;

	list_for_each_entry(vm, &group->vms, group_node)
		if (!vm->over)
			return vm;
	return NULL;
}

bool kvmeter_disk_owns(const struct kvmeter_vm *vm)
{
	return vm->group && disk_owner(vm->group) == vm;
}

/**
 * kvmeter_disk_read - bring vm->disk up to date
 * @vm: the VM; of several in one VMM the oldest gets all
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: kvmeter_lock.
 */
void kvmeter_disk_read(struct kvmeter_vm *vm, u64 now_ns)
{
	struct kvmeter_disk *disk = vm->group->disk;
	struct kvmeter_disk_use use, *last = &disk->last;
	struct kvmeter_vm *owner = disk_owner(vm->group);
	struct kvmeter_disk_counts *c;
	u64 bytes, base;
	int d;

	lockdep_assert_held(&kvmeter_lock);
	if (!owner)
		return;
	/* without memory it is tried again at the next reading */
	kvmeter_disk_set_cgroup(owner, owner->cgroup ? cgroup_id(owner->cgroup->cgrp) : 0);
	c = &owner->disk;
	disk_sum(disk, &use);
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

/**
 * kvmeter_disk_devs - the disks that a group used of late
 * @disk: of the group
 * @lower: those below the ones that it addressed, where there are such
 * @dev: the one used last, if there is any
 *
 * Return: how many there are, 2 for two or more.
 */
unsigned int kvmeter_disk_devs(const struct kvmeter_disk *disk, bool lower, dev_t *dev)
{
	const struct kvmeter_disk_pos *pos;
	unsigned long age, youngest = RECENT_JIFFIES + 1;
	unsigned int cpu, i, n = 0;
	dev_t first = 0, one;

	for_each_possible_cpu(cpu)
		for (i = 0; i < KVMETER_DISK_RECENT; i++) {
			pos = &per_cpu_ptr(disk->cpu, cpu)->pos[i];
			age = jiffies - READ_ONCE(pos->used);
			one = READ_ONCE(pos->dev);
			if (!one || age > RECENT_JIFFIES || READ_ONCE(pos->lower) != lower)
				continue;
			if (!n) {
				n = 1;
				first = one;
			} else if (one != first) {
				n = 2;
			}
			if (age < youngest) {
				youngest = age;
				*dev = one;
			}
		}
	return n;
}

u64 kvmeter_disk_used(const struct kvmeter_vm *vm)
{
	return vm->disk.cost_bytes;
}

void kvmeter_disk_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns)
{
	s->usage = kvmeter_per_s((vm->disk.cost_bytes - vm->period_disk.cost_bytes) >> 10, span_ns);
	s->demand = s->usage;
	s->censored = false;
}

void kvmeter_disk_turn(struct kvmeter_vm *vm)
{
	vm->period_disk = vm->disk;
}

/* No probe runs and no group is left. */
void kvmeter_disk_exit(void)
{
	rcu_barrier();
}
