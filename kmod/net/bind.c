// SPDX-License-Identifier: GPL-2.0
/*
 * Devices bound and unbound by the operator.
 *
 * The operator names a device by its index in a namespace.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "net/bind.h"
#include "net/nic.h"

/* Bind or unbind the device with an index in a namespace. */
static int bind_command(struct kvmeter_vm *vm, int netns_fd, int ifindex, bool bind,
			struct netlink_ext_ack *extack)
{
	struct net *net = netns_fd < 0 ? get_net(&init_net) : get_net_ns_by_fd(netns_fd);
	struct net_device *dev;
	int err;

	if (IS_ERR(net)) {
		NL_SET_ERR_MSG(extack, "this is no network namespace");
		return PTR_ERR(net);
	}
	rtnl_lock();
	dev = __dev_get_by_index(net, ifindex);
	if (dev) {
		err = bind ? kvmeter_nic_bind(vm, dev, false, extack) :
			     kvmeter_nic_unbind(vm, dev, extack);
	} else {
		NL_SET_ERR_MSG(extack, "no device has this index in the namespace");
		err = -ENODEV;
	}
	rtnl_unlock();
	put_net(net);
	return err;
}

/**
 * kvmeter_net_bind - make a device a VM's
 * @vm: the VM, referenced
 * @netns_fd: a file of its namespace; -1: the initial one
 * @ifindex: its index there
 * @extack: says why not
 *
 * Context: without kvmeter_lock.  Takes RTNL.
 * Return: 0 or -errno.
 */
int kvmeter_net_bind(struct kvmeter_vm *vm, int netns_fd, int ifindex,
		     struct netlink_ext_ack *extack)
{
	return bind_command(vm, netns_fd, ifindex, true, extack);
}

/**
 * kvmeter_net_unbind - a device is a VM's no more
 * @vm: the VM, referenced
 * @netns_fd: a file of its namespace; -1: the initial one
 * @ifindex: its index there
 * @extack: says why not
 *
 * The device is not found again until it is bound by command.
 *
 * Context: without kvmeter_lock.  Takes RTNL.
 * Return: 0 or -errno.
 */
int kvmeter_net_unbind(struct kvmeter_vm *vm, int netns_fd, int ifindex,
		       struct netlink_ext_ack *extack)
{
	return bind_command(vm, netns_fd, ifindex, false, extack);
}
