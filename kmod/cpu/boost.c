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

#define UCLAMP_RESET	((u32)-1)

const char * const kvmeter_knob_name[KVMETER_NR_KNOBS] = {
	[KVMETER_KNOB_THROTTLE] = "throttle",
	[KVMETER_KNOB_NICE] = "nice",
	[KVMETER_KNOB_UCLAMP] = "uclamp",
	[KVMETER_KNOB_CPUFREQ] = "cpufreq",
};

static const char *uclamp_why;		/* written at load only; NULL: the kernel has it */

/* protects the list, and the part of a slot that is struct kvmeter_boost; innermost */
static DEFINE_MUTEX(boost_lock);
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
		return uclamp_why;
	case KVMETER_KNOB_CPUFREQ:
		return kvmeter_freq_why();
	default:
		return NULL;
	}
}

static int uclamp_set(struct task_struct *task, u32 util_min)
{
	struct sched_attr attr = {
		.size = sizeof(attr),
		.sched_policy = task->policy,
		.sched_nice = task_nice(task),
		.sched_flags = SCHED_FLAG_KEEP_PARAMS | SCHED_FLAG_KEEP_POLICY |
			       SCHED_FLAG_UTIL_CLAMP_MIN,
		.sched_util_min = util_min,
	};

	return sched_setattr_nocheck(task, &attr);
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

/* The thread's first boost: remember its nice value.  boost_lock. */
static void boost_begin(struct kvmeter_slot *slot)
{
	list_add(&slot->boost.node, &boosted);
	slot->boost.saved_nice = task_nice(slot->task);
	slot->boost.nice = slot->boost.saved_nice;
	if (!uclamp_why)
		uclamp_set(slot->task, SCHED_CAPACITY_SCALE);
}

/* As it was before us, unless someone else has set it since: theirs stays.  boost_lock. */
static void boost_end(struct kvmeter_slot *slot)
{
	list_del_init(&slot->boost.node);
	if (!uclamp_why)
		uclamp_set(slot->task, UCLAMP_RESET);
	if (task_nice(slot->task) == slot->boost.nice)
		set_user_nice(slot->task, slot->boost.saved_nice);
}

/* Return: false: someone else has set a nice value since we did. */
static bool boost_slot(struct kvmeter_slot *slot, int nice)
{
	bool ours;

	mutex_lock(&boost_lock);
	if (!is_boosted(slot))
		boost_begin(slot);
	ours = task_nice(slot->task) == slot->boost.nice;
	if (ours) {
		slot->boost.nice = max(slot->boost.saved_nice + nice, MIN_NICE);
		if (task_nice(slot->task) != slot->boost.nice)
			set_user_nice(slot->task, slot->boost.nice);
	}
	mutex_unlock(&boost_lock);
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
	mutex_lock(&boost_lock);
	if (is_boosted(slot))
		boost_end(slot);
	mutex_unlock(&boost_lock);
}

/* No period has renewed a boost for the length of a lease; perhaps none was due. */
static void boost_lapse(struct kvmeter_lease *lease)
{
	struct kvmeter_slot *slot, *next;
	bool late;

	mutex_lock(&boost_lock);
	late = !list_empty(&boosted);
	list_for_each_entry_safe(slot, next, &boosted, boost.node)
		boost_end(slot);
	mutex_unlock(&boost_lock);
	kvmeter_freq_lapse(U64_MAX);
	if (late)
		pr_warn("kvmeter: periods are late, boosts have lapsed\n");
}

/* A slot is made: no boost. */
void kvmeter_boost_init_slot(struct kvmeter_slot *slot)
{
	INIT_LIST_HEAD(&slot->boost.node);
}

/* Find out, once, what this host can do.  Process context. */
void kvmeter_boost_init(void)
{
	/* a reset changes nothing where it works and fails where it does not */
	if (uclamp_set(current, UCLAMP_RESET))
		uclamp_why = "kernel built without CONFIG_UCLAMP_TASK";
	kvmeter_lease_init(&boost_lease, boost_lapse);
	kvmeter_freq_init();
}

/* Unload: no boost is begun any more; slots are reverted as they go. */
void kvmeter_boost_exit(void)
{
	kvmeter_lease_stop(&boost_lease);
	kvmeter_freq_exit();
}
