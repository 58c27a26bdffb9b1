// SPDX-License-Identifier: GPL-2.0
/*
 * Finding the taps of a VM.
 *
 * The problem.  Nothing in a device says whose guest is behind it.  But a VMM
 * holds its tap open, also where vhost moves the packets.
 *
 * What the driver tells.  tun_get_socket() says whether a file is a tap, and
 * its socket knows the namespace that the file was opened in.  The device behind
 * it is private, but the driver shows the device's name in the file's fdinfo.
 * We ask for that in place of /proc.  The device of that name in that namespace,
 * if it is of the tun driver, is the one.  A work looks through the files of each
 * VM's process at its birth and every few seconds, as the driver takes RTNL to
 * answer.
 *
 * Other devices the operator must bind: macvtap, a port of vhost-user, the
 * representor of a virtual function.  So must a tap be that was moved to
 * another namespace before it was found.  The devices of a process with several
 * VMs go to the oldest.
 */
#include <linux/fdtable.h>
#include <linux/fs.h>
#include <linux/if_tun.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>
#include <net/rtnetlink.h>
#include <net/sock.h>

#include "base/host.h"
#include "cpu/slot.h"
#include "net/find.h"
#include "net/nic.h"
#include "vm/vm.h"

#define FIND_FIRST_MS	100	/* a VM's birth to the first look at its files */
#define FIND_AGAIN_MS	3000	/* devices are plugged while a guest runs */

static void nics_find(struct work_struct *work);
static DECLARE_DELAYED_WORK(find_work, nics_find);

/**
 * struct tap_files - the taps that a VMM holds open
 * @socket_of: the driver's function
 * @file: referenced
 * @n: how many
 */
struct tap_files {
	struct socket *(*socket_of)(struct file *file);
	struct file *file[KVMETER_NICS_MAX];
	unsigned int n;
};

/* Under task_lock and file_lock */
static int tap_collect(const void *arg, struct file *file, unsigned int fd)
{
	struct tap_files *files = (struct tap_files *)arg;

	if (IS_ERR(files->socket_of(file)))
		return 0;
	files->file[files->n++] = get_file(file);
	return files->n == ARRAY_SIZE(files->file);
}

/* The name of the device that a tap's file is attached to; false: to none. */
static bool tap_name(struct file *file, char *name)
{
	char text[64] = "";
	struct seq_file seq = { .buf = text, .size = sizeof(text) };

	if (!file->f_op->show_fdinfo)
		return false;
	file->f_op->show_fdinfo(&seq, file);
	text[min(seq.count, sizeof(text) - 1)] = '\0';
	return sscanf(text, "iff:\t%15s", name) == 1;
}

static void tap_bind(struct kvmeter_vm *vm, struct file *file, struct net *net)
{
	char name[IFNAMSIZ];
	struct net_device *dev;

	if (!tap_name(file, name))
		return;
	rtnl_lock();
	dev = __dev_get_by_name(net, name);
	if (dev && dev->rtnl_link_ops && !strcmp(dev->rtnl_link_ops->kind, "tun"))
		kvmeter_nic_bind(vm, dev, true, NULL);
	rtnl_unlock();
}

/* Look through the files of @task, a vCPU thread of @vm. */
static void vm_find(struct kvmeter_vm *vm, struct task_struct *task, struct tap_files *files)
{
	unsigned int i;

	files->n = 0;
	task_lock(task);
	if (task->files)
		iterate_fd(task->files, 0, tap_collect, files);
	task_unlock(task);
	for (i = 0; i < files->n; i++) {
		tap_bind(vm, files->file[i], sock_net(files->socket_of(files->file[i])->sk));
		fput(files->file[i]);
	}
}

/*
 * The VM with the smallest id of at least @id to be looked at, and a thread of
 * it, both referenced.
 */
static struct kvmeter_vm *vm_to_look_at(u32 id, struct task_struct **task)
{
	struct kvmeter_slot *slot;
	struct kvmeter_vm *vm;

	rt_mutex_lock(&kvmeter_lock);
	for (vm = kvmeter_vm_next(id); vm; vm = kvmeter_vm_next(vm->id + 1)) {
		slot = list_first_entry_or_null(&vm->slots, struct kvmeter_slot, node);
		if (!slot || vm->over || !list_is_first(&vm->group_node, &vm->group->vms))
			continue;
		kvmeter_vm_get(vm);
		*task = get_task_struct(slot->task);
		break;
	}
	rt_mutex_unlock(&kvmeter_lock);
	return vm;
}

static struct socket *(*tun_socket_get(void))(struct file *file)
{
#if IS_ENABLED(CONFIG_TUN)
	return symbol_get(tun_get_socket);
#else
	return NULL;
#endif
}

static void tun_socket_put(void)
{
#if IS_ENABLED(CONFIG_TUN)
	symbol_put(tun_get_socket);
#endif
}

/* Work: look for the taps of all VMs. */
static void nics_find(struct work_struct *work)
{
	struct tap_files files = { .socket_of = tun_socket_get() };
	struct task_struct *task;
	struct kvmeter_vm *vm;
	bool any;
	u32 id;

	if (files.socket_of) {	/* else there are none */
		for (id = 0; (vm = vm_to_look_at(id, &task)); id = vm->id + 1) {
			vm_find(vm, task, &files);
			put_task_struct(task);
			kvmeter_vm_put(vm);
		}
		tun_socket_put();
	}
	rt_mutex_lock(&kvmeter_lock);
	any = kvmeter_nr_vms();
	rt_mutex_unlock(&kvmeter_lock);
	if (any)
		queue_delayed_work(system_dfl_wq, &find_work, msecs_to_jiffies(FIND_AGAIN_MS));
}

/* kvmeter_net_find_soon - a VM was first seen: look for its taps.  Does not wait */
void kvmeter_net_find_soon(void)
{
	mod_delayed_work(system_dfl_wq, &find_work, msecs_to_jiffies(FIND_FIRST_MS));
}

/* kvmeter_net_find_exit - look no more.  The period has ended; sleeps */
void kvmeter_net_find_exit(void)
{
	cancel_delayed_work_sync(&find_work);
}
