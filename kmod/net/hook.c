// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks: netfilter's ingress and egress of a guest's device.
 *
 * Ingress is what the guest sent, egress is what it will receive.  Ours come
 * last, so that what is counted has passed the operator's own rules.  Two guests
 * on a host that talk to each other are counted at both devices: out for one, in
 * for the other.
 *
 * Hooks are taken out with the namespace that they were registered in.  A device
 * changes its namespace only between its notices of unregistering and registering,
 * and nic.c closes and opens the hooks at these two.
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "compat/netdev.h"
#include "net/hook.h"
#include "net/shaper.h"

/* the packets' side: BH off, RCU */

static unsigned int hook_packet(struct kvmeter_hook *hook, enum kvmeter_net_dir dir,
				struct sk_buff *skb, u32 link_len)
{
	struct kvmeter_packet packet = { .port = &hook->port, .link_len = link_len };
	unsigned int verdict;

	kvmeter_packet_measure(&packet, skb, dir);
	verdict = kvmeter_shapers_packet(hook->shapers, dir, skb, &packet);
	if (verdict != NF_STOLEN)
		kvmeter_port_count(dir, &packet, verdict == NF_ACCEPT);
	return verdict;
}

/* skb->data is behind the link header, and a VLAN tag was taken out. */
static unsigned int ingress_hook(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	return hook_packet(priv, KVMETER_NET_OUT, skb,
			   skb->mac_len + (skb_vlan_tag_present(skb) ? VLAN_HLEN : 0));
}

/* skb->data is the link header; a VLAN tag will be put in. */
static unsigned int egress_hook(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	return hook_packet(priv, KVMETER_NET_IN, skb, skb_vlan_tag_present(skb) ? VLAN_HLEN : 0);
}

/**
 * kvmeter_hook_open - a device's packets are counted, and may be held
 * @hook: its hooks, open or not; the port is initialized, the shapers are set
 * @dev: the device, registered
 *
 * Context: RTNL, and the lock that protects @hook.
 * Return: 0 or -errno; -EOPNOTSUPP: the kernel's configuration lacks hooks.
 */
int kvmeter_hook_open(struct kvmeter_hook *hook, struct net_device *dev)
{
	int dir, err;

	ASSERT_RTNL();
	if (hook->on)
		return 0;
	if (!KVMETER_NETDEV_HOOKS)
		return -EOPNOTSUPP;
	kvmeter_shapers_open(hook->shapers, &hook->port);
	hook->net = dev_net(dev);
	for (dir = 0; dir < KVMETER_NR_DIRS; dir++) {
		hook->ops[dir] = (struct nf_hook_ops) {
			.hook = dir == KVMETER_NET_IN ? egress_hook : ingress_hook,
			.pf = NFPROTO_NETDEV,
			.hooknum = dir == KVMETER_NET_IN ? NF_NETDEV_EGRESS : NF_NETDEV_INGRESS,
			.dev = dev,
			.priv = hook,
			.priority = INT_MAX,
		};
		err = nf_register_net_hook(hook->net, &hook->ops[dir]);
		if (err)
			goto err_register;
	}
	hook->on = true;
	return 0;

err_register:
	if (dir)
		nf_unregister_net_hook(hook->net, &hook->ops[0]);
	/* the first hook may hold a packet of this port already */
	kvmeter_shapers_close(hook->shapers, &hook->port);
	return err;
}

/**
 * kvmeter_hook_close - a device's packets pass uncounted, and none is held
 * @hook: its hooks, open or not
 *
 * A packet may still be in a hook for a grace period.
 *
 * Context: the lock that protects @hook.
 */
void kvmeter_hook_close(struct kvmeter_hook *hook)
{
	int dir;

	if (!hook->on)
		return;
	for (dir = 0; dir < KVMETER_NR_DIRS; dir++)
		nf_unregister_net_hook(hook->net, &hook->ops[dir]);
	hook->on = false;
	kvmeter_shapers_close(hook->shapers, &hook->port);
}
