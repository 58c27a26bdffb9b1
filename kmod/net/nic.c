// SPDX-License-Identifier: GPL-2.0
/*
 * Devices: which are a VM's, from binding until the last packet is gone.
 *
 * The problem.  A VMM's packets pass through a device of the host, mostly a
 * tap, whether its own code or vhost moves them.  The device knows nothing of
 * the VM.  It may be renamed, moved to another namespace or deleted at any
 * time, and the VM may die before it.
 *
 * A device belongs to one VM: the first.  find.c finds taps and binds them.  The
 * operator may bind any device, and unbind one that was found.
 *
 * Lifetime.  A bound device is referenced, and a notifier lets go of it when
 * it is unregistered, within that call, so nobody waits for us.  A move to
 * another namespace looks like that too (NETDEV_UNREGISTER, then REGISTER), but
 * for reg_state, which tells them apart; the hooks follow.
 *
 * Binding is done under RTNL, so a device that is seen registered has its
 * notice of unregistering still to come.
 *
 * Why nothing still uses a nic when it is freed: its hooks are out and its held
 * packets dropped, then a grace period passes.  Hooks, and the timer that
 * passes packets on, run as RCU readers.  (For the device itself that grace
 * period is the core's, after the notifiers.)
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "net/hook.h"
#include "net/net.h"
#include "net/nic.h"
#include "net/packet.h"
#include "vm/vm.h"

/*
 * nic_lock protects the next three and, with exceptions that struct kvmeter_nic
 * names, every nic.  RTNL is taken before it, kvmeter_lock is not held with it.
 */
static DEFINE_MUTEX(nic_lock);
static LIST_HEAD(nics);
static LIST_HEAD(nics_gone);
static bool nics_closed;

static void nics_reap(struct work_struct *work);
static DECLARE_WORK(reap_work, nics_reap);

/**
 * struct kvmeter_nic - a device bound to a VM; under nic_lock unless said otherwise
 * @node: all, or those that are gone
 * @vm_node: in net->nics; net->lock
 * @vm: the VM, referenced; fixed
 * @dev: the device, referenced; NULL: it is gone
 * @hook: its hooks; the port's counters without a lock
 * @found: kvmeter itself bound it
 * @excluded: unbound by the operator: not to be found again
 * @shown: it is bound and there; also net->lock
 * @info: what is shown, but for the counts; also net->lock
 */
struct kvmeter_nic {
	struct list_head node;
	struct list_head vm_node;
	struct kvmeter_vm *vm;
	struct net_device *dev;
	struct kvmeter_hook hook;
	bool found;
	bool excluded;
	bool shown;
	struct kvmeter_nic_info info;
};

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
	struct kvmeter_net *net = nic->vm->net;
	struct kvmeter_nic *other;

	spin_lock(&net->lock);
	nic->shown = nic->dev && !nic->excluded;
	nic->info.found = nic->found;
	nic->info.hooked = nic->hook.on;
	if (nic->dev) {
		strscpy(nic->info.name, nic->dev->name, sizeof(nic->info.name));
		nic->info.ifindex = nic->dev->ifindex;
		nic->info.netns_ino = dev_net(nic->dev)->ns.inum;
	}
	net->nr_nics = 0;
	net->no_hook[0] = '\0';
	list_for_each_entry(other, &net->nics, vm_node) {
		if (!other->shown)
			continue;
		net->nr_nics++;
		if (!other->info.hooked)
			snprintf(net->no_hook, sizeof(net->no_hook), "device %s has no hook",
				 other->info.name);
	}
	spin_unlock(&net->lock);
}

/* Let go of the device; nics_reap() does the rest after a grace period. */
static void nic_drop(struct kvmeter_nic *nic)
{
	kvmeter_hook_close(&nic->hook);
	dev_put(nic->dev);
	nic->dev = NULL;
	list_move(&nic->node, &nics_gone);
	nic_tell(nic);
	queue_work(system_dfl_wq, &reap_work);
}

static void nic_free(struct kvmeter_nic *nic)
{
	kvmeter_port_free(&nic->hook.port);
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
	if (kvmeter_port_init(&nic->hook.port))
		goto err_free;
	nic->hook.shapers = &vm->net->shapers;
	nic->vm = vm;
	nic->dev = dev;
	spin_lock(&vm->net->lock);
	if (vm->net->closed) {
		NL_SET_ERR_MSG(extack, "the VM is gone");
		err = -ENOENT;
	} else if (vm->net->nr_nics >= KVMETER_NICS_MAX) {
		NL_SET_ERR_MSG(extack, "no more devices can be bound to this VM");
		err = -ENOSPC;
	} else {
		list_add_tail(&nic->vm_node, &vm->net->nics);
		err = 0;
	}
	spin_unlock(&vm->net->lock);
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
	err = kvmeter_hook_open(&nic->hook, dev);
	if (err) {
		NL_SET_ERR_MSG(extack, "the device takes no hooks");
		nic_drop(nic);
		return err;
	}
	nic_tell(nic);
	return 0;
}

/**
 * kvmeter_nic_bind - make a device a VM's
 * @vm: the VM, referenced
 * @dev: the device
 * @found: it is a tap that the VMM holds open: stays as it is if it is bound, or
 *         was unbound by the operator
 * @extack: says why not; NULL: nobody asks
 *
 * Context: RTNL; without kvmeter_lock.
 * Return: 0 or -errno.
 */
int kvmeter_nic_bind(struct kvmeter_vm *vm, struct net_device *dev, bool found,
		     struct netlink_ext_ack *extack)
{
	int err;

	ASSERT_RTNL();
	mutex_lock(&nic_lock);
	err = nic_bind(vm, dev, found, extack);
	mutex_unlock(&nic_lock);
	return err;
}

/**
 * kvmeter_nic_unbind - a device is a VM's no more
 * @vm: the VM
 * @dev: the device; is not found again
 * @extack: says why not
 *
 * Context: RTNL; without kvmeter_lock.
 * Return: 0; -ENOENT: it is not bound to @vm.
 */
int kvmeter_nic_unbind(struct kvmeter_vm *vm, struct net_device *dev,
		       struct netlink_ext_ack *extack)
{
	struct kvmeter_nic *nic;
	int err = -ENOENT;

	ASSERT_RTNL();
	mutex_lock(&nic_lock);
	nic = nic_of(dev);
	if (nic && nic->vm == vm && !nic->excluded) {
		kvmeter_hook_close(&nic->hook);
		nic->excluded = true;
		nic_tell(nic);
		err = 0;
	} else {
		NL_SET_ERR_MSG(extack, "the device is not bound to this VM");
	}
	mutex_unlock(&nic_lock);
	return err;
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
		kvmeter_hook_close(&nic->hook);
	else if (event == NETDEV_REGISTER && !nic->excluded)
		kvmeter_hook_open(&nic->hook, dev);	/* if it fails, no_hook says so */
	nic_tell(nic);
out:
	mutex_unlock(&nic_lock);
	return NOTIFY_DONE;
}

static struct notifier_block net_notifier = {
	.notifier_call = net_event,
};

/* Work: what is left of nics whose device or VM is gone. */
static void nics_reap(struct work_struct *work)
{
	struct kvmeter_nic *nic, *next;
	LIST_HEAD(gone);

	mutex_lock(&nic_lock);
	list_for_each_entry_safe(nic, next, &nics, node)
		if (nics_closed || READ_ONCE(nic->vm->net->closed))
			nic_drop(nic);
	list_splice_init(&nics_gone, &gone);
	mutex_unlock(&nic_lock);
	if (list_empty(&gone))
		return;
	synchronize_rcu();
	list_for_each_entry_safe(nic, next, &gone, node) {
		struct kvmeter_net *net = nic->vm->net;

		spin_lock(&net->lock);
		kvmeter_port_sum(&nic->hook.port, &net->gone);
		list_del(&nic->vm_node);
		spin_unlock(&net->lock);
		kvmeter_vm_put(nic->vm);
		nic_free(nic);
	}
}

/* VMs: kvmeter_lock */

/**
 * kvmeter_nics_vm_gone - a VM is gone: let go of its devices, bind no more
 * @vm: the VM
 *
 * A work takes the hooks out, as that waits for other CPUs.
 */
void kvmeter_nics_vm_gone(struct kvmeter_vm *vm)
{
	spin_lock(&vm->net->lock);
	WRITE_ONCE(vm->net->closed, true);
	spin_unlock(&vm->net->lock);
	queue_work(system_dfl_wq, &reap_work);
}

/**
 * kvmeter_nics_sum - what passed all devices of a VM
 * @vm: the VM
 * @sum: set to it, devices that are gone included; what waits is 0
 */
void kvmeter_nics_sum(struct kvmeter_vm *vm, struct kvmeter_net_counts *sum)
{
	struct kvmeter_nic *nic;

	spin_lock(&vm->net->lock);
	*sum = vm->net->gone;
	list_for_each_entry(nic, &vm->net->nics, vm_node)
		kvmeter_port_sum(&nic->hook.port, sum);
	spin_unlock(&vm->net->lock);
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
	struct kvmeter_net *net = vm->net;
	struct kvmeter_nic *nic;
	int n = 0;

	spin_lock(&net->lock);
	list_for_each_entry(nic, &net->nics, vm_node) {
		if (!nic->shown || n == KVMETER_NICS_MAX)
			continue;
		infos[n] = nic->info;
		kvmeter_port_sum(&nic->hook.port, &infos[n].counts);
		n++;
	}
	spin_unlock(&net->lock);
	return n;
}

/**
 * kvmeter_nics_init - follow the host's devices
 *
 * Return: 0 or -errno.
 */
int kvmeter_nics_init(void)
{
	return register_netdevice_notifier(&net_notifier);
}

/**
 * kvmeter_nics_exit - let go of all devices
 *
 * Context: nothing binds any more.  VMs may still be there.  Sleeps.
 */
void kvmeter_nics_exit(void)
{
	unregister_netdevice_notifier(&net_notifier);
	mutex_lock(&nic_lock);
	nics_closed = true;
	mutex_unlock(&nic_lock);
	/* a nic that was dropped asks for the work again: the last run leaves none */
	cancel_work_sync(&reap_work);
	nics_reap(NULL);
	cancel_work_sync(&reap_work);
}
