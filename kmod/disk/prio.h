/* SPDX-License-Identifier: GPL-2.0 */
/* The I/O priority of a VMM's threads. */
#ifndef KVMETER_DISK_PRIO_H
#define KVMETER_DISK_PRIO_H

#include <linux/list.h>
#include <linux/types.h>

struct task_struct;

/**
 * struct kvmeter_prio - threads of a VMM whose I/O priority we hold
 * @node: in the list of those that we hold; empty: we hold none.  prio_lock
 * @leader: of the threads; the group's reference.  Fixed
 * @threads: struct prio_thread, in the group's order.  prio_lock
 * @conflict: someone else set a priority that we had set.  prio_lock
 * @grant_bp: what they have.  prio_lock
 * @next_ns: not looked at again before this, unless the grant changes.  prio_lock
 */
struct kvmeter_prio {
	struct list_head node;
	struct task_struct *leader;
	struct list_head threads;
	bool conflict;
	u32 grant_bp;
	u64 next_ns;
};

void kvmeter_prio_setup(struct kvmeter_prio *prio, struct task_struct *leader);
bool kvmeter_prio_held(const struct kvmeter_prio *prio);
bool kvmeter_prio_hold(struct kvmeter_prio *prio, u32 grant_bp);
void kvmeter_prio_revert(struct kvmeter_prio *prio);
void kvmeter_prio_init(void);
void kvmeter_prio_exit(void);

#endif /* KVMETER_DISK_PRIO_H */
