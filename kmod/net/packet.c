// SPDX-License-Identifier: GPL-2.0
/*
 * Packets: size on the wire, counters, and how a held one goes on.
 *
 * What is counted are bytes as on a wire.  The link header counts; an ingress
 * skb does not have it in its length.  For a segment that is still to be cut
 * (GSO), the headers count once per packet that it will be.  One packet of 64 KiB
 * with an MSS of 1448 is 46 packets, and 45 * 66 bytes more than its skb.
 *
 * A packet that a shaper holds is taken from the stack (NF_STOLEN).  It goes on
 * later where it was taken, marked to pass by all that it had passed.  On
 * egress that is the hooks of netfilter (nf_skip_egress), on ingress taps,
 * classifiers and hooks (tc_skip_classify, made for ifb).
 */
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/dst.h>

#include "compat/netdev.h"
#include "net/packet.h"

/**
 * struct kvmeter_port_cpu - packets that one CPU saw at a port, by direction
 * @bytes: passed
 * @packets: passed
 * @dropped_bytes: dropped by a limit
 * @dropped: dropped by a limit
 */
struct kvmeter_port_cpu {
	u64 bytes[KVMETER_NR_DIRS];
	u64 packets[KVMETER_NR_DIRS];
	u64 dropped_bytes[KVMETER_NR_DIRS];
	u64 dropped[KVMETER_NR_DIRS];
};

/* Length of the headers that each segment of @skb will have, from skb->data on; 0: not known. */
static u32 gso_header_len(const struct sk_buff *skb)
{
	u32 type = skb_shinfo(skb)->gso_type, offset = skb_transport_offset(skb);
	const struct tcphdr *tcp;
	struct tcphdr buf;

	if (type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) {
		tcp = skb_header_pointer(skb, offset, sizeof(buf), &buf);
		return tcp ? offset + __tcp_hdrlen(tcp) : 0;
	}
	if (type & SKB_GSO_UDP_L4)
		return offset + sizeof(struct udphdr);
	return offset;
}

/**
 * kvmeter_packet_measure - how large a packet is on the wire
 * @packet: @link_len is set; @bytes and @packets are set here
 * @skb: the packet
 *
 * The guest supplies the segment sizes, so impossible ones are not used: then the
 * packet counts as one.
 */
void kvmeter_packet_measure(struct kvmeter_packet *packet, const struct sk_buff *skb)
{
	u32 size = skb_shinfo(skb)->gso_size, header;

	packet->bytes = skb->len + packet->link_len;
	packet->packets = 1;
	if (!size || !skb_transport_header_was_set(skb) || skb_transport_offset(skb) < 0)
		return;
	header = gso_header_len(skb);
	if (!header || header >= skb->len)
		return;
	packet->packets = DIV_ROUND_UP(skb->len - header, size);
	packet->bytes += (packet->packets - 1) * (header + packet->link_len);
}

/**
 * kvmeter_packet_keep - make a packet one that can wait
 * @skb: the packet, which the hook owns
 *
 * It must be ours alone, and hold on to what it refers to.
 *
 * Return: the packet; NULL: there is no memory, and it is freed.
 */
struct sk_buff *kvmeter_packet_keep(struct sk_buff *skb)
{
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return NULL;
	if (skb_orphan_frags_rx(skb, GFP_ATOMIC) || (skb_dst(skb) && !skb_dst_force(skb))) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

/**
 * kvmeter_packet_cut - the segments of a packet that the stack has yet to cut
 * @skb: the packet; it stays the caller's
 * @dir: where it goes
 *
 * Return: a list of segments, each as @skb: behind its link header on ingress;
 * NULL or an error: it cannot be cut.
 */
struct sk_buff *kvmeter_packet_cut(struct sk_buff *skb, enum kvmeter_net_dir dir)
{
	/* on ingress, where all can deal with a checksum that is yet to be made */
	netdev_features_t features = NETIF_F_SG | NETIF_F_HW_CSUM;
	u32 pulled = dir == KVMETER_NET_OUT ? skb->mac_len : 0;
	struct sk_buff *pieces, *piece;

	if (dir == KVMETER_NET_IN)
		features = netif_skb_features(skb) & ~NETIF_F_GSO_MASK;
	__skb_push(skb, pulled);
	pieces = __skb_gso_segment(skb, features, dir == KVMETER_NET_IN);
	__skb_pull(skb, pulled);
	if (!IS_ERR_OR_NULL(pieces))
		for (piece = pieces; piece; piece = piece->next)
			__skb_pull(piece, pulled);
	return pieces;
}

/**
 * kvmeter_packet_release - a held packet goes on where it was taken
 * @skb: the packet
 * @dir: where it goes
 *
 * Context: BH off, RCU, which keeps its port and its device.
 */
void kvmeter_packet_release(struct sk_buff *skb, enum kvmeter_net_dir dir)
{
	kvmeter_port_count(dir, kvmeter_packet_of(skb), true);
	memset(skb->cb, 0, sizeof(skb->cb));
	if (dir == KVMETER_NET_IN) {
		nf_skip_egress(skb, true);
		dev_queue_xmit(skb);
	} else {
		kvmeter_skip_ingress(skb);
		netif_receive_skb(skb);
	}
}

/**
 * kvmeter_port_init - a port that has counted nothing
 * @port: zeroed
 *
 * Return: 0 or -ENOMEM.
 */
int kvmeter_port_init(struct kvmeter_port *port)
{
	port->cpu = alloc_percpu(struct kvmeter_port_cpu);
	return port->cpu ? 0 : -ENOMEM;
}

/* kvmeter_port_free - no packet meets the port any more, nor is one of it held */
void kvmeter_port_free(struct kvmeter_port *port)
{
	free_percpu(port->cpu);
}

/**
 * kvmeter_port_count - a packet passed, or was dropped by a limit
 * @dir: where it goes
 * @packet: its port and size
 * @passed: it passed
 */
void kvmeter_port_count(enum kvmeter_net_dir dir, const struct kvmeter_packet *packet, bool passed)
{
	struct kvmeter_port_cpu __percpu *cpu = packet->port->cpu;

	if (passed) {
		this_cpu_add(cpu->bytes[dir], packet->bytes);
		this_cpu_add(cpu->packets[dir], packet->packets);
	} else {
		this_cpu_add(cpu->dropped_bytes[dir], packet->bytes);
		this_cpu_add(cpu->dropped[dir], packet->packets);
	}
}

/**
 * kvmeter_port_sum - add up what all CPUs counted
 * @port: the port
 * @sum: is added to
 */
void kvmeter_port_sum(const struct kvmeter_port *port, struct kvmeter_net_counts *sum)
{
	const struct kvmeter_port_cpu *c;
	unsigned int cpu;
	int dir;

	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(port->cpu, cpu);
		for (dir = 0; dir < KVMETER_NR_DIRS; dir++) {
			sum->bytes[dir] += READ_ONCE(c->bytes[dir]);
			sum->packets[dir] += READ_ONCE(c->packets[dir]);
			sum->dropped_bytes[dir] += READ_ONCE(c->dropped_bytes[dir]);
			sum->dropped[dir] += READ_ONCE(c->dropped[dir]);
		}
	}
}
