// SPDX-License-Identifier: GPL-2.0
#include "ipc/read_vm.h"

#include <string.h>

#include <linux/genetlink.h>

#include "ipc/attr.h"
#include "ipc/read_settings.h"

static void read_budget_state(const struct nlattr *nest, struct budget *b)
{
	struct attrs a = parse_nest(nest);

	b->spent_ncr = U64(BUDGET_STATE, SPENT_NCR);
	b->left_ncr = get_u64_or_none(&a, KVMETER_A_BUDGET_STATE_LEFT_NCR);
	b->started_real_ns = U64(BUDGET_STATE, STARTED_REAL_NS);
	b->ends_real_ns = U64(BUDGET_STATE, ENDS_REAL_NS);
	b->warned = U32(BUDGET_STATE, WARNED);
	b->capped = FLAG(BUDGET_STATE, CAPPED);
}

static void read_times(const struct nlattr *nest, struct times *t)
{
	struct attrs a = parse_nest(nest);

	t->guest_ns = U64(TIMES, GUEST_NS);
	t->host_ns = U64(TIMES, HOST_NS);
	t->halt_poll_ns = U64(TIMES, HALT_POLL_NS);
	t->wait_ns = U64(TIMES, WAIT_NS);
	t->throttled_ns = U64(TIMES, THROTTLED_NS);
	t->other_ns = U64(TIMES, OTHER_NS);
}

static void read_counts(const struct nlattr *nest, struct counts *c)
{
	struct attrs a = parse_nest(nest);
	const struct nlattr *attr;

	c->exits = U64(COUNTS, EXITS);
	if (!nest)
		return;
	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) != KVMETER_A_COUNTS_CLASS)
			continue;
		a = parse_nest(attr);
		if (U32(EXIT_COUNT, CLASS) < NR_EXIT_CLASSES)
			c->class[U32(EXIT_COUNT, CLASS)] = U64(EXIT_COUNT, COUNT);
	}
}

static void read_forecast(const struct nlattr *nest, struct forecast *f)
{
	struct attrs a = parse_nest(nest);

	f->predicted = U64(FORECAST, PREDICTED);
	f->p95 = U64(FORECAST, P95);
	f->p99 = U64(FORECAST, P99);
}

static void read_usage(const struct nlattr *nest, struct vm *vm)
{
	struct attrs a = parse_nest(nest);
	struct usage *u;

	if (U32(USAGE, RESOURCE) >= NR_RESOURCES)
		return;
	u = &vm->usage[U32(USAGE, RESOURCE)];
	u->usage = U64(USAGE, USAGE);
	u->demand = U64(USAGE, DEMAND);
	u->next.predicted = U64(USAGE, PREDICTED);
	u->next.p95 = U64(USAGE, P95);
	u->next.p99 = U64(USAGE, P99);
	read_forecast(a.tb[KVMETER_A_USAGE_AHEAD], &u->ahead);
	u->mean = U64(USAGE, MEAN);
	u->alarm = get_u64_or_none(&a, KVMETER_A_USAGE_ALARM);
	u->surprise_mbit = U32(USAGE, SURPRISE_MBIT);
	u->surprise_dir = U32(USAGE, SURPRISE_DIR);
	u->unusual_mbit = U32(USAGE, UNUSUAL_MBIT);
	u->alerts = U64(USAGE, ALERTS);
	u->alert_real_ns = U64(USAGE, ALERT_REAL_NS);
	u->alert_mbit = U32(USAGE, ALERT_MBIT);
	u->grant_bp = U32(USAGE, GRANT_BP);
	u->wanted_bp = U32(USAGE, WANTED_BP);
	u->rest_bp = U32(USAGE, REST_BP);
	u->censored = FLAG(USAGE, CENSORED);
	u->enforced = FLAG(USAGE, ENFORCED);
	u->used = U64(USAGE, USED);
	u->charged_ncr = U64(USAGE, CHARGED_NCR);
	get_str(&a, KVMETER_A_USAGE_UNENFORCEABLE, u->unenforceable, sizeof(u->unenforceable));
}

static void read_vm_model(const struct nlattr *nest, struct vm *vm)
{
	struct attrs a = parse_nest(nest);

	vm->has_model = nest;
	get_str(&a, KVMETER_A_VM_MODEL_IMAGE, vm->model_image, sizeof(vm->model_image));
	vm->model_checksum = U32(VM_MODEL, CHECKSUM);
}

static void read_knob(const struct nlattr *nest, struct knob *k)
{
	struct attrs a = parse_nest(nest);

	get_str(&a, KVMETER_A_KNOB_NAME, k->name, sizeof(k->name));
	k->enforceable = FLAG(KNOB, ENFORCEABLE);
	get_str(&a, KVMETER_A_KNOB_WHY, k->why, sizeof(k->why));
	get_str(&a, KVMETER_A_KNOB_VALUE, k->value, sizeof(k->value));
	get_str(&a, KVMETER_A_KNOB_BEFORE, k->before, sizeof(k->before));
	k->conflict = FLAG(KNOB, CONFLICT);
}

static void read_memory(const struct nlattr *nest, struct memory_use *m)
{
	struct attrs a = parse_nest(nest);
	const struct nlattr *attr;

	m->resident_kib = U64(MEMORY, RESIDENT_KIB);
	m->used_mib_ms = U64(MEMORY, USED_MIB_MS);
	m->minor_faults = U64(MEMORY, MINOR_FAULTS);
	m->major_faults = U64(MEMORY, MAJOR_FAULTS);
	m->working_set_kib = U64(MEMORY, WORKING_SET_KIB);
	m->working_set_source = U32(MEMORY, WORKING_SET_SOURCE);
	m->current_kib = get_u64_or_none(&a, KVMETER_A_MEMORY_CURRENT_KIB);
	m->full_bp = U32(MEMORY, FULL_BP);
	if (!nest)
		return;
	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) != KVMETER_A_MEMORY_FAULT)
			continue;
		a = parse_nest(attr);
		if (U32(FAULT_COUNT, KIND) < NR_FAULT_KINDS)
			m->faults[U32(FAULT_COUNT, KIND)] = U64(FAULT_COUNT, COUNT);
	}
}

static void read_nic(const struct nlattr *nest, struct nic *n)
{
	struct attrs a = parse_nest(nest);

	get_str(&a, KVMETER_A_NIC_NAME, n->name, sizeof(n->name));
	n->ifindex = U32(NIC, IFINDEX);
	n->found = FLAG(NIC, FOUND);
	n->bytes_in = U64(NIC, IN_BYTES);
	n->bytes_out = U64(NIC, OUT_BYTES);
	n->packets_in = U64(NIC, IN_PACKETS);
	n->packets_out = U64(NIC, OUT_PACKETS);
}

static void read_cgroup(const struct nlattr *nest, struct cgroup *c)
{
	struct attrs a = parse_nest(nest);
	const struct nlattr *attr;

	c->id = U64(CGROUP, ID);
	get_str(&a, KVMETER_A_CGROUP_PATH, c->path, sizeof(c->path));
	if (!nest)
		return;
	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == KVMETER_A_CGROUP_KNOB &&
		    c->nr_knobs < ARRAY_SIZE(c->knobs))
			read_knob(attr, &c->knobs[c->nr_knobs++]);
}

void read_vm(const struct nlmsghdr *nlh, struct vm *vm)
{
	struct attrs a = parse_message(nlh);
	const struct nlattr *attr;

	memset(vm, 0, sizeof(*vm));
	read_settings(IN_VM, &a, vm);
	vm->id = U32(VM, ID);
	get_str(&a, KVMETER_A_VM_NAME, vm->name, sizeof(vm->name));
	get_str(&a, KVMETER_A_VM_IMAGE, vm->image, sizeof(vm->image));
	vm->tgid = U32(VM, TGID);
	vm->nr_vcpus = U32(VM, NR_VCPUS);
	vm->created_real_ns = U64(VM, CREATED_REAL_NS);
	vm->epoch = U64(VM, EPOCH);
	read_times(a.tb[KVMETER_A_VM_TIMES], &vm->times);
	read_counts(a.tb[KVMETER_A_VM_COUNTS], &vm->counts);
	vm->group_exec_ns = U64(VM, GROUP_EXEC_NS);
	vm->billed_cpu_ns = U64(VM, BILLED_CPU_NS);
	read_tariff(a.tb[KVMETER_A_VM_TARIFF], &vm->tariff);
	read_budget(a.tb[KVMETER_A_VM_BUDGET], &vm->budget);
	read_budget_state(a.tb[KVMETER_A_VM_BUDGET_STATE], &vm->budget);
	vm->price_ncr_h = U64(VM, PRICE_NCR_H);
	vm->pending_ncr_h = U64(VM, PENDING_NCR_H);
	vm->pending_real_ns = U64(VM, PENDING_REAL_NS);
	vm->charged_ncr = U64(VM, CHARGED_NCR);
	vm->charged_time_ncr = U64(VM, CHARGED_TIME_NCR);
	vm->waived_ncr = U64(VM, WAIVED_NCR);
	vm->hints_taken = U64(VM, HINTS_TAKEN);
	vm->hints_refused = U64(VM, HINTS_REFUSED);
	vm->hints_dropped = U64(VM, HINTS_DROPPED);
	vm->knob_conflict = FLAG(VM, KNOB_CONFLICT);
	vm->gone = FLAG(VM, GONE);
	vm->adjustment_seq = U64(VM, ADJUSTMENT_SEQ);
	vm->price_seq = U64(VM, PRICE_SEQ);
	vm->ledger_next_seq = U64(VM, LEDGER_NEXT_SEQ);
	vm->ledger_acked_seq = U64(VM, LEDGER_ACKED_SEQ);
	vm->ledger_merged = U64(VM, LEDGER_MERGED);
	read_vm_model(a.tb[KVMETER_A_VM_MODEL], vm);
	read_memory(a.tb[KVMETER_A_VM_MEMORY], &vm->memory);
	read_cgroup(a.tb[KVMETER_A_VM_CGROUP], &vm->cgroup);
	get_str(&a, KVMETER_A_VM_CGROUP_WHY, vm->cgroup.why, sizeof(vm->cgroup.why));
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == KVMETER_A_VM_USAGE)
			read_usage(attr, vm);
		if (mnl_attr_get_type(attr) == KVMETER_A_VM_POLICY)
			read_policy(attr, vm->policy);
		if (mnl_attr_get_type(attr) == KVMETER_A_VM_NIC &&
		    vm->nr_nics < ARRAY_SIZE(vm->nics))
			read_nic(attr, &vm->nics[vm->nr_nics++]);
	}
}

static void read_moments(const struct nlattr *nest, struct vcpu *v)
{
	struct attrs a = parse_nest(nest);
	uint32_t r = U32(MOMENTS, RESOURCE);
	struct moments *m;

	if (r >= NR_RESOURCES)
		return;
	m = &v->moments[r];
	v->has_moments |= 1U << r;
	m->mean_q32 = U64(MOMENTS, MEAN_Q32);
	m->var_q16 = U64(MOMENTS, VAR_Q16);
	m->samples = U64(MOMENTS, SAMPLES);
	if (!FLAG(MOMENTS, NEXT))
		return;
	v->has_forecasts |= 1U << r;
	read_forecast(a.tb[KVMETER_A_MOMENTS_NEXT], &v->next[r]);
	read_forecast(a.tb[KVMETER_A_MOMENTS_AHEAD], &v->ahead[r]);
}

void read_vcpu(const struct nlmsghdr *nlh, struct vcpu *v)
{
	struct attrs a = parse_message(nlh);
	const struct nlattr *attr;

	memset(v, 0, sizeof(*v));
	v->vm_id = U32(VCPU, VM_ID);
	v->vcpu_id = U32(VCPU, VCPU_ID);
	v->tid = U32(VCPU, TID);
	read_times(a.tb[KVMETER_A_VCPU_TIMES], &v->times);
	read_counts(a.tb[KVMETER_A_VCPU_COUNTS], &v->counts);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == KVMETER_A_VCPU_MOMENTS)
			read_moments(attr, v);
}

void read_host(const struct nlmsghdr *nlh, struct host *h)
{
	struct attrs a = parse_message(nlh);
	const struct nlattr *attr;

	memset(h, 0, sizeof(*h));
	read_settings(IN_HOST, &a, h);
	get_str(&a, KVMETER_A_HOST_VERSION, h->version, sizeof(h->version));
	h->epoch = U64(HOST, EPOCH);
	h->nr_vms = U32(HOST, NR_VMS);
	h->adjustment_seq = U64(HOST, ADJUSTMENT_SEQ);
	h->gap_max_ns = U64(HOST, GAP_MAX_NS);
	h->periods_late = U64(HOST, PERIODS_LATE);
	h->periods_lapsed = U64(HOST, PERIODS_LAPSED);
	read_tariff(a.tb[KVMETER_A_HOST_TARIFF], &h->tariff);
	read_budget(a.tb[KVMETER_A_HOST_BUDGET], &h->budget);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == KVMETER_A_HOST_POLICY)
			read_policy(attr, h->policy);
		if (mnl_attr_get_type(attr) == KVMETER_A_HOST_KNOB &&
		    h->nr_knobs < ARRAY_SIZE(h->knobs))
			read_knob(attr, &h->knobs[h->nr_knobs++]);
	}
}
