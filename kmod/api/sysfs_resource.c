// SPDX-License-Identifier: GPL-2.0
/*
 * A VM's directory in sysfs: its resources, a directory each.
 */
#include "api/sysfs_attr.h"
#include "api/sysfs_resource.h"
#include "api/sysfs_shown.h"
#include "core/policy.h"
#include "core/units.h"
#include "period/settings.h"
#include "vm/vm.h"

VM_RO(cpu, usage_bp, "%llu", vm->res[KMC_RES_CPU].usage);
VM_RO(cpu, demand_bp, "%llu", vm->res[KMC_RES_CPU].demand);
VM_RO(cpu, predicted_bp, "%llu", vm->res[KMC_RES_CPU].next.mean);
VM_RO(cpu, p95_bp, "%llu", vm->res[KMC_RES_CPU].next.p95);
VM_RO(cpu, p99_bp, "%llu", vm->res[KMC_RES_CPU].next.p99);
VM_RO(cpu, grant_bp, "%u", vm->res[KMC_RES_CPU].grant_bp);
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
static ssize_t _group##_surprise_bits_show(const struct kvmeter_shown_vm *vm, char *buf)\
{											\
	return bits_emit(buf, vm->res[_res].surprise_mbit);				\
}											\
static struct vm_attr _group##_surprise_bits_attr = {					\
	.attr = { .name = "surprise_bits", .mode = VM_MODE_RO },				\
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

const struct attribute_group kvmeter_sysfs_cpu = { .name = "cpu", .attrs = cpu_attrs };

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
	kvmeter_vm_commit(vm, &(struct kvmeter_settings){ .policy = policy });
	return 0;
}

/* A resource whose sample unit is the suffix @_u; more files of its directory follow */
#define VM_RESOURCE(_g, _res, _u, ...)							\
VM_RO(_g, usage##_u, "%llu", vm->res[_res].usage);				\
VM_RO(_g, demand##_u, "%llu", vm->res[_res].demand);				\
VM_RO(_g, predicted##_u, "%llu", vm->res[_res].next.mean);			\
VM_RO(_g, p95##_u, "%llu", vm->res[_res].next.p95);				\
VM_RO(_g, p99##_u, "%llu", vm->res[_res].next.p99);				\
VM_RO(_g, grant_bp, "%u", vm->res[_res].grant_bp);					\
VM_SURPRISE(_g, _res);									\
static ssize_t _g##_nominal##_u##_show(const struct kvmeter_shown_vm *vm, char *buf)	\
{											\
	return sysfs_emit(buf, "%llu\n", vm->res[_res].nominal);			\
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
const struct attribute_group kvmeter_sysfs_##_g = {					\
	.name = #_g, .attrs = _g##_attrs						\
}

VM_RESOURCE(memory, KMC_RES_MEMORY, _mib);
VM_RESOURCE(network, KMC_RES_NETWORK, _kib_s);

VM_RO(disk, read_bytes, "%llu", vm->disk.bytes[0]);
VM_RO(disk, write_bytes, "%llu", vm->disk.bytes[1]);
VM_RO(disk, read_ops, "%llu", vm->disk.ops[0]);
VM_RO(disk, write_ops, "%llu", vm->disk.ops[1]);
VM_RO(disk, cost_bytes, "%llu", vm->disk.cost_bytes);
VM_RO(disk, why, "%s", vm->disk_why ?: "");

VM_RESOURCE(disk, KMC_RES_DISK, _kib_s,
	    &disk_read_bytes_attr.attr, &disk_write_bytes_attr.attr,
	    &disk_read_ops_attr.attr, &disk_write_ops_attr.attr,
	    &disk_cost_bytes_attr.attr, &disk_why_attr.attr);

VM_RO(exits, usage_per_s, "%llu", vm->res[KMC_RES_EXITS].usage);
VM_RO(exits, predicted_per_s, "%llu", vm->res[KMC_RES_EXITS].next.mean);
VM_RO(exits, total, "%llu", vm->exits);
VM_RO(exits, hypercalls, "%llu", vm->hypercalls);

static struct attribute *exits_attrs[] = {
	&exits_usage_per_s_attr.attr,
	&exits_predicted_per_s_attr.attr,
	&exits_surprise_bits_attr.attr,
	&exits_total_attr.attr,
	&exits_hypercalls_attr.attr,
	NULL
};

const struct attribute_group kvmeter_sysfs_exits = { .name = "exits", .attrs = exits_attrs };
