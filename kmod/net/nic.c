// SPDX-License-Identifier: GPL-2.0
/*
 * Network: which devices are a VM's, and what passes through them.
 *
 * The problem.  A VMM's packets pass through a device of the host, mostly a
 * tap, whether its own code or vhost moves them.  The device knows nothing of
 * the VM, may be renamed, moved to another namespace or deleted at any time,
 * and the VM may die before it.
 *
 * The hooks.  Netfilter's ingress and egress hooks of the device: ingress is
 * what the guest sent, egress is what it will receive.  Ours come last, so that
 * what is counted has passed the operator's own rules.  Two guests on a host
 * that talk to each other are counted at both devices: out for one, in for the
 * other.
 *
 * What is counted are bytes as on a wire: with the link header, which an
 * ingress skb does not count in its length, and for a segment that is still to
 * be cut (GSO), the headers once per packet that it will be.  One packet of
 * 64 KiB with an MSS of 1448 is 46 packets, and 45 * 66 bytes more than its skb.
 *
 * A device belongs to one VM: the first.  It is bound by net_find.c, which finds
 * taps, or by the operator, who may also unbind what was found.
 *
 * Lifetime.  A bound device is referenced, and a notifier lets go of it when
 * it is unregistered, within that call, so nobody waits for us.  A move to
 * another namespace looks like the same (NETDEV_UNREGISTER, then REGISTER) but
 * for reg_state, which tells them apart; the hooks follow.  Hooks are taken out
 * with the namespace that they were registered in, which holds since it only
 * changes between these two.
 *
 * Binding is done under RTNL, so a device that is seen registered has its
 * notice of unregistering still to come.
 *
 * Why nothing still uses a nic when it is freed: its hooks are out and its held
 * packets dropped, then a grace period passes: hooks, and the timer that passes
 * packets on, run as RCU readers.  (For the device itself that grace period is
 * the core's, after the notifiers.)
 */
#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/net_namespace.h>

#include "compat/netdev.h"
#include "kvmeter.h"

#define CENSOR_PART	100	/* a direction is censored when more than this part had to wait */

/*
 * nic_lock protects the next three and, with exceptions that net.h names, every
 * nic.  RTNL is taken before it, kvmeter_lock is not held with it.
 */
static DEFINE_MUTEX(nic_lock);
static LIST_HEAD(nics);
static LIST_HEAD(nics_gone);
static bool nics_closed;

static void nics_reap(struct work_struct *work);
static DECLARE_WORK(reap_work, nics_reap);

struct kvmeter_nic_cpu {
	u64 bytes[KVMETER_NR_DIRS];
	u64 packets[KVMETER_NR_DIRS];
	u64 dropped_bytes[KVMETER_NR_DIRS];
	u64 dropped[KVMETER_NR_DIRS];
};

/* the packets' side: BH off, RCU */

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

/*
 * As on the wire.  A guest says what its segments are, so nothing in it is
 * believed that can not be.
 */
static void packet_measure(struct kvmeter_packet *packet, const struct sk_buff *skb)
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
 * kvmeter_nic_count - a packet passed, or was dropped by a limit
 * @dir: where it goes
 * @packet: its device and size
 * @passed: it passed
 */
void kvmeter_nic_count(enum kvmeter_net_dir dir, const struct kvmeter_packet *packet, bool passed)
{
	struct kvmeter_nic_cpu __percpu *cpu = packet->nic->cpu;

	if (passed) {
		this_cpu_add(cpu->bytes[dir], packet->bytes);
		this_cpu_add(cpu->packets[dir], packet->packets);
	} else {
		this_cpu_add(cpu->dropped_bytes[dir], packet->bytes);
		this_cpu_add(cpu->dropped[dir], packet->packets);
	}
}

static unsigned int nic_packet(struct kvmeter_nic *nic, enum kvmeter_net_dir dir,
			       struct sk_buff *skb, u32 link_len)
{
	struct kvmeter_packet packet = { .nic = nic, .link_len = link_len };
	unsigned int verdict;

	packet_measure(&packet, skb);
	verdict = kvmeter_act_net_packet(&nic->vm->net, dir, skb, &packet);
	if (verdict != NF_STOLEN)
		kvmeter_nic_count(dir, &packet, verdict == NF_ACCEPT);
	return verdict;
}

/* skb->data is behind the link header, and a VLAN tag was taken out. */
static unsigned int ingress_hook(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	return nic_packet(priv, KVMETER_NET_OUT, skb,
			  skb->mac_len + (skb_vlan_tag_present(skb) ? VLAN_HLEN : 0));
}

/* skb->data is the link header; a VLAN tag will be put in. */
static unsigned int egress_hook(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	return nic_packet(priv, KVMETER_NET_IN, skb, skb_vlan_tag_present(skb) ? VLAN_HLEN : 0);
}

/* devices: nic_lock */

static struct kvmeter_nic *nic_of(const struct net_device *dev)
{
	struct kvmeter_nic *nic;

	lockdep_assert_held(&nic_lock);
	list_for_each_entry(nic, &nics, node)
		if (nic->dev == dev)
			return nic;
	return NULL;
}

/* What others see of @nic is brought up to date. */
static void nic_tell(struct kvmeter_nic *nic)
{
	struct kvmeter_net *net = &nic->vm->net;
	struct kvmeter_nic *other;

	spin_lock(&net->lock);
	if (nic->dev) {
		strscpy(nic->name, nic->dev->name, sizeof(nic->name));
		nic->ifindex = nic->dev->ifindex;
		nic->netns_ino = dev_net(nic->dev)->ns.inum;
	}
	net->nr_nics = 0;
	net->no_hook[0] = '\0';
	list_for_each_entry(other, &net->nics, vm_node) {
		if (other->excluded || !other->dev)
			continue;
		net->nr_nics++;
		if (!other->hooked)
			snprintf(net->no_hook, sizeof(net->no_hook), "device %s has no hook",
				 other->name);
	}
	spin_unlock(&net->lock);
}

static int nic_hook(struct kvmeter_nic *nic)
{
	int dir, err;

	ASSERT_RTNL();
	if (nic->hooked)
		return 0;
	if (!KVMETER_NETDEV_HOOKS)
		return -EOPNOTSUPP;
	kvmeter_act_net_open(&nic->vm->net, nic);
	nic->net = dev_net(nic->dev);
	for (dir = 0; dir < KVMETER_NR_DIRS; dir++) {
		nic->ops[dir] = (struct nf_hook_ops) {
			.hook = dir == KVMETER_NET_IN ? egress_hook : ingress_hook,
			.pf = NFPROTO_NETDEV,
			.hooknum = dir == KVMETER_NET_IN ? NF_NETDEV_EGRESS : NF_NETDEV_INGRESS,
			.dev = nic->dev,
			.priv = nic,
			.priority = INT_MAX,
		};
		err = nf_register_net_hook(nic->net, &nic->ops[dir]);
		if (err)
			goto err_register;
	}
	nic->hooked = true;
	return 0;

err_register:
	if (dir)
		nf_unregister_net_hook(nic->net, &nic->ops[0]);
	return err;
}

static void nic_unhook(struct kvmeter_nic *nic)
{
	int dir;

	if (!nic->hooked)
		return;
	for (dir = 0; dir < KVMETER_NR_DIRS; dir++)
		nf_unregister_net_hook(nic->net, &nic->ops[dir]);
	nic->hooked = false;
	kvmeter_act_net_close(&nic->vm->net, nic);
}

/* Let go of the device; nics_reap() does the rest after a grace period. */
static void nic_drop(struct kvmeter_nic *nic)
{
	nic_unhook(nic);
	dev_put(nic->dev);
	nic->dev = NULL;
	list_move(&nic->node, &nics_gone);
	nic_tell(nic);
	queue_work(system_unbound_wq, &reap_work);
}

static void nic_free(struct kvmeter_nic *nic)
{
	free_percpu(nic->cpu);
	kfree(nic);
}

/* A new nic for @dev, on no list but its VM's; an error leaves nothing. */
static struct kvmeter_nic *nic_new(struct kvmeter_vm *vm, struct net_device *dev,
				   struct netlink_ext_ack *extack)
{
	struct kvmeter_nic *nic = kzalloc(sizeof(*nic), GFP_KERNEL);
	int err = -ENOMEM;

	if (!nic)
		return ERR_PTR(err);
	nic->cpu = alloc_percpu(struct kvmeter_nic_cpu);
	if (!nic->cpu)
		goto err_free;
	nic->vm = vm;
	nic->dev = dev;
	spin_lock(&vm->net.lock);
	if (vm->net.closed) {
		NL_SET_ERR_MSG(extack, "the VM is gone");
		err = -ENOENT;
	} else if (vm->net.nr_nics >= KVMETER_NICS_MAX) {
		NL_SET_ERR_MSG(extack, "no more devices can be bound to this VM");
		err = -ENOSPC;
	} else {
		list_add_tail(&nic->vm_node, &vm->net.nics);
		err = 0;
	}
	spin_unlock(&vm->net.lock);
	if (err)
		goto err_free;
	kvmeter_vm_get(vm);
	dev_hold(dev);
	list_add_tail(&nic->node, &nics);
	return nic;

err_free:
	nic_free(nic);
	return ERR_PTR(err);
}

static int nic_bind(struct kvmeter_vm *vm, struct net_device *dev, bool found,
		    struct netlink_ext_ack *extack)
{
	struct kvmeter_nic *nic = nic_of(dev);
	int err;

	if (nics_closed || dev->reg_state != NETREG_REGISTERED) {
		NL_SET_ERR_MSG(extack, "the device is being removed");
		return -ENODEV;
	}
	if (nic && found)
		return -EEXIST;
	if (nic && nic->vm != vm && !nic->excluded) {
		NL_SET_ERR_MSG(extack, "the device is bound to another VM");
		return -EBUSY;
	}
	if (nic && nic->vm != vm) {
		nic_drop(nic);
		nic = NULL;
	}
	if (!nic) {
		nic = nic_new(vm, dev, extack);
		if (IS_ERR(nic))
			return PTR_ERR(nic);
	}
	nic->excluded = false;
	nic->found = found;
	err = nic_hook(nic);
	if (err) {
		NL_SET_ERR_MSG(extack, "the device takes no hooks");
		nic_drop(nic);
		return err;
	}
	nic_tell(nic);
	return 0;
}

static int nic_unbind(struct kvmeter_vm *vm, struct net_device *dev,
		      struct netlink_ext_ack *extack)
{
	struct kvmeter_nic *nic = nic_of(dev);

	if (!nic || nic->vm != vm || nic->excluded) {
		NL_SET_ERR_MSG(extack, "the device is not bound to this VM");
		return -ENOENT;
	}
	nic_unhook(nic);
	nic->excluded = true;
	nic_tell(nic);
	return 0;
}

/* By the operator: the device with an index in a namespace. */
static int nic_command(struct kvmeter_vm *vm, int netns_fd, int ifindex, bool bind,
		       struct netlink_ext_ack *extack)
{
	struct net *net = netns_fd < 0 ? get_net(&init_net) : get_net_ns_by_fd(netns_fd);
	struct net_device *dev;
	int err;

	if (IS_ERR(net)) {
		NL_SET_ERR_MSG(extack, "this is no network namespace");
		return PTR_ERR(net);
	}
	rtnl_lock();
	dev = __dev_get_by_index(net, ifindex);
	if (dev) {
		mutex_lock(&nic_lock);
		err = bind ? nic_bind(vm, dev, false, extack) : nic_unbind(vm, dev, extack);
		mutex_unlock(&nic_lock);
	} else {
		NL_SET_ERR_MSG(extack, "no device has this index in the namespace");
		err = -ENODEV;
	}
	rtnl_unlock();
	put_net(net);
	return err;
}

/**
 * kvmeter_net_bind - make a device a VM's
 * @vm: the VM, referenced
 * @netns_fd: a file of its namespace; -1: the initial one
 * @ifindex: its index there
 * @extack: says why not
 *
 * Context: without kvmeter_lock.  Takes RTNL.
 * Return: 0 or -errno.
 */
int kvmeter_net_bind(struct kvmeter_vm *vm, int netns_fd, int ifindex,
		     struct netlink_ext_ack *extack)
{
	return nic_command(vm, netns_fd, ifindex, true, extack);
}

/* The reverse.  The device is not found again until it is bound by command. */
int kvmeter_net_unbind(struct kvmeter_vm *vm, int netns_fd, int ifindex,
		       struct netlink_ext_ack *extack)
{
	return nic_command(vm, netns_fd, ifindex, false, extack);
}

/* A tap that is open in the VMM.  Context: RTNL. */
void kvmeter_net_bind_found(struct kvmeter_vm *vm, struct net_device *dev)
{
	ASSERT_RTNL();
	mutex_lock(&nic_lock);
	nic_bind(vm, dev, true, NULL);
	mutex_unlock(&nic_lock);
}

/* Under RTNL.  May be told the same twice: at (un)registering the notifier all is replayed. */
static int net_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct kvmeter_nic *nic;

	if (event != NETDEV_REGISTER && event != NETDEV_UNREGISTER && event != NETDEV_CHANGENAME)
		return NOTIFY_DONE;
	mutex_lock(&nic_lock);
	nic = nic_of(dev);
	if (!nic)
		goto out;
	if (event == NETDEV_UNREGISTER && dev->reg_state != NETREG_REGISTERED) {
		nic_drop(nic);
		goto out;
	}
	if (event == NETDEV_UNREGISTER)
		nic_unhook(nic);
	else if (event == NETDEV_REGISTER && !nic->excluded)
		nic_hook(nic);	/* if it fails, no_hook says so */
	nic_tell(nic);
out:
	mutex_unlock(&nic_lock);
	return NOTIFY_DONE;
}

static struct notifier_block net_notifier = {
	.notifier_call = net_event,
};

/* VMs: kvmeter_lock */

static void counts_add(struct kvmeter_net_counts *sum, const struct kvmeter_nic *nic)
{
	const struct kvmeter_nic_cpu *c;
	unsigned int cpu;
	int dir;

	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(nic->cpu, cpu);
		for (dir = 0; dir < KVMETER_NR_DIRS; dir++) {
			sum->bytes[dir] += READ_ONCE(c->bytes[dir]);
			sum->packets[dir] += READ_ONCE(c->packets[dir]);
			sum->dropped_bytes[dir] += READ_ONCE(c->dropped_bytes[dir]);
			sum->dropped[dir] += READ_ONCE(c->dropped[dir]);
		}
	}
}

/* Work: what is left of nics whose device or VM is gone. */
static void nics_reap(struct work_struct *work)
{
	struct kvmeter_nic *nic, *next;
	LIST_HEAD(gone);

	mutex_lock(&nic_lock);
	list_for_each_entry_safe(nic, next, &nics, node)
		if (nics_closed || READ_ONCE(nic->vm->net.closed))
			nic_drop(nic);
	list_splice_init(&nics_gone, &gone);
	mutex_unlock(&nic_lock);
	if (list_empty(&gone))
		return;
	synchronize_rcu();
	list_for_each_entry_safe(nic, next, &gone, node) {
		struct kvmeter_net *net = &nic->vm->net;

		spin_lock(&net->lock);
		counts_add(&net->gone, nic);
		list_del(&nic->vm_node);
		spin_unlock(&net->lock);
		kvmeter_vm_put(nic->vm);
		nic_free(nic);
	}
}

/**
 * kvmeter_net_vm_init - a VM was first seen: its devices are looked for
 * @vm: the VM
 */
void kvmeter_net_vm_init(struct kvmeter_vm *vm)
{
	spin_lock_init(&vm->net.lock);
	INIT_LIST_HEAD(&vm->net.nics);
	kvmeter_act_net_init(&vm->net);
	kvmeter_net_find_soon();
}

/* A VM is gone.  Hooks are taken out by a work: that waits for other CPUs. */
void kvmeter_net_vm_gone(struct kvmeter_vm *vm)
{
	struct kvmeter_net *net = &vm->net;

	lockdep_assert_held(&kvmeter_lock);
	kvmeter_act_net_revert(vm);
	spin_lock(&net->lock);
	WRITE_ONCE(net->closed, true);
	spin_unlock(&net->lock);
	queue_work(system_unbound_wq, &reap_work);
}

/* The last reference on @vm is gone, so no nic is left. */
void kvmeter_net_vm_free(struct kvmeter_vm *vm)
{
	kvmeter_act_net_stop(&vm->net);
}

/* Bring what is known of @vm's traffic up to date; all but held_bytes never falls. */
void kvmeter_net_read(struct kvmeter_vm *vm)
{
	struct kvmeter_net *net = &vm->net;
	struct kvmeter_net_counts counts;
	struct kvmeter_nic *nic;
	int dir;

	lockdep_assert_held(&kvmeter_lock);
	spin_lock(&net->lock);
	counts = net->gone;
	list_for_each_entry(nic, &net->nics, vm_node)
		counts_add(&counts, nic);
	spin_unlock(&net->lock);
	for (dir = 0; dir < KVMETER_NR_DIRS; dir++) {
		counts.held_bytes[dir] = READ_ONCE(net->shaper[dir].held_bytes);
		counts.delayed_bytes[dir] = READ_ONCE(net->shaper[dir].delayed_bytes);
	}
	net->counts = counts;
}

/* resource: the stages' view, kvmeter_lock */

u64 kvmeter_net_used(const struct kvmeter_vm *vm)
{
	const struct kvmeter_net_counts *c = &vm->net.counts;

	return c->bytes[KVMETER_NET_IN] + c->bytes[KVMETER_NET_OUT];
}

/*
 * Of the busier direction.  Demand is what came, whatever became of it; where
 * a good part had to wait, senders that hold back would have sent more.
 */
void kvmeter_net_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns)
{
	const struct kvmeter_net_counts *c = &vm->net.counts, *from = &vm->net.period_counts;
	u64 passed, withheld;
	int dir;

	memset(s, 0, sizeof(*s));
	for (dir = 0; dir < KVMETER_NR_DIRS; dir++) {
		passed = c->bytes[dir] - from->bytes[dir];
		withheld = c->dropped_bytes[dir] - from->dropped_bytes[dir] +
			   kmc_sat_sub(c->held_bytes[dir], from->held_bytes[dir]);
		s->usage = max(s->usage, kvmeter_rate(passed, span_ns) >> 10);
		s->demand = max(s->demand, kvmeter_rate(passed + withheld, span_ns) >> 10);
		s->censored |= withheld + c->delayed_bytes[dir] - from->delayed_bytes[dir] >
			       passed / CENSOR_PART;
	}
}

void kvmeter_net_turn(struct kvmeter_vm *vm)
{
	vm->net.period_counts = vm->net.counts;
}

/**
 * kvmeter_net_show - the devices of a VM
 * @vm: the VM
 * @infos: room for KVMETER_NICS_MAX
 *
 * Return: how many.
 */
int kvmeter_net_show(const struct kvmeter_vm *vm, struct kvmeter_nic_info *infos)
{
	struct kvmeter_net *net = (struct kvmeter_net *)&vm->net;	/* for its lock */
	struct kvmeter_nic_info *info;
	struct kvmeter_nic *nic;
	int n = 0;

	spin_lock(&net->lock);
	list_for_each_entry(nic, &net->nics, vm_node) {
		if (nic->excluded || !nic->dev || n == KVMETER_NICS_MAX)
			continue;
		info = &infos[n++];
		*info = (struct kvmeter_nic_info) {
			.ifindex = nic->ifindex,
			.netns_ino = nic->netns_ino,
			.found = nic->found,
			.hooked = nic->hooked,
		};
		strscpy(info->name, nic->name, sizeof(info->name));
		counts_add(&info->counts, nic);
	}
	spin_unlock(&net->lock);
	return n;
}

/* Why no limit can be put on a VM's network; NULL: one can. */
const char *kvmeter_net_why(const struct kvmeter_vm *vm)
{
	const struct kvmeter_net *net = &vm->net;

	if (!READ_ONCE(net->nr_nics))
		return "no device is bound";
	return net->no_hook[0] ? net->no_hook : NULL;
}

int __init kvmeter_net_init(void)
{
	return register_netdevice_notifier(&net_notifier);
}

/**
 * kvmeter_net_exit - let go of all devices
 *
 * The period and the commands have ended.  VMs may still be there.
 */
void kvmeter_net_exit(void)
{
	kvmeter_net_find_exit();
	unregister_netdevice_notifier(&net_notifier);
	mutex_lock(&nic_lock);
	nics_closed = true;
	mutex_unlock(&nic_lock);
	/* a nic that was dropped asks for the work again: the last run leaves none */
	cancel_work_sync(&reap_work);
	nics_reap(NULL);
	cancel_work_sync(&reap_work);
}
