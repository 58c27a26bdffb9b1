// SPDX-License-Identifier: GPL-2.0
/*
 * Resources: a row each, what is metered of it and what moves it.
 *
 * The stages go through this table and know no resource by name; a further one
 * is a value of enum kmc_resource, a row here, and its meter and actuator.
 */
#include "kvmeter.h"

#define CENSOR_BP	100	/* withheld share that makes a sample censored */

/* An amount per second, to the nearest. */
u64 kvmeter_rate(u64 amount, u64 span_ns)
{
	span_ns = max(span_ns, 1ULL);
	return kmc_sat_add(kmc_muldiv_floor(amount, 2 * NSEC_PER_SEC, span_ns), 1) / 2;
}

/* cpu */

static u64 share_bp(u64 ns, u64 capacity_ns)
{
	return kmc_muldiv_floor(ns, KMC_BP, max(capacity_ns, 1ULL));
}

/* The CPU share of @capacity_ns that was used since @from, and what was wanted. */
void kvmeter_cpu_sample(struct kmc_sample *s, const struct kvmeter_times *t,
			const struct kvmeter_times *from, u64 capacity_ns)
{
	u64 withheld = share_bp(t->throttled_ns - from->throttled_ns, capacity_ns);

	s->usage = share_bp(kvmeter_billable_ns(t) - kvmeter_billable_ns(from), capacity_ns);
	/* vCPUs can not demand more than all of their time; other threads may use more */
	s->demand = max(s->usage, min_t(u64, s->usage + withheld, KMC_BP));
	s->censored = withheld >= CENSOR_BP;
}

static u64 cpu_used(const struct kvmeter_vm *vm)
{
	return kvmeter_billable_ns(&vm->times);
}

static void cpu_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns)
{
	kvmeter_cpu_sample(s, &vm->times, &vm->period_times, span_ns * max(vm->nr_vcpus, 1U));
}

static void cpu_turn(struct kvmeter_vm *vm)
{
	vm->period_times = vm->times;
}

/* exits */

void kvmeter_exits_sample(struct kmc_sample *s, u64 exits, u64 span_ns, bool censored)
{
	s->usage = kmc_muldiv_floor(exits, NSEC_PER_SEC, max(span_ns, 1ULL));
	s->demand = s->usage;
	s->censored = censored;
}

/* A VM that is throttled exits less: what it would have is not known. */
static void exits_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns)
{
	struct kmc_sample cpu;

	cpu_sample(vm, &cpu, span_ns);
	kvmeter_exits_sample(s, vm->counts.exits - vm->period_exits, span_ns, cpu.censored);
}

static void exits_turn(struct kvmeter_vm *vm)
{
	vm->period_exits = vm->counts.exits;
}

/* disk */

static u64 disk_used(const struct kvmeter_vm *vm)
{
	return vm->disk.cost_bytes;
}

static void disk_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns)
{
	s->usage = kvmeter_rate((vm->disk.cost_bytes - vm->period_disk.cost_bytes) >> 10, span_ns);
	s->censored = kvmeter_iomax_holds(vm, s->usage);
	/* how much more a held VM wants is not known: it asks for a quarter at a time */
	s->demand = s->usage + (s->censored ? s->usage / 4 : 0);
}

static void disk_turn(struct kvmeter_vm *vm)
{
	vm->period_disk = vm->disk;
}

/* what is resident now is the sample: there is nothing to begin */
static void none_turn(struct kvmeter_vm *vm)
{
}

const struct kvmeter_resource_ops kvmeter_resources[KMC_NR_RES] = {
	[KMC_RES_CPU] = {
		.used = cpu_used,
		.sample = cpu_sample,
		.turn = cpu_turn,
		.apply = kvmeter_act_cpu_apply,
		.revert = kvmeter_act_cpu_revert,
	},
	[KMC_RES_MEMORY] = {
		.used = kvmeter_memory_used,
		.sample = kvmeter_memory_sample,
		.turn = none_turn,
		.apply = kvmeter_act_memory_apply,
		.revert = kvmeter_act_memory_revert,
	},
	[KMC_RES_NETWORK] = {
		.used = kvmeter_net_used,
		.sample = kvmeter_net_sample,
		.turn = kvmeter_net_turn,
		.apply = kvmeter_act_net_apply,
		.revert = kvmeter_act_net_revert,
	},
	[KMC_RES_DISK] = {
		.used = disk_used,
		.sample = disk_sample,
		.turn = disk_turn,
		.apply = kvmeter_act_disk_apply,
		.revert = kvmeter_act_disk_revert,
	},
	[KMC_RES_EXITS] = {
		.sample = exits_sample,
		.turn = exits_turn,
	},
};
