/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_TENANT_WAKE_H
#define KVMETER_TENANT_WAKE_H

#include <linux/types.h>

struct kvmeter_tenants;

void kvmeter_tenant_wake_init(struct kvmeter_tenants *all);
void kvmeter_tenant_tell(struct kvmeter_tenants *all, u32 event);

#endif /* KVMETER_TENANT_WAKE_H */
