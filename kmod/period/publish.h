/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Publish: what births and deaths leave to be done without the lock.
 */
#ifndef KVMETER_PUBLISH_H
#define KVMETER_PUBLISH_H

struct kvmeter_vm;

void kvmeter_publish(void);
void kvmeter_publish_dead(struct kvmeter_vm *vm);
void kvmeter_publish_settle(void);
void kvmeter_publish_exit(void);

#endif /* KVMETER_PUBLISH_H */
