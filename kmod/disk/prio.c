// SPDX-License-Identifier: GPL-2.0
/*
 * Priority: a grant becomes a weight among all that want the disk.
 *
 * I/O priority has eight levels of best effort.  With bfq level n has the weight
 * 8 - n, and the disk's time goes by weight among those that wait.  A thread at
 * the default, level 4, has weight 4.  With a grant of g it gets the weight
 * next to 4 g.
 *
 * Worked: 20 000 is weight 8, level 0; 15 000 is weight 6, level 2.  5000 is
 * weight 2, level 6; 2500 and less is weight 1, level 7.  The class stays best
 * effort: idle would starve, real time would let others starve.
 *
 * All of the VMM's threads get it.  Which of them does the I/O is the VMM's
 * business and changes.  New threads are found each period.  A new thread
 * begins with the priority of the thread that made it, which may be ours.  Then
 * it goes back to what that thread had before us.  What the page cache writes
 * back later has the priority of the kernel thread that does it.
 *
 * A priority is leased.  The lease's work restores all of them.  It needs no lock
 * that a period holds while it may be stopped: prio_lock is for this list alone.
 */
#include <linux/iocontext.h>
#include <linux/ioprio.h>
#include <linux/sched/rt.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "base/lease.h"
#include "compat/thread.h"
#include "core/units.h"
#include "disk/prio.h"

#define WEIGHT_MAX	IOPRIO_NR_LEVELS

/* a thread made since may have to wait: a tenant makes as many threads as it likes */
#define THREAD_NS	200	/* to look at a thread, and set it */
#define WALK_PARTS	50	/* a VMM's walks take a 50th of a CPU at most */

/**
 * struct prio_thread - a thread whose I/O priority we hold
 * @node: in prio->threads
 * @task: referenced
 * @saved: its priority before us
 * @level: the level that @saved means; below 0: not best effort, not touched
 * @set: what we set
 * @theirs: someone else has set another since: it stays
 *
 * All under prio_lock.
 */
struct prio_thread {
	struct list_head node;
	struct task_struct *task;
	u16 saved;
	s8 level;
	u16 set;
	bool theirs;
};

/* protects the list, and the threads of all that are in it; inside kvmeter_lock, leaf */
static DEFINE_RT_MUTEX(prio_lock);
static LIST_HEAD(held);			/* struct kvmeter_prio */

static struct kvmeter_lease prio_lease;

static u16 prio_get(struct task_struct *task)
{
	u16 prio;

	task_lock(task);
	prio = task->io_context ? task->io_context->ioprio : 0;
	task_unlock(task);
	return prio;
}

/* The thread is on its way out: it has no priority any more, or soon. */
static bool ending(const struct task_struct *task)
{
	return READ_ONCE(task->flags) & PF_EXITING;
}

/* The level that @prio means for @task; below 0: it is not best effort. */
static s8 level_of(struct task_struct *task, u16 prio)
{
	switch (IOPRIO_PRIO_CLASS(prio)) {
	case IOPRIO_CLASS_NONE:
		if (rt_task(task) || task->policy == SCHED_IDLE)
			return -1;
		return (task_nice(task) + 20) / 5;
	case IOPRIO_CLASS_BE:
		return prio & (IOPRIO_NR_LEVELS - 1);
	default:
		return -1;
	}
}

static u16 prio_of_grant(const struct prio_thread *p, u32 grant_bp)
{
	u32 weight;

	if (p->level < 0 || grant_bp == KMC_BP)
		return p->saved;
	weight = DIV_ROUND_CLOSEST((WEIGHT_MAX - p->level) * min(grant_bp, 10 * KMC_BP), KMC_BP);
	return IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, WEIGHT_MAX - clamp(weight, 1U, WEIGHT_MAX));
}

static void prio_free(struct list_head *threads)
{
	struct prio_thread *p, *next;

	list_for_each_entry_safe(p, next, threads, node) {
		put_task_struct(p->task);
		kfree(p);
	}
	INIT_LIST_HEAD(threads);
}

/* What a new thread with @value had without us: it may have ours from the thread that made it. */
static u16 prio_inherited(const struct kvmeter_prio *prio, u16 value)
{
	const struct prio_thread *p;

	list_for_each_entry(p, &prio->threads, node)
		if (p->set == value && !p->theirs)
			return p->saved;
	return value;
}

/* @at: the one before which it belongs */
static struct prio_thread *prio_new(struct kvmeter_prio *prio, struct task_struct *task,
				    struct list_head *at)
{
	struct prio_thread *p = kzalloc(sizeof(*p), GFP_NOWAIT | __GFP_NOWARN);

	if (!p)		/* it is found again in the next period */
		return NULL;
	p->task = get_task_struct(task);
	p->set = prio_get(task);
	p->saved = prio_inherited(prio, p->set);
	p->level = level_of(task, p->saved);
	list_add_tail(&p->node, at);
	return p;
}

static void prio_set(struct kvmeter_prio *prio, struct prio_thread *p, u32 grant_bp)
{
	u16 now = prio_get(p->task), want = prio_of_grant(p, grant_bp);

	if (ending(p->task))
		return;
	if (now != p->set) {
		p->theirs = true;
		prio->conflict = true;
	}
	if (p->theirs || now == want || set_task_ioprio(p->task, want))
		return;
	p->set = want;
}

/*
 * Every thread of the group gets what the grant means for it.  The group's list
 * is in order of age and so is ours: one walk over both.
 */
static void prio_set_all(struct kvmeter_prio *prio, u32 grant_bp)
{
	struct list_head *at = prio->threads.next;
	struct prio_thread *p;
	struct task_struct *t;
	unsigned int nr = 0;
	LIST_HEAD(gone);

	prio->conflict = false;
	rcu_read_lock();
	kvmeter_for_each_thread(prio->leader->signal, t) {
		nr++;
		if (ending(t))
			continue;
		for (;;) {
			p = at == &prio->threads ? NULL :
			    list_entry(at, struct prio_thread, node);
			if (!p || p->task == t || !ending(p->task))
				break;
			at = at->next;
			list_move(&p->node, &gone);
		}
		if (p && p->task == t)
			at = at->next;
		else
			p = prio_new(prio, t, at);
		if (!p)
			continue;
		prio->conflict |= p->theirs;
		prio_set(prio, p, grant_bp);
	}
	rcu_read_unlock();
	prio_free(&gone);
	prio->grant_bp = grant_bp;
	prio->next_ns = ktime_get_ns() + (u64)nr * THREAD_NS * WALK_PARTS;
}

/**
 * kvmeter_prio_held - may a VMM's threads have ours?
 * @prio: of the VMM
 *
 * Context: kvmeter_lock, under which alone a hold begins; the lease may end it.
 */
bool kvmeter_prio_held(const struct kvmeter_prio *prio)
{
	return !list_empty(&prio->node);
}

/**
 * kvmeter_prio_setup - a VMM's threads may be held
 * @prio: zeroed
 * @leader: the VMM's, referenced until kvmeter_prio_revert() was called last
 */
void kvmeter_prio_setup(struct kvmeter_prio *prio, struct task_struct *leader)
{
	prio->leader = leader;
	INIT_LIST_HEAD(&prio->node);
	INIT_LIST_HEAD(&prio->threads);
}

/**
 * kvmeter_prio_hold - give a VMM's threads what a grant means, renew the lease
 * @prio: of the VMM
 * @grant_bp: the grant, not 10 000
 *
 * Context: kvmeter_lock.
 * Return: false: someone else changed what we had set.
 */
bool kvmeter_prio_hold(struct kvmeter_prio *prio, u32 grant_bp)
{
	bool ours;

	kvmeter_lease_renew(&prio_lease);
	rt_mutex_lock(&prio_lock);
	if (!kvmeter_prio_held(prio)) {
		list_add(&prio->node, &held);
		prio->next_ns = 0;
	}
	if (grant_bp != prio->grant_bp || ktime_get_ns() >= prio->next_ns)
		prio_set_all(prio, grant_bp);
	ours = !prio->conflict;
	rt_mutex_unlock(&prio_lock);
	return ours;
}

/*
 * As it was before us, but for what someone else has set since.  A thread that
 * was just made by one that still had ours is found by the second walk.
 * prio_lock.
 */
static void prio_end(struct kvmeter_prio *prio)
{
	list_del_init(&prio->node);
	prio_set_all(prio, KMC_BP);
	prio_set_all(prio, KMC_BP);
	prio_free(&prio->threads);
	prio->conflict = false;
}

/**
 * kvmeter_prio_revert - give a VMM's threads back what they had
 * @prio: of the VMM, held or not
 *
 * Context: kvmeter_lock, or the module goes.  When this returns the lease's work
 * does not use @prio either.
 */
void kvmeter_prio_revert(struct kvmeter_prio *prio)
{
	rt_mutex_lock(&prio_lock);
	if (kvmeter_prio_held(prio))
		prio_end(prio);
	rt_mutex_unlock(&prio_lock);
}

/* No period has renewed a priority for the length of a lease; perhaps none was due. */
static void prio_lapse(struct kvmeter_lease *lease)
{
	struct kvmeter_prio *prio, *next;
	bool late;

	rt_mutex_lock(&prio_lock);
	late = !list_empty(&held);
	list_for_each_entry_safe(prio, next, &held, node)
		prio_end(prio);
	rt_mutex_unlock(&prio_lock);
	if (late)
		pr_warn("kvmeter: periods are late, I/O priorities have lapsed\n");
}

/** kvmeter_prio_init - at load, before the first kvmeter_prio_hold() */
void kvmeter_prio_init(void)
{
	kvmeter_lease_init(&prio_lease, prio_lapse);
}

/**
 * kvmeter_prio_exit - nothing lapses any more
 *
 * Context: no code holds any more.  Sleeps.  What is held is reverted as its VMM goes.
 */
void kvmeter_prio_exit(void)
{
	kvmeter_lease_stop(&prio_lease);
}
