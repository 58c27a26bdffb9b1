/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_TENANT_FILE_H
#define KVMETER_TENANT_FILE_H

#include "period/notify.h"

extern const struct kvmeter_listener kvmeter_tenant_listener;

int kvmeter_chardev_init(void);
void kvmeter_chardev_exit(void);

#endif /* KVMETER_TENANT_FILE_H */
