/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_TENANT_IOCTL_H
#define KVMETER_TENANT_IOCTL_H

struct kvmeter_tenant;

long kvmeter_tenant_ioctl(struct kvmeter_tenant *t, unsigned int cmd, unsigned long arg);

#endif /* KVMETER_TENANT_IOCTL_H */
