/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Thread: births and deaths of vCPU threads' slots.
 */
#ifndef KVMETER_THREAD_H
#define KVMETER_THREAD_H

#include <linux/types.h>

struct kmc_now;
struct kvmeter_slot;
struct kvmeter_vm;
struct list_head;

int kvmeter_threads_stock(void);
void kvmeter_thread_adopt(struct kvmeter_slot *slot, struct kvmeter_vm *vm,
			  const struct kmc_now *now);
bool kvmeter_thread_over(const struct kvmeter_slot *slot);
bool kvmeter_thread_retire(struct kvmeter_slot *slot);
void kvmeter_threads_bury(void);
void kvmeter_threads_exit(struct list_head *attached);

#endif /* KVMETER_THREAD_H */
