// SPDX-License-Identifier: GPL-2.0
/*
 * Squeeze: a memory grant becomes memory.high of the VM's cgroup.
 *
 * cap = nominal * grant / 10 000.  A VM below its cap just gets memory.high =
 * cap.  It may grow so far; beyond it is reclaimed from and slowed down, but
 * never killed.  memory.max would kill it, so that is not touched.  A boost also
 * sets memory.low = cap, so that a host short of memory takes from others first.
 *
 * A VM above its cap must shrink, and it does so in steps (step.c).
 *
 * Steps are taken in a work, as reading memory.stat sleeps and the write to
 * memory.high reclaims in the writer.  The period only leaves the cap and
 * renews the lease; when it does not, the limit is given back.  The squeeze
 * belongs to the cgroup, which ends it: a VM may get another cgroup meanwhile.
 */
#include <linux/slab.h>

#include "base/host.h"
#include "base/lease.h"
#include "cgroup/cgroup.h"
#include "cgroup/file.h"
#include "cgroup/want.h"
#include "core/profile.h"
#include "core/q.h"
#include "core/units.h"
#include "memory/memory.h"
#include "memory/sense.h"
#include "memory/squeeze.h"
#include "memory/step.h"
#include "vm/vm.h"

#define TICK_NS		(500 * NSEC_PER_MSEC)
#define TICK_MIN_NS	(100 * NSEC_PER_MSEC)	/* a new cap does not wait for the tick */

/**
 * struct kvmeter_squeeze - memory.high on its way to where a grant wants it
 * @user: the cgroup's
 * @cg: the cgroup; fixed
 * @work: one step
 * @lock: leaf
 * @step: where memory.high is on its way; @lock
 * @sensor: the cgroup's last reading; @work alone uses it
 */
struct kvmeter_squeeze {
	struct kvmeter_cgroup_user user;
	struct kvmeter_cgroup *cg;
	struct delayed_work work;
	spinlock_t lock;		/* protects @step; leaf */
	struct kvmeter_step step;
	struct kvmeter_sensor sensor;
};

/* What a control file should hold; 0: what it did before us. */
static void squeeze_set(struct kvmeter_cgroup *cg, enum kvmeter_cg_knob knob, u64 kib)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", kib << 10);
	kvmeter_cg_want(cg, knob, kib ? text : NULL, 0);
}

/* memory.high holds what was asked for, so the last step is done. */
static bool high_settled(const struct kvmeter_squeeze *sq)
{
	struct kvmeter_cg_state high = kvmeter_cg_state(sq->cg, KVMETER_CG_MEMORY_HIGH);

	return !sq->step.asked_kib || (high.held && high.settled);
}

static void squeeze_work(struct work_struct *work)
{
	struct kvmeter_squeeze *sq = container_of(to_delayed_work(work), struct kvmeter_squeeze,
						  work);
	u64 now_ns = ktime_get_ns(), cap_kib, low_kib;
	struct kvmeter_sense sense;
	bool settled;
	int err;

	if (now_ns - sq->sensor.at_ns < TICK_MIN_NS) {
		queue_delayed_work(kvmeter_cg_wq, &sq->work, nsecs_to_jiffies(TICK_MIN_NS));
		return;
	}
	settled = high_settled(sq);
	err = kvmeter_sensor_read(&sq->sensor, &sq->cg->dir, &sense);

	spin_lock(&sq->lock);
	if (kvmeter_lease_over(&sq->cg->lease))
		sq->step.cap_kib = 0;
	cap_kib = sq->step.cap_kib;
	if (err) {
		sq->step.sensed = false;
		sq->step.why = err == -ENOENT ?
			       "no memory controller or no pressure in the cgroup" :
			       "the cgroup's memory files cannot be read";
	} else if (cap_kib && settled) {
		kvmeter_step_take(&sq->step, &sense, now_ns);
	}
	if (err || !cap_kib)
		sq->step.asked_kib = 0;
	low_kib = sq->step.asked_kib && sq->step.boost ? cap_kib : 0;
	spin_unlock(&sq->lock);

	squeeze_set(sq->cg, KVMETER_CG_MEMORY_HIGH, sq->step.asked_kib);
	squeeze_set(sq->cg, KVMETER_CG_MEMORY_LOW, low_kib);
	if (cap_kib)
		queue_delayed_work(kvmeter_cg_wq, &sq->work, nsecs_to_jiffies(TICK_NS));
	else
		sq->sensor.based = false;
}

/* the cgroup's side: works */

/* The next step is due now. */
static void squeeze_look(struct kvmeter_cgroup_user *user)
{
	struct kvmeter_squeeze *sq = container_of(user, struct kvmeter_squeeze, user);

	mod_delayed_work(kvmeter_cg_wq, &sq->work, 0);
}

static void squeeze_end(struct kvmeter_cgroup_user *user)
{
	struct kvmeter_squeeze *sq = container_of(user, struct kvmeter_squeeze, user);

	cancel_delayed_work_sync(&sq->work);
	kfree(sq);
}

/* the period's side: kvmeter_lock */

/* The squeeze of the VM's cgroup; NULL: none has begun. */
static struct kvmeter_squeeze *squeeze_of(const struct kvmeter_vm *vm)
{
	lockdep_assert_held(&kvmeter_lock);
	if (!vm->cgroup || !vm->cgroup->user)
		return NULL;
	return container_of(vm->cgroup->user, struct kvmeter_squeeze, user);
}

/* Without memory, and the period does not wait for any: the next one tries again. */
static struct kvmeter_squeeze *squeeze_begin(struct kvmeter_cgroup *cg)
{
	struct kvmeter_squeeze *sq = kzalloc(sizeof(*sq), GFP_NOWAIT | __GFP_NOWARN);

	if (!sq)
		return NULL;
	sq->user.look = squeeze_look;
	sq->user.end = squeeze_end;
	sq->cg = cg;
	INIT_DELAYED_WORK(&sq->work, squeeze_work);
	spin_lock_init(&sq->lock);
	kvmeter_cgroup_use(cg, &sq->user);
	return sq;
}

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

/* Leave the cap, and what is known of the working set, to the work. */
static void squeeze_cap(struct kvmeter_squeeze *sq, const struct kvmeter_vm *vm, u64 cap_kib,
			bool boost)
{
	bool changed;

	spin_lock(&sq->lock);
	changed = sq->step.cap_kib != cap_kib;
	sq->step.cap_kib = cap_kib;
	sq->step.boost = boost;
	sq->step.fed_kib = vm->memory->fed_kib;
	sq->step.fed_until_ns = vm->memory->fed_until_ns;
	spin_unlock(&sq->lock);
	if (changed)
		squeeze_look(&sq->user);
}

/* Why the grant is not in force; NULL: it is. */
static const char *act_memory_why(const struct kvmeter_vm *vm, struct kvmeter_squeeze *sq)
{
	const char *why = kvmeter_cgroup_why(vm, KVMETER_CG_MEMORY_HIGH);

	if (why)
		return why;
	if (!sq)
		return "no memory to begin with";
	spin_lock(&sq->lock);
	why = sq->step.why;
	spin_unlock(&sq->lock);
	return why;
}

/* The row: kvmeter_lock.  See struct kvmeter_actuator. */

/*
 * A grant is in force some time after it was first applied.  Returns the grant
 * that memory.high, as last read, amounts to; 10 000 where there is no limit of
 * ours.
 */
u32 kvmeter_act_memory_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns)
{
	struct kvmeter_squeeze *sq = squeeze_of(vm);
	struct kvmeter_cgroup *cg = vm->cgroup;
	struct kvmeter_cg_state high;
	u64 cap_kib;

	lockdep_assert_held(&kvmeter_lock);
	if (!nominal_kib(vm)) {
		kvmeter_act_memory_revert(vm);
		vm->unenforceable[KMC_RES_MEMORY] = NULL;
		return KMC_BP;
	}
	if (cg && !sq)
		sq = squeeze_begin(cg);
	vm->unenforceable[KMC_RES_MEMORY] = act_memory_why(vm, sq);
	if (!sq)
		return KMC_BP;
	cap_kib = max(kvmeter_page_kib(kmc_muldiv_floor(nominal_kib(vm), grant_bp, KMC_BP)),
		      PAGE_SIZE >> 10);
	kvmeter_lease_renew(&cg->lease);
	high = kvmeter_cg_state(cg, KVMETER_CG_MEMORY_HIGH);
	squeeze_cap(sq, vm, cap_kib, grant_bp > KMC_BP);
	if (!high.held || high.conflict)
		return KMC_BP;
	return grant_of(vm, high.number, cap_kib, grant_bp);
}

void kvmeter_act_memory_revert(struct kvmeter_vm *vm)
{
	struct kvmeter_squeeze *sq = squeeze_of(vm);
	bool limited;

	if (!sq)
		return;
	spin_lock(&sq->lock);
	limited = sq->step.cap_kib;
	sq->step.cap_kib = 0;
	spin_unlock(&sq->lock);
	if (limited)
		squeeze_look(&sq->user);
}

/* The limit keeps the VM from having more.  How much more it wants is not known. */
bool kvmeter_act_memory_holds(const struct kvmeter_vm *vm, struct kmc_sample *s)
{
	struct kvmeter_squeeze *sq = squeeze_of(vm);
	bool near;

	if (!sq || !kvmeter_cg_state(vm->cgroup, KVMETER_CG_MEMORY_HIGH).held)
		return false;
	spin_lock(&sq->lock);
	near = kvmeter_step_near(&sq->step);
	spin_unlock(&sq->lock);
	return near;
}

/**
 * kvmeter_squeeze_found_kib - a VM's working set, as pressing found it
 * @vm: the VM
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: kvmeter_lock.
 * Return: KiB; 0: it was not found within the last minute.
 */
u64 kvmeter_squeeze_found_kib(const struct kvmeter_vm *vm, u64 now_ns)
{
	struct kvmeter_squeeze *sq = squeeze_of(vm);
	u64 kib = 0;

	if (!sq)
		return 0;
	spin_lock(&sq->lock);
	if (now_ns < sq->step.found_until_ns)
		kib = sq->step.found_kib;
	spin_unlock(&sq->lock);
	return kib;
}

/**
 * kvmeter_squeeze_sensed - what the last step saw
 * @vm: the VM
 * @current_kib: set to the cgroup's memory
 * @full_bp: set to the share of the time in which all tasks waited for memory
 *
 * Context: kvmeter_lock.
 * Return: false: nothing is known, and nothing set.
 */
bool kvmeter_squeeze_sensed(const struct kvmeter_vm *vm, u64 *current_kib, u32 *full_bp)
{
	struct kvmeter_squeeze *sq = squeeze_of(vm);
	bool sensed;

	if (!sq)
		return false;
	spin_lock(&sq->lock);
	sensed = sq->step.sensed;
	if (sensed) {
		*current_kib = sq->step.current_kib;
		*full_bp = sq->step.full_bp;
	}
	spin_unlock(&sq->lock);
	return sensed;
}
