/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Herd: the threads that are on a leash, and how they come and go.
 */
#ifndef KVMETER_HERD_H
#define KVMETER_HERD_H

struct kvmeter_crew;
struct signal_struct;
struct task_struct;

/* the threads */
void kvmeter_probe_herd_fork(void *data, struct task_struct *parent, struct task_struct *child);
KVMETER_TASK_EXIT_PROBE(kvmeter_probe_herd_exit);

/* the period */
void kvmeter_herd_look(struct kvmeter_crew *crew, struct signal_struct *sig);

/* unload */
void kvmeter_herd_detach(void);
void kvmeter_herd_exit(void);

#endif /* KVMETER_HERD_H */
