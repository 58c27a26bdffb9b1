/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Birth: new slots find their VMs, and new VMs are made for them.
 */
#ifndef KVMETER_BIRTH_H
#define KVMETER_BIRTH_H

struct kmc_now;
struct kvmeter_vm;
struct list_head;

int kvmeter_births_init(void);
void kvmeter_births_take(const struct kmc_now *now);
void kvmeter_births_settle(void);
void kvmeter_births_collect(struct list_head *slots);
void kvmeter_birth_leave_group(struct kvmeter_vm *vm);

#endif /* KVMETER_BIRTH_H */
