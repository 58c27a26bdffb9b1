/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_NOTIFY_H
#define KVMETER_NOTIFY_H

#include <linux/types.h>

struct kvmeter_adjustment;
struct kvmeter_price_change;
struct kvmeter_vm;

/**
 * struct kvmeter_listener - a part of the module that is told of what happened to a VM
 * @born: it is known, and was offered to @appear
 * @over: its descriptors are closed: nobody can enter it any more
 * @gone: its threads have ended, or the module goes; meter and charges are final
 * @adjusted: a grant was adjusted, or would have been; the adjustment is in the log
 * @priced: a new price was announced; the change is in the price history
 * @budget: something happened to its budget: bits of enum kmc_budget_event
 * @own_budget: the same of the VM's own, which its own side sets as often as it likes
 * @alerted: something unusual happened: a bit for each enum kmc_resource
 * @settled: its charges and grants are up to date
 * @lapsed: the host's periods stopped for so long that limits were lifted; of no VM
 * @appear: it is new.  May sleep, without kvmeter_lock.  Returns 0 or -errno
 * @vanish: undoes an @appear that succeeded.  May sleep, without kvmeter_lock
 * @free: its last reference is gone; any context that may sleep
 *
 * A member that is NULL is not called.  kvmeter_lock is held unless said
 * otherwise, so the sequence numbers of notices and of log entries have the same
 * order.
 */
struct kvmeter_listener {
	void (*born)(struct kvmeter_vm *vm);
	void (*over)(struct kvmeter_vm *vm);
	void (*gone)(struct kvmeter_vm *vm);
	void (*adjusted)(struct kvmeter_vm *vm, const struct kvmeter_adjustment *a);
	void (*priced)(struct kvmeter_vm *vm, const struct kvmeter_price_change *c);
	void (*budget)(struct kvmeter_vm *vm, u32 events);
	void (*own_budget)(struct kvmeter_vm *vm, u32 events);
	void (*alerted)(struct kvmeter_vm *vm, u32 resources);
	void (*settled)(struct kvmeter_vm *vm);
	void (*lapsed)(void);
	int (*appear)(struct kvmeter_vm *vm);
	void (*vanish)(struct kvmeter_vm *vm);
	void (*free)(struct kvmeter_vm *vm);
};

void kvmeter_notify_init(const struct kvmeter_listener * const *table);
void kvmeter_notify_born(struct kvmeter_vm *vm);
void kvmeter_notify_over(struct kvmeter_vm *vm);
void kvmeter_notify_gone(struct kvmeter_vm *vm);
void kvmeter_notify_adjusted(struct kvmeter_vm *vm, const struct kvmeter_adjustment *a);
void kvmeter_notify_priced(struct kvmeter_vm *vm, const struct kvmeter_price_change *c);
void kvmeter_notify_budget(struct kvmeter_vm *vm, u32 events);
void kvmeter_notify_own_budget(struct kvmeter_vm *vm, u32 events);
void kvmeter_notify_alerted(struct kvmeter_vm *vm, u32 resources);
void kvmeter_notify_settled(struct kvmeter_vm *vm);
void kvmeter_notify_lapsed(void);
int kvmeter_notify_appear(struct kvmeter_vm *vm);
void kvmeter_notify_vanish(struct kvmeter_vm *vm);
void kvmeter_notify_free(struct kvmeter_vm *vm);

#endif /* KVMETER_NOTIFY_H */
