// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of bios: the probe, called with preemption on, as kernels from 7.0 on do.
 *
 * It includes the probe as it is.  What is played is that the thread is a process, and
 * the disk, whose kind is asked for in the middle of the count.
 */
#include <kunit/test.h>
#include <linux/blkdev.h>
#include <linux/blk-cgroup.h>
#include <linux/sched/signal.h>

#include "../../kmod/base/host.h"
#include "../../kmod/compat/block.h"
#include "../../kmod/disk/bio.h"
#include "../../kmod/disk/disk.h"

static unsigned int rot_asked;
static bool rot_preemptible;

static bool fake_rot(struct block_device *bdev)
{
	rot_asked++;
	rot_preemptible |= preemptible();
	return false;
}

#define bdev_rot fake_rot
#undef PF_KTHREAD
#define PF_KTHREAD 0

#include "../../kmod/disk/bio.c"

/* A CPU's counters have one writer: it is not preempted in the middle */
static void bio_test_preempt(struct kunit *test)
{
	struct block_device *bdev = kunit_kzalloc(test, sizeof(*bdev), GFP_KERNEL);
	struct gendisk *gd = kunit_kzalloc(test, sizeof(*gd), GFP_KERNEL);
	struct bio *bio = kunit_kzalloc(test, sizeof(*bio), GFP_KERNEL);
	struct kvmeter_disk_use use = {};
	struct kvmeter_bios *bios;

	KUNIT_ASSERT_NOT_NULL(test, bdev);
	KUNIT_ASSERT_NOT_NULL(test, gd);
	KUNIT_ASSERT_NOT_NULL(test, bio);
	bdev->bd_disk = gd;
	bio->bi_bdev = bdev;
	bio->bi_opf = REQ_OP_READ;
	bio->bi_iter.bi_size = 4096;
	rot_asked = 0;
	rot_preemptible = false;
	bios = kvmeter_bios_new(current->signal);
	KUNIT_ASSERT_NOT_NULL(test, bios);
	rt_mutex_lock(&kvmeter_lock);
	kvmeter_bios_begin(bios);
	rt_mutex_unlock(&kvmeter_lock);
	kvmeter_probe_bio(NULL, bio);
	rt_mutex_lock(&kvmeter_lock);
	kvmeter_bios_sum(bios, &use);
	kvmeter_bios_end(bios);
	rt_mutex_unlock(&kvmeter_lock);
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, rot_asked, 1U);
	KUNIT_EXPECT_FALSE(test, rot_preemptible);
	KUNIT_EXPECT_EQ(test, use.ops[0], 1ULL);
	KUNIT_EXPECT_EQ(test, use.base_bytes[0], (u64)RANDOM_BASE_BYTES);
}

static struct kunit_case bio_cases[] = {
	KUNIT_CASE(bio_test_preempt),
	{}
};

static struct kunit_suite bio_suite = {
	.name = "kvmeter_bio",
	.test_cases = bio_cases,
};

kunit_test_suites(&bio_suite);
