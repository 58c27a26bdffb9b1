// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/kvmeter: the VM's own side.
 *
 * The holder of a KVM descriptor holds the VM (attach.c).
 * Documentation/ioctl.rst has the interface.
 *
 * A file holds a reference on the VM, not on its struct kvm: it does not keep a
 * VM from ending.  A file, and a mapping by the file, holds this module: it is not
 * unloaded while one is open, so nothing here outlives it.
 */
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include <uapi/linux/kvmeter.h>

#include "api/tenant/attach.h"
#include "api/tenant/call.h"
#include "api/tenant/file.h"
#include "api/tenant/ioctl.h"
#include "api/tenant/page.h"
#include "api/tenant/wake.h"
#include "period/notify.h"
#include "vm/log.h"
#include "vm/vm.h"

/* the listener */

static void tell(struct kvmeter_vm *vm, u32 event)
{
	if (vm->tenants)
		kvmeter_tenant_tell(vm->tenants, event);
}

static void tenant_over(struct kvmeter_vm *vm)
{
	kvmeter_page_update(vm);
	tell(vm, KVMETER_EVENT_GONE);
}

static void tenant_gone(struct kvmeter_vm *vm)
{
	/* told when it was over; if not, the module goes */
	if (!vm->over)
		tenant_over(vm);
}

static void tenant_adjusted(struct kvmeter_vm *vm, const struct kvmeter_adjustment *a)
{
	if (!a->would)
		tell(vm, KVMETER_EVENT_ADJUSTMENT);
}

static void tenant_priced(struct kvmeter_vm *vm, const struct kvmeter_price_change *c)
{
	tell(vm, KVMETER_EVENT_PRICE);
}

static void tenant_budget(struct kvmeter_vm *vm, u32 events)
{
	tell(vm, KVMETER_EVENT_BUDGET);
}

/* The VM's last reference is gone, so no file of it is open. */
static void tenant_free(struct kvmeter_vm *vm)
{
	kvmeter_tenants_put(vm->tenants);
}

const struct kvmeter_listener kvmeter_tenant_listener = {
	.over = tenant_over,
	.gone = tenant_gone,
	.adjusted = tenant_adjusted,
	.priced = tenant_priced,
	.budget = tenant_budget,
	.own_budget = tenant_budget,
	.settled = kvmeter_page_update,
	.free = tenant_free,
};

/* the file */

static int chardev_open(struct inode *inode, struct file *file)
{
	struct kvmeter_tenant *t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);

	if (!t)
		return -ENOMEM;
	init_waitqueue_head(&t->wait);
	mutex_init(&t->lock);
	file->private_data = t;
	return nonseekable_open(inode, file);
}

static int chardev_release(struct inode *inode, struct file *file)
{
	struct kvmeter_tenant *t = file->private_data;

	kvmeter_tenant_detach(t);
	if (t->eventfd)
		eventfd_ctx_put(t->eventfd);
	kfree(t);
	return 0;
}

static __poll_t chardev_poll(struct file *file, poll_table *wait)
{
	struct kvmeter_tenant *t = file->private_data;
	struct kvmeter_vm *vm;
	__poll_t mask = 0;

	poll_wait(file, &t->wait, wait);
	vm = kvmeter_tenant_vm(t);
	if (READ_ONCE(t->events))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (vm && kvmeter_tenant_vm_gone(vm))
		mask |= EPOLLHUP;
	return mask;
}

static int chardev_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct kvmeter_tenant *t = file->private_data;
	struct kvmeter_vm *vm = kvmeter_tenant_vm(t);

	if (!vm)
		return -ENOTCONN;
	if (kvmeter_tenant_vm_gone(vm))
		return -ENODEV;
	return kvmeter_page_mmap(t, vma);
}

static long chardev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return kvmeter_tenant_ioctl(file->private_data, cmd, arg);
}

static const struct file_operations chardev_fops = {
	.owner = THIS_MODULE,
	.open = chardev_open,
	.release = chardev_release,
	.unlocked_ioctl = chardev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = chardev_mmap,
	.poll = chardev_poll,
};

/*
 * For those that may have a descriptor of KVM's: udev gives it to the group kvm.
 * What it does is decided by what is attached.
 */
static struct miscdevice chardev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "kvmeter",
	.fops = &chardev_fops,
	.mode = 0660,
};

/**
 * kvmeter_chardev_init - make /dev/kvmeter
 *
 * Context: last of all: once it can be opened, there is no way back but unloading.
 * Return: 0 or -errno.
 */
int kvmeter_chardev_init(void)
{
	int err = kvmeter_tenant_call_init();

	if (err)
		return err;
	err = misc_register(&chardev);
	if (err)
		kvmeter_tenant_call_exit();
	return err;
}

/** kvmeter_chardev_exit - no file of it is open: one would hold the module */
void kvmeter_chardev_exit(void)
{
	misc_deregister(&chardev);
	kvmeter_tenant_call_exit();
}
