// SPDX-License-Identifier: GPL-2.0
/*
 * sysfs: /sys/kernel/kvmeter, one value per file, units in the names.
 * Documentation/ABI/testing/sysfs-kvmeter describes each.
 *
 * Removal of a directory waits for whoever is in a file of it, and that may be
 * one who waits for kvmeter_lock.  So a VM appears and vanishes without the lock.
 */
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "api/sysfs.h"
#include "api/sysfs_attr.h"
#include "api/sysfs_owner.h"
#include "api/sysfs_vm.h"
#include "base/host.h"
#include "base/version.h"
#include "core/units.h"
#include "period/gap.h"
#include "period/notify.h"
#include "period/settings.h"
#include "vm/log.h"
#include "vm/vm.h"

static struct kobject *root;	/* /sys/kernel/kvmeter */
static struct kobject *vms;	/* /sys/kernel/kvmeter/vms */

/* the listener: a VM's directory comes and goes, pollers of its files wake up */

/* From here on settlements are shown there; or no more. */
static void sysfs_attach(struct kvmeter_vm *vm, struct kvmeter_sysfs *dir)
{
	rt_mutex_lock(&kvmeter_lock);
	vm->sysfs = dir;
	if (dir)
		kvmeter_shown_write(&dir->shown, vm);
	rt_mutex_unlock(&kvmeter_lock);
}

static int sysfs_appear(struct kvmeter_vm *vm)
{
	struct kvmeter_sysfs *dir = kzalloc(sizeof(*dir), GFP_KERNEL);
	int err;

	if (!dir)
		return -ENOMEM;
	/* for the directory, until it is released */
	dir->vm = kvmeter_vm_get(vm);
	kvmeter_shown_init(&dir->shown);
	sysfs_attach(vm, dir);
	err = kobject_init_and_add(&dir->kobj, &kvmeter_sysfs_vm_type, vms, "%u", vm->id);
	if (err) {
		sysfs_attach(vm, NULL);
		kobject_put(&dir->kobj);
		return err;
	}
	kvmeter_polled_find(&dir->polled, dir->kobj.sd);
	return 0;
}

static void sysfs_vanish(struct kvmeter_vm *vm)
{
	struct kvmeter_sysfs *dir = vm->sysfs;

	kobject_del(&dir->kobj);
	sysfs_attach(vm, NULL);
	kobject_put(&dir->kobj);
}

/* Not yet or no more in sysfs: nobody can have a file of it open. */
static bool is_shown(const struct kvmeter_vm *vm)
{
	return vm->appeared && !vm->dead;
}

/* Takes no lock that a reader of sysfs holds (sysfs_polled.c). */
static void wake_pollers(struct kernfs_node *file)
{
	if (file)
		sysfs_notify_dirent(file);
}

static void sysfs_adjusted(struct kvmeter_vm *vm, const struct kvmeter_adjustment *a)
{
	if (a->would || !is_shown(vm))
		return;
	wake_pollers(vm->sysfs->polled.grant[a->resource]);
	wake_pollers(vm->sysfs->polled.state);
}

static void sysfs_priced(struct kvmeter_vm *vm, const struct kvmeter_price_change *c)
{
	if (is_shown(vm))
		wake_pollers(vm->sysfs->polled.price);
}

static void sysfs_budget(struct kvmeter_vm *vm, u32 events)
{
	if (is_shown(vm))
		wake_pollers(vm->sysfs->polled.state);
}

static void sysfs_settled(struct kvmeter_vm *vm)
{
	if (vm->sysfs)
		kvmeter_shown_write(&vm->sysfs->shown, vm);
}

const struct kvmeter_listener kvmeter_sysfs_listener = {
	.appear = sysfs_appear,
	.vanish = sysfs_vanish,
	.adjusted = sysfs_adjusted,
	.priced = sysfs_priced,
	.budget = sysfs_budget,
	.own_budget = sysfs_budget,
	.settled = sysfs_settled,
};

/* the host's files */

static void dir_release(struct kobject *kobj)
{
	kfree(kobj);
}

static ssize_t version_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", KVMETER_VERSION);
}

static ssize_t epoch_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", kvmeter_epoch);
}

static ssize_t period_ns_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(kvmeter_conf.period_ns));
}

static ssize_t period_ns_store(struct kobject *kobj, struct kobj_attribute *attr,
			       const char *buf, size_t count)
{
	struct kvmeter_conf conf;
	u64 period_ns;
	int err = kstrtou64(buf, 10, &period_ns);

	if (err)
		return err;
	if (period_ns < KVMETER_PERIOD_MIN_NS || period_ns > KVMETER_PERIOD_MAX_NS)
		return -ERANGE;
	if (rt_mutex_lock_interruptible(&kvmeter_lock))
		return -ERESTARTSYS;
	conf = kvmeter_conf;
	conf.period_ns = period_ns;
	kvmeter_host_commit(&conf);
	rt_mutex_unlock(&kvmeter_lock);
	return count;
}

/* The gaps between periods: each is written by the period and read as it is. */
#define GAP_RO(_name, _value)								\
static ssize_t _name##_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)\
{											\
	return sysfs_emit(buf, "%llu\n", READ_ONCE(_value));				\
}											\
static struct kobj_attribute _name##_attr = __ATTR_RO_MODE(_name, VM_MODE_RO)

GAP_RO(longest_gap_ns, kvmeter_gaps.longest_ns);
GAP_RO(periods_late, kvmeter_gaps.late);
GAP_RO(periods_lapsed, kvmeter_gaps.lapsed);

static struct kobj_attribute version_attr = __ATTR_RO_MODE(version, VM_MODE_RO);
static struct kobj_attribute epoch_attr = __ATTR_RO_MODE(epoch, VM_MODE_RO);
static struct kobj_attribute period_ns_attr = __ATTR_RW_MODE(period_ns, VM_MODE_RW);

static const struct kobj_type dir_type = {
	.sysfs_ops = &kobj_sysfs_ops,
	.release = dir_release,
	.get_ownership = kvmeter_sysfs_owner,
};

static struct kobject *dir_make(const char *name, struct kobject *parent)
{
	struct kobject *dir = kzalloc(sizeof(*dir), GFP_KERNEL);

	if (!dir)
		return NULL;
	if (!kobject_init_and_add(dir, &dir_type, parent, "%s", name))
		return dir;
	kobject_put(dir);
	return NULL;
}

static struct attribute *root_attrs[] = {
	&version_attr.attr,
	&epoch_attr.attr,
	&period_ns_attr.attr,
	&longest_gap_ns_attr.attr,
	&periods_late_attr.attr,
	&periods_lapsed_attr.attr,
	NULL
};

static const struct attribute_group root_group = { .attrs = root_attrs };

/**
 * kvmeter_sysfs_init - make /sys/kernel/kvmeter
 *
 * Return: 0 or -errno.
 */
int kvmeter_sysfs_init(void)
{
	int err;

	err = kvmeter_sysfs_owner_check();
	if (err)
		return err;
	root = dir_make("kvmeter", kernel_kobj);
	if (!root)
		return -ENOMEM;
	err = sysfs_create_group(root, &root_group);
	if (err)
		goto err_root;
	vms = dir_make("vms", root);
	if (!vms) {
		err = -ENOMEM;
		goto err_root;
	}
	return 0;

err_root:
	kobject_put(root);
	return err;
}

/** kvmeter_sysfs_exit - the period has stopped: take everything out */
void kvmeter_sysfs_exit(void)
{
	struct kvmeter_vm *vm;

	/* the list does not change any more, and readers may hold the lock */
	list_for_each_entry(vm, &kvmeter_vms, node) {
		if (!vm->appeared)
			continue;
		vm->appeared = false;
		sysfs_vanish(vm);
	}
	kobject_put(vms);
	sysfs_remove_group(root, &root_group);
	kobject_put(root);
}
