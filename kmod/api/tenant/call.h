/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_TENANT_CALL_H
#define KVMETER_TENANT_CALL_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "base/rate.h"

struct eventfd_ctx;
struct kvmeter_vm;
struct page;

/**
 * struct kvmeter_tenants - a VM's own side: what its open files share
 * @files: the files that are attached, struct kvmeter_tenant; kvmeter_lock
 * @nr_files: how many; kvmeter_lock
 * @page: for them to map, see page.c; as long as the VM
 * @call_rate: limits calls; without a lock
 * @suggest_rate: limits suggestions; without a lock
 *
 * Made with the first attachment, in vm->tenants, and freed with the VM.
 */
struct kvmeter_tenants {
	struct list_head files;
	u32 nr_files;
	struct page *page;
	struct kvmeter_rate call_rate;
	struct kvmeter_rate suggest_rate;
};

/**
 * struct kvmeter_tenant - an open file of /dev/kvmeter
 * @vm: attached to; referenced; set once
 * @node: in kvmeter_tenants.files; kvmeter_lock
 * @wait: pollers
 * @events: KVMETER_EVENT_ bits since the last KVMETER_IOC_GET; written under kvmeter_lock
 * @eventfd: counted up on @eventfd_events; kvmeter_lock
 * @eventfd_events: KVMETER_EVENT_ bits; kvmeter_lock
 */
struct kvmeter_tenant {
	struct kvmeter_vm *vm;
	struct list_head node;
	wait_queue_head_t wait;
	u32 events;
	struct eventfd_ctx *eventfd;
	u32 eventfd_events;
};

int kvmeter_tenant_call(struct kvmeter_tenant *t,
			int (*fn)(struct kvmeter_tenant *t, void *arg), void *arg);
struct kvmeter_vm *kvmeter_tenant_vm(struct kvmeter_tenant *t);
bool kvmeter_tenant_vm_gone(const struct kvmeter_vm *vm);
int kvmeter_tenant_may_call(struct kvmeter_tenant *t);
int kvmeter_tenant_call_init(void);
void kvmeter_tenant_call_exit(void);

#endif /* KVMETER_TENANT_CALL_H */
