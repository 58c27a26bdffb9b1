// SPDX-License-Identifier: GPL-2.0
/*
 * Boost: a grant above all of the vCPUs' time becomes priority.
 *
 * Nobody can have more than all of the time, only have it sooner and faster.
 * Four knobs, each used where the host has it:
 *  - nice, 1.25 in weight per step, for what the grant exceeds all vCPUs by;
 *  - uclamp, a floor of full utilisation, which makes schedutil raise the
 *    frequency wherever the thread goes;
 *  - the CPU's frequency itself (freq.c);
 *  - where the VM's cgroup was handed over, its weight and the burst beyond its
 *    quota (cgroup/file.c leases them).  Nice only counts among the threads of
 *    one cgroup.
 *
 * Worked: a grant of 20 000 with nominal 10 000 is twice all of its time:
 * three steps of nice, 1.95 in weight.
 *
 * Children.  A thread's child begins with its nice value and its uclamp, and is no
 * slot that anybody would revert.  A tenant would fork from a boosted vCPU thread,
 * and keep processes below nice 0 for good.  So a boosted thread has the scheduler's
 * own reset-on-fork: its children begin at nice 0 without uclamp.  That mends no nice
 * value above 0.  So a thread that has one gets no boost, nor has one that is not of
 * the fair class, for which nice means nothing.  Nobody pays for these.
 * While a thread is boosted, its VMM cannot take reset-on-fork off without
 * CAP_SYS_NICE.
 *
 * uclamp has a slow path in the scheduler, which the first that sets one switches on for
 * good.  So nothing is set, not even for a trial, before there is a boost.
 *
 * A boost is leased like a limit.  Nothing in a thread's path would notice that
 * the lease ended, so boosts are taken back for all at once (lease.c).  A
 * period that stopped half-way may hold kvmeter_lock, so the boosted threads
 * have a list and a lock of their own.
 */
#include <linux/kvm_host.h>
#include <uapi/linux/sched/types.h>

#include "base/host.h"
#include "base/lease.h"
#include "cgroup/cgroup.h"
#include "cgroup/file.h"
#include "cgroup/want.h"
#include "core/units.h"
#include "cpu/boost.h"
#include "cpu/cpu.h"
#include "cpu/freq.h"
#include "cpu/slot.h"
#include "vm/vm.h"

#define UCLAMP_RESET	U32_MAX

const char * const kvmeter_knob_name[KVMETER_NR_KNOBS] = {
	[KVMETER_KNOB_THROTTLE] = "throttle",
	[KVMETER_KNOB_NICE] = "nice",
	[KVMETER_KNOB_UCLAMP] = "uclamp",
	[KVMETER_KNOB_CPUFREQ] = "cpufreq",
};

/* protects the list, and the part of a slot that is struct kvmeter_boost; innermost */
static DEFINE_RT_MUTEX(boost_lock);
static LIST_HEAD(boosted);

static struct kvmeter_lease boost_lease;

/**
 * kvmeter_knob_why - why a knob moves nothing on this host
 * @knob: the knob
 *
 * Return: the reason; NULL: it works.
 */
const char *kvmeter_knob_why(enum kvmeter_knob knob)
{
	switch (knob) {
	case KVMETER_KNOB_UCLAMP:
		return IS_ENABLED(CONFIG_UCLAMP_TASK) ? NULL :
		       "kernel built without CONFIG_UCLAMP_TASK";
	case KVMETER_KNOB_CPUFREQ:
		return kvmeter_freq_why();
	default:
		return NULL;
	}
}

/* Set @flags on @task and nothing else; @policy below 0: reset-on-fork stays as it is. */
static void sched_set(struct task_struct *task, int policy, u64 flags, u32 util_min)
{
	struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = policy,
		.sched_priority = task->rt_priority,
		.sched_nice = task_nice(task),
		.sched_flags = SCHED_FLAG_KEEP_PARAMS | SCHED_FLAG_KEEP_POLICY | flags,
		.sched_util_min = util_min,
	};

	sched_setattr_nocheck(task, &attr);
}

static void uclamp_set(struct task_struct *task, u32 util_min)
{
	if (IS_ENABLED(CONFIG_UCLAMP_TASK))
		sched_set(task, -1, SCHED_FLAG_UTIL_CLAMP_MIN, util_min);
}

/* What was asked for @task by uclamp_set() or somebody else */
static u32 uclamp_get(const struct task_struct *task)
{
#ifdef CONFIG_UCLAMP_TASK
	if (task->uclamp_req[UCLAMP_MIN].user_defined)
		return task->uclamp_req[UCLAMP_MIN].value;
#endif
	return UCLAMP_RESET;
}

static bool is_fair(const struct task_struct *task)
{
	return task->policy == SCHED_NORMAL || task->policy == SCHED_BATCH;
}

/* A thread that has become a real-time one while it was boosted keeps what it has. */
static void reset_on_fork(struct task_struct *task, bool on)
{
	if (is_fair(task))
		sched_set(task, task->policy, on ? SCHED_FLAG_RESET_ON_FORK : 0, 0);
}

/**
 * kvmeter_boost_floor_bp - the grant at which boost begins
 * @vm: the VM
 *
 * Context: kvmeter_lock.
 * Return: the grant, in bp of nominal, that is all of the vCPUs' time.
 */
u32 kvmeter_boost_floor_bp(const struct kvmeter_vm *vm)
{
	return (u32)div_u64((u64)KMC_BP * KMC_BP, vm->core.policy[KMC_RES_CPU].nominal_bp);
}

/*
 * A step of nice is 1.25 in weight.  Step i + 1 is taken from 1.25^(i + 1/2) on, where
 * it is nearer to the grant, by ratio, than step i.
 */
static int boost_nice_of(u32 grant_bp, u32 floor_bp)
{
	static const u16 weight_pct[] = { 112, 140, 174, 218, 272, 340, 425, 530, 660, 825 };
	u32 pct = (u32)div_u64((u64)grant_bp * 100, floor_bp);
	int i;

	for (i = 0; i < ARRAY_SIZE(weight_pct) && pct >= weight_pct[i]; i++)
		;
	return -i;
}

static bool is_boosted(const struct kvmeter_slot *slot)
{
	return !list_empty(&slot->boost.node);
}

/* Would a child of @task, which is reset on fork, begin as if there were no boost? */
static bool may_boost(const struct task_struct *task)
{
	return is_fair(task) && task_nice(task) <= 0;
}

/*
 * The thread's first boost: remember what it had.  No child is made between: what makes
 * it begin anew is there first, and goes last.  boost_lock.
 */
static void boost_begin(struct kvmeter_slot *slot)
{
	struct kvmeter_boost *b = &slot->boost;

	list_add(&b->node, &boosted);
	b->saved_nice = task_nice(slot->task);
	b->nice = b->saved_nice;
	b->saved_uclamp = uclamp_get(slot->task);
	b->saved_reset = slot->task->sched_reset_on_fork;
	reset_on_fork(slot->task, true);
	uclamp_set(slot->task, SCHED_CAPACITY_SCALE);
}

/* As it was before us, unless someone else has set it since: theirs stays.  boost_lock. */
static void boost_end(struct kvmeter_slot *slot)
{
	struct kvmeter_boost *b = &slot->boost;

	list_del_init(&b->node);
	if (uclamp_get(slot->task) == SCHED_CAPACITY_SCALE)
		uclamp_set(slot->task, b->saved_uclamp);
	if (task_nice(slot->task) == b->nice)
		set_user_nice(slot->task, b->saved_nice);
	if (!b->saved_reset)
		reset_on_fork(slot->task, false);
}

/* Return: false: not boosted; or someone else has set a nice value since we did. */
static bool boost_slot(struct kvmeter_slot *slot, int nice)
{
	bool ours = true;

	rt_mutex_lock(&boost_lock);
	if (!is_boosted(slot)) {
		ours = may_boost(slot->task);
		if (ours)
			boost_begin(slot);
	}
	ours = ours && task_nice(slot->task) == slot->boost.nice;
	if (ours) {
		slot->boost.nice = max(slot->boost.saved_nice + nice, MIN_NICE);
		if (task_nice(slot->task) != slot->boost.nice)
			set_user_nice(slot->task, slot->boost.nice);
	}
	rt_mutex_unlock(&boost_lock);
	return ours;
}

static void boost_cgroup(struct kvmeter_vm *vm, u32 grant_bp, u32 floor_bp)
{
	u32 scale_bp = (u32)div_u64((u64)max(grant_bp, floor_bp) * KMC_BP, floor_bp);

	kvmeter_cgroup_scale(vm, KVMETER_CG_CPU_WEIGHT, scale_bp);
	kvmeter_cgroup_scale(vm, KVMETER_CG_CPU_BURST, scale_bp);
}

/**
 * kvmeter_boost_apply - bring the part of a grant above all vCPUs' time in force
 * @vm: the VM; knob_conflict says whether someone else set a nice that we had set
 * @grant_bp: the grant
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: kvmeter_lock.
 */
void kvmeter_boost_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns)
{
	u32 floor_bp = kvmeter_boost_floor_bp(vm);
	int nice = grant_bp > floor_bp ? boost_nice_of(grant_bp, floor_bp) : 0;
	struct kvmeter_slot *slot;

	lockdep_assert_held(&kvmeter_lock);
	vm->cpu->knob_conflict = false;
	boost_cgroup(vm, grant_bp, floor_bp);
	list_for_each_entry(slot, &vm->slots, node) {
		if (slot->exited)
			continue;
		if (!nice) {
			/* without the lock: only a period begins one, and this is it */
			if (is_boosted(slot))
				kvmeter_boost_revert(slot);
		} else if (boost_slot(slot, nice)) {
			kvmeter_freq_want(task_cpu(slot->task), now_ns);
		} else {
			vm->cpu->knob_conflict = true;
		}
	}
	if (nice)
		kvmeter_lease_renew(&boost_lease);
}

/**
 * kvmeter_boost_revert - no boost any more, until a period begins one
 * @slot: of a thread that may be boosted
 *
 * Context: process.
 */
void kvmeter_boost_revert(struct kvmeter_slot *slot)
{
	rt_mutex_lock(&boost_lock);
	if (is_boosted(slot))
		boost_end(slot);
	rt_mutex_unlock(&boost_lock);
}

/* No period has renewed a boost for the length of a lease; perhaps none was due. */
static void boost_lapse(struct kvmeter_lease *lease)
{
	struct kvmeter_slot *slot, *next;
	bool late;

	rt_mutex_lock(&boost_lock);
	late = !list_empty(&boosted);
	list_for_each_entry_safe(slot, next, &boosted, boost.node)
		boost_end(slot);
	rt_mutex_unlock(&boost_lock);
	kvmeter_freq_lapse(U64_MAX);
	if (late)
		pr_warn("kvmeter: periods are late, boosts have lapsed\n");
}

/* A slot is made: no boost. */
void kvmeter_boost_init_slot(struct kvmeter_slot *slot)
{
	INIT_LIST_HEAD(&slot->boost.node);
}

/* At load; changes nothing.  Process context. */
void kvmeter_boost_init(void)
{
	kvmeter_lease_init(&boost_lease, boost_lapse);
	kvmeter_freq_init();
}

/* Unload: no boost is begun any more; slots are reverted as they go. */
void kvmeter_boost_exit(void)
{
	kvmeter_lease_stop(&boost_lease);
	kvmeter_freq_exit();
}
