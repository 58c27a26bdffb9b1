/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Call: a VM's thread calls the period.
 */
#ifndef KVMETER_CALL_H
#define KVMETER_CALL_H

#include <linux/atomic.h>
#include <linux/llist.h>

#include "base/rate.h"

struct kvmeter_vm;

#define KVMETER_CALL_ENDED	1	/* a thread of the VM left its slot */
#define KVMETER_CALL_RANG	2	/* a thread of the VM passed its share */

/**
 * struct kvmeter_call - a VM's part of it
 * @node: in the list of VMs that called, while @why is not 0
 * @why: bits KVMETER_CALL_*; atomic
 * @rate: passes that threads of the VM may cause by coming and going; atomic
 *
 * A VM that is in the list is referenced by it.
 */
struct kvmeter_call {
	struct llist_node node;
	atomic_t why;
	struct kvmeter_rate rate;
};

/* the event path */
void kvmeter_call_came(struct kvmeter_vm *vm);
void kvmeter_call_ended(struct kvmeter_vm *vm);
void kvmeter_call_rang(struct kvmeter_vm *vm);

/* the period */
void kvmeter_calls_take(void (*answer)(struct kvmeter_vm *vm, unsigned int why, const void *arg),
			const void *arg);

#endif /* KVMETER_CALL_H */
