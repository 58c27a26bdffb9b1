// SPDX-License-Identifier: GPL-2.0
/*
 * sysfs: /sys/kernel/kvmeter, one value per file, units in the names.
 * Documentation/ABI/testing/sysfs-kvmeter describes each.
 *
 * A show or store takes kvmeter_lock, and gives up on a signal; removal of a
 * directory waits for them, so it is done without the lock.
 */
#include <linux/kobject.h>
#include <linux/sysfs.h>

#include "kvmeter.h"
#include "base/version.h"

static struct kobject *root;	/* /sys/kernel/kvmeter */
static struct kobject *vms;	/* /sys/kernel/kvmeter/vms */

/* one VM's files: a table of readers and writers, each called under kvmeter_lock */

struct vm_attr {
	struct attribute attr;
	ssize_t (*show)(struct kvmeter_vm *vm, char *buf);
	int (*store)(struct kvmeter_vm *vm, char *word);
};

static ssize_t vm_attr_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct vm_attr *a = container_of(attr, struct vm_attr, attr);
	struct kvmeter_vm *vm = container_of(kobj, struct kvmeter_vm, kobj);
	struct kmc_now now;
	ssize_t len = -ENODEV;

	if (mutex_lock_interruptible(&kvmeter_lock))
		return -ERESTARTSYS;
	if (!vm->dead) {
		now = kvmeter_now();
		kvmeter_vm_refresh(vm, &now);
		len = a->show(vm, buf);
	}
	mutex_unlock(&kvmeter_lock);
	return len;
}

static ssize_t vm_attr_store(struct kobject *kobj, struct attribute *attr, const char *buf,
			     size_t count)
{
	struct vm_attr *a = container_of(attr, struct vm_attr, attr);
	struct kvmeter_vm *vm = container_of(kobj, struct kvmeter_vm, kobj);
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
	if (mutex_lock_interruptible(&kvmeter_lock)) {
		kfree(copy);
		return -ERESTARTSYS;
	}
	if (!vm->dead)
		err = a->store(vm, word);
	mutex_unlock(&kvmeter_lock);
	kfree(copy);
	return err ? err : count;
}

static const struct sysfs_ops vm_sysfs_ops = {
	.show = vm_attr_show,
	.store = vm_attr_store,
};

#define VM_RO(_group, _name, _fmt, _value)						\
static ssize_t _group##_##_name##_show(struct kvmeter_vm *vm, char *buf)		\
{											\
	return sysfs_emit(buf, _fmt "\n", _value);					\
}											\
static struct vm_attr _group##_##_name##_attr = {					\
	.attr = { .name = #_name, .mode = 0444 },					\
	.show = _group##_##_name##_show,						\
}

#define VM_RW(_group, _name)								\
static struct vm_attr _group##_##_name##_attr = {					\
	.attr = { .name = #_name, .mode = 0644 },					\
	.show = _group##_##_name##_show,						\
	.store = _group##_##_name##_store,						\
}

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

static ssize_t vm_name_show(struct kvmeter_vm *vm, char *buf)
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

static ssize_t vm_image_show(struct kvmeter_vm *vm, char *buf)
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

static ssize_t vm_policy_show(struct kvmeter_vm *vm, char *buf)
{
	return sysfs_emit(buf, "%s\n", mode_name[vm->core.policy[KMC_RES_CPU].mode]);
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
	kvmeter_vm_set_policy(vm, policy);
	return 0;
}

VM_RW(vm, policy);

static const char *vm_state(const struct kvmeter_vm *vm)
{
	u32 grant = vm->core.effect_bp[KMC_RES_CPU];

	if (vm->core.budget.capped)
		return vm->core.budget_conf.action == KMC_CAP_PAUSE ? "paused" : "capped";
	if (grant < KMC_BP)
		return "throttled";
	return grant > KMC_BP ? "boosted" : "normal";
}

VM_RO(vm, state, "%s", vm_state(vm));
VM_RO(vm, price_ncr_h, "%llu", vm->core.price.now_ncr_h);
VM_RO(vm, waived_ncr, "%llu", vm->core.price.waived_ncr);

VM_RO(vm, charged_ncr, "%llu", kmc_price_charged(&vm->core.price));

static ssize_t amount_emit(char *buf, u64 ncr)
{
	if (ncr == KMC_BUDGET_NONE)
		return sysfs_emit(buf, "none\n");
	return sysfs_emit(buf, "%llu\n", ncr);
}

static ssize_t vm_budget_left_ncr_show(struct kvmeter_vm *vm, char *buf)
{
	return amount_emit(buf, kmc_budget_left_ncr(&vm->core.budget, &vm->core.budget_conf));
}

static struct vm_attr vm_budget_left_ncr_attr = {
	.attr = { .name = "budget_left_ncr", .mode = 0444 },
	.show = vm_budget_left_ncr_show,
};

/* Parse into a copy, check the whole, commit once. */
static int budget_commit(struct kvmeter_vm *vm, const struct kmc_budget_conf *conf)
{
	if (kmc_budget_check(conf))
		return -ERANGE;
	kvmeter_vm_set_budget(vm, conf);
	return 0;
}

static ssize_t vm_budget_ncr_show(struct kvmeter_vm *vm, char *buf)
{
	return amount_emit(buf, vm->core.budget_conf.cap_ncr);
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

static ssize_t vm_budget_period_s_show(struct kvmeter_vm *vm, char *buf)
{
	return sysfs_emit(buf, "%u\n", vm->core.budget_conf.period_s);
}

static int vm_budget_period_s_store(struct kvmeter_vm *vm, char *word)
{
	struct kmc_budget_conf conf = vm->core.budget_conf;
	int err = kstrtou32(word, 10, &conf.period_s);

	return err ? err : budget_commit(vm, &conf);
}

VM_RW(vm, budget_period_s);

static ssize_t vm_budget_action_show(struct kvmeter_vm *vm, char *buf)
{
	return sysfs_emit(buf, "%s\n", action_name[vm->core.budget_conf.action]);
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

/* resources: a directory each */

VM_RO(cpu, usage_bp, "%llu", vm->core.sample[KMC_RES_CPU].usage);
VM_RO(cpu, demand_bp, "%llu", vm->core.sample[KMC_RES_CPU].demand);
VM_RO(cpu, predicted_bp, "%llu", vm->core.predict[KMC_RES_CPU].next.mean);
VM_RO(cpu, p95_bp, "%llu", vm->core.predict[KMC_RES_CPU].next.p95);
VM_RO(cpu, p99_bp, "%llu", vm->core.predict[KMC_RES_CPU].next.p99);
VM_RO(cpu, grant_bp, "%u", vm->core.effect_bp[KMC_RES_CPU]);
VM_RO(cpu, guest_ns, "%llu", vm->times.guest_ns);
VM_RO(cpu, host_ns, "%llu", vm->times.host_ns);
VM_RO(cpu, halt_poll_ns, "%llu", vm->times.halt_poll_ns);
VM_RO(cpu, wait_ns, "%llu", vm->times.wait_ns);
VM_RO(cpu, throttled_ns, "%llu", vm->times.throttled_ns);
VM_RO(cpu, other_ns, "%llu", vm->times.other_ns);

static ssize_t bits_emit(char *buf, u32 mbit)
{
	return sysfs_emit(buf, "%u.%03u\n", mbit / 1000, mbit % 1000);
}

#define VM_SURPRISE(_group, _res)							\
static ssize_t _group##_surprise_bits_show(struct kvmeter_vm *vm, char *buf)		\
{											\
	return bits_emit(buf, vm->core.surprise[_res].mbit);				\
}											\
static struct vm_attr _group##_surprise_bits_attr = {					\
	.attr = { .name = "surprise_bits", .mode = 0444 },				\
	.show = _group##_surprise_bits_show,						\
}

VM_SURPRISE(cpu, KMC_RES_CPU);
VM_SURPRISE(exits, KMC_RES_EXITS);

static struct attribute *cpu_attrs[] = {
	&cpu_usage_bp_attr.attr,
	&cpu_demand_bp_attr.attr,
	&cpu_predicted_bp_attr.attr,
	&cpu_p95_bp_attr.attr,
	&cpu_p99_bp_attr.attr,
	&cpu_surprise_bits_attr.attr,
	&cpu_grant_bp_attr.attr,
	&cpu_guest_ns_attr.attr,
	&cpu_host_ns_attr.attr,
	&cpu_halt_poll_ns_attr.attr,
	&cpu_wait_ns_attr.attr,
	&cpu_throttled_ns_attr.attr,
	&cpu_other_ns_attr.attr,
	NULL
};

static const struct attribute_group cpu_group = { .name = "cpu", .attrs = cpu_attrs };

/* What a grant is a share of, in the sample unit; 0: not sold */
static int nominal_store(struct kvmeter_vm *vm, enum kmc_resource r, char *word)
{
	struct kmc_policy policy[KMC_NR_ACT];
	int err;

	memcpy(policy, vm->core.policy, sizeof(policy));
	err = kstrtou64(word, 10, &policy[r].nominal);
	if (err)
		return err;
	if (kmc_policy_check(r, &policy[r]))
		return -ERANGE;
	kvmeter_vm_set_policy(vm, policy);
	return 0;
}

/* A resource whose sample unit is the suffix @_u, and what else there is of it */
#define VM_RESOURCE(_g, _res, _u, ...)							\
VM_RO(_g, usage##_u, "%llu", vm->core.sample[_res].usage);				\
VM_RO(_g, demand##_u, "%llu", vm->core.sample[_res].demand);				\
VM_RO(_g, predicted##_u, "%llu", vm->core.predict[_res].next.mean);			\
VM_RO(_g, p95##_u, "%llu", vm->core.predict[_res].next.p95);				\
VM_RO(_g, p99##_u, "%llu", vm->core.predict[_res].next.p99);				\
VM_RO(_g, grant_bp, "%u", vm->core.effect_bp[_res]);					\
VM_SURPRISE(_g, _res);									\
static ssize_t _g##_nominal##_u##_show(struct kvmeter_vm *vm, char *buf)		\
{											\
	return sysfs_emit(buf, "%llu\n", vm->core.policy[_res].nominal);		\
}											\
static int _g##_nominal##_u##_store(struct kvmeter_vm *vm, char *word)			\
{											\
	return nominal_store(vm, _res, word);						\
}											\
VM_RW(_g, nominal##_u);									\
static struct attribute *_g##_attrs[] = {						\
	&_g##_usage##_u##_attr.attr,							\
	&_g##_demand##_u##_attr.attr,							\
	&_g##_predicted##_u##_attr.attr,						\
	&_g##_p95##_u##_attr.attr,							\
	&_g##_p99##_u##_attr.attr,							\
	&_g##_surprise_bits_attr.attr,							\
	&_g##_grant_bp_attr.attr,							\
	&_g##_nominal##_u##_attr.attr,							\
	##__VA_ARGS__, NULL								\
};											\
static const struct attribute_group _g##_group = {					\
	.name = #_g, .attrs = _g##_attrs						\
}

VM_RESOURCE(memory, KMC_RES_MEMORY, _mib);
VM_RESOURCE(network, KMC_RES_NETWORK, _kib_s);

VM_RO(disk, read_bytes, "%llu", vm->disk.bytes[0]);
VM_RO(disk, write_bytes, "%llu", vm->disk.bytes[1]);
VM_RO(disk, read_ops, "%llu", vm->disk.ops[0]);
VM_RO(disk, write_ops, "%llu", vm->disk.ops[1]);
VM_RO(disk, cost_bytes, "%llu", vm->disk.cost_bytes);
VM_RO(disk, why, "%s", vm->unenforceable[KMC_RES_DISK] ?: "");

VM_RESOURCE(disk, KMC_RES_DISK, _kib_s,
	    &disk_read_bytes_attr.attr, &disk_write_bytes_attr.attr,
	    &disk_read_ops_attr.attr, &disk_write_ops_attr.attr,
	    &disk_cost_bytes_attr.attr, &disk_why_attr.attr);

VM_RO(exits, usage_per_s, "%llu", vm->core.sample[KMC_RES_EXITS].usage);
VM_RO(exits, predicted_per_s, "%llu", vm->core.predict[KMC_RES_EXITS].next.mean);
VM_RO(exits, total, "%llu", vm->counts.exits);
VM_RO(exits, hypercalls, "%llu", vm->counts.class[KVMETER_EXIT_HYPERCALL]);

static struct attribute *exits_attrs[] = {
	&exits_usage_per_s_attr.attr,
	&exits_predicted_per_s_attr.attr,
	&exits_surprise_bits_attr.attr,
	&exits_total_attr.attr,
	&exits_hypercalls_attr.attr,
	NULL
};

static const struct attribute_group exits_group = { .name = "exits", .attrs = exits_attrs };

static const struct attribute_group *vm_groups[] = {
	&vm_group,
	&cpu_group,
	&memory_group,
	&network_group,
	&disk_group,
	&exits_group,
	NULL
};

static void vm_release(struct kobject *kobj)
{
	kvmeter_vm_put(container_of(kobj, struct kvmeter_vm, kobj));
}

static const struct kobj_type vm_ktype = {
	.sysfs_ops = &vm_sysfs_ops,
	.default_groups = vm_groups,
	.release = vm_release,
};

/* The kobject holds a reference on its VM until vm_release(). */
int kvmeter_sysfs_add_vm(struct kvmeter_vm *vm)
{
	int err;

	kvmeter_vm_get(vm);
	err = kobject_init_and_add(&vm->kobj, &vm_ktype, vms, "%u", vm->id);
	if (err)
		kobject_put(&vm->kobj);
	return err;
}

void kvmeter_sysfs_del_vm(struct kvmeter_vm *vm)
{
	kobject_del(&vm->kobj);
	kobject_put(&vm->kobj);
}

/* the host's files */

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
	u64 period_ns;
	int err = kstrtou64(buf, 10, &period_ns);

	if (err)
		return err;
	if (period_ns < KVMETER_PERIOD_MIN_NS || period_ns > KVMETER_PERIOD_MAX_NS)
		return -ERANGE;
	if (mutex_lock_interruptible(&kvmeter_lock))
		return -ERESTARTSYS;
	kvmeter_set_period(period_ns);
	mutex_unlock(&kvmeter_lock);
	return count;
}

static struct kobj_attribute version_attr = __ATTR_RO(version);
static struct kobj_attribute epoch_attr = __ATTR_RO(epoch);
static struct kobj_attribute period_ns_attr = __ATTR_RW(period_ns);

static struct attribute *root_attrs[] = {
	&version_attr.attr,
	&epoch_attr.attr,
	&period_ns_attr.attr,
	NULL
};

static const struct attribute_group root_group = { .attrs = root_attrs };

int kvmeter_sysfs_init(void)
{
	int err;

	root = kobject_create_and_add("kvmeter", kernel_kobj);
	if (!root)
		return -ENOMEM;
	err = sysfs_create_group(root, &root_group);
	if (err)
		goto err_root;
	vms = kobject_create_and_add("vms", root);
	if (!vms) {
		err = -ENOMEM;
		goto err_root;
	}
	return 0;

err_root:
	kobject_put(root);
	return err;
}

void kvmeter_sysfs_exit(void)
{
	struct kvmeter_vm *vm;

	/* the period has stopped: the list does not change, and readers may hold the lock */
	list_for_each_entry(vm, &kvmeter_vms, node)
		if (vm->in_sysfs)
			kvmeter_sysfs_del_vm(vm);
	kobject_put(vms);
	sysfs_remove_group(root, &root_group);
	kobject_put(root);
}
