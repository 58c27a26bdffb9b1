// SPDX-License-Identifier: GPL-2.0
/*
 * Attach: a descriptor of KVM's proves that its holder holds the VM.
 *
 * That needs no capability.  An open file is attached by it to one VM, once.
 * From then on the file is a handle of that VM and of nothing else.  It stays
 * so in a process that it is passed to.
 *
 * What makes a descriptor one of KVM's: it is an anonymous file of a VM's or a
 * vCPU's name.  Its private data must be the very VM that is known to us, or a
 * vCPU of one.  The pointer is compared with those, not followed, so a file that
 * only looks like one leads nowhere.  KVM has a function that tells
 * (file_is_kvm()), but from 6.18 on for itself, and none where it is built in.
 */
#include <linux/anon_inodes.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/kvm_host.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <uapi/linux/kvmeter.h>

#include "api/tenant/arg.h"
#include "api/tenant/attach.h"
#include "api/tenant/call.h"
#include "api/tenant/page.h"
#include "api/tenant/wake.h"
#include "base/rate.h"
#include "vm/vm.h"

#define ATTACH_INTERVAL_NS	(5 * NSEC_PER_MSEC)	/* attempts per user: 200 per s ... */
#define ATTACH_BURST		400			/* ... and 400 at once */
#define ATTACH_BITS		8			/* users share 256 limits, by hash */
#define ATTACH_SIZE_VER0	16	/* the size of the argument's first version */

/*
 * An attempt looks at every vCPU of the host in the worst case, 0.1 ms with 8 000, and
 * the VM whose calls are counted is not known before.  So attempts are counted by
 * user: 200 a second are 2 % of a CPU.  Who is refused is told to try again, as one
 * whose VM is not known yet.
 */
static struct kvmeter_rate attach_rate[1 << ATTACH_BITS];

/**
 * struct attach - what to attach to
 * @kvm: not NULL: a pointer to compare with VMs'
 * @vcpu: a pointer to compare with vCPUs'
 * @tenants: for the VM, if it has none yet; NULL when they were taken
 * @vm_id: set
 */
struct attach {
	const struct kvm *kvm;
	const struct kvm_vcpu *vcpu;
	struct kvmeter_tenants *tenants;
	u32 vm_id;
};

/* Of the caller's account, as the VM's first. */
static struct kvmeter_tenants *tenants_new(void)
{
	struct kvmeter_tenants *all = kzalloc(sizeof(*all), GFP_KERNEL_ACCOUNT);

	if (!all)
		return NULL;
	INIT_LIST_HEAD(&all->files);
	kvmeter_tenant_wake_init(all);
	all->page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!all->page) {
		kfree(all);
		return NULL;
	}
	return all;
}

/**
 * kvmeter_tenants_put - no file of theirs is open, or ever was
 * @all: what they shared, or NULL
 *
 * A mapping may still hold the page.
 */
void kvmeter_tenants_put(struct kvmeter_tenants *all)
{
	if (!all)
		return;
	__free_page(all->page);
	kfree(all);
}

static bool vm_matches(const struct kvmeter_vm *vm, const struct attach *a)
{
	struct kvm_vcpu *vcpu;
	unsigned long i;

	/* a VM that is listed has slots, and each of them a reference on its kvm */
	if (a->kvm)
		return vm->kvm == a->kvm;
	kvm_for_each_vcpu(i, vcpu, vm->kvm)
		if (vcpu == a->vcpu)
			return true;
	return false;
}

static struct kvmeter_vm *attach_find(const struct attach *a)
{
	struct kvmeter_vm *vm;

	list_for_each_entry(vm, &kvmeter_vms, node)
		if (!vm->over && vm_matches(vm, a))
			return vm;
	return NULL;
}

static int attach(struct kvmeter_tenant *t, void *arg)
{
	struct attach *a = arg;
	struct kvmeter_vm *vm;

	if (t->vm)
		return -EISCONN;
	vm = attach_find(a);
	if (!vm)
		return -EAGAIN;
	if (vm->tenants && vm->tenants->nr_files >= KVMETER_TENANTS_MAX)
		return -EMFILE;
	if (!vm->tenants)
		swap(vm->tenants, a->tenants);
	kvmeter_page_update(vm);
	list_add_tail(&t->node, &vm->tenants->files);
	vm->tenants->nr_files++;
	a->vm_id = vm->id;
	/* the tenants first: pairs with kvmeter_tenant_vm() */
	smp_store_release(&t->vm, kvmeter_vm_get(vm));
	return 0;
}

/* Does it look like a file that KVM made? */
static bool is_kvm_file(struct file *file)
{
	static const char * const owners[] = { "kvm", "kvm_amd", "kvm_intel" };
	const struct module *owner = file->f_op->owner;

	/* none before 6.7, nor where KVM is built in */
	if (owner && match_string(owners, ARRAY_SIZE(owners), owner->name) < 0)
		return false;
	return file_inode(file)->i_sb->s_magic == ANON_INODE_FS_MAGIC;
}

static int attach_file(struct kvmeter_tenant *t, struct file *file, u32 *vm_id)
{
	const char *name = file->f_path.dentry->d_name.name;
	struct attach a = {};
	int err;

	if (!is_kvm_file(file))
		return -EINVAL;
	if (!strcmp(name, "kvm-vm"))
		a.kvm = file->private_data;
	else if (!strncmp(name, "kvm-vcpu:", 9))
		a.vcpu = file->private_data;
	else
		return -EINVAL;
	a.tenants = tenants_new();
	if (!a.tenants)
		return -ENOMEM;
	err = kvmeter_tenant_call(t, attach, &a);
	kvmeter_tenants_put(a.tenants);
	*vm_id = a.vm_id;
	return err;
}

/**
 * kvmeter_tenant_attach - KVMETER_IOC_ATTACH
 * @t: the open file
 * @user: struct kvmeter_ioc_attach
 *
 * Return: 0; -EISCONN: the file is attached already; -EBADF: no descriptor;
 * -EINVAL: not one of KVM's; -EAGAIN: not one of a VM that is known (yet), or the user
 * tried too often;
 * -EMFILE: the VM has KVMETER_TENANTS_MAX files; -ENOMEM; or as kvmeter_arg_read().
 */
int kvmeter_tenant_attach(struct kvmeter_tenant *t, void __user *user)
{
	struct kvmeter_ioc_attach arg;
	struct file *file;
	u32 usize;
	int err;

	BUILD_BUG_ON(sizeof(arg) != ATTACH_SIZE_VER0);
	err = kvmeter_arg_read(&arg, sizeof(arg), ATTACH_SIZE_VER0, user, &usize);
	if (err)
		return err;
	if (arg.flags || !KVMETER_REST_IS_ZERO(kvmeter_ioc_attach, &arg, fd))
		return -EINVAL;
	if (kvmeter_tenant_vm(t))
		return -EISCONN;
	if (kvmeter_rate_take(&attach_rate[hash_32(from_kuid(&init_user_ns, current_uid()),
						   ATTACH_BITS)],
			      ktime_get_ns(), ATTACH_INTERVAL_NS, ATTACH_BURST))
		return -EAGAIN;
	file = fget(arg.fd);
	if (!file)
		return -EBADF;
	err = attach_file(t, file, &arg.vm_id);
	fput(file);
	return err ? err : kvmeter_arg_write(&arg, sizeof(arg), user, usize);
}

static int detach(struct kvmeter_tenant *t, void *arg)
{
	list_del(&t->node);
	t->vm->tenants->nr_files--;
	return 0;
}

/**
 * kvmeter_tenant_detach - the file is closed
 * @t: the open file, attached or not
 */
void kvmeter_tenant_detach(struct kvmeter_tenant *t)
{
	if (!t->vm)
		return;
	kvmeter_tenant_call(t, detach, NULL);
	/* it may have begun with this file in its list */
	flush_work(&t->vm->tenants->wake);
	kvmeter_vm_put(t->vm);
}
