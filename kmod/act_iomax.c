// SPDX-License-Identifier: GPL-2.0
/*
 * io.max: a disk grant as a limit that holds with every I/O scheduler.
 *
 * The problem.  A grant is a cap on cost: bytes and operations, reads and
 * writes, added up with their prices.  The kernel's limit of a cgroup has four
 * separate numbers: bytes and operations per second, each of reads and of
 * writes.  Four limits that each allow all of the cap would together allow four
 * caps.
 *
 * The model.  In the space of the four, what the cap allows is a simplex and
 * what io.max allows is a box.  The box is put inside the simplex, its corner on
 * the face where the VM has been of late: each number gets the share of the
 * cap that its part had in the VM's cost.  So as long as an operation costs
 * what it did, no use within the box costs more than the cap, and a VM that
 * goes on as it did gets all of it.  A 32nd is set aside for each part, so that
 * a VM that turns from reading to writing can show it; the box follows within a
 * period or two.  The last three 32nds are what this costs.
 *
 * Worked: a cap of 16 MiB/s, a VM that reads 64 KiB at a time at random: of 80
 * KiB of cost per bio 80 % are bytes.  Bytes read get (28 * 0.8 + 1) / 32 of
 * the cap, 11.7 MiB/s, reads (28 * 0.2 + 1) / 32 of it at 16 KiB each, 211 per
 * second, that is 13.2 MiB/s; the lower one holds, and its cost is 14.6 MiB/s.
 *
 * io.max names one disk per line, and one is held: a VM that uses several is
 * not limited, says why and is not billed.  Leases, read-back and restoring are
 * cgroup_knob.c's.
 */
#include <linux/kdev_t.h>

#include "cgroup.h"
#include "disk.h"

#define PARTS		32
#define NEW_BASE	(16 << 10)	/* what an operation costs while none was seen */
#define BASE_MIN	256		/* merged ones have none */
#define BPS_MIN		4096		/* the kernel wants more than 0 */

/* What the VM did since the last look; older use counts half each time. */
static void mix_update(struct kvmeter_disk_max *max, const struct kvmeter_disk_counts *c)
{
	bool moved = c->cost_bytes != max->seen.cost_bytes;
	int d;

	if (!moved)
		return;
	for (d = 0; d < 2; d++) {
		max->mix.bytes[d] = max->mix.bytes[d] / 2 + c->bytes[d] - max->seen.bytes[d];
		max->mix.ops[d] = max->mix.ops[d] / 2 + c->ops[d] - max->seen.ops[d];
		max->mix.base_bytes[d] = max->mix.base_bytes[d] / 2 + c->base_bytes[d] -
					 max->seen.base_bytes[d];
	}
	max->seen = *c;
}

/* The share of @cap that a part of @all of the mix gets. */
static u64 part_of(u64 cap, u64 part, u64 all)
{
	if (!all)
		return cap / 4;
	return kmc_muldiv_floor(cap, part, all) * (PARTS - 4) / PARTS + cap / PARTS;
}

static void box_of(const struct kvmeter_disk_use *mix, u64 cap, u64 limit[4])
{
	u64 all = 0, base;
	int d;

	for (d = 0; d < 2; d++)
		all += mix->bytes[d] + mix->base_bytes[d];
	for (d = 0; d < 2; d++) {
		base = mix->ops[d] ? div64_u64(mix->base_bytes[d], mix->ops[d]) : NEW_BASE;
		base = max_t(u64, base, BASE_MIN);
		limit[d] = max_t(u64, part_of(cap, mix->bytes[d], all), BPS_MIN);
		limit[2 + d] = div64_u64(part_of(cap, mix->base_bytes[d], all), base);
		limit[2 + d] = max_t(u64, limit[2 + d], 1);
	}
}

/* Not worth a write: within a quarter of what is set. */
static bool box_near(const u64 a[4], const u64 b[4])
{
	int i;

	for (i = 0; i < 4; i++)
		if (abs_diff(a[i], b[i]) > a[i] / 4)
			return false;
	return true;
}

/**
 * kvmeter_iomax_apply - limit a VM's disk use to a grant
 * @vm: the VM; nominal is set
 * @grant_bp: the grant
 * @why: set to why it is not in force, NULL if it is
 *
 * Context: kvmeter_lock.  Does not wait: the limit is in force some time after
 * it was first applied.
 * Return: whether it is, as last read back.
 */
bool kvmeter_iomax_apply(struct kvmeter_vm *vm, u32 grant_bp, const char **why)
{
	struct kvmeter_disk *disk = vm->group->disk;
	struct kvmeter_disk_max *max = &disk->max;
	u64 cap = kmc_muldiv_floor(vm->core.policy[KMC_RES_DISK].nominal << 10, grant_bp, KMC_BP);
	char text[KVMETER_CG_TEXT];
	unsigned int n;
	u64 limit[4];
	dev_t dev = max->dev;

	mix_update(max, &vm->disk);
	n = kvmeter_disk_devs(disk, false, &dev);
	*why = !vm->cgroup ? kvmeter_cgroup_why(vm, KVMETER_CG_IO_MAX) :
	       n > 1 ? "the VM uses several disks, io.max is held on one" :
	       !dev ? "no disk of the VM is known yet" : NULL;
	if (*why) {
		kvmeter_iomax_revert(vm);
		return false;
	}
	box_of(&max->mix, cap, limit);
	if (max->cap != cap || max->dev != dev) {
		max->cap = cap;
		max->dev = dev;
		max->held = false;
		memcpy(max->limit, limit, sizeof(limit));
	} else if (!box_near(max->limit, limit)) {
		memcpy(max->limit, limit, sizeof(limit));
	}
	snprintf(text, sizeof(text), "%u:%u rbps=%llu wbps=%llu riops=%llu wiops=%llu",
		 MAJOR(dev), MINOR(dev), max->limit[0], max->limit[1],
		 min_t(u64, max->limit[2], U32_MAX - 1), min_t(u64, max->limit[3], U32_MAX - 1));
	if (kvmeter_cgroup_set(vm, KVMETER_CG_IO_MAX, text)) {
		*why = "io.max does not take the limit";
		return false;
	}
	*why = kvmeter_cgroup_why(vm, KVMETER_CG_IO_MAX);
	/* while the box moves within the same cap, the cap is in force */
	if (*why)
		max->held = false;
	else if (kvmeter_cgroup_in_force(vm, KVMETER_CG_IO_MAX))
		max->held = true;
	else if (!max->held)
		*why = "io.max is being written";
	return max->held;
}

/* As it was before us; kvmeter_lock. */
void kvmeter_iomax_revert(struct kvmeter_vm *vm)
{
	struct kvmeter_disk_max *max = &vm->group->disk->max;

	if (max->cap)
		kvmeter_cgroup_unset(vm, KVMETER_CG_IO_MAX);
	max->cap = 0;
	max->held = false;
}

/* Does the limit hold back a VM that uses @kib_s of cost? */
bool kvmeter_iomax_holds(const struct kvmeter_vm *vm, u64 kib_s)
{
	const struct kvmeter_disk_max *max = &vm->group->disk->max;

	/* the corner is the cap less what is set aside; half of it: another edge may hold */
	return max->held && kib_s >= max->cap >> 11;
}
