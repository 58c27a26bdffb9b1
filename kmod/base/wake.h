/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Wake: there is something to do before the period ends.
 */
#ifndef KVMETER_WAKE_H
#define KVMETER_WAKE_H

#include <linux/types.h>

struct task_struct;

void kvmeter_wake(void);
bool kvmeter_wake_asked(void);
void kvmeter_wake_taken(void);
bool kvmeter_wake_alive(void);
void kvmeter_wake_init(struct task_struct *task);
void kvmeter_wake_exit(void);

#endif /* KVMETER_WAKE_H */
