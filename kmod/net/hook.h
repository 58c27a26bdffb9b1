/* SPDX-License-Identifier: GPL-2.0 */
/* The hooks of a device: all of a guest's packets pass them. */
#ifndef KVMETER_NET_HOOK_H
#define KVMETER_NET_HOOK_H

#include <linux/netfilter.h>

#include "net/packet.h"

struct kvmeter_shapers;
struct net;
struct net_device;

/**
 * struct kvmeter_hook - both hooks of a device
 * @port: what packets meet
 * @shapers: of the VM; fixed
 * @net: the namespace that the hooks are registered in; the opener's lock
 * @ops: by enum kvmeter_net_dir; the opener's lock
 * @on: they are registered; the opener's lock
 */
struct kvmeter_hook {
	struct kvmeter_port port;
	struct kvmeter_shapers *shapers;
	struct net *net;
	struct nf_hook_ops ops[KVMETER_NR_DIRS];
	bool on;
};

int kvmeter_hook_open(struct kvmeter_hook *hook, struct net_device *dev);
void kvmeter_hook_close(struct kvmeter_hook *hook);

#endif /* KVMETER_NET_HOOK_H */
