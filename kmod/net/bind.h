/* SPDX-License-Identifier: GPL-2.0 */
/* Devices bound and unbound by the operator. */
#ifndef KVMETER_NET_BIND_H
#define KVMETER_NET_BIND_H

struct kvmeter_vm;
struct netlink_ext_ack;

int kvmeter_net_bind(struct kvmeter_vm *vm, int netns_fd, int ifindex,
		     struct netlink_ext_ack *extack);
int kvmeter_net_unbind(struct kvmeter_vm *vm, int netns_fd, int ifindex,
		       struct netlink_ext_ack *extack);

#endif /* KVMETER_NET_BIND_H */
