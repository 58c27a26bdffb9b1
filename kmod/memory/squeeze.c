// SPDX-License-Identifier: GPL-2.0
/*
 * Memory: a grant becomes memory.high of the VM's cgroup.
 *
 * cap = nominal * grant / 10 000.  A VM below its cap just gets memory.high =
 * cap: it may grow so far, and beyond it is reclaimed from and slowed down, but
 * never killed, which memory.max would do and is therefore not touched.  A
 * boost also sets memory.low = cap, so that a host short of memory takes from
 * others first.
 *
 * A VM above its cap must shrink, and a guest whose working set is taken away
 * does not use less memory, it just stops.  How much it can miss nobody knows
 * before it is tried.  So memory.high goes down in steps, one per TICK_NS, of
 * 1/32 of what is left (4 to 256 MiB), and each step looks at what the last one
 * did:
 *
 *   pages came back	BACK_KIB within a tick, 128 pages a second, of which each
 *			costs 100 us or more: 1.3 % of the guest's time.  The
 *			working set W is found, memory.c says how; the limit is W
 *			+ 1/16, the margin, for FOUND_NS; then the next try.
 *   nothing went	less than a quarter of the step: nothing more can be
 *			reclaimed (no swap?): what is left is taken for W.
 *   all stand still	above FULL_BP of the time every task of the cgroup waited
 *			for memory (memory.pressure, "full"): whatever the cap is,
 *			the limit goes a step above what is in use, each tick anew.
 *   else		the next step.
 *
 * Worked: 200 MiB resident, cap 100 MiB, a working set of 60 MiB: 200, 194, 188
 * ...: 22 steps, 11 s.  With a working set of 150 MiB: at about 145 MiB pages
 * come back, 150 is found, the limit is 160 for a minute.
 *
 * The stall rule makes the cap soft for a guest that insists: it grows by a
 * step per tick at most while it stands still for a tenth of the time, and pays
 * for what it takes, as its use is metered.  Memory that is refused to it would
 * not be used by anybody else at once; a guest that stands still is an outage.
 *
 * Steps are taken in a work, as reading memory.stat sleeps and the write to
 * memory.high reclaims in the writer.  The period only leaves the cap and
 * renews the lease; when it does not, the limit is given back.
 */
#include <linux/slab.h>

#include "cgroup/cgroup.h"

#define TICK_NS		(500 * NSEC_PER_MSEC)
#define TICK_MIN_NS	(100 * NSEC_PER_MSEC)	/* a new cap does not wait for the tick */
#define FOUND_NS	(60 * NSEC_PER_SEC)
#define FULL_BP		1000
#define STEP_SHIFT	5
#define STEP_MIN_KIB	(4 * 1024ULL)
#define STEP_MAX_KIB	(256 * 1024ULL)
#define MARGIN_SHIFT	4
#define BACK_KIB	256ULL		/* refaults of so much within a tick are no noise */
#define DEAD_SHIFT	6		/* smallest change worth a write, but for the cap itself */

/**
 * struct look - what a step looks at
 * @current_kib: in use
 * @back_kib: came back since the last step
 * @full_bp: share of the time since then in which all tasks waited for memory
 */
struct look {
	u64 current_kib;
	u64 back_kib;
	u32 full_bp;
};

static u64 page_kib(u64 kib)
{
	return kib & ~((PAGE_SIZE >> 10) - 1);
}

static u64 step_of(u64 current_kib)
{
	return clamp(current_kib >> STEP_SHIFT, STEP_MIN_KIB, STEP_MAX_KIB);
}

/* The number after @word in @buf; 0 when there is none. */
static u64 number_after(const char *buf, const char *word)
{
	const char *at = strstr(buf, word);
	u64 number;

	return at && sscanf(at + strlen(word), "%llu", &number) == 1 ? number : 0;
}

static int take_look(struct kvmeter_cgroup *cg, struct look *look)
{
	struct kvmeter_squeeze *sq = &cg->squeeze;
	char *buf = kmalloc(KVMETER_CG_READ_SIZE, GFP_KERNEL);
	u64 now_ns = ktime_get_ns(), refaults, full_us = 0, bytes;
	const char *full;
	int err;

	if (!buf)
		return -ENOMEM;
	err = kvmeter_cg_read(cg, "memory.current", buf);
	if (!err && kstrtou64(strim(buf), 10, &bytes))
		err = -EINVAL;
	if (!err)
		err = kvmeter_cg_read(cg, "memory.stat", buf);
	if (err)
		goto out;
	refaults = number_after(buf, "\nworkingset_refault_anon ") +
		   number_after(buf, "\nworkingset_refault_file ");
	err = kvmeter_cg_read(cg, "memory.pressure", buf);
	if (err)
		goto out;
	full = strstr(buf, "full ");
	if (full)
		full_us = number_after(full, "total=");

	look->current_kib = bytes >> 10;
	if (sq->based) {
		look->back_kib = kmc_sat_sub(refaults, sq->refaults) << (PAGE_SHIFT - 10);
		look->full_bp = kmc_muldiv_floor(kmc_sat_sub(full_us, sq->full_us) * NSEC_PER_USEC,
						 KMC_BP, max(now_ns - sq->at_ns, 1ULL));
	} else {
		look->back_kib = 0;
		look->full_bp = 0;
	}
	sq->refaults = refaults;
	sq->full_us = full_us;
	sq->at_ns = now_ns;
	sq->based = true;
out:
	kfree(buf);
	return err;
}

/* Did the last step find the working set?  cg->lock. */
static void squeeze_learn(struct kvmeter_squeeze *sq, const struct look *look, u64 now_ns)
{
	bool pressed = sq->asked_kib && sq->asked_kib < sq->current_kib;
	u64 gone_kib = kmc_sat_sub(sq->current_kib, look->current_kib);
	u64 found_kib = 0;

	if (look->back_kib >= BACK_KIB)
		found_kib = look->current_kib + look->back_kib;
	else if (pressed && gone_kib < (sq->current_kib - sq->asked_kib) / 4)
		found_kib = look->current_kib;
	if (!found_kib)
		return;
	/* what it did without meanwhile is forgotten only by time */
	if (now_ns < sq->found_until_ns)
		found_kib = max(found_kib, sq->found_kib);
	sq->found_kib = found_kib;
	sq->found_until_ns = now_ns + FOUND_NS;
}

/* Where memory.high shall be; sets sq->why.  cg->lock. */
static u64 squeeze_plan(struct kvmeter_squeeze *sq, const struct look *look, u64 now_ns)
{
	u64 step_kib = step_of(look->current_kib);
	u64 wset_kib = 0, least_kib;

	sq->why = NULL;
	if (now_ns < sq->fed_until_ns)
		wset_kib = sq->fed_kib;
	else if (now_ns < sq->found_until_ns)
		wset_kib = sq->found_kib;
	least_kib = max(sq->cap_kib, wset_kib + (wset_kib >> MARGIN_SHIFT));
	if (look->full_bp > FULL_BP) {
		sq->why = "the guest stands still for want of memory: the limit gives way";
		return max(least_kib, look->current_kib + step_kib);
	}
	if (look->current_kib > least_kib + step_kib) {
		sq->why = "shrinking";
		return look->current_kib - step_kib;
	}
	if (least_kib > sq->cap_kib)
		sq->why = "the working set is larger than the grant";
	return least_kib;
}

static void set_kib(struct kvmeter_cgroup *cg, enum kvmeter_cg_knob knob, u64 kib)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", kib << 10);
	kvmeter_cg_want(cg, knob, text, 0);
}

/* memory.high holds what was asked for, so the last step is done.  cg->lock. */
static bool high_settled(const struct kvmeter_cgroup *cg)
{
	const struct kvmeter_cg_file *f = &cg->file[KVMETER_CG_MEMORY_HIGH];

	return !cg->squeeze.asked_kib || (f->held && !memcmp(&f->want, &f->done, sizeof(f->want)));
}

/* One step, by what @look shows.  cg->lock. */
static void squeeze_step(struct kvmeter_squeeze *sq, const struct look *look, u64 now_ns)
{
	u64 high_kib, change_kib;

	squeeze_learn(sq, look, now_ns);
	sq->current_kib = look->current_kib;
	sq->full_bp = look->full_bp;
	sq->sensed = true;
	high_kib = page_kib(squeeze_plan(sq, look, now_ns));
	change_kib = high_kib > sq->asked_kib ? high_kib - sq->asked_kib :
						sq->asked_kib - high_kib;
	if (high_kib == sq->cap_kib || change_kib >= sq->asked_kib >> DEAD_SHIFT)
		sq->asked_kib = high_kib;
}

static void squeeze_work(struct work_struct *work)
{
	struct kvmeter_squeeze *sq = container_of(to_delayed_work(work), struct kvmeter_squeeze,
						  work);
	struct kvmeter_cgroup *cg = container_of(sq, struct kvmeter_cgroup, squeeze);
	u64 now_ns = ktime_get_ns(), cap_kib;
	bool settled, boost;
	struct look look;
	int err;

	if (now_ns - sq->at_ns < TICK_MIN_NS) {
		queue_delayed_work(kvmeter_cg_wq, &sq->work, nsecs_to_jiffies(TICK_MIN_NS));
		return;
	}
	spin_lock(&cg->lock);
	settled = high_settled(cg);
	spin_unlock(&cg->lock);
	err = take_look(cg, &look);

	spin_lock(&cg->lock);
	if (kvmeter_lease_over(&cg->lease))
		sq->cap_kib = 0;
	cap_kib = sq->cap_kib;
	boost = sq->boost;
	if (err) {
		sq->sensed = false;
		sq->why = err == -ENOENT ? "no memory controller or no pressure in the cgroup" :
					   "the cgroup's memory files can not be read";
	} else if (cap_kib && settled) {
		squeeze_step(sq, &look, now_ns);
	}
	if (err || !cap_kib)
		sq->asked_kib = 0;
	spin_unlock(&cg->lock);

	if (sq->asked_kib)
		set_kib(cg, KVMETER_CG_MEMORY_HIGH, sq->asked_kib);
	else
		kvmeter_cg_want(cg, KVMETER_CG_MEMORY_HIGH, NULL, 0);
	if (sq->asked_kib && boost)
		set_kib(cg, KVMETER_CG_MEMORY_LOW, cap_kib);
	else
		kvmeter_cg_want(cg, KVMETER_CG_MEMORY_LOW, NULL, 0);
	if (cap_kib)
		queue_delayed_work(kvmeter_cg_wq, &sq->work, nsecs_to_jiffies(TICK_NS));
	else
		sq->based = false;
}

void kvmeter_squeeze_init(struct kvmeter_cgroup *cg)
{
	INIT_DELAYED_WORK(&cg->squeeze.work, squeeze_work);
}

/* The next step is due now. */
void kvmeter_squeeze_look(struct kvmeter_cgroup *cg)
{
	mod_delayed_work(kvmeter_cg_wq, &cg->squeeze.work, 0);
}

/* No steps any more.  Sleeps. */
void kvmeter_squeeze_end(struct kvmeter_cgroup *cg)
{
	cancel_delayed_work_sync(&cg->squeeze.work);
}

/* The period's side: kvmeter_lock. */

static u64 nominal_kib(const struct kvmeter_vm *vm)
{
	return vm->core.policy[KMC_RES_MEMORY].nominal << 10;
}

/* The grant that @number, as memory.high read, amounts to. */
static u32 grant_of(const struct kvmeter_vm *vm, u64 number, u64 cap_kib, u32 grant_bp)
{
	u64 bp;

	if (number >> 10 == cap_kib)
		return grant_bp;
	bp = kmc_muldiv_floor(number >> 10, KMC_BP, nominal_kib(vm));
	/* what it keeps for its own good was not granted, and is no boost */
	return min_t(u64, bp, max(grant_bp, KMC_BP));
}

/* Why the grant is not in force; NULL: it is. */
static const char *act_memory_why(const struct kvmeter_vm *vm)
{
	const char *why = kvmeter_cgroup_why(vm, KVMETER_CG_MEMORY_HIGH);
	struct kvmeter_cgroup *cg = vm->cgroup;

	if (why || !cg)
		return why;
	spin_lock(&cg->lock);
	why = cg->squeeze.why;
	spin_unlock(&cg->lock);
	return why;
}

/**
 * kvmeter_act_memory_apply - bring a grant in force, renew its lease
 * @vm: the VM
 * @grant_bp: the grant
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: kvmeter_lock.  Does not wait: a grant is in force some time after it
 * was first applied.
 * Return: the grant in force, as memory.high was last read; 10 000 where there
 * is no limit of ours.  vm->unenforceable[] says why it is another than asked.
 */
u32 kvmeter_act_memory_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns)
{
	struct kvmeter_cgroup *cg = vm->cgroup;
	const struct kvmeter_cg_file *high;
	struct kvmeter_squeeze *sq;
	u64 cap_kib;
	bool changed;
	u32 bp;

	lockdep_assert_held(&kvmeter_lock);
	if (!nominal_kib(vm)) {
		kvmeter_act_memory_revert(vm);
		vm->unenforceable[KMC_RES_MEMORY] = NULL;
		return KMC_BP;
	}
	vm->unenforceable[KMC_RES_MEMORY] = act_memory_why(vm);
	if (!cg)
		return KMC_BP;
	cap_kib = max(page_kib(kmc_muldiv_floor(nominal_kib(vm), grant_bp, KMC_BP)),
		      PAGE_SIZE >> 10);
	kvmeter_lease_renew(&cg->lease);
	sq = &cg->squeeze;
	high = &cg->file[KVMETER_CG_MEMORY_HIGH];
	spin_lock(&cg->lock);
	changed = sq->cap_kib != cap_kib;
	sq->cap_kib = cap_kib;
	sq->boost = grant_bp > KMC_BP;
	sq->fed_kib = vm->memory.fed_kib;
	sq->fed_until_ns = vm->memory.fed_until_ns;
	bp = high->held && !high->conflict ? grant_of(vm, high->number, cap_kib, grant_bp) : KMC_BP;
	spin_unlock(&cg->lock);
	if (changed)
		kvmeter_squeeze_look(cg);
	return bp;
}

/* Back to how it was before us. */
void kvmeter_act_memory_revert(struct kvmeter_vm *vm)
{
	struct kvmeter_cgroup *cg = vm->cgroup;
	bool limited;

	lockdep_assert_held(&kvmeter_lock);
	if (!cg)
		return;
	spin_lock(&cg->lock);
	limited = cg->squeeze.cap_kib;
	cg->squeeze.cap_kib = 0;
	spin_unlock(&cg->lock);
	if (limited)
		kvmeter_squeeze_look(cg);
}

/* The limit keeps the VM from having more.  How much more it wants is not known. */
bool kvmeter_act_memory_holds(const struct kvmeter_vm *vm, struct kmc_sample *s)
{
	struct kvmeter_cgroup *cg = vm->cgroup;
	const struct kvmeter_squeeze *sq;
	bool pressed;

	lockdep_assert_held(&kvmeter_lock);
	if (!cg)
		return false;
	sq = &cg->squeeze;
	spin_lock(&cg->lock);
	pressed = cg->file[KVMETER_CG_MEMORY_HIGH].held && sq->sensed &&
		  sq->current_kib + (sq->current_kib >> DEAD_SHIFT) >= sq->asked_kib;
	spin_unlock(&cg->lock);
	return pressed;
}
