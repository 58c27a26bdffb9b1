/* SPDX-License-Identifier: GPL-2.0 */
/* The shapers of a VM: each direction of its network, held to a rate. */
#ifndef KVMETER_NET_SHAPER_H
#define KVMETER_NET_SHAPER_H

#include <linux/hrtimer.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>

#include "net/bucket.h"
#include "net/packet.h"

/**
 * struct kvmeter_shaper - one direction of a VM's network, held to a rate
 * @lock: BH; protects all below
 * @active: packets must ask; also read without the lock
 * @draining: the timer is passing packets on
 * @armed: the timer is started
 * @bucket: the rate
 * @held_bytes: in @queue; also read without the lock
 * @hold_max_bytes: what @queue may hold
 * @delayed_bytes: that were ever held; also read without the lock
 * @queue: packets held, of all devices of the VM
 * @timer: passes them on
 *
 * Other files see it only because a VM embeds it.
 */
struct kvmeter_shaper {
	spinlock_t lock;		/* protects all below */
	bool active;
	bool draining;
	bool armed;
	struct kvmeter_bucket bucket;
	u64 held_bytes;
	u64 hold_max_bytes;
	u64 delayed_bytes;
	struct sk_buff_head queue;
	struct hrtimer timer;
};

/**
 * struct kvmeter_shapers - both directions of a VM's network
 * @dir: by enum kvmeter_net_dir
 * @priority: of packets that have none; 0: as they come.  Written under
 *            kvmeter_lock, read without
 * @priority_until_ns: its lease, CLOCK_MONOTONIC; as @priority
 */
struct kvmeter_shapers {
	struct kvmeter_shaper dir[KVMETER_NR_DIRS];
	u32 priority;
	u64 priority_until_ns;
};

void kvmeter_shapers_init(struct kvmeter_shapers *shapers);
void kvmeter_shapers_stop(struct kvmeter_shapers *shapers);
unsigned int kvmeter_shapers_packet(struct kvmeter_shapers *shapers, enum kvmeter_net_dir dir,
				    struct sk_buff *skb, const struct kvmeter_packet *packet);
void kvmeter_shapers_open(struct kvmeter_shapers *shapers, struct kvmeter_port *port);
void kvmeter_shapers_close(struct kvmeter_shapers *shapers, struct kvmeter_port *port);
void kvmeter_shapers_set(struct kvmeter_shapers *shapers, u64 rate, u32 priority, u64 now_ns);
void kvmeter_shapers_unset(struct kvmeter_shapers *shapers);
void kvmeter_shapers_read(const struct kvmeter_shapers *shapers, struct kvmeter_net_counts *c);

#endif /* KVMETER_NET_SHAPER_H */
