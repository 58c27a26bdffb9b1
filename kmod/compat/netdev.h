/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hooks of network devices on kernels that are configured otherwise.
 *
 * A held packet goes on where it was taken only if it can be marked to pass by
 * the hooks; without that, no device is hooked at all.
 */
#ifndef KVMETER_COMPAT_NETDEV_H
#define KVMETER_COMPAT_NETDEV_H

#include <linux/netdevice.h>
#include <linux/netfilter_netdev.h>
#include <linux/skbuff.h>
#ifdef KVMETER_HAVE_NET_GSO_H
#include <net/gso.h>
#endif

#define KVMETER_NETDEV_HOOKS \
	(IS_ENABLED(CONFIG_NETFILTER_INGRESS) && IS_ENABLED(CONFIG_NETFILTER_EGRESS) && \
	 IS_ENABLED(CONFIG_NETFILTER_SKIP_EGRESS) && IS_ENABLED(CONFIG_NET_CLS_ACT))

/* Pass by taps, classifiers and hooks of ingress, once. */
static inline void kvmeter_skip_ingress(struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_NET_CLS_ACT)
	skb->tc_skip_classify = 1;
#endif
}

#endif /* KVMETER_COMPAT_NETDEV_H */
