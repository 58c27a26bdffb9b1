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
 * corner on the face: the four add up to the cap.  Each of the four gets two
 * amounts.  The first is its part of the VM's cost in the last RATE_LOOKS
 * looks.  The second is a share of what the VM left of the cap.  Half of that
 * is dealt out by the shape of the VM's use, half evenly.  What follows:
 *
 * - As long as an operation costs what it did, no use within the box costs more
 *   than the cap.
 * - A VM that goes on as it did comes to have all of the cap.
 * - A VM that turns from reading to writing is slowed by that, and leaves more.
 *   Of what it leaves writing gets its part.
 *
 * A 32nd is set aside for each, so that a VM at its cap can show that it turns.
 *
 * Worked: a cap of 16 MiB/s, a VM that reads 64 KiB at a time at random.  Of 80
 * KiB of cost per bio 80 % are bytes.  At the cap, bytes read get (28 * 0.8 +
 * 1) / 32 of it, 11.7 MiB/s.  Reads get (28 * 0.2 + 1) / 32 of it at 16 KiB
 * each, 211 per second, that is 13.2 MiB/s.  The lower one holds, and its cost
 * is 14.6 MiB/s.  The VM turns to writing: it may write 0.5 MiB/s.  With that,
 * 96 % are left, an eighth of which is 1.7 MiB/s.  After RATE_LOOKS periods it
 * is at half of the cap, and the shape is writing's.
 *
 * A cap of a few operations per second is not used up.  A look sees one
 * operation or none, the box moves with each, and a VM gets less than it might.
 * Of 256 KiB/s with writes of 64 KiB it gets some 60 %.  To look back for
 * longer is no answer.  A VM that turns would be held for as long to what it
 * does not use any more.
 *
 * io.max names one disk per line, and one is held: a VM that uses several is
 * not limited, says why and is not billed.  cgroup/file.c leases the line, reads
 * it back and restores it.
 */
#include <linux/kdev_t.h>

#include "base/host.h"
#include "cgroup/file.h"
#include "cgroup/line.h"
#include "cgroup/want.h"
#include "core/q.h"
#include "core/units.h"
#include "disk/bio.h"
#include "disk/disk.h"
#include "disk/iomax.h"
#include "vm/vm.h"

#define ASIDE_SHIFT	5		/* a 32nd of the cap for each of the four */
#define NEW_BASE	(16 << 10)	/* what an operation costs while none was seen */
#define BASE_MIN	256		/* merged ones have none */
#define BPS_MIN		4096		/* the kernel refuses 1 of either ... */
#define OPS_MIN		2		/* ... and a limit must let something pass */
#define RATE_LOOKS	8		/* rates are over about so many looks */

/* What the VM did since the last look; in the mix older use counts half each time. */
static void mix_update(struct kvmeter_iomax *max, const struct kvmeter_disk_counts *c)
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

/*
 * A part's share of what the VM left of the cap.  Half of @left goes by the
 * mix, in which the part has @cost of @all, half evenly.  With no mix all goes
 * evenly.
 */
static u64 share_of(u64 left, u64 cost, u64 all)
{
	u64 even = left / KVMETER_IOMAX_PARTS;

	return all ? (kmc_muldiv_floor(left, cost, all) + even) / 2 : even;
}

/* The corner of the box in cost bytes per second: the four add up to @cap or less. */
static void corner_of(const struct kvmeter_iomax *max, u64 period_ns, u64 cap,
		      u64 corner[KVMETER_IOMAX_PARTS])
{
	const struct kvmeter_disk_use *mix = &max->mix;
	const u64 cost[KVMETER_IOMAX_PARTS] = {
		mix->bytes[0], mix->bytes[1], mix->base_bytes[0], mix->base_bytes[1],
	};
	u64 aside = cap >> ASIDE_SHIFT, room = aside * (BIT(ASIDE_SHIFT) - KVMETER_IOMAX_PARTS);
	u64 used[KVMETER_IOMAX_PARTS], all_used = 0, all_cost = 0;
	int i;

	for (i = 0; i < KVMETER_IOMAX_PARTS; i++) {
		used[i] = kmc_muldiv_floor(max->rate[i], NSEC_PER_SEC, RATE_LOOKS * period_ns);
		all_used += used[i];
		all_cost += cost[i];
	}
	for (i = 0; i < KVMETER_IOMAX_PARTS; i++) {
		if (all_used > room)
			corner[i] = kmc_muldiv_floor(room, used[i], all_used);
		else
			corner[i] = used[i] + share_of(room - all_used, cost[i], all_cost);
		corner[i] += aside;
	}
}

static void box_of(const struct kvmeter_iomax *max, u64 period_ns, u64 cap,
		   u64 limit[KVMETER_IOMAX_PARTS])
{
	const struct kvmeter_disk_use *mix = &max->mix;
	u64 corner[KVMETER_IOMAX_PARTS], base;
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
static bool box_near(const u64 *a, const u64 *b)
{
	int i;

	for (i = 0; i < KVMETER_IOMAX_PARTS; i++)
		if (max(a[i], b[i]) - min(a[i], b[i]) > a[i] / 4 + 1)
			return false;
	return true;
}

/* Why the VM's use cannot be limited on one disk; NULL: it can, on *@dev. */
static const char *iomax_why(const struct kvmeter_vm *vm, dev_t *dev)
{
	unsigned int n = kvmeter_disk_disks(vm->group, false, dev);

	if (!vm->cgroup)
		return kvmeter_cgroup_why(vm, KVMETER_CG_IO_MAX);
	if (n > 1)
		return "the VM uses several disks, io.max is held on one";
	return *dev ? NULL : "no disk of the VM is known yet";
}

/* Choose the limits of @cap on @dev; those in force stay if they are near. */
static void iomax_choose(struct kvmeter_iomax *max, u64 period_ns, u64 cap, dev_t dev)
{
	u64 limit[KVMETER_IOMAX_PARTS];

	box_of(max, period_ns, cap, limit);
	if (max->cap == cap && max->dev == dev) {
		if (!box_near(max->limit, limit))
			memcpy(max->limit, limit, sizeof(limit));
		return;
	}
	max->cap = cap;
	max->dev = dev;
	max->held = false;
	memcpy(max->limit, limit, sizeof(limit));
}

static int iomax_write(struct kvmeter_vm *vm, const struct kvmeter_iomax *max)
{
	char text[KVMETER_CG_TEXT];

	snprintf(text, sizeof(text), "%u:%u rbps=%llu wbps=%llu riops=%llu wiops=%llu",
		 MAJOR(max->dev), MINOR(max->dev), max->limit[0], max->limit[1],
		 min_t(u64, max->limit[2], U32_MAX - 1), min_t(u64, max->limit[3], U32_MAX - 1));
	return kvmeter_cgroup_set(vm, KVMETER_CG_IO_MAX, text);
}

/**
 * kvmeter_iomax_apply - limit a VM's disk use to a grant
 * @max: of its VMM
 * @vm: the VM
 * @cap: the grant, bytes of cost per second
 * @why: set to why it is not in force, NULL if it is
 *
 * Context: kvmeter_lock.  Does not wait: the limit is in force some time after
 * it was first applied.
 * Return: whether it is, as last read back.
 */
bool kvmeter_iomax_apply(struct kvmeter_iomax *max, struct kvmeter_vm *vm, u64 cap,
			 const char **why)
{
	dev_t dev = max->dev;

	lockdep_assert_held(&kvmeter_lock);
	mix_update(max, &vm->disk->now);
	*why = iomax_why(vm, &dev);
	if (*why) {
		kvmeter_iomax_revert(max, vm);
		return false;
	}
	iomax_choose(max, vm->core.period_ns, cap, dev);
	if (iomax_write(vm, max)) {
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

/**
 * kvmeter_iomax_revert - limit a VM's disk use no more
 * @max: of its VMM
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 */
void kvmeter_iomax_revert(struct kvmeter_iomax *max, struct kvmeter_vm *vm)
{
	if (max->cap)
		kvmeter_cgroup_unset(vm, KVMETER_CG_IO_MAX);
	max->cap = 0;
	max->held = false;
}

/**
 * kvmeter_iomax_holds - does the limit hold back a VM?
 * @max: of its VMM
 * @kib_s: what it uses, cost KiB per second
 *
 * The corner of the box is the cap, less what is set aside.  From half of the
 * cap on one of the other edges may hold.
 *
 * Context: kvmeter_lock.
 */
bool kvmeter_iomax_holds(const struct kvmeter_iomax *max, u64 kib_s)
{
	u64 cap_kib_s = max->cap >> 10;

	return max->held && kib_s >= cap_kib_s / 2;
}
