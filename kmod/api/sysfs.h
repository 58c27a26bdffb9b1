/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_SYSFS_H
#define KVMETER_SYSFS_H

#include "period/notify.h"

extern const struct kvmeter_listener kvmeter_sysfs_listener;

int kvmeter_sysfs_init(void);
void kvmeter_sysfs_exit(void);

#endif /* KVMETER_SYSFS_H */
