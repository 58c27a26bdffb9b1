// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink, attributes out.
 *
 * Each function returns 0 or -EMSGSIZE and leaves a half-written message to
 * its caller, who cancels the whole.  kvmeter_lock is held.
 */
#include <linux/cgroup.h>

#include "cgroup/cgroup.h"
#include "kvmeter.h"
#include "api/netlink/netlink.h"
#include "api/tenant/tenant.h"

/* The numbers on the wire are the core's. */
static_assert((int)KVMETER_RESOURCE_EXITS + 1 == KMC_NR_RES);
static_assert((int)KVMETER_MODE_GUARD + 1 == KMC_NR_MODES);
static_assert((int)KVMETER_REASON_POLICY + 1 == KMC_NR_REASONS);
static_assert((int)KVMETER_CAP_ACTION_PAUSE + 1 == KMC_NR_CAP_ACTIONS);
static_assert((int)KVMETER_EXIT_CLASS_OTHER + 1 == KVMETER_NR_EXITS);
static_assert((int)KVMETER_FAULT_KIND_EXEC + 1 == KVMETER_NR_FAULTS);
static_assert((int)KVMETER_WSET_SOURCE_FED == KVMETER_WSET_FED);
static_assert((int)KVMETER_BUDGET_EVENT_WARN == KMC_BUDGET_WARN);
static_assert((int)KVMETER_BUDGET_EVENT_CAPPED == KMC_BUDGET_CAPPED);
static_assert((int)KVMETER_BUDGET_EVENT_RENEWED == KMC_BUDGET_RENEWED);
static_assert((int)KVMETER_SOURCE_HOST == KVMETER_BY_HOST);
static_assert((int)KVMETER_SOURCE_HOST + 1 == KVMETER_NR_SOURCES);
static_assert((int)KVMETER_NL_ANSWER_RATE == KVMETER_ANSWER_RATE);
static_assert(KVMETER_NAME_LEN + 1 == KVMETER_NAME_MAX);

static const char * const expert_name[KMC_NR_EXPERTS] = {
	[KMC_EXPERT_LAST] = "last",
	[KMC_EXPERT_EWMA16] = "ewma16",
	[KMC_EXPERT_EWMA256] = "ewma256",
	[KMC_EXPERT_MEDIAN7] = "median7",
	[KMC_EXPERT_NEAR3] = "near3",
	[KMC_EXPERT_NEAR7] = "near7",
	[KMC_EXPERT_NEAR15] = "near15",
	[KMC_EXPERT_MOVED] = "moved",
	[KMC_EXPERT_DAY] = "day",
	[KMC_EXPERT_LMS16] = "lms16",
	[KMC_EXPERT_RNN] = "rnn",
	[KMC_EXPERT_READOUT] = "readout",
};

static int fill_policy(struct sk_buff *skb, int attr, u32 r, const struct kmc_policy *p)
{
	struct nlattr *nest = nla_nest_start(skb, attr);

	if (!nest ||
	    PUT_U32(skb, POLICY, MODE, p->mode) ||
	    PUT_U32(skb, POLICY, SHADOW, p->shadow) ||
	    PUT_U32(skb, POLICY, CONTENDED_ONLY, p->contended_only) ||
	    PUT_U32(skb, POLICY, NOMINAL_BP, p->nominal_bp) ||
	    PUT_U32(skb, POLICY, THRESHOLD_MBIT, p->threshold_mbit) ||
	    PUT_U32(skb, POLICY, SENSITIVITY_MBIT, p->sensitivity_mbit) ||
	    PUT_U32(skb, POLICY, FLOOR_BP, p->floor_bp) ||
	    PUT_U32(skb, POLICY, CEILING_BP, p->ceiling_bp) ||
	    PUT_U32(skb, POLICY, STEP_BP, p->step_bp) ||
	    PUT_U32(skb, POLICY, DEAD_BAND_BP, p->dead_band_bp) ||
	    PUT_U32(skb, POLICY, DWELL_MS, p->dwell_ms) ||
	    PUT_U32(skb, POLICY, HALF_LIFE_S, p->half_life_s) ||
	    PUT_U32(skb, POLICY, RESOURCE, r) ||
	    PUT_U64(skb, POLICY, NOMINAL, p->nominal) ||
	    PUT_U32(skb, POLICY, FOLLOW, p->follow))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_policies(struct sk_buff *skb, int attr, const struct kmc_policy policy[KMC_NR_ACT])
{
	u32 r;

	for (r = 0; r < KMC_NR_ACT; r++)
		if (fill_policy(skb, attr, r, &policy[r]))
			return -EMSGSIZE;
	return 0;
}

static int fill_tariff(struct sk_buff *skb, int attr, const struct kmc_tariff *t)
{
	struct nlattr *nest = nla_nest_start(skb, attr);
	u32 r;

	if (!nest ||
	    PUT_U64(skb, TARIFF, BASE_NCR_H, t->base_ncr_h) ||
	    PUT_U64(skb, TARIFF, FLOOR_NCR_H, t->floor_ncr_h) ||
	    PUT_U64(skb, TARIFF, CEILING_NCR_H, t->ceiling_ncr_h) ||
	    PUT_U64(skb, TARIFF, SLEW_NCR_H_MIN, t->slew_ncr_h_min) ||
	    PUT_U32(skb, TARIFF, NOTICE_MS, t->notice_ms) ||
	    PUT_U64(skb, TARIFF, CPU_NCR_H, t->rate_ncr[KMC_RES_CPU]) ||
	    PUT_U64(skb, TARIFF, MEMORY_NCR_GIB_H, t->rate_ncr[KMC_RES_MEMORY]) ||
	    PUT_U64(skb, TARIFF, NETWORK_NCR_GIB, t->rate_ncr[KMC_RES_NETWORK]) ||
	    PUT_U64(skb, TARIFF, DISK_NCR_GIB, t->rate_ncr[KMC_RES_DISK]))
		return -EMSGSIZE;
	for (r = 0; r < KMC_NR_ACT; r++) {
		struct nlattr *cost = nla_nest_start(skb, KVMETER_A_TARIFF_COST);

		if (!cost ||
		    PUT_U32(skb, COST, RESOURCE, r) ||
		    PUT_U64(skb, COST, NCR_H, t->cost_ncr_h[r]))
			return -EMSGSIZE;
		nla_nest_end(skb, cost);
	}
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_budget(struct sk_buff *skb, int attr, const struct kmc_budget_conf *b)
{
	struct nlattr *nest = nla_nest_start(skb, attr);

	if (!nest ||
	    PUT_U64(skb, BUDGET, CAP_NCR, b->cap_ncr) ||
	    PUT_U32(skb, BUDGET, PERIOD_S, b->period_s) ||
	    PUT_U32(skb, BUDGET, ACTION, b->action) ||
	    PUT_U32(skb, BUDGET, PACE, b->pace))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_budget_state(struct sk_buff *skb, const struct kmc_vm *core,
			     const struct kmc_now *now)
{
	const struct kmc_budget_conf *conf = &core->budget_conf;
	struct nlattr *nest = nla_nest_start(skb, KVMETER_A_VM_BUDGET_STATE);
	u64 left = kmc_budget_left_ncr(&core->budget, conf);
	u64 start = kvmeter_real_ns(core->budget.started_at_ns, now);

	if (!nest ||
	    PUT_U64(skb, BUDGET_STATE, SPENT_NCR, core->budget.spent_ncr) ||
	    PUT_U64(skb, BUDGET_STATE, STARTED_REAL_NS, start) ||
	    PUT_U32(skb, BUDGET_STATE, WARNED, core->budget.warned) ||
	    PUT_FLAG(skb, BUDGET_STATE, CAPPED, core->budget.capped))
		return -EMSGSIZE;
	if (left != KMC_BUDGET_NONE && PUT_U64(skb, BUDGET_STATE, LEFT_NCR, left))
		return -EMSGSIZE;
	if (conf->period_s &&
	    PUT_U64(skb, BUDGET_STATE, ENDS_REAL_NS, start + conf->period_s * KMC_NS_PER_S))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_times(struct sk_buff *skb, int attr, const struct kvmeter_times *t)
{
	struct nlattr *nest = nla_nest_start(skb, attr);

	if (!nest ||
	    PUT_U64(skb, TIMES, GUEST_NS, t->guest_ns) ||
	    PUT_U64(skb, TIMES, HOST_NS, t->host_ns) ||
	    PUT_U64(skb, TIMES, HALT_POLL_NS, t->halt_poll_ns) ||
	    PUT_U64(skb, TIMES, WAIT_NS, t->wait_ns) ||
	    PUT_U64(skb, TIMES, THROTTLED_NS, t->throttled_ns) ||
	    PUT_U64(skb, TIMES, OTHER_NS, t->other_ns))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_counts(struct sk_buff *skb, int attr, const struct kvmeter_counts *c)
{
	struct nlattr *nest = nla_nest_start(skb, attr);
	u32 i;

	if (!nest || PUT_U64(skb, COUNTS, EXITS, c->exits))
		return -EMSGSIZE;
	for (i = 0; i < KVMETER_NR_EXITS; i++) {
		struct nlattr *one = nla_nest_start(skb, KVMETER_A_COUNTS_CLASS);

		if (!one ||
		    PUT_U32(skb, EXIT_COUNT, CLASS, i) ||
		    PUT_U64(skb, EXIT_COUNT, COUNT, c->class[i]))
			return -EMSGSIZE;
		nla_nest_end(skb, one);
	}
	nla_nest_end(skb, nest);
	return 0;
}

static u32 surprise_dir(s32 dir)
{
	if (dir > 0)
		return KVMETER_SURPRISE_DIR_UP;
	if (dir < 0)
		return KVMETER_SURPRISE_DIR_DOWN;
	return KVMETER_SURPRISE_DIR_NONE;
}

/* What there is of a resource that is adjusted and charged */
static int fill_grant(struct sk_buff *skb, const struct kvmeter_vm *vm, u32 r)
{
	const struct kmc_vm *core = &vm->core;
	const char *why = vm->unenforceable[r];

	if (PUT_U32(skb, USAGE, GRANT_BP, core->effect_bp[r]) ||
	    PUT_U32(skb, USAGE, WANTED_BP, core->decide[r].policy_bp) ||
	    PUT_U32(skb, USAGE, REST_BP, core->decide[r].rest_bp) ||
	    PUT_FLAG(skb, USAGE, ENFORCED, !why) ||
	    (why && nla_put_string(skb, KVMETER_A_USAGE_UNENFORCEABLE, why)) ||
	    PUT_U64(skb, USAGE, USED, vm->billed.of[r]) ||
	    PUT_U64(skb, USAGE, CHARGED_NCR, core->price.charged_ncr[KMC_CHARGE_OF(r)]))
		return -EMSGSIZE;
	return 0;
}

static int fill_forecast(struct sk_buff *skb, int attr, const struct kmc_forecast *f)
{
	struct nlattr *nest = nla_nest_start(skb, attr);

	if (!nest ||
	    PUT_U64(skb, FORECAST, PREDICTED, f->mean) ||
	    PUT_U64(skb, FORECAST, P95, f->p95) ||
	    PUT_U64(skb, FORECAST, P99, f->p99))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_usage(struct sk_buff *skb, const struct kvmeter_vm *vm, u32 r)
{
	const struct kmc_vm *core = &vm->core;
	const struct kmc_forecast *next = &core->predict[r].next;
	struct nlattr *nest = nla_nest_start(skb, KVMETER_A_VM_USAGE);

	if (!nest ||
	    PUT_U32(skb, USAGE, RESOURCE, r) ||
	    PUT_U64(skb, USAGE, USAGE, core->sample[r].usage) ||
	    PUT_U64(skb, USAGE, DEMAND, core->sample[r].demand) ||
	    PUT_FLAG(skb, USAGE, CENSORED, core->sample[r].censored) ||
	    PUT_U64(skb, USAGE, PREDICTED, next->mean) ||
	    PUT_U64(skb, USAGE, P95, next->p95) ||
	    PUT_U64(skb, USAGE, P99, next->p99) ||
	    fill_forecast(skb, KVMETER_A_USAGE_AHEAD, &core->predict[r].ahead) ||
	    PUT_U64(skb, USAGE, MEAN, kmc_profile_mean(&core->profile[r])) ||
	    PUT_U32(skb, USAGE, SURPRISE_MBIT, core->surprise[r].mbit) ||
	    PUT_U32(skb, USAGE, SURPRISE_DIR, surprise_dir(core->surprise[r].dir)) ||
	    PUT_U32(skb, USAGE, UNUSUAL_MBIT, core->unusual[r].mbit) ||
	    PUT_U64(skb, USAGE, ALERTS, vm->alert[r].nr))
		return -EMSGSIZE;
	if (vm->alert[r].nr &&
	    (PUT_U64(skb, USAGE, ALERT_REAL_NS, vm->alert[r].real_ns) ||
	     PUT_U32(skb, USAGE, ALERT_MBIT, vm->alert[r].mbit)))
		return -EMSGSIZE;
	if (core->alarm[r] != U64_MAX && PUT_U64(skb, USAGE, ALARM, core->alarm[r]))
		return -EMSGSIZE;
	if (r < KMC_NR_ACT ? fill_grant(skb, vm, r) : PUT_U32(skb, USAGE, GRANT_BP, KMC_BP))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_faults(struct sk_buff *skb, const struct kvmeter_counts *c)
{
	u32 i;

	for (i = 0; i < KVMETER_NR_FAULTS; i++) {
		struct nlattr *one = nla_nest_start(skb, KVMETER_A_MEMORY_FAULT);

		if (!one ||
		    PUT_U32(skb, FAULT_COUNT, KIND, i) ||
		    PUT_U64(skb, FAULT_COUNT, COUNT, c->fault[i]))
			return -EMSGSIZE;
		nla_nest_end(skb, one);
	}
	return 0;
}

static int fill_memory(struct sk_buff *skb, const struct kvmeter_vm *vm,
		       const struct kmc_now *now)
{
	struct nlattr *nest = nla_nest_start(skb, KVMETER_A_VM_MEMORY);
	const struct kvmeter_memory *m = &vm->memory;
	enum kvmeter_wset_source source;
	u64 current_kib;
	u32 full_bp;
	u64 wset_kib = kvmeter_memory_wset_kib(vm, now->at_ns, &source);

	if (!nest ||
	    PUT_U64(skb, MEMORY, RESIDENT_KIB, m->resident_kib) ||
	    PUT_U64(skb, MEMORY, USED_MIB_MS, m->used_mib_ms) ||
	    PUT_U64(skb, MEMORY, MINOR_FAULTS, m->minor_faults) ||
	    PUT_U64(skb, MEMORY, MAJOR_FAULTS, m->major_faults) ||
	    fill_faults(skb, &vm->counts) ||
	    PUT_U64(skb, MEMORY, WORKING_SET_KIB, wset_kib) ||
	    PUT_U32(skb, MEMORY, WORKING_SET_SOURCE, source))
		return -EMSGSIZE;
	if (kvmeter_squeeze_sensed(vm, &current_kib, &full_bp) &&
	    (PUT_U64(skb, MEMORY, CURRENT_KIB, current_kib) ||
	     PUT_U32(skb, MEMORY, FULL_BP, full_bp)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* cg->lock, which a message's room being reserved allows */
static int fill_cg_file(struct sk_buff *skb, const struct kvmeter_cg_file *f, const char *name)
{
	struct nlattr *nest = nla_nest_start(skb, KVMETER_A_CGROUP_KNOB);

	if (!nest ||
	    nla_put_string(skb, KVMETER_A_KNOB_NAME, name) ||
	    PUT_FLAG(skb, KNOB, ENFORCEABLE, !f->why) ||
	    (f->why && nla_put_string(skb, KVMETER_A_KNOB_WHY, f->why)))
		return -EMSGSIZE;
	if (f->held &&
	    (nla_put_string(skb, KVMETER_A_KNOB_VALUE, f->value) ||
	     nla_put_string(skb, KVMETER_A_KNOB_BEFORE, f->before) ||
	     PUT_FLAG(skb, KNOB, CONFLICT, f->conflict)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_cgroup(struct sk_buff *skb, const struct kvmeter_vm *vm)
{
	struct kvmeter_cgroup *cg = vm->cgroup;
	struct nlattr *nest;
	int err = 0, i;

	if (vm->cgroup_why && nla_put_string(skb, KVMETER_A_VM_CGROUP_WHY, vm->cgroup_why))
		return -EMSGSIZE;
	if (!cg)
		return 0;
	nest = nla_nest_start(skb, KVMETER_A_VM_CGROUP);
	if (!nest ||
	    PUT_U64(skb, CGROUP, ID, kvmeter_cgroup_id(vm)) ||
	    nla_put_string(skb, KVMETER_A_CGROUP_PATH, cg->path))
		return -EMSGSIZE;
	for (i = 0; i < KVMETER_NR_CG_KNOBS && !err; i++) {
		spin_lock(&cg->lock);
		err = fill_cg_file(skb, &cg->file[i], kvmeter_cg_name(i));
		spin_unlock(&cg->lock);
	}
	if (!err)
		nla_nest_end(skb, nest);
	return err;
}

static int fill_vm_state(struct sk_buff *skb, const struct kvmeter_vm *vm)
{
	const struct kmc_vm *core = &vm->core;
	const struct kmc_ledger *l = &core->ledger;
	u32 r;

	for (r = 0; r < KMC_NR_RES; r++)
		if (fill_usage(skb, vm, r))
			return -EMSGSIZE;
	if (PUT_U64(skb, VM, GROUP_EXEC_NS, vm->group_exec_ns) ||
	    PUT_U64(skb, VM, BILLED_CPU_NS, vm->billed.of[KMC_RES_CPU]) ||
	    PUT_FLAG(skb, VM, KNOB_CONFLICT, vm->knob_conflict) ||
	    PUT_FLAG(skb, VM, GONE, vm->dead) ||
	    PUT_U64(skb, VM, ADJUSTMENT_SEQ, kvmeter_log_seq(vm)) ||
	    PUT_U64(skb, VM, PRICE_SEQ, vm->nr_prices) ||
	    PUT_U64(skb, VM, LEDGER_NEXT_SEQ, l->next_seq) ||
	    PUT_U64(skb, VM, LEDGER_ACKED_SEQ, l->acked_seq) ||
	    PUT_U64(skb, VM, LEDGER_MERGED, l->nr_merged) ||
	    PUT_U32(skb, VM, VCPU_FORECASTS, vm->vcpu_forecasts) ||
	    PUT_U32(skb, VM, HINTS, vm->hints) ||
	    PUT_U64(skb, VM, HINTS_TAKEN, vm->hints_taken) ||
	    PUT_U64(skb, VM, HINTS_REFUSED, vm->hints_refused) ||
	    PUT_U64(skb, VM, HINTS_DROPPED, kvmeter_hints_dropped(vm)))
		return -EMSGSIZE;
	if (vm->unenforceable[KMC_RES_CPU] &&
	    nla_put_string(skb, KVMETER_A_VM_UNENFORCEABLE, vm->unenforceable[KMC_RES_CPU]))
		return -EMSGSIZE;
	return 0;
}

static int fill_vm_model(struct sk_buff *skb, const struct kvmeter_model *model)
{
	struct nlattr *nest;

	if (!model)
		return 0;
	nest = nla_nest_start(skb, KVMETER_A_VM_MODEL);
	if (!nest || nla_put_string(skb, KVMETER_A_VM_MODEL_IMAGE, model->image) ||
	    PUT_U32(skb, VM_MODEL, CHECKSUM, model->weights.checksum))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_vm_price(struct sk_buff *skb, const struct kvmeter_vm *vm,
			 const struct kmc_now *now)
{
	const struct kmc_price *p = &vm->core.price;

	if (PUT_U64(skb, VM, PRICE_NCR_H, p->now_ncr_h) ||
	    PUT_U64(skb, VM, CHARGED_NCR, kmc_price_charged(p)) ||
	    PUT_U64(skb, VM, CHARGED_TIME_NCR, p->charged_ncr[KMC_CHARGE_TIME]) ||
	    PUT_U64(skb, VM, CHARGED_CPU_NCR, p->charged_ncr[KMC_CHARGE_CPU]) ||
	    PUT_U64(skb, VM, WAIVED_NCR, p->waived_ncr))
		return -EMSGSIZE;
	if (!p->pending_at_ns)
		return 0;
	if (PUT_U64(skb, VM, PENDING_NCR_H, p->pending_ncr_h) ||
	    PUT_U64(skb, VM, PENDING_REAL_NS, kvmeter_real_ns(p->pending_at_ns, now)))
		return -EMSGSIZE;
	return 0;
}

static int fill_nic(struct sk_buff *skb, const struct kvmeter_nic_info *nic)
{
	struct nlattr *nest = nla_nest_start(skb, KVMETER_A_VM_NIC);
	const struct kvmeter_net_counts *c = &nic->counts;

	if (!nest ||
	    nla_put_string(skb, KVMETER_A_NIC_NAME, nic->name) ||
	    PUT_U32(skb, NIC, IFINDEX, nic->ifindex) ||
	    PUT_U32(skb, NIC, NETNS_INO, nic->netns_ino) ||
	    PUT_FLAG(skb, NIC, FOUND, nic->found) ||
	    PUT_FLAG(skb, NIC, HOOKED, nic->hooked) ||
	    PUT_U64(skb, NIC, IN_BYTES, c->bytes[KVMETER_NET_IN]) ||
	    PUT_U64(skb, NIC, IN_PACKETS, c->packets[KVMETER_NET_IN]) ||
	    PUT_U64(skb, NIC, OUT_BYTES, c->bytes[KVMETER_NET_OUT]) ||
	    PUT_U64(skb, NIC, OUT_PACKETS, c->packets[KVMETER_NET_OUT]) ||
	    PUT_U64(skb, NIC, IN_DROPPED_BYTES, c->dropped_bytes[KVMETER_NET_IN]) ||
	    PUT_U64(skb, NIC, IN_DROPPED, c->dropped[KVMETER_NET_IN]) ||
	    PUT_U64(skb, NIC, OUT_DROPPED_BYTES, c->dropped_bytes[KVMETER_NET_OUT]) ||
	    PUT_U64(skb, NIC, OUT_DROPPED, c->dropped[KVMETER_NET_OUT]))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_nics(struct sk_buff *skb, const struct kvmeter_vm *vm)
{
	static struct kvmeter_nic_info nics[KVMETER_NICS_MAX];	/* under kvmeter_lock */
	int i, n = kvmeter_net_show(vm, nics);

	lockdep_assert_held(&kvmeter_lock);
	for (i = 0; i < n; i++)
		if (fill_nic(skb, &nics[i]))
			return -EMSGSIZE;
	return 0;
}

int kvmeter_nl_fill_vm(struct sk_buff *skb, const struct kvmeter_vm *vm, const struct kmc_now *now)
{
	const struct kmc_vm *core = &vm->core;

	if (PUT_U32(skb, VM, ID, vm->id) ||
	    PUT_U64(skb, VM, EPOCH, kvmeter_epoch) ||
	    nla_put_string(skb, KVMETER_A_VM_NAME, vm->name) ||
	    nla_put_string(skb, KVMETER_A_VM_IMAGE, vm->image) ||
	    PUT_U32(skb, VM, TGID, vm->tgid) ||
	    PUT_U32(skb, VM, NR_VCPUS, vm->nr_vcpus) ||
	    PUT_U64(skb, VM, CREATED_REAL_NS, vm->created_real_ns) ||
	    fill_times(skb, KVMETER_A_VM_TIMES, &vm->times) ||
	    fill_counts(skb, KVMETER_A_VM_COUNTS, &vm->counts) ||
	    fill_policies(skb, KVMETER_A_VM_POLICY, core->policy) ||
	    fill_tariff(skb, KVMETER_A_VM_TARIFF, &core->tariff) ||
	    fill_budget(skb, KVMETER_A_VM_BUDGET, &core->budget_conf) ||
	    fill_budget_state(skb, core, now) ||
	    fill_vm_price(skb, vm, now) ||
	    fill_vm_state(skb, vm) ||
	    fill_vm_model(skb, vm->model) ||
	    fill_nics(skb, vm) ||
	    fill_memory(skb, vm, now) ||
	    fill_cgroup(skb, vm))
		return -EMSGSIZE;
	return 0;
}

int kvmeter_nl_fill_adjustment(struct sk_buff *skb, const struct kvmeter_adjustment *a)
{
	if (PUT_U32(skb, ADJUSTMENT, VM_ID, a->vm_id) ||
	    PUT_U64(skb, ADJUSTMENT, SEQ, a->seq) ||
	    PUT_U64(skb, ADJUSTMENT, REAL_NS, a->real_ns) ||
	    PUT_U32(skb, ADJUSTMENT, RESOURCE, a->resource) ||
	    PUT_U32(skb, ADJUSTMENT, REASON, a->reason) ||
	    PUT_U32(skb, ADJUSTMENT, MODE, a->mode) ||
	    PUT_FLAG(skb, ADJUSTMENT, WOULD, a->would) ||
	    PUT_FLAG(skb, ADJUSTMENT, ENFORCED, a->enforced) ||
	    PUT_U32(skb, ADJUSTMENT, OLD_GRANT_BP, a->old_grant_bp) ||
	    PUT_U32(skb, ADJUSTMENT, NEW_GRANT_BP, a->new_grant_bp) ||
	    PUT_U32(skb, ADJUSTMENT, FACTOR_BP, a->factor_bp) ||
	    PUT_U32(skb, ADJUSTMENT, THRESHOLD_MBIT, a->threshold_mbit) ||
	    PUT_U32(skb, ADJUSTMENT, SURPRISE_MBIT, a->surprise_mbit) ||
	    PUT_U64(skb, ADJUSTMENT, USAGE_BP, a->usage_bp) ||
	    PUT_U64(skb, ADJUSTMENT, DEMAND_BP, a->demand_bp) ||
	    PUT_U64(skb, ADJUSTMENT, PREDICTED_BP, a->predicted_bp) ||
	    PUT_U64(skb, ADJUSTMENT, P99_BP, a->p99_bp) ||
	    PUT_U64(skb, ADJUSTMENT, OLD_NCR_H, a->old_ncr_h) ||
	    PUT_U64(skb, ADJUSTMENT, NEW_NCR_H, a->new_ncr_h) ||
	    PUT_U64(skb, ADJUSTMENT, EFFECTIVE_REAL_NS, a->effective_real_ns) ||
	    PUT_U64(skb, ADJUSTMENT, EPOCH, kvmeter_epoch) ||
	    (a->source && PUT_U32(skb, ADJUSTMENT, SOURCE, a->source)))
		return -EMSGSIZE;
	return 0;
}

int kvmeter_nl_fill_price(struct sk_buff *skb, const struct kvmeter_vm *vm,
			  const struct kvmeter_price_change *c)
{
	if (PUT_U32(skb, PRICE, VM_ID, vm->id) ||
	    PUT_U64(skb, PRICE, SEQ, c->seq) ||
	    PUT_U64(skb, PRICE, REAL_NS, c->real_ns) ||
	    PUT_U64(skb, PRICE, EFFECTIVE_REAL_NS, c->effective_real_ns) ||
	    PUT_U64(skb, PRICE, OLD_NCR_H, c->old_ncr_h) ||
	    PUT_U64(skb, PRICE, NEW_NCR_H, c->new_ncr_h) ||
	    PUT_U64(skb, PRICE, ADJUSTMENT_SEQ, c->adjustment_seq) ||
	    PUT_U64(skb, PRICE, EPOCH, kvmeter_epoch))
		return -EMSGSIZE;
	return 0;
}

int kvmeter_nl_fill_record(struct sk_buff *skb, const struct kvmeter_vm *vm,
			   const struct kmc_record *r)
{
	if (PUT_U64(skb, RECORD, EPOCH, kvmeter_epoch) ||
	    PUT_U32(skb, RECORD, VM_ID, vm->id) ||
	    PUT_U64(skb, RECORD, SEQ, r->seq) ||
	    PUT_U64(skb, RECORD, FIRST_SEQ, r->first_seq) ||
	    PUT_U64(skb, RECORD, START_REAL_NS, r->start_ns) ||
	    PUT_U64(skb, RECORD, END_REAL_NS, r->end_ns) ||
	    PUT_U64(skb, RECORD, SPAN_NS, r->span_ns) ||
	    PUT_U64(skb, RECORD, PRICE_NCR_H, r->price_ncr_h) ||
	    PUT_U64(skb, RECORD, CPU_NS, r->used.of[KMC_RES_CPU]) ||
	    PUT_U64(skb, RECORD, TIME_NCR, r->ncr[KMC_CHARGE_TIME]) ||
	    PUT_U64(skb, RECORD, CPU_NCR, r->ncr[KMC_CHARGE_CPU]) ||
	    PUT_U64(skb, RECORD, WAIVED_NCR, r->waived_ncr) ||
	    PUT_U64(skb, RECORD, TOTAL_NCR, r->total_ncr) ||
	    PUT_U64(skb, RECORD, TOTAL_CPU_NS, r->total_used.of[KMC_RES_CPU]) ||
	    PUT_U64(skb, RECORD, TOTAL_WAIVED_NCR, r->total_waived_ncr) ||
	    PUT_U64(skb, RECORD, MEMORY_MIB_MS, r->used.of[KMC_RES_MEMORY]) ||
	    PUT_U64(skb, RECORD, NETWORK_BYTES, r->used.of[KMC_RES_NETWORK]) ||
	    PUT_U64(skb, RECORD, DISK_COST_BYTES, r->used.of[KMC_RES_DISK]) ||
	    PUT_U64(skb, RECORD, MEMORY_NCR, r->ncr[KMC_CHARGE_MEMORY]) ||
	    PUT_U64(skb, RECORD, NETWORK_NCR, r->ncr[KMC_CHARGE_NETWORK]) ||
	    PUT_U64(skb, RECORD, DISK_NCR, r->ncr[KMC_CHARGE_DISK]) ||
	    PUT_U64(skb, RECORD, TOTAL_MEMORY_MIB_MS, r->total_used.of[KMC_RES_MEMORY]) ||
	    PUT_U64(skb, RECORD, TOTAL_NETWORK_BYTES, r->total_used.of[KMC_RES_NETWORK]) ||
	    PUT_U64(skb, RECORD, TOTAL_DISK_COST_BYTES, r->total_used.of[KMC_RES_DISK]))
		return -EMSGSIZE;
	return 0;
}

int kvmeter_nl_fill_vcpu(struct sk_buff *skb, const struct kvmeter_vm *vm,
			 const struct kvmeter_slot *slot)
{
	u32 i;

	if (PUT_U32(skb, VCPU, VM_ID, vm->id) ||
	    PUT_U32(skb, VCPU, VCPU_ID, slot->vcpu_id) ||
	    PUT_U32(skb, VCPU, TID, slot->tid) ||
	    fill_times(skb, KVMETER_A_VCPU_TIMES, &slot->times) ||
	    fill_counts(skb, KVMETER_A_VCPU_COUNTS, &slot->counts))
		return -EMSGSIZE;
	for (i = 0; i < KVMETER_NR_SLOT_RES; i++) {
		const struct kmc_profile *p = &slot->profile[i];
		struct nlattr *nest = nla_nest_start(skb, KVMETER_A_VCPU_MOMENTS);

		if (!nest ||
		    PUT_U32(skb, MOMENTS, RESOURCE, kvmeter_vcpu_res(i)) ||
		    PUT_U64(skb, MOMENTS, MEAN_Q32, p->mean_q32) ||
		    PUT_U64(skb, MOMENTS, VAR_Q16, p->var_q16) ||
		    PUT_U64(skb, MOMENTS, SAMPLES, p->nr_samples))
			return -EMSGSIZE;
		if (slot->predict &&
		    (fill_forecast(skb, KVMETER_A_MOMENTS_NEXT, &slot->predict[i].next) ||
		     fill_forecast(skb, KVMETER_A_MOMENTS_AHEAD, &slot->predict[i].ahead)))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int fill_bins(struct sk_buff *skb, const struct kmc_hist *h)
{
	u32 i;

	for (i = 0; i < KMC_HIST_BINS; i++) {
		u64 end = i + 1 < KMC_HIST_BINS ? kmc_hist_bin_low(i + 1) : KMC_HIST_MAX;
		struct nlattr *nest;

		if (!h->bin[i])
			continue;
		nest = nla_nest_start(skb, KVMETER_A_PROFILE_BIN);
		if (!nest ||
		    PUT_U64(skb, BIN, LOW, kmc_hist_bin_low(i)) ||
		    PUT_U64(skb, BIN, END, end) ||
		    PUT_U32(skb, BIN, WEIGHT, h->bin[i]))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int fill_experts(struct sk_buff *skb, const struct kmc_predict *p)
{
	u32 i;

	for (i = 0; i < KMC_NR_EXPERTS; i++) {
		struct nlattr *nest = nla_nest_start(skb, KVMETER_A_PROFILE_EXPERT);

		if (!nest ||
		    nla_put_string(skb, KVMETER_A_EXPERT_NAME, expert_name[i]) ||
		    PUT_U64(skb, EXPERT, VALUE_Q8, p->value_q8[i]) ||
		    PUT_U64(skb, EXPERT, LOSS_Q8, kmc_predict_loss_q8(p, i)) ||
		    PUT_U32(skb, EXPERT, WEIGHT_Q16, p->weight_q16[i]))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

/* What is learned, whoever it belongs to */
int kvmeter_nl_fill_learned(struct sk_buff *skb, const struct kmc_profile *p)
{
	if (PUT_U64(skb, PROFILE, MEAN_Q32, p->mean_q32) ||
	    PUT_U64(skb, PROFILE, VAR_Q16, p->var_q16) ||
	    PUT_U64(skb, PROFILE, SAMPLES, p->nr_samples) ||
	    PUT_U32(skb, PROFILE, PRIOR_SAMPLES, p->nr_prior) ||
	    PUT_U64(skb, PROFILE, CENSORED, p->nr_censored) ||
	    PUT_U32(skb, PROFILE, EFFECTIVE_SAMPLES, kmc_hist_samples(&p->hist)) ||
	    PUT_U32(skb, PROFILE, HALF_LIFE, p->half_life))
		return -EMSGSIZE;
	return fill_bins(skb, &p->hist);
}

int kvmeter_nl_fill_profile(struct sk_buff *skb, const struct kvmeter_vm *vm, u32 r)
{
	const struct kmc_vm *core = &vm->core;
	const struct kmc_forecast *next = &core->predict[r].next;

	if (PUT_U32(skb, PROFILE, VM_ID, vm->id) ||
	    PUT_U32(skb, PROFILE, RESOURCE, r) ||
	    PUT_U64(skb, PROFILE, PREDICTED, next->mean) ||
	    PUT_U64(skb, PROFILE, P95, next->p95) ||
	    PUT_U64(skb, PROFILE, P99, next->p99))
		return -EMSGSIZE;
	if (core->alarm[r] != U64_MAX && PUT_U64(skb, PROFILE, ALARM, core->alarm[r]))
		return -EMSGSIZE;
	if (kvmeter_nl_fill_learned(skb, &core->profile[r]) ||
	    fill_experts(skb, &core->predict[r]))
		return -EMSGSIZE;
	return 0;
}

int kvmeter_nl_fill_host(struct sk_buff *skb)
{
	const struct kvmeter_conf *conf = &kvmeter_conf;
	u32 i;

	if (nla_put_string(skb, KVMETER_A_HOST_VERSION, THIS_MODULE->version ?: "unknown") ||
	    PUT_U64(skb, HOST, EPOCH, kvmeter_epoch) ||
	    PUT_U32(skb, HOST, NR_VMS, kvmeter_nr_vms()) ||
	    PUT_U64(skb, HOST, PERIOD_NS, conf->period_ns) ||
	    PUT_U64(skb, HOST, RECORD_NS, conf->record_ns) ||
	    PUT_U64(skb, HOST, BURST_NS, conf->burst_ns) ||
	    PUT_U64(skb, HOST, ADJUSTMENT_SEQ, kvmeter_adjustment_seq) ||
	    fill_policies(skb, KVMETER_A_HOST_POLICY, conf->policy) ||
	    fill_tariff(skb, KVMETER_A_HOST_TARIFF, &conf->tariff) ||
	    fill_budget(skb, KVMETER_A_HOST_BUDGET, &conf->budget))
		return -EMSGSIZE;
	for (i = 0; i < KVMETER_NR_KNOBS; i++) {
		struct nlattr *nest = nla_nest_start(skb, KVMETER_A_HOST_KNOB);
		const char *why = kvmeter_knob_why(i);

		if (!nest ||
		    nla_put_string(skb, KVMETER_A_KNOB_NAME, kvmeter_knob_name[i]) ||
		    PUT_FLAG(skb, KNOB, ENFORCEABLE, !why) ||
		    (why && nla_put_string(skb, KVMETER_A_KNOB_WHY, why)))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

