/* SPDX-License-Identifier: GPL-2.0 */
/* A VM's network: meter and actuator. */
#ifndef KVMETER_NET_H
#define KVMETER_NET_H

#include <linux/list.h>
#include <linux/spinlock.h>

#include "net/nic.h"
#include "net/packet.h"
#include "net/shaper.h"

struct kmc_sample;

/**
 * struct kvmeter_net - the network of a VM
 * @shapers: each direction; locks of their own
 * @counts: as last read; kvmeter_lock
 * @period_counts: @counts at the period's start; kvmeter_lock
 * @lock: protects all below; nic.c's.  Inside kvmeter_lock and nic_lock, leaf
 * @closed: the VM is gone
 * @nics: its devices, those included that the operator unbound
 * @nr_nics: how many are bound now
 * @gone: counts of devices that are gone
 * @no_hook: says which device cannot be limited; empty: none
 */
struct kvmeter_net {
	struct kvmeter_shapers shapers;
	struct kvmeter_net_counts counts;
	struct kvmeter_net_counts period_counts;

	spinlock_t lock;		/* protects all below */
	bool closed;
	struct list_head nics;
	u32 nr_nics;
	struct kvmeter_net_counts gone;
	char no_hook[40];
};

int kvmeter_net_init(void);
void kvmeter_net_exit(void);
void kvmeter_net_vm_init(struct kvmeter_vm *vm);
void kvmeter_net_vm_gone(struct kvmeter_vm *vm);
void kvmeter_net_vm_free(struct kvmeter_vm *vm);
void kvmeter_net_read(struct kvmeter_vm *vm, u64 now_ns);
u64 kvmeter_net_used(const struct kvmeter_vm *vm);
void kvmeter_net_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns);
void kvmeter_net_turn(struct kvmeter_vm *vm);
u32 kvmeter_act_net_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);
void kvmeter_act_net_revert(struct kvmeter_vm *vm);

#endif /* KVMETER_NET_H */
