// SPDX-License-Identifier: GPL-2.0
/*
 * A VM's directory in sysfs: its own files, and what all its files share.
 *
 * A show takes no lock: it reads what the last settlement published.  A store
 * takes kvmeter_lock, which lends it the priority of whoever waits for it, and
 * gives up on a signal.
 */
#include "api/sysfs_attr.h"
#include "api/sysfs_owner.h"
#include "api/sysfs_resource.h"
#include "api/sysfs_shown.h"
#include "api/sysfs_vm.h"
#include "base/host.h"
#include "core/budget.h"
#include "core/policy.h"
#include "core/units.h"
#include "period/settings.h"
#include "vm/image.h"
#include "vm/vm.h"

/* reading and writing */

static ssize_t vm_attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct vm_attr *a = container_of(attr, struct vm_attr, attr);
	struct kvmeter_sysfs *dir = container_of(kobj, struct kvmeter_sysfs, kobj);
	struct kvmeter_shown_vm shown;

	/* the last values of a VM that is gone are its records' to tell */
	if (READ_ONCE(dir->vm->dead))
		return -ENODEV;
	kvmeter_shown_read(&dir->shown, &shown);
	return a->show(&shown, buf);
}

static ssize_t vm_attr_store(struct kobject *kobj, struct attribute *attr, const char *buf,
			     size_t count)
{
	struct vm_attr *a = container_of(attr, struct vm_attr, attr);
	struct kvmeter_sysfs *dir = container_of(kobj, struct kvmeter_sysfs, kobj);
	struct kvmeter_vm *vm = dir->vm;
	char *copy, *word;
	int err = -ENODEV;

	if (!a->store)
		return -EACCES;
	/* an embedded 0 would hide what follows it */
	if (memchr(buf, 0, count))
		return -EINVAL;
	copy = kstrndup(buf, count, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	word = strim(copy);
	if (rt_mutex_lock_interruptible(&kvmeter_lock)) {
		kfree(copy);
		return -ERESTARTSYS;
	}
	if (!vm->dead) {
		err = a->store(vm, word);
		kvmeter_shown_write(&dir->shown, vm);
	}
	rt_mutex_unlock(&kvmeter_lock);
	kfree(copy);
	return err ? err : count;
}

static const struct sysfs_ops vm_sysfs_ops = {
	.show = vm_attr_show,
	.store = vm_attr_store,
};

static const char * const mode_name[KMC_NR_MODES] = {
	[KMC_MODE_OBSERVE] = "observe",
	[KMC_MODE_ELASTIC] = "elastic",
	[KMC_MODE_GUARD] = "guard",
};

static const char * const action_name[KMC_NR_CAP_ACTIONS] = {
	[KMC_CAP_FLOOR] = "floor",
	[KMC_CAP_PAUSE] = "pause",
};

/* identity */

VM_RO(vm, tgid, "%d", vm->tgid);
VM_RO(vm, nr_vcpus, "%u", vm->nr_vcpus);
VM_RO(vm, created_real_ns, "%llu", vm->created_real_ns);

static int label_check(const char *word)
{
	if (strlen(word) >= KVMETER_NAME_MAX)
		return -ENAMETOOLONG;
	return kvmeter_label_check(word) ? -EINVAL : 0;
}

static ssize_t vm_name_show(const struct kvmeter_shown_vm *vm, char *buf)
{
	return sysfs_emit(buf, "%s\n", vm->name);
}

static int vm_name_store(struct kvmeter_vm *vm, char *word)
{
	int err = label_check(word);

	if (!err)
		strscpy(vm->name, word, sizeof(vm->name));
	return err;
}

VM_RW(vm, name);

static ssize_t vm_image_show(const struct kvmeter_shown_vm *vm, char *buf)
{
	return sysfs_emit(buf, "%s\n", vm->image);
}

static int vm_image_store(struct kvmeter_vm *vm, char *word)
{
	int err = label_check(word);

	if (!err)
		kvmeter_vm_set_image(vm, word);
	return err;
}

VM_RW(vm, image);

/* policy, price, budget */

static ssize_t vm_policy_show(const struct kvmeter_shown_vm *vm, char *buf)
{
	return sysfs_emit(buf, "%s\n", mode_name[vm->mode]);
}

static int vm_policy_store(struct kvmeter_vm *vm, char *word)
{
	int r, mode = match_string(mode_name, ARRAY_SIZE(mode_name), word);
	struct kmc_policy policy[KMC_NR_ACT];

	if (mode < 0)
		return -EINVAL;
	memcpy(policy, vm->core.policy, sizeof(policy));
	for (r = 0; r < KMC_NR_ACT; r++)
		policy[r].mode = mode;
	kvmeter_vm_commit(vm, &(struct kvmeter_settings){ .policy = policy });
	return 0;
}

VM_RW(vm, policy);

static const char *vm_state(const struct kvmeter_shown_vm *vm)
{
	u32 grant = vm->res[KMC_RES_CPU].grant_bp;

	switch (vm->cap_action) {
	case KMC_CAP_PAUSE:
		return "paused";
	case KMC_CAP_FLOOR:
		return "capped";
	default:
		break;
	}
	if (grant < KMC_BP)
		return "throttled";
	return grant > KMC_BP ? "boosted" : "normal";
}

VM_RO(vm, state, "%s", vm_state(vm));
VM_RO(vm, price_ncr_h, "%llu", vm->price_ncr_h);
VM_RO(vm, waived_ncr, "%llu", vm->waived_ncr);

VM_RO(vm, charged_ncr, "%llu", vm->charged_ncr);

static ssize_t amount_emit(char *buf, u64 ncr)
{
	if (ncr == KMC_BUDGET_NONE)
		return sysfs_emit(buf, "none\n");
	return sysfs_emit(buf, "%llu\n", ncr);
}

static ssize_t vm_budget_left_ncr_show(const struct kvmeter_shown_vm *vm, char *buf)
{
	return amount_emit(buf, vm->left_ncr);
}

static struct vm_attr vm_budget_left_ncr_attr = {
	.attr = { .name = "budget_left_ncr", .mode = VM_MODE_RO },
	.show = vm_budget_left_ncr_show,
};

/* Parse into a copy, check the whole, commit once. */
static int budget_commit(struct kvmeter_vm *vm, const struct kmc_budget_conf *conf)
{
	if (kmc_budget_check(conf))
		return -ERANGE;
	kvmeter_vm_commit(vm, &(struct kvmeter_settings){ .budget = conf });
	return 0;
}

static ssize_t vm_budget_ncr_show(const struct kvmeter_shown_vm *vm, char *buf)
{
	return amount_emit(buf, vm->budget.cap_ncr);
}

static int vm_budget_ncr_store(struct kvmeter_vm *vm, char *word)
{
	struct kmc_budget_conf conf = vm->core.budget_conf;
	int err = 0;

	if (!strcmp(word, "none"))
		conf.cap_ncr = KMC_BUDGET_NONE;
	else
		err = kstrtou64(word, 10, &conf.cap_ncr);
	/* "none" has a name; its number is no amount */
	if (!err && conf.cap_ncr == KMC_BUDGET_NONE && word[0] != 'n')
		err = -ERANGE;
	return err ? err : budget_commit(vm, &conf);
}

VM_RW(vm, budget_ncr);

static ssize_t vm_budget_period_s_show(const struct kvmeter_shown_vm *vm, char *buf)
{
	return sysfs_emit(buf, "%u\n", vm->budget.period_s);
}

static int vm_budget_period_s_store(struct kvmeter_vm *vm, char *word)
{
	struct kmc_budget_conf conf = vm->core.budget_conf;
	int err = kstrtou32(word, 10, &conf.period_s);

	return err ? err : budget_commit(vm, &conf);
}

VM_RW(vm, budget_period_s);

static ssize_t vm_budget_action_show(const struct kvmeter_shown_vm *vm, char *buf)
{
	return sysfs_emit(buf, "%s\n", action_name[vm->budget.action]);
}

static int vm_budget_action_store(struct kvmeter_vm *vm, char *word)
{
	struct kmc_budget_conf conf = vm->core.budget_conf;
	int action = match_string(action_name, ARRAY_SIZE(action_name), word);

	if (action < 0)
		return -EINVAL;
	conf.action = action;
	return budget_commit(vm, &conf);
}

VM_RW(vm, budget_action);

static struct attribute *vm_attrs[] = {
	&vm_tgid_attr.attr,
	&vm_nr_vcpus_attr.attr,
	&vm_created_real_ns_attr.attr,
	&vm_name_attr.attr,
	&vm_image_attr.attr,
	&vm_policy_attr.attr,
	&vm_state_attr.attr,
	&vm_price_ncr_h_attr.attr,
	&vm_charged_ncr_attr.attr,
	&vm_waived_ncr_attr.attr,
	&vm_budget_ncr_attr.attr,
	&vm_budget_period_s_attr.attr,
	&vm_budget_action_attr.attr,
	&vm_budget_left_ncr_attr.attr,
	NULL
};

static const struct attribute_group vm_group = { .attrs = vm_attrs };

static const struct attribute_group *vm_groups[] = {
	&vm_group,
	&kvmeter_sysfs_cpu,
	&kvmeter_sysfs_memory,
	&kvmeter_sysfs_network,
	&kvmeter_sysfs_disk,
	&kvmeter_sysfs_exits,
	NULL
};

static void vm_release(struct kobject *kobj)
{
	struct kvmeter_sysfs *dir = container_of(kobj, struct kvmeter_sysfs, kobj);

	kvmeter_polled_put(&dir->polled);
	kvmeter_vm_put(dir->vm);
	kfree(dir);
}

const struct kobj_type kvmeter_sysfs_vm_type = {
	.sysfs_ops = &vm_sysfs_ops,
	.default_groups = vm_groups,
	.release = vm_release,
	.get_ownership = kvmeter_sysfs_owner,
};
