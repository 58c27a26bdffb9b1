/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_TENANT_PAGE_H
#define KVMETER_TENANT_PAGE_H

struct kvmeter_tenant;
struct kvmeter_vm;
struct vm_area_struct;

void kvmeter_page_update(struct kvmeter_vm *vm);
int kvmeter_page_mmap(struct kvmeter_tenant *t, struct vm_area_struct *vma);

#endif /* KVMETER_TENANT_PAGE_H */
