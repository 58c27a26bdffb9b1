/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Life: births and deaths of VMs, of their slots, and of their thread groups.
 */
#ifndef KVMETER_LIFE_H
#define KVMETER_LIFE_H

struct kmc_now;
struct kvmeter_vm;

int kvmeter_life_init(void);
void kvmeter_life_exit(void);
void kvmeter_life_update(const struct kmc_now *now);
void kvmeter_life_vm(struct kvmeter_vm *vm, const struct kmc_now *now);
void kvmeter_life_settle(void);

#endif /* KVMETER_LIFE_H */
