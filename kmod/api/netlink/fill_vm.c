// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink, attributes out: a VM.
 *
 * Each function returns 0 or -EMSGSIZE and leaves a half-written message to its
 * caller, which cancels the whole.  kvmeter_lock is held.
 */
#include <linux/cgroup.h>

#include "api/netlink/fill_conf.h"
#include "api/netlink/fill_vcpu.h"
#include "api/netlink/fill_vm.h"
#include "api/netlink/reply.h"
#include "base/host.h"
#include "cgroup/cgroup.h"
#include "cgroup/file.h"
#include "core/budget.h"
#include "core/ledger.h"
#include "core/pipeline.h"
#include "core/policy.h"
#include "core/predict.h"
#include "core/price.h"
#include "core/profile.h"
#include "core/units.h"
#include "cpu/cpu.h"
#include "cpu/stat.h"
#include "cpu/times.h"
#include "memory/memory.h"
#include "memory/squeeze.h"
#include "memory/wset.h"
#include "net/nic.h"
#include "net/packet.h"
#include "period/hint.h"
#include "period/visit.h"
#include "vm/log.h"
#include "vm/model.h"
#include "vm/vm.h"

/* The numbers on the wire are the meters' and the core's. */
static_assert((int)KVMETER_FAULT_KIND_EXEC + 1 == KVMETER_NR_FAULTS);
static_assert((int)KVMETER_WSET_SOURCE_FED == KVMETER_WSET_FED);
static_assert((int)KVMETER_BUDGET_EVENT_WARN == KMC_BUDGET_WARN);
static_assert((int)KVMETER_BUDGET_EVENT_CAPPED == KMC_BUDGET_CAPPED);
static_assert((int)KVMETER_BUDGET_EVENT_RENEWED == KMC_BUDGET_RENEWED);
static_assert(KVMETER_NAME_LEN + 1 == KVMETER_NAME_MAX);

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

static int fill_price(struct sk_buff *skb, const struct kmc_price *p, const struct kmc_now *now)
{
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
	    PUT_U64(skb, USAGE, USED, vm->visit->billed.of[r]) ||
	    PUT_U64(skb, USAGE, CHARGED_NCR, core->price.charged_ncr[KMC_CHARGE_OF(r)]))
		return -EMSGSIZE;
	return 0;
}

/* What was used, and what is expected */
static int fill_sample(struct sk_buff *skb, const struct kmc_vm *core, u32 r)
{
	const struct kmc_forecast *next = &core->predict[r].next;

	if (PUT_U32(skb, USAGE, RESOURCE, r) ||
	    PUT_U64(skb, USAGE, USAGE, core->sample[r].usage) ||
	    PUT_U64(skb, USAGE, DEMAND, core->sample[r].demand) ||
	    PUT_FLAG(skb, USAGE, CENSORED, core->sample[r].censored) ||
	    PUT_U64(skb, USAGE, PREDICTED, next->mean) ||
	    PUT_U64(skb, USAGE, P95, next->p95) ||
	    PUT_U64(skb, USAGE, P99, next->p99) ||
	    kvmeter_nl_fill_forecast(skb, KVMETER_A_USAGE_AHEAD, &core->predict[r].ahead) ||
	    PUT_U64(skb, USAGE, MEAN, kmc_profile_mean(&core->profile[r])))
		return -EMSGSIZE;
	return 0;
}

/* How unusual that was */
static int fill_surprise(struct sk_buff *skb, const struct kvmeter_vm *vm, u32 r)
{
	const struct kmc_vm *core = &vm->core;
	const struct kvmeter_alert *alert = &vm->visit->alert[r];

	if (PUT_U32(skb, USAGE, SURPRISE_MBIT, core->surprise[r].mbit) ||
	    PUT_U32(skb, USAGE, SURPRISE_DIR, surprise_dir(core->surprise[r].dir)) ||
	    PUT_U32(skb, USAGE, UNUSUAL_MBIT, core->unusual[r].mbit) ||
	    PUT_U64(skb, USAGE, ALERTS, alert->nr))
		return -EMSGSIZE;
	if (alert->nr && (PUT_U64(skb, USAGE, ALERT_REAL_NS, alert->real_ns) ||
			  PUT_U32(skb, USAGE, ALERT_MBIT, alert->mbit)))
		return -EMSGSIZE;
	if (core->alarm[r] != U64_MAX && PUT_U64(skb, USAGE, ALARM, core->alarm[r]))
		return -EMSGSIZE;
	return 0;
}

static int fill_usage(struct sk_buff *skb, const struct kvmeter_vm *vm, u32 r)
{
	struct nlattr *nest = nla_nest_start(skb, KVMETER_A_VM_USAGE);

	if (!nest || fill_sample(skb, &vm->core, r) || fill_surprise(skb, vm, r))
		return -EMSGSIZE;
	if (r < KMC_NR_ACT ? fill_grant(skb, vm, r) : PUT_U32(skb, USAGE, GRANT_BP, KMC_BP))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_usages(struct sk_buff *skb, const struct kvmeter_vm *vm)
{
	u32 r;

	for (r = 0; r < KMC_NR_RES; r++)
		if (fill_usage(skb, vm, r))
			return -EMSGSIZE;
	return 0;
}

static int fill_state(struct sk_buff *skb, const struct kvmeter_vm *vm)
{
	const char *why = vm->unenforceable[KMC_RES_CPU];

	if (PUT_U64(skb, VM, GROUP_EXEC_NS, vm->cpu->group_exec_ns) ||
	    PUT_U64(skb, VM, BILLED_CPU_NS, vm->visit->billed.of[KMC_RES_CPU]) ||
	    PUT_FLAG(skb, VM, KNOB_CONFLICT, vm->cpu->knob_conflict) ||
	    PUT_FLAG(skb, VM, GONE, vm->dead) ||
	    PUT_U32(skb, VM, VCPU_FORECASTS, vm->cpu->vcpu_forecasts) ||
	    (why && nla_put_string(skb, KVMETER_A_VM_UNENFORCEABLE, why)))
		return -EMSGSIZE;
	return 0;
}

/* Where its logs and its ledger have got to */
static int fill_seqs(struct sk_buff *skb, const struct kvmeter_vm *vm)
{
	const struct kmc_ledger *l = &vm->core.ledger;

	if (PUT_U64(skb, VM, ADJUSTMENT_SEQ, kvmeter_log_seq(vm)) ||
	    PUT_U64(skb, VM, PRICE_SEQ, vm->log->nr_prices) ||
	    PUT_U64(skb, VM, LEDGER_NEXT_SEQ, l->next_seq) ||
	    PUT_U64(skb, VM, LEDGER_ACKED_SEQ, l->acked_seq) ||
	    PUT_U64(skb, VM, LEDGER_MERGED, l->nr_merged))
		return -EMSGSIZE;
	return 0;
}

static int fill_hints(struct sk_buff *skb, const struct kvmeter_vm *vm)
{
	if (PUT_U32(skb, VM, HINTS, vm->hints->on) ||
	    PUT_U64(skb, VM, HINTS_TAKEN, vm->hints->taken) ||
	    PUT_U64(skb, VM, HINTS_REFUSED, vm->hints->refused) ||
	    PUT_U64(skb, VM, HINTS_DROPPED, kvmeter_hints_dropped(vm)))
		return -EMSGSIZE;
	return 0;
}

static int fill_model(struct sk_buff *skb, const struct kvmeter_model *model)
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
	const struct kvmeter_memory *m = vm->memory;
	enum kvmeter_wset_source source;
	u64 current_kib;
	u32 full_bp;
	u64 wset_kib = kvmeter_memory_wset_kib(vm, now->at_ns, &source);

	if (!nest ||
	    PUT_U64(skb, MEMORY, RESIDENT_KIB, m->resident_kib) ||
	    PUT_U64(skb, MEMORY, USED_MIB_MS, m->used_mib_ms) ||
	    PUT_U64(skb, MEMORY, MINOR_FAULTS, m->minor_faults) ||
	    PUT_U64(skb, MEMORY, MAJOR_FAULTS, m->major_faults) ||
	    fill_faults(skb, &vm->cpu->counts) ||
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

static int fill_identity(struct sk_buff *skb, const struct kvmeter_vm *vm)
{
	if (PUT_U32(skb, VM, ID, vm->id) ||
	    PUT_U64(skb, VM, EPOCH, kvmeter_epoch) ||
	    nla_put_string(skb, KVMETER_A_VM_NAME, vm->name) ||
	    nla_put_string(skb, KVMETER_A_VM_IMAGE, vm->image) ||
	    PUT_U32(skb, VM, TGID, vm->tgid) ||
	    PUT_U32(skb, VM, NR_VCPUS, vm->nr_vcpus) ||
	    PUT_U64(skb, VM, CREATED_REAL_NS, vm->created_real_ns))
		return -EMSGSIZE;
	return 0;
}

/**
 * kvmeter_nl_fill_vm - all of a VM
 * @skb: the message
 * @vm: the VM
 * @now: clock
 */
int kvmeter_nl_fill_vm(struct sk_buff *skb, const struct kvmeter_vm *vm, const struct kmc_now *now)
{
	const struct kmc_vm *core = &vm->core;

	if (fill_identity(skb, vm) ||
	    kvmeter_nl_fill_times(skb, KVMETER_A_VM_TIMES, &vm->cpu->times) ||
	    kvmeter_nl_fill_counts(skb, KVMETER_A_VM_COUNTS, &vm->cpu->counts) ||
	    kvmeter_nl_fill_policies(skb, KVMETER_A_VM_POLICY, core->policy) ||
	    kvmeter_nl_fill_tariff(skb, KVMETER_A_VM_TARIFF, &core->tariff) ||
	    kvmeter_nl_fill_budget(skb, KVMETER_A_VM_BUDGET, &core->budget_conf) ||
	    fill_budget_state(skb, core, now) ||
	    fill_price(skb, &core->price, now) ||
	    fill_usages(skb, vm) ||
	    fill_state(skb, vm) ||
	    fill_seqs(skb, vm) ||
	    fill_hints(skb, vm) ||
	    fill_model(skb, vm->model) ||
	    fill_nics(skb, vm) ||
	    fill_memory(skb, vm, now) ||
	    fill_cgroup(skb, vm))
		return -EMSGSIZE;
	return 0;
}
