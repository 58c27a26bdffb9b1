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

#endif /* KVMETER_COMPAT_THREAD_H */
