/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_TENANT_ATTACH_H
#define KVMETER_TENANT_ATTACH_H

#include <linux/compiler.h>

struct kvmeter_tenant;
struct kvmeter_tenants;

int kvmeter_tenant_attach(struct kvmeter_tenant *t, void __user *user);
void kvmeter_tenant_detach(struct kvmeter_tenant *t);
void kvmeter_tenants_put(struct kvmeter_tenants *all);

#endif /* KVMETER_TENANT_ATTACH_H */
