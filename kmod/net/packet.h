/* SPDX-License-Identifier: GPL-2.0 */
/* A packet: its size on the wire, the device that it met, and how it goes on. */
#ifndef KVMETER_NET_PACKET_H
#define KVMETER_NET_PACKET_H

#include <linux/skbuff.h>
#include <linux/types.h>

/**
 * enum kvmeter_net_dir - as the guest sees it
 * @KVMETER_NET_IN: to the guest: egress of its device on the host
 * @KVMETER_NET_OUT: from the guest: ingress
 * @KVMETER_NR_DIRS: how many there are
 */
enum kvmeter_net_dir {
	KVMETER_NET_IN,
	KVMETER_NET_OUT,
	KVMETER_NR_DIRS,
};

/**
 * struct kvmeter_net_counts - what passed and what did not, cumulative
 * @bytes: link header included, and the headers of each segment but for those in that
 *         the device is given whole
 * @packets: segments; what is given whole is one
 * @dropped_bytes: dropped by a limit, as @bytes
 * @dropped: dropped by a limit, as @packets
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

struct kvmeter_port_cpu;

/**
 * struct kvmeter_port - the part of a device that packets meet
 * @cpu: counters; each is written by its CPU, BH off, and read by anyone
 * @closed: no packet of it is held any more; the shaper's locks of both directions
 */
struct kvmeter_port {
	struct kvmeter_port_cpu __percpu *cpu;
	bool closed;
};

/**
 * struct kvmeter_packet - what a packet is; of a held one in its control block
 * @port: of its device; lives until the device's port was closed and a grace period passed
 * @bytes: as struct kvmeter_net_counts says
 * @packets: as struct kvmeter_net_counts says
 * @link_len: of the link header, as far as skb->len is without it
 */
struct kvmeter_packet {
	struct kvmeter_port *port;
	u64 bytes;
	u32 packets;
	u32 link_len;
};

/* kvmeter_packet_of - what a held packet is */
static inline struct kvmeter_packet *kvmeter_packet_of(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct kvmeter_packet) > sizeof_field(struct sk_buff, cb));
	return (struct kvmeter_packet *)skb->cb;
}

void kvmeter_packet_measure(struct kvmeter_packet *packet, const struct sk_buff *skb,
			    enum kvmeter_net_dir dir);
u32 kvmeter_packet_pieces(const struct sk_buff *skb);
struct sk_buff *kvmeter_packet_keep(struct sk_buff *skb);
struct sk_buff *kvmeter_packet_cut(struct sk_buff *skb, enum kvmeter_net_dir dir);
void kvmeter_packet_release(struct sk_buff *skb, enum kvmeter_net_dir dir);

int kvmeter_port_init(struct kvmeter_port *port);
void kvmeter_port_free(struct kvmeter_port *port);
void kvmeter_port_count(enum kvmeter_net_dir dir, const struct kvmeter_packet *packet, bool passed);
void kvmeter_port_sum(const struct kvmeter_port *port, struct kvmeter_net_counts *sum);

#endif /* KVMETER_NET_PACKET_H */
