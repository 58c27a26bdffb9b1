// SPDX-License-Identifier: GPL-2.0
/*
 * Packets: size on the wire, counters, and how a held one goes on.
 *
 * What is counted are bytes as on a wire.  The link header counts; an ingress
 * skb does not have it in its length.
 *
 * The problem.  A packet that is still to be cut (GSO) has fewer headers than what
 * it becomes.  The size of its segments, and where its transport header begins, come
 * with the frame.  A guest chose both: 64 KiB with a header of 32 KiB and segments of
 * one byte are 1 GiB.  Another guest that gets the frame would pay for it.
 *
 * The model.  Out: the headers count once per segment, each as long as the stack
 * finds it when it cuts.  For it, too, reads the IP and TCP headers themselves, so a
 * segment has at most 18 + 60 + 60 bytes of them.  In: the same if the stack cuts for
 * the device.  A frame that another guest sent, or that the device takes whole, counts as
 * it is.  So a sender can only make its own frames dearer.
 *
 * Worked: 65 160 bytes with an MSS of 1448, out: 45 packets, and 44 * 66 bytes
 * more than the frame.  In, to a device with offloads: one packet of 65 226 bytes.
 *
 * A packet that a shaper holds is taken from the stack (NF_STOLEN).  It goes on
 * later where it was taken, marked to pass by all that it had passed.  On
 * egress that is the hooks of netfilter (nf_skip_egress), on ingress taps,
 * classifiers and hooks (tc_skip_classify, made for ifb).
 */
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/dst.h>

#include "compat/netdev.h"
#include "net/packet.h"

#define LINK_LEN_MAX	VLAN_ETH_HLEN	/* a link header that is in front of an IP header */

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

/* Length of a network header and of what is in it, or 0: it is not IP, or not whole. */
static u32 ip_header_len(const struct sk_buff *skb, int offset, u8 *protocol)
{
	const struct ipv6hdr *v6;
	const struct iphdr *v4;
	union {
		struct iphdr v4;
		struct ipv6hdr v6;
	} buf;

	if (skb->protocol == htons(ETH_P_IP)) {
		v4 = skb_header_pointer(skb, offset, sizeof(buf.v4), &buf.v4);
		if (!v4 || v4->ihl < 5)
			return 0;
		*protocol = v4->protocol;
		return v4->ihl * 4;
	}
	if (skb->protocol == htons(ETH_P_IPV6)) {
		v6 = skb_header_pointer(skb, offset, sizeof(buf.v6), &buf.v6);
		if (!v6)
			return 0;
		*protocol = v6->nexthdr;
		return sizeof(*v6);
	}
	return 0;
}

/* Length of the headers that each segment of @skb will have, from skb->data on; 0: not known. */
static u32 segment_header_len(const struct sk_buff *skb)
{
	u32 type = skb_shinfo(skb)->gso_type, len;
	int offset = skb_network_offset(skb);
	const struct tcphdr *tcp;
	struct tcphdr buf;
	u8 protocol;

	if (offset < 0 || offset > LINK_LEN_MAX)
		return 0;
	len = ip_header_len(skb, offset, &protocol);
	if (!len)
		return 0;
	len += offset;
	if (type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6) && protocol == IPPROTO_TCP) {
		tcp = skb_header_pointer(skb, len, sizeof(buf), &buf);
		return tcp && tcp->doff >= 5 ? len + __tcp_hdrlen(tcp) : 0;
	}
	if (type & SKB_GSO_UDP_L4 && protocol == IPPROTO_UDP)
		return len + sizeof(struct udphdr);
	if (type & SKB_GSO_UDP && protocol == IPPROTO_UDP)
		return len;	/* the datagram is cut into fragments */
	return 0;
}

/* Does the guest get @skb as it is, and not what the stack cuts it to? */
static bool given_whole(const struct sk_buff *skb)
{
	if (skb_shinfo(skb)->gso_type & SKB_GSO_DODGY)
		return true;	/* another guest's, which chose the segments */
	return !netif_needs_gso((struct sk_buff *)skb, netif_skb_features((struct sk_buff *)skb));
}

/**
 * kvmeter_packet_measure - how large a packet is on the wire
 * @packet: @link_len is set; @bytes and @packets are set here
 * @skb: the packet
 * @dir: where it goes
 *
 * What a guest is given whole counts as it is.  What it sends counts with the headers
 * of each segment.  Without a header that is known it counts as one packet.
 */
void kvmeter_packet_measure(struct kvmeter_packet *packet, const struct sk_buff *skb,
			    enum kvmeter_net_dir dir)
{
	u32 size = skb_shinfo(skb)->gso_size, header;

	packet->bytes = (u64)skb->len + packet->link_len;
	packet->packets = 1;
	if (!size || (dir == KVMETER_NET_IN && given_whole(skb)))
		return;
	header = segment_header_len(skb);
	if (!header || header >= skb->len)
		return;
	packet->packets = DIV_ROUND_UP(skb->len - header, size);
	packet->bytes += (u64)(packet->packets - 1) * (header + packet->link_len);
}

/**
 * kvmeter_packet_pieces - what a packet makes at most when it is cut
 * @skb: the packet
 *
 * Return: how many pieces; 1: it is one packet.
 */
u32 kvmeter_packet_pieces(const struct sk_buff *skb)
{
	return skb_is_gso(skb) ? DIV_ROUND_UP(skb->len, skb_shinfo(skb)->gso_size) : 1;
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
