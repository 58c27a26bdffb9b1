/* SPDX-License-Identifier: GPL-2.0 */
/* Disks and page cache on other kernels. */
#ifndef KVMETER_COMPAT_BLOCK_H
#define KVMETER_COMPAT_BLOCK_H

#include <linux/blkdev.h>
#include <linux/page-flags.h>

/* The question was the other way round before 7.1. */
#ifndef KVMETER_HAVE_BDEV_ROT
static inline bool bdev_rot(struct block_device *bdev)
{
	return !bdev_nonrot(bdev);
}
#endif

/* Another name before 6.17 */
#ifndef FOLIO_MAPPING_FLAGS
#define FOLIO_MAPPING_FLAGS	PAGE_MAPPING_FLAGS
#endif

#endif /* KVMETER_COMPAT_BLOCK_H */
