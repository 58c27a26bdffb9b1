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
 * what io.max allows is a box.  The box is put inside the simplex with its
 * corner on the face: the four add up to the cap.  Each gets what its part of
 * the VM's cost was of late, and a share of what the VM left: half of that by
 * the shape that its use has, half of it evenly.  So as long as an operation
 * costs what it did, no use within the box costs more than the cap; a VM that
 * goes on as it did comes to have all of it; and one that turns from reading to
 * writing, and is slowed by that, leaves more, of which writing gets its part.
 * A 32nd is set aside for each, so that a VM at its cap can show that it turns.
 *
 * Worked: a cap of 16 MiB/s, a VM that reads 64 KiB at a time at random: of 80
 * KiB of cost per bio 80 % are bytes.  At the cap, bytes read get (28 * 0.8 +
 * 1) / 32 of it, 11.7 MiB/s, reads (28 * 0.2 + 1) / 32 of it at 16 KiB each, 211
 * per second, that is 13.2 MiB/s; the lower one holds, and its cost is 14.6
 * MiB/s.  It turns to writing: what it may write is 0.5 MiB/s; with that, 96 %
 * are left, an eighth of which is 1.7 MiB/s; after RATE_LOOKS periods it is at
 * half of the cap, and the shape is writing's.
 *
 * Where the cap is a few operations per second, so few looks see one or none, the
 * box moves with each, and a VM gets less than it might: of 256 KiB/s with writes of
 * 64 KiB some 60 %.  To look back for longer is no answer: a VM that turns is then
 * held for as long to what it may not use any more.
 *
 * io.max names one disk per line, and one is held: a VM that uses several is
 * not limited, says why and is not billed.  Leases, read-back and restoring are
 * cgroup_knob.c's.
 */
#include <linux/kdev_t.h>

#include "cgroup/cgroup.h"
#include "disk/disk.h"

#define PARTS		32
#define NEW_BASE	(16 << 10)	/* what an operation costs while none was seen */
#define BASE_MIN	256		/* merged ones have none */
#define BPS_MIN		4096		/* the kernel refuses 1 of either ... */
#define OPS_MIN		2		/* ... and a limit must let something pass */
#define RATE_LOOKS	8		/* rates are over about so many looks */

/* What the VM did since the last look; in the mix older use counts half each time. */
static void mix_update(struct kvmeter_disk_max *max, const struct kvmeter_disk_counts *c)
{
	bool moved = c->cost_bytes != max->seen.cost_bytes;
	int d;

	for (d = 0; d < 2; d++) {
		max->rate[d] += c->bytes[d] - max->seen.bytes[d] - max->rate[d] / RATE_LOOKS;
		max->rate[2 + d] += c->base_bytes[d] - max->seen.base_bytes[d] -
				    max->rate[2 + d] / RATE_LOOKS;
	}
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

/* Of @left, what a part of @all of the mix gets: half by that, half evenly. */
static u64 part_of(u64 left, u64 part, u64 all)
{
	return (all ? kmc_muldiv_floor(left, part, all) / 2 : left / 8) + left / 8;
}

/* The corner of the box in cost bytes per second: the four add up to @cap or less. */
static void corner_of(const struct kvmeter_disk_max *max, u64 period_ns, u64 cap, u64 corner[4])
{
	const struct kvmeter_disk_use *mix = &max->mix;
	const u64 part[4] = { mix->bytes[0], mix->bytes[1], mix->base_bytes[0],
			      mix->base_bytes[1] };
	u64 room = cap / PARTS * (PARTS - 4), used[4], all_used = 0, all = 0;
	int i;

	for (i = 0; i < 4; i++) {
		used[i] = kmc_muldiv_floor(max->rate[i], NSEC_PER_SEC, RATE_LOOKS * period_ns);
		all_used += used[i];
		all += part[i];
	}
	for (i = 0; i < 4; i++) {
		if (all_used > room)
			corner[i] = kmc_muldiv_floor(room, used[i], all_used);
		else
			corner[i] = used[i] + part_of(room - all_used, part[i], all);
		corner[i] += cap / PARTS;
	}
}

static void box_of(const struct kvmeter_disk_max *max, u64 period_ns, u64 cap, u64 limit[4])
{
	const struct kvmeter_disk_use *mix = &max->mix;
	u64 corner[4], base;
	int d;

	corner_of(max, period_ns, cap, corner);
	for (d = 0; d < 2; d++) {
		base = mix->ops[d] ? div64_u64(mix->base_bytes[d], mix->ops[d]) : NEW_BASE;
		base = max_t(u64, base, BASE_MIN);
		limit[d] = max_t(u64, corner[d], BPS_MIN);
		limit[2 + d] = max_t(u64, div64_u64(corner[2 + d], base), OPS_MIN);
	}
}

/* Not worth a write: within a quarter of what is set, and an operation. */
static bool box_near(const u64 a[4], const u64 b[4])
{
	int i;

	for (i = 0; i < 4; i++)
		if (max(a[i], b[i]) - min(a[i], b[i]) > a[i] / 4 + 1)
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
	box_of(max, vm->core.period_ns, cap, limit);
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
