/* SPDX-License-Identifier: GPL-2.0 */
/* The threads of a process, as a module may walk over them. */
#ifndef KVMETER_COMPAT_THREAD_H
#define KVMETER_COMPAT_THREAD_H

#include <linux/rculist.h>
#include <linux/sched/signal.h>

/*
 * for_each_thread() of a struct signal_struct, in order of age.  The kernel's own
 * names tasklist_lock where lockdep is on, and that lock is not exported.
 * Context: RCU.
 */
#define kvmeter_for_each_thread(signal, task) \
	list_for_each_entry_rcu(task, &(signal)->thread_head, thread_node)

/*
 * A walk over those that is made in pieces: where it goes on, and the next.  @at is
 * referenced, or NULL: from the first.  One that is alive is in the list, and stays
 * readable while RCU is held.  One that has ended: from the first, too.
 */
static inline bool kvmeter_thread_listed(const struct task_struct *at)
{
	return at && pid_alive(at);
}

static inline struct task_struct *kvmeter_thread_first(struct signal_struct *signal)
{
	return list_first_or_null_rcu(&signal->thread_head, struct task_struct, thread_node);
}

static inline struct task_struct *kvmeter_thread_next(struct signal_struct *signal,
						      struct task_struct *task)
{
	return list_next_or_null_rcu(&signal->thread_head, &task->thread_node,
				     struct task_struct, thread_node);
}

/*
 * Does the thread ever run user code?  Workers of io_uring and, since 6.4, of vhost are
 * threads of their process and do not.
 */
static inline bool kvmeter_thread_is_user(const struct task_struct *task)
{
#ifdef PF_USER_WORKER
	return !(task->flags & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER));
#else
	return !(task->flags & (PF_KTHREAD | PF_IO_WORKER));
#endif
}

/*
 * Take back work that a thread has not begun to run; the kernel's own way to do it is
 * not exported.  Work leaves the list from its head, by the thread, and from anywhere
 * under pi_lock; the thread takes that lock before it runs what it took.
 * Return: false: the work is not queued, or the thread runs it.
 */
static inline bool kvmeter_task_work_cancel(struct task_struct *task, struct callback_head *work)
{
	struct callback_head **link = &task->task_works, *at;
	unsigned long flags;

	raw_spin_lock_irqsave(&task->pi_lock, flags);
	for (at = READ_ONCE(*link); at && at != work; at = READ_ONCE(*link))
		link = &at->next;
	/* one that is queued meanwhile comes before: look again from where it was */
	while (at && !try_cmpxchg(link, &at, work->next))
		for (; at && at != work; at = READ_ONCE(*link))
			link = &at->next;
	raw_spin_unlock_irqrestore(&task->pi_lock, flags);
	return at;
}

#endif /* KVMETER_COMPAT_THREAD_H */
