/* SPDX-License-Identifier: GPL-2.0 */
/* What serves a VM's own side: chardev.c, page.c, quote.c, hint.c. */
#ifndef KVMETER_TENANT_H
#define KVMETER_TENANT_H

#include <linux/poll.h>
#include <linux/wait.h>

#include <uapi/linux/kvmeter.h>

#include "kvmeter.h"

struct eventfd_ctx;

/**
 * struct kvmeter_tenant - an open file of /dev/kvmeter
 * @vm: attached to; referenced; set once
 * @node: vm->tenants; kvmeter_lock
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

/**
 * struct kvmeter_quote - what would become of a suggestion
 * @accepted_bp: what it would rest at; 0: it would be refused
 * @answer: enum kvmeter_answer
 * @now_ncr_h: price announced last
 * @price_ncr_h: price that the grant calls for
 * @effective_at_ns: from when on all of that would be charged; U64_MAX: not foreseen
 */
struct kvmeter_quote {
	u32 accepted_bp;
	u32 answer;
	u64 now_ncr_h;
	u64 price_ncr_h;
	u64 effective_at_ns;
};

/* quote.c; kvmeter_lock */
void kvmeter_quote(const struct kvmeter_vm *vm, enum kvmeter_source source, u32 resource,
		   u32 grant_bp, const struct kmc_now *now, struct kvmeter_quote *q);
u64 kvmeter_price_with(const struct kmc_vm *core, u32 resource, u32 grant_bp);
u32 kvmeter_suggest(struct kvmeter_vm *vm, enum kvmeter_source source, u32 resource,
		    u32 grant_bp, u32 duration_ms, u32 *accepted_bp);

/* page.c: the page that a tenant maps */
int kvmeter_page_mmap(struct kvmeter_tenant *t, struct vm_area_struct *vma);

#endif /* KVMETER_TENANT_H */
