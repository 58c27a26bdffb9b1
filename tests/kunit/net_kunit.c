// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of packets and of the bucket that holds them to a rate.
 *
 * A frame's sender is a guest, and it chooses each header.  What a frame counts is
 * bounded by what the frame is, whatever its headers say.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <net/ip.h>

#include "../../kmod/net/packet.c"
#include "../../kmod/net/bucket.c"

#define FRAME_LEN	65226		/* with a link header */
#define HEADER_MAX	(VLAN_ETH_HLEN + 60 + 60)
#define RATE_MIN	10000ULL

static const struct net_device_ops no_ops;
static struct net_device *dev;

static int net_test_init(struct kunit *test)
{
	dev = alloc_etherdev(0);
	if (!dev)
		return -ENOMEM;
	dev->netdev_ops = &no_ops;
	return 0;
}

static void net_test_exit(struct kunit *test)
{
	free_netdev(dev);
}

/* A frame of zeroes with an IPv4 and a TCP header, as a hook sees it */
static struct sk_buff *frame_new(struct kunit *test, enum kvmeter_net_dir dir)
{
	struct sk_buff *skb = alloc_skb(FRAME_LEN, GFP_KERNEL);
	struct tcphdr *tcp;
	struct iphdr *ip;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	memset(skb_put(skb, FRAME_LEN), 0, FRAME_LEN);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb_set_transport_header(skb, ETH_HLEN + sizeof(*ip));
	skb->protocol = htons(ETH_P_IP);
	skb->mac_len = ETH_HLEN;
	skb->dev = dev;
	skb->ip_summed = CHECKSUM_PARTIAL;
	ip = ip_hdr(skb);
	ip->ihl = 5;
	ip->protocol = IPPROTO_TCP;
	tcp = tcp_hdr(skb);
	tcp->doff = 8;
	if (dir == KVMETER_NET_OUT)
		__skb_pull(skb, ETH_HLEN);
	return skb;
}

static struct kvmeter_packet measured(const struct sk_buff *skb, enum kvmeter_net_dir dir)
{
	struct kvmeter_packet packet = { .link_len = dir == KVMETER_NET_OUT ? ETH_HLEN : 0 };

	kvmeter_packet_measure(&packet, skb, dir);
	return packet;
}

static void gso_set(struct sk_buff *skb, u32 type, u16 size)
{
	skb_shinfo(skb)->gso_type = type;
	skb_shinfo(skb)->gso_size = size;
}

static void packet_honest(struct kunit *test)
{
	struct sk_buff *skb = frame_new(test, KVMETER_NET_OUT);
	struct kvmeter_packet packet = measured(skb, KVMETER_NET_OUT);

	KUNIT_EXPECT_EQ(test, packet.bytes, FRAME_LEN);
	KUNIT_EXPECT_EQ(test, packet.packets, 1);

	/* 65160 bytes of payload are 45 segments; each header but the first is more */
	gso_set(skb, SKB_GSO_TCPV4, 1448);
	packet = measured(skb, KVMETER_NET_OUT);
	KUNIT_EXPECT_EQ(test, packet.packets, 45);
	KUNIT_EXPECT_EQ(test, packet.bytes, FRAME_LEN + 44 * 66);
	KUNIT_EXPECT_GE(test, kvmeter_packet_pieces(skb), packet.packets);

	/* the same as datagrams, and as fragments of one */
	ip_hdr(skb)->protocol = IPPROTO_UDP;
	gso_set(skb, SKB_GSO_UDP_L4, 1472);
	packet = measured(skb, KVMETER_NET_OUT);
	KUNIT_EXPECT_EQ(test, packet.packets, DIV_ROUND_UP(FRAME_LEN - 42, 1472));
	KUNIT_EXPECT_EQ(test, packet.bytes, FRAME_LEN + (packet.packets - 1) * 42);
	gso_set(skb, SKB_GSO_UDP, 1480);
	packet = measured(skb, KVMETER_NET_OUT);
	KUNIT_EXPECT_EQ(test, packet.packets, DIV_ROUND_UP(FRAME_LEN - 34, 1480));
	KUNIT_EXPECT_EQ(test, packet.bytes, FRAME_LEN + (packet.packets - 1) * 34);
	kfree_skb(skb);

	/* in: cut for a device without offloads, given whole to one with them */
	skb = frame_new(test, KVMETER_NET_IN);
	gso_set(skb, SKB_GSO_TCPV4, 1448);
	packet = measured(skb, KVMETER_NET_IN);
	KUNIT_EXPECT_EQ(test, packet.packets, 45);
	KUNIT_EXPECT_EQ(test, packet.bytes, FRAME_LEN + 44 * 66);
	dev->features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO;
	packet = measured(skb, KVMETER_NET_IN);
	KUNIT_EXPECT_EQ(test, packet.bytes, FRAME_LEN);
	KUNIT_EXPECT_EQ(test, packet.packets, 1);
	/* nor is a sender's word taken for what would be cut */
	dev->features = 0;
	gso_set(skb, SKB_GSO_TCPV4 | SKB_GSO_DODGY, 1);
	packet = measured(skb, KVMETER_NET_IN);
	KUNIT_EXPECT_EQ(test, packet.bytes, FRAME_LEN);
	KUNIT_EXPECT_EQ(test, packet.packets, 1);
	kfree_skb(skb);
}

/* Whatever the headers say: the frame, and headers of what it could be cut to */
static void packet_bounded(struct kunit *test, const struct sk_buff *skb,
			   enum kvmeter_net_dir dir)
{
	struct kvmeter_packet packet = measured(skb, dir);

	KUNIT_EXPECT_GE(test, packet.packets, 1);
	KUNIT_EXPECT_LE(test, packet.packets, FRAME_LEN);
	KUNIT_EXPECT_GE(test, packet.bytes, FRAME_LEN);
	KUNIT_EXPECT_LE(test, packet.bytes,
			FRAME_LEN + (u64)(packet.packets - 1) * HEADER_MAX);
	if (dir == KVMETER_NET_IN && skb_shinfo(skb)->gso_type & SKB_GSO_DODGY)
		KUNIT_EXPECT_EQ(test, packet.bytes, FRAME_LEN);
}

static void packet_hostile(struct kunit *test)
{
	static const u32 types[] = {
		SKB_GSO_TCPV4, SKB_GSO_TCPV6, SKB_GSO_UDP, SKB_GSO_UDP_L4, SKB_GSO_DODGY,
		SKB_GSO_UDP_TUNNEL, 0,
	};
	static const u16 sizes[] = { 1, 8, 1448, 0xffff };
	static const u16 offsets[] = { ETH_HLEN, 34, 256, 32768, 65000 };
	unsigned int t, s, o;
	int dir;

	for (dir = 0; dir < KVMETER_NR_DIRS; dir++) {
		struct sk_buff *skb = frame_new(test, dir);

		for (t = 0; t < ARRAY_SIZE(types); t++)
			for (s = 0; s < ARRAY_SIZE(sizes); s++)
				for (o = 0; o < ARRAY_SIZE(offsets); o++) {
					gso_set(skb, types[t] | SKB_GSO_DODGY, sizes[s]);
					skb->transport_header = skb->mac_header + offsets[o];
					packet_bounded(test, skb, dir);
				}
		kfree_skb(skb);
	}
}

static void packet_random(struct kunit *test)
{
	static const __be16 protocols[] = { htons(ETH_P_IP), htons(ETH_P_IPV6), htons(ETH_P_ARP) };
	struct sk_buff *skb = frame_new(test, KVMETER_NET_OUT);
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 20000; i++) {
		prandom_bytes_state(&rnd, skb->data, 128);
		if (i % 2)
			ip_hdr(skb)->protocol = i % 4 == 1 ? IPPROTO_TCP : IPPROTO_UDP;
		skb->protocol = protocols[i % 3];
		gso_set(skb, prandom_u32_state(&rnd), prandom_u32_state(&rnd));
		skb->transport_header = skb->mac_header + (u16)prandom_u32_state(&rnd);
		skb->network_header = skb->mac_header + (i % 16 ? ETH_HLEN : (u16)i);
		packet_bounded(test, skb, KVMETER_NET_OUT);
	}
	kfree_skb(skb);
}

static void bucket_debt(struct kunit *test)
{
	static const u64 bytes[] = { 1, 1514, 65536, 1 << 20, 1 << 30, U32_MAX, U64_MAX };
	static const u64 rates[] = { RATE_MIN, 1000000, 10000000, 1000000000000ULL };
	struct kvmeter_bucket bucket;
	unsigned int b, r;

	for (r = 0; r < ARRAY_SIZE(rates); r++)
		for (b = 0; b < ARRAY_SIZE(bytes); b++) {
			bucket = (struct kvmeter_bucket){};
			kvmeter_bucket_set(&bucket, rates[r], NSEC_PER_SEC, U64_MAX);
			KUNIT_EXPECT_EQ(test, bytes[b] <= rates[r] * 7,
					kvmeter_bucket_fits(&bucket, bytes[b]));
			if (bytes[b] >= rates[r])	/* the burst is 10 ms */
				KUNIT_EXPECT_TRUE(test, kvmeter_bucket_exceeds(&bucket, bytes[b]));
			kvmeter_bucket_charge(&bucket, bytes[b]);
			KUNIT_EXPECT_GE(test, bucket.tat_ns, NSEC_PER_SEC);
			KUNIT_EXPECT_LE(test, bucket.tat_ns, NSEC_PER_SEC + DEBT_MAX_NS);
			/* what is owed follows the rate, no further */
			kvmeter_bucket_set(&bucket, RATE_MIN, NSEC_PER_SEC, U64_MAX);
			KUNIT_EXPECT_LE(test, bucket.tat_ns, NSEC_PER_SEC + DEBT_MAX_NS);
			KUNIT_EXPECT_TRUE(test, kvmeter_bucket_ready(&bucket,
								     NSEC_PER_SEC + DEBT_MAX_NS));
		}
}

static void bucket_exact(struct kunit *test)
{
	struct kvmeter_bucket bucket = {};
	u32 i;

	kvmeter_bucket_set(&bucket, RATE_MIN, 0, U64_MAX);
	KUNIT_EXPECT_TRUE(test, kvmeter_bucket_fits(&bucket, 65536 + VLAN_HLEN));
	kvmeter_bucket_set(&bucket, 10000000, 0, U64_MAX);
	for (i = 0; i < 1000; i++)
		kvmeter_bucket_charge(&bucket, 1514);
	KUNIT_EXPECT_EQ(test, bucket.tat_ns, 1000 * 151400);
}

static struct kunit_case net_cases[] = {
	KUNIT_CASE(packet_honest),
	KUNIT_CASE(packet_hostile),
	KUNIT_CASE(packet_random),
	KUNIT_CASE(bucket_debt),
	KUNIT_CASE(bucket_exact),
	{}
};

static struct kunit_suite net_suite = {
	.name = "kvmeter_net",
	.init = net_test_init,
	.exit = net_test_exit,
	.test_cases = net_cases,
};

kunit_test_suite(net_suite);
