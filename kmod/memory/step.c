// SPDX-License-Identifier: GPL-2.0
/*
 * Steps: how memory.high goes down to a cap without stopping the guest.
 *
 * A VM above its cap must shrink.  A guest whose working set is taken away does
 * not use less memory, it just stops.  How much it can miss is not known before
 * it is tried.  So memory.high goes down in steps, one each half second, of
 * 1/32 of what is left (4 to 256 MiB).  Each step looks at what the last one
 * did:
 *
 *   pages came back	BACK_KIB within a tick, 128 pages a second, of which each
 *			costs 100 us or more: 1.3 % of the guest's time.  The
 *			working set W is found (wset.c).  The limit is W + 1/16,
 *			the margin, for FOUND_NS; then the next try.
 *   nothing went	less than a quarter of the step: nothing more can be
 *			reclaimed (no swap?): what is left is taken for W.
 *   all stand still	above FULL_BP of the time every task of the cgroup waited
 *			for memory (memory.pressure, "full").  Whatever the cap is,
 *			the limit goes a step above what is in use, each tick anew.
 *   else		the next step.
 *
 * Worked: 200 MiB resident, cap 100 MiB, a working set of 60 MiB: 200, 194, 188
 * ...: 22 steps, 11 s.  With a working set of 150 MiB: at about 145 MiB pages
 * come back, 150 is found, the limit is 160 for a minute.
 *
 * The stall rule makes the cap soft for a guest that insists.  While it
 * stands still for a tenth of the time it grows by a step per tick at most.  It
 * pays for what it takes, as its use is metered.  Memory that is refused to it
 * would not be used by another VM at once; a guest that stands still is an outage.
 */
#include <linux/minmax.h>
#include <linux/mm.h>

#include "core/q.h"
#include "memory/sense.h"
#include "memory/step.h"

#define FOUND_NS	(60 * NSEC_PER_SEC)
#define FULL_BP		1000
#define STEP_SHIFT	5
#define STEP_MIN_KIB	(4 * 1024ULL)
#define STEP_MAX_KIB	(256 * 1024ULL)
#define MARGIN_SHIFT	4
#define BACK_KIB	256ULL		/* refaults of so much within a tick are no noise */
#define DEAD_SHIFT	6		/* smallest change worth a write, but for the cap itself */

/* kvmeter_page_kib - whole pages, as the kernel shows a limit */
u64 kvmeter_page_kib(u64 kib)
{
	return kib & ~((PAGE_SIZE >> 10) - 1);
}

static u64 size_kib(u64 current_kib)
{
	return clamp(current_kib >> STEP_SHIFT, STEP_MIN_KIB, STEP_MAX_KIB);
}

/* Did the last step find the working set? */
static void step_learn(struct kvmeter_step *step, const struct kvmeter_sense *sense, u64 now_ns)
{
	bool pressed = step->asked_kib && step->asked_kib < step->current_kib;
	u64 gone_kib = kmc_sat_sub(step->current_kib, sense->current_kib);
	u64 found_kib = 0;

	if (sense->back_kib >= BACK_KIB)
		found_kib = sense->current_kib + sense->back_kib;
	else if (pressed && gone_kib < (step->current_kib - step->asked_kib) / 4)
		found_kib = sense->current_kib;
	if (!found_kib)
		return;
	/* what it did without meanwhile is forgotten only by time */
	if (now_ns < step->found_until_ns)
		found_kib = max(found_kib, step->found_kib);
	step->found_kib = found_kib;
	step->found_until_ns = now_ns + FOUND_NS;
}

/* Where memory.high should be; sets step->why. */
static u64 step_plan(struct kvmeter_step *step, const struct kvmeter_sense *sense, u64 now_ns)
{
	u64 step_kib = size_kib(sense->current_kib);
	u64 wset_kib = 0, least_kib;

	step->why = NULL;
	if (now_ns < step->fed_until_ns)
		wset_kib = step->fed_kib;
	else if (now_ns < step->found_until_ns)
		wset_kib = step->found_kib;
	least_kib = max(step->cap_kib, wset_kib + (wset_kib >> MARGIN_SHIFT));
	if (sense->full_bp > FULL_BP) {
		step->why = "the guest stands still for want of memory: the limit gives way";
		return max(least_kib, sense->current_kib + step_kib);
	}
	if (sense->current_kib > least_kib + step_kib) {
		step->why = "shrinking";
		return sense->current_kib - step_kib;
	}
	if (least_kib > step->cap_kib)
		step->why = "the working set is larger than the grant";
	return least_kib;
}

/**
 * kvmeter_step_take - one step, by what the last one did
 * @step: @asked_kib is set to where memory.high should be, @why to why it is not
 *        at the cap
 * @sense: the cgroup's memory since the last step
 * @now_ns: CLOCK_MONOTONIC
 */
void kvmeter_step_take(struct kvmeter_step *step, const struct kvmeter_sense *sense, u64 now_ns)
{
	u64 high_kib, change_kib;

	step_learn(step, sense, now_ns);
	step->current_kib = sense->current_kib;
	step->full_bp = sense->full_bp;
	step->sensed = true;
	high_kib = kvmeter_page_kib(step_plan(step, sense, now_ns));
	change_kib = max(high_kib, step->asked_kib) - min(high_kib, step->asked_kib);
	if (high_kib == step->cap_kib || change_kib >= step->asked_kib >> DEAD_SHIFT)
		step->asked_kib = high_kib;
}

/* kvmeter_step_near - does the cgroup use what was asked for, or nearly so? */
bool kvmeter_step_near(const struct kvmeter_step *step)
{
	return step->sensed &&
	       step->current_kib + (step->current_kib >> DEAD_SHIFT) >= step->asked_kib;
}
