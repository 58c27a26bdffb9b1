// SPDX-License-Identifier: GPL-2.0
/*
 * Bios: which VMM each belongs to, and what it costs.
 *
 * Owner.  A bio belongs to the VM whose thread group queues it.  If no VMM
 * queues it, its cgroup decides, if that is a VM's.  Writeback carries the
 * cgroup of its pages; a bio that io.max delayed carries its submitter's.
 *
 * Cost.  A disk is not exhausted by bytes alone.  As in blk-iocost the model is
 * linear: a bio costs its bytes and a base.  The base is larger if the bio
 * begins more than 16 MiB from where the VM's last one on that disk and CPU
 * ended.  A VMM's workers take turns and a thread moves between CPUs, so nearby
 * is as good as next.  A bio that continues the last one while the thread still
 * gathers requests is merged with it and has no base.  The page cache of a
 * block device writes page by page.  The unit is the byte of a large sequential
 * transfer.  The bases:
 *
 *	sequential		 4 KiB
 *	random, solid state	16 KiB
 *	random, rotating	448 KiB: 174 MB/s against 370 random reads/s
 *
 * The last is by blk-iocost's own figures for a hard disk.  For solid state they
 * spread from 0.2 KiB (fast NVMe) to 15 KiB (SATA, random writes).
 *
 * Worked: 1000 random reads of 4 KiB from solid state are 4000 KiB and
 * 16 000 KiB of base: 20 480 000 cost bytes.  The same bytes in four
 * sequential reads cost 4 112 384.
 *
 * The event path runs at each bio of the host.  With no VM known it is one load
 * and a branch.  In a process that is not a VMM it is a look into one hash bucket.
 * It allocates nothing, takes no lock and writes to its CPU's counters only.
 */
#include <linux/blkdev.h>
#include <linux/blk-cgroup.h>
#include <linux/cgroup.h>
#include <linux/hashtable.h>
#include <linux/pagemap.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "base/host.h"
#include "compat/block.h"
#include "disk/bio.h"
#include "vm/vm.h"

#define SEQ_BASE_BYTES		(4 << 10)
#define RANDOM_BASE_BYTES	(16 << 10)
#define ROTATE_BASE_BYTES	(448 << 10)
#define NEAR_SECTORS		(16 << (20 - SECTOR_SHIFT))
#define RECENT_JIFFIES		(10 * HZ)	/* a disk is in use so long after its last bio */
#define RECENT_DISKS		4	/* disks per CPU whose last position is known */
#define HASH_BITS_DISKS		8	/* 256 buckets: about as many VMs as a host has */

/**
 * struct disk_pos - where a VMM last was on a disk
 * @id: which disk; compared only, as the disk may be gone
 * @end: first sector behind the last bio
 * @dev: the disk's number; 0: none yet
 * @used: jiffies of the last bio
 * @lower: the disk only serves other disks: of device mapper and the like
 */
struct disk_pos {
	const void *id;
	sector_t end;
	dev_t dev;
	unsigned long used;
	bool lower;
};

/**
 * struct bio_cpu - bios that one CPU saw; written by that CPU only
 * @ops: bios by direction, 0: reads, 1: writes
 * @base_bytes: what they cost beside their bytes
 * @pos: positions, by a hash of the disk
 */
struct bio_cpu {
	u64 ops[2];
	u64 base_bytes[2];
	struct disk_pos pos[RECENT_DISKS];
};

/**
 * struct bio_cgroup - a cgroup that is a VM's; looked up under RCU, written under kvmeter_lock
 * @by_id: in cgroup_table
 * @id: of the cgroup
 * @bios: whose
 * @rcu: frees it
 */
struct bio_cgroup {
	struct hlist_node by_id;
	u64 id;
	struct kvmeter_bios *bios;
	struct rcu_head rcu;
};

/**
 * struct kvmeter_bios - bios of a VMM's thread group
 * @by_signal: in group_table; written under kvmeter_lock, read under RCU
 * @signal: of the group; lives as long as the group's leader
 * @cgroup: NULL: none is known; kvmeter_lock
 * @cpu: counters; each is written by its CPU, with preemption off, and read by anyone
 * @rcu: frees it
 */
struct kvmeter_bios {
	struct hlist_node by_signal;
	const struct signal_struct *signal;
	struct bio_cgroup *cgroup;
	struct bio_cpu __percpu *cpu;
	struct rcu_head rcu;
};

/* written under kvmeter_lock, read under RCU */
static DEFINE_HASHTABLE(group_table, HASH_BITS_DISKS);	/* by signal */
static DEFINE_HASHTABLE(cgroup_table, HASH_BITS_DISKS);	/* by id */
static unsigned int nr_groups __read_mostly;
static unsigned int nr_cgroups __read_mostly;

/* the event path */

static struct kvmeter_bios *bios_of_group(const struct signal_struct *signal)
{
	struct kvmeter_bios *bios;

	hash_for_each_possible_rcu(group_table, bios, by_signal, (unsigned long)signal)
		if (bios->signal == signal)
			return bios;
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
	       !((unsigned long)folio->mapping & FOLIO_MAPPING_FLAGS);
}

/* What io.max delayed comes from a kernel thread, whatever thread submitted it. */
static bool bio_was_held(struct bio *bio)
{
	return current->flags & PF_WQ_WORKER && bio_flagged(bio, BIO_BPS_THROTTLED) &&
	       !bio_flagged(bio, BIO_CLONED);
}

/* The VM's cgroup may be above the one that the pages are charged to. */
static struct kvmeter_bios *bios_of_cgroup(struct bio *bio)
{
	struct cgroup_subsys_state *css = bio_blkcg_css(bio);
	struct bio_cgroup *node;
	struct cgroup *cgrp;
	u64 id;

	if (!css)
		return NULL;
	for (cgrp = css->cgroup; cgrp; cgrp = cgroup_parent(cgrp)) {
		id = cgroup_id(cgrp);
		hash_for_each_possible_rcu(cgroup_table, node, by_id, id)
			if (node->id == id)
				return node->bios;
	}
	return NULL;
}

/* The thread gathers requests: a bio that continues one becomes part of it. */
static bool plugged(void)
{
	return current->plug && current->plug->rq_count;
}

/* What @bio costs beside its bytes; moves @pos. */
static u32 bio_base_bytes(struct bio *bio, struct disk_pos *pos, bool known)
{
	sector_t begin = bio->bi_iter.bi_sector, end = pos->end;

	/* a flush is nowhere; a discard moves no head */
	if (!bio_has_data(bio))
		return SEQ_BASE_BYTES;
	pos->end = bio_end_sector(bio);
	if (known && begin == end && plugged())
		return 0;
	if (known && (begin > end ? begin - end : end - begin) <= NEAR_SECTORS)
		return SEQ_BASE_BYTES;
	return bdev_rot(bio->bi_bdev) ? ROTATE_BASE_BYTES : RANDOM_BASE_BYTES;
}

static void bio_count(struct bio_cpu *c, struct bio *bio, bool lower)
{
	struct gendisk *gd = bio->bi_bdev->bd_disk;
	struct disk_pos *pos = &c->pos[hash_ptr(gd, ilog2(RECENT_DISKS))];
	bool write, known = pos->id == gd;
	u32 base;

	pos->id = gd;
	pos->dev = disk_devt(gd);
	WRITE_ONCE(pos->used, jiffies);
	pos->lower = lower;
	if (lower)
		return;

	write = op_is_write(bio_op(bio));
	base = bio_base_bytes(bio, pos, known);
	WRITE_ONCE(c->ops[write], c->ops[write] + 1);
	WRITE_ONCE(c->base_bytes[write], c->base_bytes[write] + base);
}

/**
 * kvmeter_probe_bio - a bio is queued, by current
 * @data: unused
 * @bio: the bio
 *
 * Context: tracepoint block_bio_queue; from 7.0 on it may be preempted.
 */
void kvmeter_probe_bio(void *data, struct bio *bio)
{
	struct kvmeter_bios *bios = NULL;

	if (likely(!READ_ONCE(nr_groups)) || !in_task())
		return;
	rcu_read_lock();
	if (!(current->flags & PF_KTHREAD))
		bios = bios_of_group(current->signal);
	/* within a stacking driver's submit_bio: the outer bio was counted */
	if (!bios && READ_ONCE(nr_cgroups) && !current->bio_list &&
	    (bio_writes_back(bio) || bio_was_held(bio)))
		bios = bios_of_cgroup(bio);
	/* the CPU's counters have one writer, which is not preempted */
	if (bios) {
		bio_count(get_cpu_ptr(bios->cpu), bio, current->bio_list);
		put_cpu_ptr(bios->cpu);
	}
	rcu_read_unlock();
}

/* the period's side: kvmeter_lock */

/**
 * kvmeter_bios_new - counters for the bios of a thread group
 * @signal: of the group; must live until kvmeter_bios_end()
 *
 * Context: process, sleeps.
 * Return: the counters, or NULL without memory.
 */
struct kvmeter_bios *kvmeter_bios_new(const struct signal_struct *signal)
{
	struct kvmeter_bios *bios = kzalloc(sizeof(*bios), GFP_KERNEL);

	if (!bios)
		return NULL;
	bios->cpu = alloc_percpu(struct bio_cpu);
	if (!bios->cpu) {
		kfree(bios);
		return NULL;
	}
	bios->signal = signal;
	return bios;
}

/* Begin to count what the group does; kvmeter_lock. */
void kvmeter_bios_begin(struct kvmeter_bios *bios)
{
	lockdep_assert_held(&kvmeter_lock);
	hash_add_rcu(group_table, &bios->by_signal, (unsigned long)bios->signal);
	WRITE_ONCE(nr_groups, nr_groups + 1);
}

static void bios_free(struct rcu_head *rcu)
{
	struct kvmeter_bios *bios = container_of(rcu, struct kvmeter_bios, rcu);

	free_percpu(bios->cpu);
	kfree(bios);
}

/* A walk may still be at the node: it is freed after a grace period, and never used again. */
static void cgroup_forget(struct kvmeter_bios *bios)
{
	struct bio_cgroup *node = bios->cgroup;

	if (!node)
		return;
	bios->cgroup = NULL;
	hash_del_rcu(&node->by_id);
	WRITE_ONCE(nr_cgroups, nr_cgroups - 1);
	kfree_rcu(node, rcu);
}

/**
 * kvmeter_bios_end - count no more bios of a group
 * @bios: the counters, begun or not; gone when this returns
 *
 * A bio that is being counted holds RCU; the memory goes after it.
 *
 * Context: kvmeter_lock, or the module goes and no probe runs.
 */
void kvmeter_bios_end(struct kvmeter_bios *bios)
{
	cgroup_forget(bios);
	if (hash_hashed(&bios->by_signal)) {
		hash_del_rcu(&bios->by_signal);
		WRITE_ONCE(nr_groups, nr_groups - 1);
	}
	call_rcu(&bios->rcu, bios_free);
}

/**
 * kvmeter_bios_set_cgroup - whose writeback is this group's
 * @bios: of the group
 * @cgroup_id: its cgroup, or 0
 *
 * Of several VMMs in one cgroup the first gets it.
 *
 * Context: kvmeter_lock.
 * Return: 0 or -ENOMEM.
 */
int kvmeter_bios_set_cgroup(struct kvmeter_bios *bios, u64 cgroup_id)
{
	struct bio_cgroup *node;

	lockdep_assert_held(&kvmeter_lock);
	if ((bios->cgroup ? bios->cgroup->id : 0) == cgroup_id)
		return 0;
	cgroup_forget(bios);
	if (!cgroup_id)
		return 0;
	hash_for_each_possible(cgroup_table, node, by_id, cgroup_id)
		if (node->id == cgroup_id)
			return 0;
	node = kzalloc(sizeof(*node), GFP_NOWAIT | __GFP_NOWARN);
	if (!node)
		return -ENOMEM;
	node->bios = bios;
	node->id = cgroup_id;
	bios->cgroup = node;
	hash_add_rcu(cgroup_table, &node->by_id, cgroup_id);
	WRITE_ONCE(nr_cgroups, nr_cgroups + 1);
	return 0;
}

/**
 * kvmeter_bios_sum - add up what all CPUs counted
 * @bios: of the group
 * @use: @ops and @base_bytes are added to
 */
void kvmeter_bios_sum(const struct kvmeter_bios *bios, struct kvmeter_disk_use *use)
{
	const struct bio_cpu *c;
	unsigned int cpu;
	int d;

	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(bios->cpu, cpu);
		for (d = 0; d < 2; d++) {
			use->ops[d] += READ_ONCE(c->ops[d]);
			use->base_bytes[d] += READ_ONCE(c->base_bytes[d]);
		}
	}
}

/**
 * kvmeter_bios_disks - the disks that a group used within the last 10 s
 * @bios: of the group
 * @lower: count those below the disks that the group addressed, where there are such
 * @dev: set to the disk used last, if there is any
 *
 * Return: how many there are, 2 for two or more.
 */
unsigned int kvmeter_bios_disks(const struct kvmeter_bios *bios, bool lower, dev_t *dev)
{
	const struct disk_pos *pos;
	unsigned long age, youngest = RECENT_JIFFIES + 1;
	unsigned int cpu, i, n = 0;
	dev_t first = 0, one;

	for_each_possible_cpu(cpu)
		for (i = 0; i < RECENT_DISKS; i++) {
			pos = &per_cpu_ptr(bios->cpu, cpu)->pos[i];
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
