/* SPDX-License-Identifier: GPL-2.0 */
/* A VM's network: devices, counters, and the shaper of each direction. */
#ifndef KVMETER_NET_H
#define KVMETER_NET_H

#include <linux/hrtimer.h>
#include <linux/if.h>
#include <linux/list.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <uapi/linux/kvmeter_nl.h>	/* KVMETER_NICS_MAX */

struct kmc_sample;
struct kvmeter_nic;
struct kvmeter_vm;
struct net_device;
struct netlink_ext_ack;

/** enum kvmeter_net_dir - as the guest sees it */
enum kvmeter_net_dir {
	KVMETER_NET_IN,			/* to the guest: egress of its device on the host */
	KVMETER_NET_OUT,		/* from the guest: ingress */
	KVMETER_NR_DIRS,
};

/**
 * struct kvmeter_net_counts - what passed and what did not, cumulative
 * @bytes: on the wire: link header included, and that of each segment
 * @packets: on the wire: segments
 * @dropped_bytes: dropped by a limit
 * @dropped: the same in packets
 * @held_bytes: held by a limit at this moment; not cumulative, of a VM only
 * @delayed_bytes: were held for a time, of a VM only
 *
 * Demand is bytes + dropped_bytes + held_bytes.
 */
struct kvmeter_net_counts {
	u64 bytes[KVMETER_NR_DIRS];
	u64 packets[KVMETER_NR_DIRS];
	u64 dropped_bytes[KVMETER_NR_DIRS];
	u64 dropped[KVMETER_NR_DIRS];
	u64 held_bytes[KVMETER_NR_DIRS];
	u64 delayed_bytes[KVMETER_NR_DIRS];
};

/**
 * struct kvmeter_shaper - one direction of a VM's network, held to a rate
 *
 * See act_net.c for the argument.
 */
struct kvmeter_shaper {
	spinlock_t lock;		/* BH; protects all below */
	bool active;			/* packets must ask; read without the lock */
	bool limited;			/* there is a rate */
	bool draining;			/* the timer is passing packets on */
	bool armed;			/* the timer is started */
	u32 rem_q24;			/* what tat_ns lacks, Q24 of a ns */
	u64 tat_ns;			/* when the next packet may pass; CLOCK_MONOTONIC */
	u64 inv_rate_q24;		/* ns per byte, Q24 */
	u64 lease_until_ns;		/* no limit after this */
	u32 held_bytes;			/* in @queue */
	u32 hold_max_bytes;
	u64 delayed_bytes;		/* that were ever held */
	struct sk_buff_head queue;	/* packets held, of all devices of the VM */
	struct hrtimer timer;
};

/**
 * struct kvmeter_net - the network of a VM
 */
struct kvmeter_net {
	struct kvmeter_shaper shaper[KVMETER_NR_DIRS];
	u32 priority;			/* of its packets; 0: as they come */
	u64 priority_until_ns;		/* lease */
	struct kvmeter_net_counts counts; /* as last read; kvmeter_lock */
	struct kvmeter_net_counts period_counts; /* @counts at the period's start */

	spinlock_t lock;		/* protects all below */
	bool closed;			/* the VM is gone */
	struct list_head nics;
	u32 nr_nics;			/* bound now */
	struct kvmeter_net_counts gone;	/* of devices that are gone */
	char no_hook[40];		/* says which device can not be limited; empty: none */
};

struct kvmeter_nic_cpu;

/**
 * struct kvmeter_nic - a device bound to a VM
 *
 * Protected by nic_lock (net.c).  Hooks use @vm, @cpu and @closed.
 */
struct kvmeter_nic {
	struct list_head node;		/* all, or those that are gone */
	struct list_head vm_node;	/* net->nics; net->lock */
	struct kvmeter_vm *vm;		/* referenced */
	struct net_device *dev;		/* referenced; NULL: it is gone */
	struct net *net;		/* where it was hooked */
	struct nf_hook_ops ops[KVMETER_NR_DIRS];
	bool hooked;
	bool found;			/* by kvmeter itself */
	bool excluded;			/* unbound by the operator: not to be found again */
	bool closed;			/* nothing of it is held any more; shaper->lock of both */
	char name[IFNAMSIZ];		/* the last four also net->lock */
	u32 ifindex;
	u32 netns_ino;
	struct kvmeter_nic_cpu __percpu *cpu;
};

/** struct kvmeter_nic_info - one device of a VM, for those who show it */
struct kvmeter_nic_info {
	char name[IFNAMSIZ];
	u32 ifindex;
	u32 netns_ino;
	bool found;			/* by kvmeter itself */
	bool hooked;
	struct kvmeter_net_counts counts;
};

/** struct kvmeter_packet - what a held packet is; in its control block */
struct kvmeter_packet {
	struct kvmeter_nic *nic;
	u32 bytes;
	u32 packets;
	u32 link_len;			/* of the link header, as far as skb->len is without it */
};

/* net.c: devices come and go */
int kvmeter_net_init(void);
void kvmeter_net_exit(void);
void kvmeter_net_vm_init(struct kvmeter_vm *vm);
void kvmeter_net_vm_gone(struct kvmeter_vm *vm);
void kvmeter_net_vm_free(struct kvmeter_vm *vm);
void kvmeter_net_read(struct kvmeter_vm *vm);
u64 kvmeter_net_used(const struct kvmeter_vm *vm);
void kvmeter_net_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns);
void kvmeter_net_turn(struct kvmeter_vm *vm);
void kvmeter_net_bind_found(struct kvmeter_vm *vm, struct net_device *dev);
int kvmeter_net_show(const struct kvmeter_vm *vm, struct kvmeter_nic_info *infos);
int kvmeter_net_bind(struct kvmeter_vm *vm, int netns_fd, int ifindex,
		     struct netlink_ext_ack *extack);
int kvmeter_net_unbind(struct kvmeter_vm *vm, int netns_fd, int ifindex,
		       struct netlink_ext_ack *extack);
const char *kvmeter_net_why(const struct kvmeter_vm *vm);
void kvmeter_nic_count(enum kvmeter_net_dir dir, const struct kvmeter_packet *packet, bool passed);

/* net_find.c: taps that a VMM holds open */
void kvmeter_net_find_soon(void);
void kvmeter_net_find_exit(void);

/* act_net.c: the shaper */
void kvmeter_act_net_init(struct kvmeter_net *net);
unsigned int kvmeter_act_net_packet(struct kvmeter_net *net, enum kvmeter_net_dir dir,
				    struct sk_buff *skb, const struct kvmeter_packet *packet);
void kvmeter_act_net_open(struct kvmeter_net *net, struct kvmeter_nic *nic);
void kvmeter_act_net_close(struct kvmeter_net *net, struct kvmeter_nic *nic);
void kvmeter_act_net_stop(struct kvmeter_net *net);
u32 kvmeter_act_net_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);
void kvmeter_act_net_revert(struct kvmeter_vm *vm);

#endif /* KVMETER_NET_H */
