// SPDX-License-Identifier: GPL-2.0
/*
 * Group: a VMM's thread group, and what its threads used.
 *
 * The problem.  What a group used is the sum over its threads, and what ended
 * threads left to the group.  A thread that ends moves its part from the one to
 * the other.  signal->stats_lock makes the two one reading: the walk is done again
 * if the lock was written meanwhile.  But the tenant makes the threads.  4000
 * that sleep take 400 us to walk, and a loop of create and join ends one each
 * 16 us: such a walk is never good.  Taking the lock instead keeps interrupts off
 * for as long as the tenant likes.
 *
 * The way out.  The group's sum alone is read under the lock, which takes as long
 * for any group.  Then the threads are walked, once.  A thread whose part is in
 * the sum has left the list before the walk began, so nothing is counted twice.
 * A thread that ends during the walk may be missed, and is in the sum at the next
 * one.  So a walk shows at most what was used, and lags by what ended meanwhile.
 * Readers keep the largest they saw.
 *
 * No walk takes long: after WALK_MAX threads it stops, and the next one goes on
 * from there.  Until the last thread was seen, readers see the walk before it.
 * The thread to go on with is referenced.  If it ended meanwhile, the walk begins
 * anew; its time is in the sum then.
 *
 * And no group costs much: a look at WALK_PARTS things takes one part of the time
 * until the next.  Worked: 20 threads take 2 us, and may be walked each 100 us.
 * 4000 threads are walked in two halves of 200 us, 10 ms apart.  The rate is
 * counted in threads and not in time, so that it is the same on each host.
 */
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "compat/thread.h"
#include "vm/group.h"

#define WALK_MAX	2048	/* threads at a time: 200 us, or 600 us from memory */
#define WALK_ITEM_NS	100	/* a thread or a slot, in cache or not */
#define FIRST_WALKS	256	/* half a million threads */
#define WALK_PARTS	50	/* a group's walks take a 50th of a CPU at most */

/* What ended threads left to the group; no thread that is counted here is listed any more. */
static void use_of_ended(struct signal_struct *sig, struct kvmeter_group_use *use)
{
	unsigned long flags;

	read_seqlock_excl_irqsave(&sig->stats_lock, flags);
	use->exec_ns = sig->sum_sched_runtime;
	use->minor_faults = sig->min_flt;
	use->major_faults = sig->maj_flt;
	use->read_bytes = sig->ioac.read_bytes;
	use->write_bytes = sig->ioac.write_bytes;
	use->cancelled_bytes = sig->ioac.cancelled_write_bytes;
	read_sequnlock_excl_irqrestore(&sig->stats_lock, flags);
}

static void use_add_thread(struct kvmeter_group_use *use, const struct task_struct *t)
{
	use->exec_ns += READ_ONCE(t->se.sum_exec_runtime);
	use->minor_faults += READ_ONCE(t->min_flt);
	use->major_faults += READ_ONCE(t->maj_flt);
	use->read_bytes += READ_ONCE(t->ioac.read_bytes);
	use->write_bytes += READ_ONCE(t->ioac.write_bytes);
	use->cancelled_bytes += READ_ONCE(t->ioac.cancelled_write_bytes);
}

static void walk_stop(struct kvmeter_walk *walk)
{
	if (walk->at)
		put_task_struct(walk->at);
	walk->at = NULL;
}

/* Walk on; returns how many threads that took.  The walk is over when walk->at is NULL. */
static unsigned int walk_on(struct kvmeter_group *group)
{
	struct signal_struct *sig = group->leader->signal;
	struct kvmeter_walk *walk = &group->walk;
	struct task_struct *t;
	unsigned int nr;

	rcu_read_lock();
	if (kvmeter_thread_listed(walk->at)) {
		t = walk->at;
	} else {
		use_of_ended(sig, &walk->sum);
		t = kvmeter_thread_first(sig);
	}
	walk_stop(walk);
	for (nr = 0; t && nr < WALK_MAX; nr++) {
		use_add_thread(&walk->sum, t);
		t = kvmeter_thread_next(sig, t);
	}
	walk->at = t ? get_task_struct(t) : NULL;
	rcu_read_unlock();
	return nr;
}

/**
 * kvmeter_group_paid - so many things of a group were looked at: the next walk waits for it
 * @group: the group, walked
 * @nr: how many
 *
 * Context: kvmeter_lock.
 */
void kvmeter_group_paid(struct kvmeter_group *group, unsigned int nr)
{
	group->walk.next_ns += (u64)nr * WALK_ITEM_NS * WALK_PARTS;
}

/**
 * kvmeter_group_hurry - what a group used is wanted now
 * @group: the group; its next walk does not wait
 *
 * For what a tenant cannot have done often: the end of its last VM.
 *
 * Context: kvmeter_lock.
 */
void kvmeter_group_hurry(struct kvmeter_group *group)
{
	group->walk.next_ns = 0;
}

/**
 * kvmeter_group_walk - look at what a group's threads used, unless it was looked at just now
 * @group: the group
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: kvmeter_lock.
 * Return: whether group->use is new.
 */
bool kvmeter_group_walk(struct kvmeter_group *group, u64 now_ns)
{
	if (now_ns < group->walk.next_ns)
		return false;
	group->walk.next_ns = now_ns;
	kvmeter_group_paid(group, walk_on(group));
	if (group->walk.at)
		return false;
	group->use = group->walk.sum;
	return true;
}

/**
 * kvmeter_group_new - a thread group gets its first VM
 * @leader: of the group
 *
 * What it used so far is in group->use, and belongs to no VM.
 *
 * Context: process, sleeps.
 * Return: the group, which nobody else knows; NULL: no memory.
 */
struct kvmeter_group *kvmeter_group_new(struct task_struct *leader)
{
	struct kvmeter_group *group = kzalloc(sizeof(*group), GFP_KERNEL);
	int i;

	if (!group)
		return NULL;
	INIT_LIST_HEAD(&group->vms);
	group->leader = get_task_struct(leader);
	for (i = 0; i < FIRST_WALKS; i++) {
		kvmeter_group_hurry(group);
		if (kvmeter_group_walk(group, 0))
			return group;
		cond_resched();
	}
	/* somebody does much to be walked for ever: what was seen is the least that it used */
	group->use = group->walk.sum;
	return group;
}

/**
 * kvmeter_group_free - a thread group has no VM any more
 * @group: the group; all else that it holds is gone
 */
void kvmeter_group_free(struct kvmeter_group *group)
{
	walk_stop(&group->walk);
	put_task_struct(group->leader);
	kfree(group);
}
