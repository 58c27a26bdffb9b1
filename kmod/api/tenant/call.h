/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_TENANT_CALL_H
#define KVMETER_TENANT_CALL_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "base/rate.h"

#define KVMETER_TENANTS_MAX	64	/* files per VM: each is told of each event */

struct eventfd_ctx;
struct kvmeter_vm;
struct page;

/**
 * struct kvmeter_tenants - a VM's own side: what its open files share
 * @wake: wakes who waits for events, wake.c
 * @files: the files that are attached, struct kvmeter_tenant; kvmeter_lock
 * @nr_files: how many; kvmeter_lock
 * @page: for them to map, see page.c; as long as the VM
 * @call_rate: limits calls; without a lock
 * @suggest_rate: limits suggestions; without a lock
 * @budget_rate: limits new budgets; without a lock
 *
 * Made with the first attachment, in vm->tenants, and freed with the VM.
 */
struct kvmeter_tenants {
	struct work_struct wake;
	struct list_head files;
	u32 nr_files;
	struct page *page;
	struct kvmeter_rate call_rate;
	struct kvmeter_rate suggest_rate;
	struct kvmeter_rate budget_rate;
};

/**
 * struct kvmeter_tenant - an open file of /dev/kvmeter
 * @vm: attached to; referenced; set once
 * @node: in kvmeter_tenants.files; kvmeter_lock
 * @wait: pollers
 * @events: KVMETER_EVENT_ bits since the last KVMETER_IOC_GET; written under kvmeter_lock
 * @told: KVMETER_EVENT_ bits that waiters are still to be woken for; atomic
 * @lock: protects the two below; nothing is taken inside it
 * @eventfd: counted up on @eventfd_events
 * @eventfd_events: KVMETER_EVENT_ bits
 */
struct kvmeter_tenant {
	struct kvmeter_vm *vm;
	struct list_head node;
	wait_queue_head_t wait;
	u32 events;
	atomic_t told;
	struct mutex lock;	/* @eventfd */
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
