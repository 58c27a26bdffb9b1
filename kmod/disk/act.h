/* SPDX-License-Identifier: GPL-2.0 */
/* Disk: the actuator. */
#ifndef KVMETER_DISK_ACT_H
#define KVMETER_DISK_ACT_H

#include <linux/types.h>

struct kmc_sample;
struct kvmeter_group;
struct kvmeter_vm;

int kvmeter_act_disk_group_init(struct kvmeter_group *group);
void kvmeter_act_disk_group_begin(struct kvmeter_group *group);
void kvmeter_act_disk_group_gone(struct kvmeter_group *group);
u32 kvmeter_act_disk_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);
void kvmeter_act_disk_revert(struct kvmeter_vm *vm);
bool kvmeter_act_disk_holds(const struct kvmeter_vm *vm, struct kmc_sample *s);
void kvmeter_act_disk_init(void);
void kvmeter_act_disk_exit(void);

#endif /* KVMETER_DISK_ACT_H */
