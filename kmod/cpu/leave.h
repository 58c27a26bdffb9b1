/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Leave: a guest that is about to be entered, and must not run, exits at once.
 */
#ifndef KVMETER_LEAVE_H
#define KVMETER_LEAVE_H

void kvmeter_leave_guest(void);
int kvmeter_leave_init(void);
void kvmeter_leave_exit(void);

#endif /* KVMETER_LEAVE_H */
