/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_ALARM_H
#define KVMETER_ALARM_H

#include <linux/types.h>

struct kvmeter_vm;

void kvmeter_alarm_set(struct kvmeter_vm *vm);
bool kvmeter_alarm_passed(struct kvmeter_vm *vm);

#endif /* KVMETER_ALARM_H */
