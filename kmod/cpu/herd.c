// SPDX-License-Identifier: GPL-2.0
/*
 * Herd: the threads that are on a leash, and how they come and go.
 *
 * The period puts the threads of a limited VM's VMM on leashes.  What it looks at is
 * bounded: LOOK_THREADS of a group at a time.  A thread that is on a leash hands it
 * on: whom it makes has one before it first runs.  So those that the period has not
 * seen yet are those that were there before the limit.
 *
 * A thread that ends frees its leash itself, in its last task work.  A VMM that makes
 * and ends threads without end does so at its own cost.
 */
#include <linux/delay.h>
#include <linux/hashtable.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>

#include "compat/thread.h"
#include "cpu/crew.h"
#include "cpu/herd.h"
#include "cpu/leash.h"

#define LOOK_THREADS	256	/* looked at in a group at a time */
#define TABLE_BITS	14	/* 100 000 threads: 6 in a chain */
#define DRAIN_POLL_MS	4	/* a tick at HZ=250: unload need not be faster */

/* protects the table, ->bound and changes of ->crew; raw, as tracepoints take it */
static DEFINE_RAW_SPINLOCK(herd_lock);
static DEFINE_HASHTABLE(herd_table, TABLE_BITS);	/* by task */
static bool herd_closed;

static struct kvmeter_leash *leash_find(const struct task_struct *task)
{
	struct kvmeter_leash *leash;

	hash_for_each_possible(herd_table, leash, hash, (unsigned long)task)
		if (leash->task == task)
			return leash;
	return NULL;
}

/* It is in no table any more, and nothing of it runs but its timer. */
static void leash_free(struct kvmeter_leash *leash)
{
	hrtimer_cancel(&leash->timer);
	atomic_dec(&leash->crew->nr_leashes);
	kvmeter_crew_put(leash->crew);
	put_task_struct(leash->task);
	kfree(leash);
}

/* current's first task work: from here on the leash is told of its switches. */
static void leash_bind(struct kvmeter_leash *leash)
{
	raw_spin_lock_irq(&herd_lock);
	if (!herd_closed && !leash->bound) {
		WRITE_ONCE(leash->bound, true);
		WRITE_ONCE(leash->in_ns, ktime_get_ns());
		preempt_notifier_register(&leash->notifier);
	}
	raw_spin_unlock_irq(&herd_lock);
}

/* current is exiting: nothing draws any more.  False: unload frees the leash. */
static bool leash_end(struct kvmeter_leash *leash)
{
	bool last;

	raw_spin_lock_irq(&herd_lock);
	last = !herd_closed;
	if (last)
		hash_del(&leash->hash);
	/* the exit's probe was here, unless it came too late to be attached */
	if (leash->bound) {
		preempt_notifier_unregister(&leash->notifier);
		leash->bound = false;
		WRITE_ONCE(leash->in_ns, 0);
	}
	raw_spin_unlock_irq(&herd_lock);
	return last;
}

static void leash_work(struct callback_head *work)
{
	struct kvmeter_leash *leash = container_of(work, struct kvmeter_leash, work);

	if (current->flags & PF_EXITING) {
		if (leash_end(leash)) {
			leash_free(leash);
			return;
		}
	} else {
		leash_bind(leash);
		if (READ_ONCE(leash->bound))
			kvmeter_leash_wait(leash);
	}
	/* pairs with leash_idle(): unload may free it from here on */
	smp_store_release(&leash->work_on, false);
}

/* A leash for @task that nobody knows yet; NULL: no memory, or the crew is going. */
static struct kvmeter_leash *leash_make(struct kvmeter_crew *crew, struct task_struct *task)
{
	/* not charged to the tenant: it would run out of memory to have none */
	struct kvmeter_leash *leash = kzalloc(sizeof(*leash), GFP_NOWAIT | __GFP_NOWARN);

	if (!leash)
		return NULL;
	if (!kref_get_unless_zero(&crew->ref)) {
		kfree(leash);
		return NULL;
	}
	atomic_inc(&crew->nr_leashes);
	leash->crew = crew;
	leash->task = get_task_struct(task);
	preempt_notifier_init(&leash->notifier, &kvmeter_leash_ops);
	init_task_work(&leash->work, leash_work);
	kvmeter_leash_init(leash);
	return leash;
}

/* The leash of current, if it is on one; preemption off. */
static struct kvmeter_leash *leash_current(void)
{
	struct preempt_notifier *notifier;

	hlist_for_each_entry(notifier, &current->preempt_notifiers, link)
		if (notifier->ops == &kvmeter_leash_ops)
			return container_of(notifier, struct kvmeter_leash, notifier);
	return NULL;
}

/* @child, which does not run yet, is on a leash from its first instant. */
static void leash_hand_on(const struct kvmeter_leash *mine, struct task_struct *child)
{
	struct kvmeter_leash *leash = leash_make(READ_ONCE(mine->crew), child);
	unsigned long flags;
	bool done;

	if (!leash)
		return;
	raw_spin_lock_irqsave(&herd_lock, flags);
	done = !herd_closed && !leash_find(child);
	if (done) {
		hash_add(herd_table, &leash->hash, (unsigned long)child);
		leash->bound = true;
		/* it draws before it runs its first instruction */
		kvmeter_leash_queue(leash);
		/* as preempt_notifier_register() does: the child is not on any CPU */
		hlist_add_head(&leash->notifier.link, &child->preempt_notifiers);
	}
	raw_spin_unlock_irqrestore(&herd_lock, flags);
	if (!done)
		leash_free(leash);
}

/**
 * kvmeter_probe_herd_fork - a thread makes another
 * @data: unused
 * @parent: current
 * @child: does not run yet
 *
 * A thread that is on no leash pays one look at an empty list.  A real-time kernel
 * cannot allocate here: there the period finds the child.
 *
 * Context: sched_process_fork; from 7.0 on it may be preempted.
 */
void kvmeter_probe_herd_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct kvmeter_leash *mine;

	if (IS_ENABLED(CONFIG_PREEMPT_RT) || child->signal != current->signal)
		return;
	/* the crew is not freed, and unload does not come, while it is off */
	preempt_disable();
	mine = leash_current();
	if (unlikely(mine))
		leash_hand_on(mine, child);
	preempt_enable();
}

/* The last time that current is told of: nothing is drawn any more. */
static void leash_unbind(struct kvmeter_leash *leash)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&herd_lock, flags);
	if (leash->bound)
		preempt_notifier_unregister(&leash->notifier);
	WRITE_ONCE(leash->bound, false);
	WRITE_ONCE(leash->in_ns, 0);
	raw_spin_unlock_irqrestore(&herd_lock, flags);
	kvmeter_leash_queue(leash);
}

/*
 * kvmeter_probe_herd_exit - a thread is exiting
 *
 * Its task work, which runs a little later, frees the leash.
 *
 * Context: sched_process_exit, in the dying thread; from 7.0 on it may be preempted.
 */
KVMETER_TASK_EXIT_PROBE(kvmeter_probe_herd_exit)
{
	struct kvmeter_leash *leash;

	preempt_disable();
	leash = leash_current();
	if (unlikely(leash)) {
		kvmeter_leash_left(leash);
		leash_unbind(leash);
	}
	preempt_enable();
}

/* A thread that has a leash, of an earlier VM of its process perhaps. */
static bool leash_adopt(struct kvmeter_crew *crew, struct task_struct *task)
{
	struct kvmeter_crew *old = NULL;
	struct kvmeter_leash *leash;

	raw_spin_lock_irq(&herd_lock);
	leash = leash_find(task);
	if (leash && leash->crew != crew) {
		old = leash->crew;
		kref_get(&crew->ref);
		WRITE_ONCE(leash->crew, crew);
	}
	raw_spin_unlock_irq(&herd_lock);
	if (old) {
		atomic_dec(&old->nr_leashes);
		atomic_inc(&crew->nr_leashes);
		kvmeter_crew_put(old);
	}
	return leash;
}

static void leash_put_on(struct kvmeter_crew *crew, struct task_struct *task)
{
	struct kvmeter_leash *leash;
	bool mine;

	if (!kvmeter_thread_is_user(task) || leash_adopt(crew, task))
		return;
	leash = leash_make(crew, task);
	if (!leash)
		return;
	raw_spin_lock_irq(&herd_lock);
	mine = !herd_closed && !leash_find(task);
	if (mine) {
		hash_add(herd_table, &leash->hash, (unsigned long)task);
		/* it fails for a thread that will run no work any more */
		leash->work_on = true;
		if (task_work_add(task, &leash->work, KVMETER_TWA_RESUME)) {
			hash_del(&leash->hash);
			mine = false;
		}
	}
	raw_spin_unlock_irq(&herd_lock);
	if (!mine)
		leash_free(leash);
}

/**
 * kvmeter_herd_look - put threads of a group on leashes
 * @crew: the group's
 * @sig: the group
 *
 * Looks at LOOK_THREADS of them, and goes on there the next time.
 *
 * Context: kvmeter_lock.
 */
void kvmeter_herd_look(struct kvmeter_crew *crew, struct signal_struct *sig)
{
	struct task_struct *at = crew->look_at, *task;
	unsigned int nr;

	rcu_read_lock();
	task = kvmeter_thread_listed(at) ? at : kvmeter_thread_first(sig);
	for (nr = 0; task && nr < LOOK_THREADS; nr++) {
		leash_put_on(crew, task);
		task = kvmeter_thread_next(sig, task);
	}
	crew->look_at = task ? get_task_struct(task) : NULL;
	rcu_read_unlock();
	if (at)
		put_task_struct(at);
}

/* unload */

/* With all CPUs in the stopper no notifier list is being walked. */
static int herd_detach(void *unused)
{
	struct kvmeter_leash *leash;
	int i;

	herd_closed = true;
	hash_for_each(herd_table, i, leash, hash) {
		if (leash->bound)
			hlist_del(&leash->notifier.link);
		leash->bound = false;
		leash->in_ns = 0;
	}
	return 0;
}

/**
 * kvmeter_herd_detach - take every notifier of ours out of its thread
 *
 * Context: unload; all limits are lifted.
 */
void kvmeter_herd_detach(void)
{
	stop_machine(herd_detach, NULL, NULL);
}

/*
 * Does nothing of a leash run any more, or wait to run?  What was not begun is taken back.
 * The timer goes on by itself while its thread has a CPU alone, and a thread that is
 * stopped would not run its work until somebody lets it.
 */
static bool leash_idle(struct kvmeter_leash *leash)
{
	/* first the timer, which queues the work; nothing arms it again */
	if (hrtimer_try_to_cancel(&leash->timer) < 0)
		return false;
	if (READ_ONCE(leash->work_on) && kvmeter_task_work_cancel(leash->task, &leash->work))
		return true;
	/* pairs with the last store of leash_work() */
	return !smp_load_acquire(&leash->work_on);
}

/* The idle ones of a bucket go to @idle. */
static bool bucket_drain(struct hlist_head *bucket, struct hlist_head *idle)
{
	struct kvmeter_leash *leash;
	struct hlist_node *next;
	bool empty;

	raw_spin_lock_irq(&herd_lock);
	hlist_for_each_entry_safe(leash, next, bucket, hash) {
		if (leash_idle(leash)) {
			hlist_del(&leash->hash);
			hlist_add_head(&leash->hash, idle);
		}
	}
	empty = hlist_empty(bucket);
	raw_spin_unlock_irq(&herd_lock);
	return empty;
}

/**
 * kvmeter_herd_exit - wait until no task work of a leash is left, and free all
 *
 * Context: unload, after kvmeter_herd_detach(); sleeps.
 */
void kvmeter_herd_exit(void)
{
	struct kvmeter_leash *leash;
	struct hlist_node *next;
	HLIST_HEAD(idle);
	bool empty;
	int i;

	for (empty = false; !empty;) {
		empty = true;
		for (i = 0; i < HASH_SIZE(herd_table); i++)
			empty &= bucket_drain(&herd_table[i], &idle);
		hlist_for_each_entry_safe(leash, next, &idle, hash) {
			hlist_del(&leash->hash);
			leash_free(leash);
		}
		if (!empty)
			msleep(DRAIN_POLL_MS);
	}
}
