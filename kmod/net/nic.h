/* SPDX-License-Identifier: GPL-2.0 */
/* Devices of VMs: bound, followed, let go of. */
#ifndef KVMETER_NET_NIC_H
#define KVMETER_NET_NIC_H

#include <linux/if.h>

#include <uapi/linux/kvmeter_nl.h>	/* KVMETER_NICS_MAX */

#include "net/packet.h"

struct kvmeter_vm;
struct net_device;
struct netlink_ext_ack;

/**
 * struct kvmeter_nic_info - one device of a VM, as it is shown
 * @name: in its namespace, as last told
 * @ifindex: in its namespace
 * @netns_ino: inode of its namespace
 * @found: kvmeter itself bound it
 * @hooked: its packets are counted, and may be held
 * @counts: what passed it since it was bound
 */
struct kvmeter_nic_info {
	char name[IFNAMSIZ];
	u32 ifindex;
	u32 netns_ino;
	bool found;
	bool hooked;
	struct kvmeter_net_counts counts;
};

int kvmeter_net_show(const struct kvmeter_vm *vm, struct kvmeter_nic_info *infos);
int kvmeter_nic_bind(struct kvmeter_vm *vm, struct net_device *dev, bool found,
		     struct netlink_ext_ack *extack);
int kvmeter_nic_unbind(struct kvmeter_vm *vm, struct net_device *dev,
		       struct netlink_ext_ack *extack);
void kvmeter_nics_vm_gone(struct kvmeter_vm *vm);
void kvmeter_nics_sum(struct kvmeter_vm *vm, struct kvmeter_net_counts *sum);
int kvmeter_nics_init(void);
void kvmeter_nics_exit(void);

#endif /* KVMETER_NET_NIC_H */
