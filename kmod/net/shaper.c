// SPDX-License-Identifier: GPL-2.0
/*
 * Shaper: one direction of a VM's network, held to a rate of bytes per second.
 *
 * The problem.  Guests speak TCP.  A policer, which drops what is beyond the
 * rate, is exact for what passes and yet useless for the sender.  Between two
 * guests of a host the round trip is 0.1 ms.  So at 10 MB/s all that may be in
 * flight is 1000 bytes, less than one segment.  TCP goes below one segment per
 * round trip only by running into its retransmission timer, 200 ms and
 * doubling.  What a policer could have let pass meanwhile is lost, unless it
 * lets some seconds' worth through at once.  So the answer is delay: a queue
 * makes the round trip long enough for TCP to find the rate.
 *
 * The model: a token bucket (bucket.c).  A packet that the stack has yet to cut
 * (GSO, 64 KiB at most) is cut here if it is larger than the burst.  Else it would
 * pass at once what takes a quarter of a second at 256 KiB/s.
 *
 * A packet that may not pass is held, in order, in one queue per direction; later
 * ones go behind it, so nothing is reordered.  The queue is bounded to what the
 * rate passes in 50 ms, or two segments of the largest size if that is more.  What
 * does not fit is dropped.  From half of the bound on packets of ECN-capable flows
 * are marked.  A sender on the host itself is told of both at once, and holds back
 * by itself (TCP small queues).
 *
 * Worked: 10 MB/s; a segment of 1514 bytes takes 151.4 us.  The timer fires
 * 300 us late: two more packets have become due and pass at once.  The queue holds
 * 500 kB.
 *
 * The mechanism.  The hooks (hook.c) are the last of their device's.  A held
 * packet goes on from a timer in softirq (packet.c).
 *
 * Everything lapses: a limit holds until lease_until, as looked at for each
 * packet.  When the period stops, the queue runs empty and all passes.
 */
#include <linux/netdevice.h>
#include <net/inet_ecn.h>

#include "base/lease.h"
#include "core/q.h"
#include "net/bucket.h"
#include "net/packet.h"
#include "net/shaper.h"

#define HOLD_NS		(50 * NSEC_PER_MSEC)	/* the queue's length at its rate ... */
#define HOLD_MIN_BYTES	(128 * 1024)		/* ... and at least, */
#define HOLD_MAX_BYTES	(64 * 1024 * 1024)	/* ... and at most */
#define TIMER_GAP_NS	(50 * NSEC_PER_USEC)	/* packets that wait pass in batches ... */
#define TIMER_BATCH	256			/* ... and not more at a time */
#define CUT_MAX		128			/* pieces of a packet; a guest may want 65536 */
#define TIMER_LATE_NS	(10 * NSEC_PER_MSEC)	/* its CPU serves no soft interrupts */

/* under shaper->lock */

/* A packet waits: let it pass when it is due. */
static void shaper_arm(struct kvmeter_shaper *shaper, u64 now_ns)
{
	const struct kvmeter_bucket *bucket = &shaper->bucket;
	u64 at_ns = now_ns + TIMER_GAP_NS;

	if (bucket->limited)
		at_ns = max(at_ns, min(bucket->tat_ns, bucket->lease_until_ns));
	shaper->armed = true;
	hrtimer_start(&shaper->timer, ns_to_ktime(at_ns), HRTIMER_MODE_ABS_PINNED_SOFT);
}

/*
 * A real-time task may keep its CPU from soft interrupts (base/lease.c says how).
 * Then the next packet takes the timer to the CPU that serves the packet.
 */
static bool shaper_late(const struct kvmeter_shaper *shaper, u64 now_ns)
{
	return now_ns >= ktime_to_ns(hrtimer_get_expires(&shaper->timer)) + TIMER_LATE_NS;
}

static void shaper_queue(struct kvmeter_shaper *shaper, struct sk_buff *skb,
			 const struct kvmeter_packet *packet)
{
	*kvmeter_packet_of(skb) = *packet;
	__skb_queue_tail(&shaper->queue, skb);
	shaper->held_bytes += packet->bytes;
	WRITE_ONCE(shaper->delayed_bytes, shaper->delayed_bytes + packet->bytes);
}

/* Is this more than one packet, and more than may pass at once? */
static bool shaper_cuts(const struct kvmeter_shaper *shaper, const struct sk_buff *skb,
			const struct kvmeter_packet *packet)
{
	return skb_is_gso(skb) && kvmeter_packet_pieces(skb) <= CUT_MAX &&
	       kvmeter_bucket_exceeds(&shaper->bucket, packet->bytes);
}

/* Queue the pieces of @skb in its place; false: it cannot be cut. */
static bool shaper_queue_pieces(struct kvmeter_shaper *shaper, enum kvmeter_net_dir dir,
				struct sk_buff *skb, const struct kvmeter_packet *packet)
{
	struct sk_buff *piece = kvmeter_packet_cut(skb, dir), *next;
	struct kvmeter_packet one = *packet;

	if (IS_ERR_OR_NULL(piece))
		return false;
	one.packets = 1;
	skb_list_walk_safe(piece, piece, next) {
		skb_mark_not_on_list(piece);
		one.bytes = piece->len + packet->link_len;
		shaper_queue(shaper, piece, &one);
	}
	consume_skb(skb);
	return true;
}

static unsigned int shaper_hold(struct kvmeter_shaper *shaper, enum kvmeter_net_dir dir,
				struct sk_buff *skb, const struct kvmeter_packet *packet,
				u64 now_ns)
{
	u64 held = shaper->held_bytes;

	if (packet->port->closed)
		return NF_ACCEPT;	/* its hooks are being taken out */
	if (held && held + packet->bytes > shaper->hold_max_bytes)
		return NF_DROP;
	if (held >= shaper->hold_max_bytes / 2)
		INET_ECN_set_ce(skb);
	skb = kvmeter_packet_keep(skb);
	if (!skb) {	/* no memory: gone already */
		kvmeter_port_count(dir, packet, false);
		return NF_STOLEN;
	}
	if (!shaper_cuts(shaper, skb, packet) || !shaper_queue_pieces(shaper, dir, skb, packet))
		shaper_queue(shaper, skb, packet);
	if (!shaper->draining && (!shaper->armed || shaper_late(shaper, now_ns)))
		shaper_arm(shaper, now_ns);
	return NF_STOLEN;
}

static unsigned int shaper_packet(struct kvmeter_shaper *shaper, enum kvmeter_net_dir dir,
				  struct sk_buff *skb, const struct kvmeter_packet *packet)
{
	u64 now_ns = ktime_get_ns();
	bool limits = kvmeter_bucket_limits(&shaper->bucket, now_ns);

	if (limits && !kvmeter_bucket_fits(&shaper->bucket, packet->bytes) &&
	    !shaper_cuts(shaper, skb, packet))
		return NF_DROP;
	if (!skb_queue_empty(&shaper->queue) || shaper->draining)
		return shaper_hold(shaper, dir, skb, packet, now_ns);
	if (!limits) {
		WRITE_ONCE(shaper->active, false);
		return NF_ACCEPT;
	}
	if (!kvmeter_bucket_ready(&shaper->bucket, now_ns) || shaper_cuts(shaper, skb, packet))
		return shaper_hold(shaper, dir, skb, packet, now_ns);
	kvmeter_bucket_charge(&shaper->bucket, packet->bytes);
	return NF_ACCEPT;
}

/**
 * kvmeter_shapers_packet - may this packet pass?
 * @shapers: of its VM
 * @dir: where it goes
 * @skb: the packet
 * @packet: its port and size
 *
 * Context: hook, BH off.
 * Return: NF_ACCEPT, NF_DROP, or NF_STOLEN when it waits.
 */
unsigned int kvmeter_shapers_packet(struct kvmeter_shapers *shapers, enum kvmeter_net_dir dir,
				    struct sk_buff *skb, const struct kvmeter_packet *packet)
{
	struct kvmeter_shaper *shaper = &shapers->dir[dir];
	u32 priority = READ_ONCE(shapers->priority);
	unsigned int verdict;

	/* a priority that the packet has is left alone */
	if (priority && !skb->priority && ktime_get_ns() < READ_ONCE(shapers->priority_until_ns))
		skb->priority = priority;
	if (!READ_ONCE(shaper->active))
		return NF_ACCEPT;
	spin_lock_bh(&shaper->lock);
	verdict = shaper_packet(shaper, dir, skb, packet);
	spin_unlock_bh(&shaper->lock);
	return verdict;
}

/* The packets that are due, to @due */
static void shaper_collect(struct kvmeter_shaper *shaper, struct sk_buff_head *due)
{
	u64 now_ns = ktime_get_ns();
	bool limits = kvmeter_bucket_limits(&shaper->bucket, now_ns);
	struct sk_buff *skb;

	while (skb_queue_len(due) < TIMER_BATCH) {
		skb = skb_peek(&shaper->queue);
		if (!skb || (limits && shaper->bucket.tat_ns > now_ns))
			return;
		__skb_unlink(skb, &shaper->queue);
		shaper->held_bytes -= kvmeter_packet_of(skb)->bytes;
		if (limits)
			kvmeter_bucket_charge(&shaper->bucket, kvmeter_packet_of(skb)->bytes);
		__skb_queue_tail(due, skb);
	}
}

/* Softirq.  It alone passes packets on that waited, so they keep their order. */
static enum hrtimer_restart shaper_timer(struct kvmeter_shaper *shaper, enum kvmeter_net_dir dir)
{
	struct sk_buff_head due;
	struct sk_buff *skb;

	__skb_queue_head_init(&due);
	spin_lock_bh(&shaper->lock);
	shaper->armed = false;
	shaper->draining = true;
	shaper_collect(shaper, &due);
	spin_unlock_bh(&shaper->lock);

	/* a device that goes away waits for these */
	rcu_read_lock();
	while ((skb = __skb_dequeue(&due)))
		kvmeter_packet_release(skb, dir);
	rcu_read_unlock();

	spin_lock_bh(&shaper->lock);
	shaper->draining = false;
	if (!skb_queue_empty(&shaper->queue))
		shaper_arm(shaper, ktime_get_ns());
	spin_unlock_bh(&shaper->lock);
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart in_timer(struct hrtimer *timer)
{
	return shaper_timer(container_of(timer, struct kvmeter_shaper, timer), KVMETER_NET_IN);
}

static enum hrtimer_restart out_timer(struct hrtimer *timer)
{
	return shaper_timer(container_of(timer, struct kvmeter_shaper, timer), KVMETER_NET_OUT);
}

/**
 * kvmeter_shapers_init - no limit, and no packet held
 * @shapers: zeroed
 */
void kvmeter_shapers_init(struct kvmeter_shapers *shapers)
{
	struct kvmeter_shaper *shaper;
	int dir;

	for (dir = 0; dir < KVMETER_NR_DIRS; dir++) {
		shaper = &shapers->dir[dir];
		spin_lock_init(&shaper->lock);
		__skb_queue_head_init(&shaper->queue);
		hrtimer_setup(&shaper->timer, dir == KVMETER_NET_IN ? in_timer : out_timer,
			      CLOCK_MONOTONIC, HRTIMER_MODE_ABS_PINNED_SOFT);
	}
}

/**
 * kvmeter_shapers_open - packets of a port may be held from here on
 * @shapers: of its VM
 * @port: the port
 */
void kvmeter_shapers_open(struct kvmeter_shapers *shapers, struct kvmeter_port *port)
{
	int dir;

	for (dir = 0; dir < KVMETER_NR_DIRS; dir++) {
		spin_lock_bh(&shapers->dir[dir].lock);
		port->closed = false;
		spin_unlock_bh(&shapers->dir[dir].lock);
	}
}

/**
 * kvmeter_shapers_close - no packet of a port is held from here on
 * @shapers: of its VM
 * @port: the port; held packets of it are dropped.  Those that the timer has
 *        taken already still use it, under RCU
 */
void kvmeter_shapers_close(struct kvmeter_shapers *shapers, struct kvmeter_port *port)
{
	struct kvmeter_shaper *shaper;
	struct sk_buff *skb, *next;
	struct sk_buff_head gone;
	int dir;

	__skb_queue_head_init(&gone);
	for (dir = 0; dir < KVMETER_NR_DIRS; dir++) {
		shaper = &shapers->dir[dir];
		spin_lock_bh(&shaper->lock);
		port->closed = true;
		skb_queue_walk_safe(&shaper->queue, skb, next) {
			if (kvmeter_packet_of(skb)->port != port)
				continue;
			__skb_unlink(skb, &shaper->queue);
			shaper->held_bytes -= kvmeter_packet_of(skb)->bytes;
			kvmeter_port_count(dir, kvmeter_packet_of(skb), false);
			__skb_queue_tail(&gone, skb);
		}
		spin_unlock_bh(&shaper->lock);
	}
	__skb_queue_purge(&gone);
}

/**
 * kvmeter_shapers_stop - no timer runs any more
 * @shapers: of a VM whose ports are closed, so that none is started again
 */
void kvmeter_shapers_stop(struct kvmeter_shapers *shapers)
{
	int dir;

	for (dir = 0; dir < KVMETER_NR_DIRS; dir++)
		hrtimer_cancel(&shapers->dir[dir].timer);
}

/* the period's side: kvmeter_lock */

static void shaper_set(struct kvmeter_shaper *shaper, u64 rate, u64 now_ns, u64 lease_until_ns)
{
	spin_lock_bh(&shaper->lock);
	kvmeter_bucket_set(&shaper->bucket, rate, now_ns, lease_until_ns);
	shaper->hold_max_bytes = clamp_t(u64, kmc_muldiv_floor(rate, HOLD_NS, NSEC_PER_SEC),
					 HOLD_MIN_BYTES, HOLD_MAX_BYTES);
	WRITE_ONCE(shaper->active, true);
	if (!skb_queue_empty(&shaper->queue) && !shaper->draining)
		shaper_arm(shaper, now_ns);
	spin_unlock_bh(&shaper->lock);
}

static void shaper_unset(struct kvmeter_shaper *shaper)
{
	spin_lock_bh(&shaper->lock);
	shaper->bucket.limited = false;
	if (!skb_queue_empty(&shaper->queue) && !shaper->draining)
		shaper_arm(shaper, ktime_get_ns());
	spin_unlock_bh(&shaper->lock);
}

/**
 * kvmeter_shapers_set - hold a VM to a rate each way, renew the lease
 * @shapers: of the VM
 * @rate: bytes per second, 10^4 .. 10^12
 * @priority: of packets that have none; 0: as they come
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: kvmeter_lock.
 */
void kvmeter_shapers_set(struct kvmeter_shapers *shapers, u64 rate, u32 priority, u64 now_ns)
{
	u64 until_ns = now_ns + kvmeter_lease_ns();
	int dir;

	for (dir = 0; dir < KVMETER_NR_DIRS; dir++)
		shaper_set(&shapers->dir[dir], rate, now_ns, until_ns);
	WRITE_ONCE(shapers->priority_until_ns, until_ns);
	WRITE_ONCE(shapers->priority, priority);
}

/**
 * kvmeter_shapers_unset - back to how it was before us; what waits goes on at once
 * @shapers: of the VM
 *
 * Context: kvmeter_lock.
 */
void kvmeter_shapers_unset(struct kvmeter_shapers *shapers)
{
	int dir;

	WRITE_ONCE(shapers->priority, 0);
	for (dir = 0; dir < KVMETER_NR_DIRS; dir++)
		shaper_unset(&shapers->dir[dir]);
}

/**
 * kvmeter_shapers_read - what waits, and what has waited
 * @shapers: of a VM
 * @c: held_bytes and delayed_bytes are set
 */
void kvmeter_shapers_read(const struct kvmeter_shapers *shapers, struct kvmeter_net_counts *c)
{
	int dir;

	for (dir = 0; dir < KVMETER_NR_DIRS; dir++) {
		c->held_bytes[dir] = READ_ONCE(shapers->dir[dir].held_bytes);
		c->delayed_bytes[dir] = READ_ONCE(shapers->dir[dir].delayed_bytes);
	}
}
