// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: bodies of the operations and the notices.
 *
 * The contract is Documentation/netlink/specs/kvmeter.yaml; tables and
 * attribute policies are generated from it (netlink_gen.c).  By the time that
 * a handler runs, the sender's capability, the attributes' types and lengths
 * and single-field ranges are checked.  Handlers refuse what only makes sense
 * as a whole, and change nothing until all of a request is checked.
 *
 * Everything runs under kvmeter_lock.  Dumps drop it between two messages, so
 * they keep no pointer but the id or sequence number they have reached: a VM
 * that comes or goes meanwhile is in the dump or not, and disturbs no other.
 */
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "kvmeter.h"
#include "netlink_gen.h"

/*
 * A VM is about 2 KiB, a histogram of all bins about 5 KiB.  Price changes and
 * adjustments are about 300 bytes; a listener's buffer is charged for what is
 * allocated, so they are sent in no more than they need.
 */
#define KVMETER_NL_EVENT_SIZE		512
#define KVMETER_NL_VM_SIZE		4096
#define KVMETER_NL_PROFILE_SIZE		8192

#define KVMETER_NL_NR_GROUPS		4

/* The numbers on the wire are the core's. */
static_assert((int)KVMETER_RESOURCE_EXITS + 1 == KMC_NR_RES);
static_assert((int)KVMETER_MODE_GUARD + 1 == KMC_NR_MODES);
static_assert((int)KVMETER_REASON_POLICY + 1 == KMC_NR_REASONS);
static_assert((int)KVMETER_CAP_ACTION_PAUSE + 1 == KMC_NR_CAP_ACTIONS);
static_assert((int)KVMETER_EXIT_CLASS_OTHER + 1 == KVMETER_NR_EXITS);
static_assert((int)KVMETER_BUDGET_EVENT_WARN == KMC_BUDGET_WARN);
static_assert((int)KVMETER_BUDGET_EVENT_CAPPED == KMC_BUDGET_CAPPED);
static_assert((int)KVMETER_BUDGET_EVENT_RENEWED == KMC_BUDGET_RENEWED);
static_assert(KVMETER_NAME_LEN + 1 == KVMETER_NAME_MAX);

static const char * const expert_name[KMC_NR_EXPERTS] = {
	[KMC_EXPERT_LAST] = "last",
	[KMC_EXPERT_EWMA2] = "ewma2",
	[KMC_EXPERT_EWMA8] = "ewma8",
	[KMC_EXPERT_EWMA64] = "ewma64",
	[KMC_EXPERT_MEAN] = "mean",
};

/* under kvmeter_lock: the last sequence number of each group */
static u64 notice_seq[KVMETER_NL_NR_GROUPS];

static struct genl_family kvmeter_nl_family __ro_after_init = {
	.name = KVMETER_FAMILY_NAME,
	.version = KVMETER_FAMILY_VERSION,
	.module = THIS_MODULE,
	.parallel_ops = true,		/* kvmeter_lock serialises */
	.mcgrps = kvmeter_nl_mcgrps,
	.n_mcgrps = KVMETER_NL_NR_GROUPS,
};

/*
 * Attributes out.  Each fill function returns 0 or -EMSGSIZE and leaves a
 * half-written message to its caller, who cancels the whole.
 */

#define PUT_U64(skb, set, name, v) \
	nla_put_u64_64bit(skb, KVMETER_A_##set##_##name, v, KVMETER_A_##set##_PAD)
#define PUT_U32(skb, set, name, v) \
	nla_put_u32(skb, KVMETER_A_##set##_##name, v)
#define PUT_FLAG(skb, set, name, v) \
	((v) ? nla_put_flag(skb, KVMETER_A_##set##_##name) : 0)

static int fill_policy(struct sk_buff *skb, int attr, const struct kmc_policy *p)
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
	    PUT_U32(skb, POLICY, HALF_LIFE_S, p->half_life_s))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
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
	    PUT_U64(skb, TARIFF, CPU_NCR_H, t->cpu_ncr_h))
		return -EMSGSIZE;
	for (r = 0; r < KMC_NR_RES; r++) {
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
	    PUT_U64(skb, USAGE, MEAN, kmc_profile_mean(&core->profile[r])) ||
	    PUT_U32(skb, USAGE, SURPRISE_MBIT, core->surprise[r].mbit) ||
	    PUT_U32(skb, USAGE, SURPRISE_DIR, surprise_dir(core->surprise[r].dir)) ||
	    PUT_U32(skb, USAGE, GRANT_BP, core->effect_bp[r]))
		return -EMSGSIZE;
	if (core->alarm[r] != U64_MAX && PUT_U64(skb, USAGE, ALARM, core->alarm[r]))
		return -EMSGSIZE;
	if (r == KMC_RES_CPU &&
	    (PUT_U32(skb, USAGE, WANTED_BP, core->decide.policy_bp) ||
	     PUT_U32(skb, USAGE, REST_BP, core->decide.rest_bp) ||
	     PUT_FLAG(skb, USAGE, ENFORCED, !vm->unenforceable)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static const struct kvmeter_adjustment *log_entry(const struct kvmeter_vm *vm, u64 i)
{
	return &vm->log[i % KVMETER_LOG_LEN];
}

static const struct kvmeter_price_change *price_entry(const struct kvmeter_vm *vm, u64 i)
{
	return &vm->prices[i % KVMETER_LOG_LEN];
}

static u64 log_oldest(u64 nr)
{
	return kmc_sat_sub(nr, KVMETER_LOG_LEN);
}

/* the oldest kept adjustment above @seq, or NULL; sequence numbers rise, not by one */
static const struct kvmeter_adjustment *log_next(const struct kvmeter_vm *vm, u64 seq)
{
	u64 lo = log_oldest(vm->nr_log);
	u64 hi = vm->nr_log;

	while (lo < hi) {
		u64 mid = lo + (hi - lo) / 2;

		if (log_entry(vm, mid)->seq > seq)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo < vm->nr_log ? log_entry(vm, lo) : NULL;
}

/* the oldest kept price change above @seq, or NULL */
static const struct kvmeter_price_change *price_next(const struct kvmeter_vm *vm, u64 seq)
{
	u64 i;

	for (i = log_oldest(vm->nr_prices); i < vm->nr_prices; i++)
		if (price_entry(vm, i)->seq > seq)
			return price_entry(vm, i);
	return NULL;
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
	    PUT_U64(skb, VM, BILLED_CPU_NS, vm->billed_ns) ||
	    PUT_FLAG(skb, VM, KNOB_CONFLICT, vm->knob_conflict) ||
	    PUT_FLAG(skb, VM, GONE, vm->dead) ||
	    PUT_U64(skb, VM, ADJUSTMENT_SEQ,
		    vm->nr_log ? log_entry(vm, vm->nr_log - 1)->seq : 0) ||
	    PUT_U64(skb, VM, PRICE_SEQ,
		    vm->nr_prices ? price_entry(vm, vm->nr_prices - 1)->seq : 0) ||
	    PUT_U64(skb, VM, LEDGER_NEXT_SEQ, l->next_seq) ||
	    PUT_U64(skb, VM, LEDGER_ACKED_SEQ, l->acked_seq) ||
	    PUT_U64(skb, VM, LEDGER_MERGED, l->nr_merged))
		return -EMSGSIZE;
	if (vm->unenforceable && nla_put_string(skb, KVMETER_A_VM_UNENFORCEABLE, vm->unenforceable))
		return -EMSGSIZE;
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

static int fill_vm(struct sk_buff *skb, const struct kvmeter_vm *vm, const struct kmc_now *now)
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
	    fill_policy(skb, KVMETER_A_VM_POLICY, &core->policy) ||
	    fill_tariff(skb, KVMETER_A_VM_TARIFF, &core->tariff) ||
	    fill_budget(skb, KVMETER_A_VM_BUDGET, &core->budget_conf) ||
	    fill_budget_state(skb, core, now) ||
	    fill_vm_price(skb, vm, now) ||
	    fill_vm_state(skb, vm))
		return -EMSGSIZE;
	return 0;
}

static int fill_adjustment(struct sk_buff *skb, const struct kvmeter_adjustment *a)
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
	    PUT_U64(skb, ADJUSTMENT, EPOCH, kvmeter_epoch))
		return -EMSGSIZE;
	return 0;
}

static int fill_price(struct sk_buff *skb, const struct kvmeter_vm *vm,
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

static int fill_record(struct sk_buff *skb, const struct kvmeter_vm *vm, const struct kmc_record *r)
{
	if (PUT_U64(skb, RECORD, EPOCH, kvmeter_epoch) ||
	    PUT_U32(skb, RECORD, VM_ID, vm->id) ||
	    PUT_U64(skb, RECORD, SEQ, r->seq) ||
	    PUT_U64(skb, RECORD, FIRST_SEQ, r->first_seq) ||
	    PUT_U64(skb, RECORD, START_REAL_NS, r->start_ns) ||
	    PUT_U64(skb, RECORD, END_REAL_NS, r->end_ns) ||
	    PUT_U64(skb, RECORD, SPAN_NS, r->span_ns) ||
	    PUT_U64(skb, RECORD, PRICE_NCR_H, r->price_ncr_h) ||
	    PUT_U64(skb, RECORD, CPU_NS, r->cpu_ns) ||
	    PUT_U64(skb, RECORD, TIME_NCR, r->ncr[KMC_CHARGE_TIME]) ||
	    PUT_U64(skb, RECORD, CPU_NCR, r->ncr[KMC_CHARGE_CPU]) ||
	    PUT_U64(skb, RECORD, WAIVED_NCR, r->waived_ncr) ||
	    PUT_U64(skb, RECORD, TOTAL_NCR, r->total_ncr) ||
	    PUT_U64(skb, RECORD, TOTAL_CPU_NS, r->total_cpu_ns) ||
	    PUT_U64(skb, RECORD, TOTAL_WAIVED_NCR, r->total_waived_ncr))
		return -EMSGSIZE;
	return 0;
}

static int fill_vcpu(struct sk_buff *skb, const struct kvmeter_vm *vm,
		     const struct kvmeter_slot *slot)
{
	u32 r;

	if (PUT_U32(skb, VCPU, VM_ID, vm->id) ||
	    PUT_U32(skb, VCPU, VCPU_ID, slot->vcpu_id) ||
	    PUT_U32(skb, VCPU, TID, slot->tid) ||
	    fill_times(skb, KVMETER_A_VCPU_TIMES, &slot->times) ||
	    fill_counts(skb, KVMETER_A_VCPU_COUNTS, &slot->counts))
		return -EMSGSIZE;
	for (r = 0; slot->profile && r < KMC_NR_RES; r++) {
		const struct kmc_profile *p = &slot->profile[r];
		struct nlattr *nest = nla_nest_start(skb, KVMETER_A_VCPU_MOMENTS);

		if (!nest ||
		    PUT_U32(skb, MOMENTS, RESOURCE, r) ||
		    PUT_U64(skb, MOMENTS, MEAN_Q32, p->mean_q32) ||
		    PUT_U64(skb, MOMENTS, VAR_Q16, p->var_q16) ||
		    PUT_U64(skb, MOMENTS, SAMPLES, p->nr_samples))
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
		    PUT_U64(skb, EXPERT, LOSS_Q8, p->loss_q8[i]) ||
		    PUT_U32(skb, EXPERT, WEIGHT_Q16, p->weight_q16[i]))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int fill_profile(struct sk_buff *skb, const struct kvmeter_vm *vm, u32 r)
{
	const struct kmc_vm *core = &vm->core;
	const struct kmc_profile *p = &core->profile[r];
	const struct kmc_forecast *next = &core->predict[r].next;

	if (PUT_U32(skb, PROFILE, VM_ID, vm->id) ||
	    PUT_U32(skb, PROFILE, RESOURCE, r) ||
	    PUT_U64(skb, PROFILE, MEAN_Q32, p->mean_q32) ||
	    PUT_U64(skb, PROFILE, VAR_Q16, p->var_q16) ||
	    PUT_U64(skb, PROFILE, SAMPLES, p->nr_samples) ||
	    PUT_U32(skb, PROFILE, PRIOR_SAMPLES, p->nr_prior) ||
	    PUT_U64(skb, PROFILE, CENSORED, p->nr_censored) ||
	    PUT_U32(skb, PROFILE, EFFECTIVE_SAMPLES, kmc_hist_samples(&p->hist)) ||
	    PUT_U32(skb, PROFILE, HALF_LIFE, kmc_vm_half_life(&core->policy, core->period_ns)) ||
	    PUT_U64(skb, PROFILE, PREDICTED, next->mean) ||
	    PUT_U64(skb, PROFILE, P95, next->p95) ||
	    PUT_U64(skb, PROFILE, P99, next->p99))
		return -EMSGSIZE;
	if (core->alarm[r] != U64_MAX && PUT_U64(skb, PROFILE, ALARM, core->alarm[r]))
		return -EMSGSIZE;
	if (fill_bins(skb, &p->hist) || fill_experts(skb, &core->predict[r]))
		return -EMSGSIZE;
	return 0;
}

static int fill_host(struct sk_buff *skb)
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
	    fill_policy(skb, KVMETER_A_HOST_POLICY, &conf->policy) ||
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

/*
 * Attributes in.  Each parse function changes the fields that are there, in a
 * copy, and checks the whole.
 */

static void take_u64(const struct nlattr *attr, u64 *v)
{
	if (attr)
		*v = nla_get_u64(attr);
}

static void take_u32(const struct nlattr *attr, u32 *v)
{
	if (attr)
		*v = nla_get_u32(attr);
}

/* enums; their range is in the attribute policy */
static void take_u8(const struct nlattr *attr, u8 *v)
{
	if (attr)
		*v = nla_get_u32(attr);
}

static void take_bool(const struct nlattr *attr, bool *v)
{
	if (attr)
		*v = nla_get_u32(attr);
}

static int parse_policy(const struct nlattr *attr, struct kmc_policy *p,
			struct netlink_ext_ack *extack)
{
	struct nlattr *tb[KVMETER_A_POLICY_MAX + 1];
	const char *why;
	int err;

	if (!attr)
		return 0;
	err = nla_parse_nested(tb, KVMETER_A_POLICY_HALF_LIFE_S, attr, kvmeter_policy_nl_policy,
			       extack);
	if (err)
		return err;
	take_u8(tb[KVMETER_A_POLICY_MODE], &p->mode);
	take_u8(tb[KVMETER_A_POLICY_SHADOW], &p->shadow);
	take_bool(tb[KVMETER_A_POLICY_CONTENDED_ONLY], &p->contended_only);
	take_u32(tb[KVMETER_A_POLICY_NOMINAL_BP], &p->nominal_bp);
	take_u32(tb[KVMETER_A_POLICY_THRESHOLD_MBIT], &p->threshold_mbit);
	take_u32(tb[KVMETER_A_POLICY_SENSITIVITY_MBIT], &p->sensitivity_mbit);
	take_u32(tb[KVMETER_A_POLICY_FLOOR_BP], &p->floor_bp);
	take_u32(tb[KVMETER_A_POLICY_CEILING_BP], &p->ceiling_bp);
	take_u32(tb[KVMETER_A_POLICY_STEP_BP], &p->step_bp);
	take_u32(tb[KVMETER_A_POLICY_DEAD_BAND_BP], &p->dead_band_bp);
	take_u32(tb[KVMETER_A_POLICY_DWELL_MS], &p->dwell_ms);
	take_u32(tb[KVMETER_A_POLICY_HALF_LIFE_S], &p->half_life_s);

	why = kmc_policy_check(p);
	if (why) {
		kvmeter_nl_err_str(extack, attr, why);
		return -EINVAL;
	}
	return 0;
}

static int parse_cost(const struct nlattr *attr, struct kmc_tariff *t,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[KVMETER_A_COST_PAD + 1];
	int err;

	err = nla_parse_nested(tb, KVMETER_A_COST_PAD, attr, kvmeter_cost_nl_policy, extack);
	if (err)
		return err;
	if (!tb[KVMETER_A_COST_RESOURCE]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "cost without a resource");
		return -EINVAL;
	}
	if (!tb[KVMETER_A_COST_NCR_H]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "cost without ncr-h");
		return -EINVAL;
	}
	t->cost_ncr_h[nla_get_u32(tb[KVMETER_A_COST_RESOURCE])] =
		nla_get_u64(tb[KVMETER_A_COST_NCR_H]);
	return 0;
}

static int parse_tariff(const struct nlattr *attr, struct kmc_tariff *t,
			struct netlink_ext_ack *extack)
{
	struct nlattr *tb[KVMETER_A_TARIFF_PAD + 1];
	const struct nlattr *one;
	const char *why;
	int rem, err;

	if (!attr)
		return 0;
	err = nla_parse_nested(tb, KVMETER_A_TARIFF_PAD, attr, kvmeter_tariff_nl_policy, extack);
	if (err)
		return err;
	take_u64(tb[KVMETER_A_TARIFF_BASE_NCR_H], &t->base_ncr_h);
	take_u64(tb[KVMETER_A_TARIFF_FLOOR_NCR_H], &t->floor_ncr_h);
	take_u64(tb[KVMETER_A_TARIFF_CEILING_NCR_H], &t->ceiling_ncr_h);
	take_u64(tb[KVMETER_A_TARIFF_SLEW_NCR_H_MIN], &t->slew_ncr_h_min);
	take_u32(tb[KVMETER_A_TARIFF_NOTICE_MS], &t->notice_ms);
	take_u64(tb[KVMETER_A_TARIFF_CPU_NCR_H], &t->cpu_ncr_h);
	nla_for_each_nested(one, attr, rem) {
		if (nla_type(one) != KVMETER_A_TARIFF_COST)
			continue;
		err = parse_cost(one, t, extack);
		if (err)
			return err;
	}

	why = kmc_tariff_check(t);
	if (why) {
		kvmeter_nl_err_str(extack, attr, why);
		return -EINVAL;
	}
	return 0;
}

static int parse_budget(const struct nlattr *attr, struct kmc_budget_conf *b,
			struct netlink_ext_ack *extack)
{
	struct nlattr *tb[KVMETER_A_BUDGET_PAD + 1];
	const char *why;
	int err;

	if (!attr)
		return 0;
	err = nla_parse_nested(tb, KVMETER_A_BUDGET_PAD, attr, kvmeter_budget_nl_policy, extack);
	if (err)
		return err;
	take_u64(tb[KVMETER_A_BUDGET_CAP_NCR], &b->cap_ncr);
	take_u32(tb[KVMETER_A_BUDGET_PERIOD_S], &b->period_s);
	take_u8(tb[KVMETER_A_BUDGET_ACTION], &b->action);
	take_bool(tb[KVMETER_A_BUDGET_PACE], &b->pace);

	why = kmc_budget_check(b);
	if (why) {
		kvmeter_nl_err_str(extack, attr, why);
		return -EINVAL;
	}
	return 0;
}

static int check_name(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	const char *why = attr ? kvmeter_label_check(nla_data(attr)) : NULL;

	if (!why)
		return 0;
	kvmeter_nl_err_str(extack, attr, why);
	return -EINVAL;
}

/* a VM whose records are kept, living or gone: for what only reads */
static struct kvmeter_vm *find_record(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct kvmeter_vm *vm = kvmeter_vm_find_record(nla_get_u32(attr));

	if (!vm)
		KVMETER_NL_ERR(extack, attr, "no VM with this id", ": %u", nla_get_u32(attr));
	return vm;
}

static struct kvmeter_vm *find_vm(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct kvmeter_vm *vm = find_record(attr, extack);

	if (!vm || !vm->dead)
		return vm;
	KVMETER_NL_ERR(extack, attr, "the VM with this id is gone", ": %u", nla_get_u32(attr));
	return NULL;
}

/*
 * Operations: do.
 */

/* Begins a reply; kvmeter_lock is held by the caller. */
static struct sk_buff *reply_new(struct genl_info *info, size_t size, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(size, GFP_KERNEL);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put_reply(skb, info, &kvmeter_nl_family, 0, info->genlhdr->cmd);
	if (!*hdr) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

/* @err: of filling; the message is sent or freed */
static int reply_send(struct sk_buff *skb, struct genl_info *info, void *hdr, int err)
{
	if (err) {
		nlmsg_free(skb);
		return err;
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

/* Generic netlink looks at no attribute of an operation that takes none: refuse them here. */
static int check_empty(const struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	if (!nlmsg_attrlen(nlh, GENL_HDRLEN))
		return 0;
	NL_SET_ERR_MSG(extack, "this operation takes no attributes");
	return -EINVAL;
}

int kvmeter_nl_host_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = check_empty(info->nlhdr, info->extack);
	if (err)
		return err;
	msg = reply_new(info, KVMETER_NL_VM_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	if (mutex_lock_killable(&kvmeter_lock)) {
		nlmsg_free(msg);
		return -EINTR;
	}
	err = fill_host(msg);
	mutex_unlock(&kvmeter_lock);
	return reply_send(msg, info, hdr, err);
}

static int parse_host(struct nlattr **tb, struct kvmeter_conf *conf, struct netlink_ext_ack *extack)
{
	int err;

	take_u64(tb[KVMETER_A_HOST_PERIOD_NS], &conf->period_ns);
	take_u64(tb[KVMETER_A_HOST_RECORD_NS], &conf->record_ns);
	take_u64(tb[KVMETER_A_HOST_BURST_NS], &conf->burst_ns);
	if (conf->period_ns < KVMETER_PERIOD_MIN_NS || conf->period_ns > KVMETER_PERIOD_MAX_NS) {
		NL_SET_ERR_MSG_ATTR(extack, tb[KVMETER_A_HOST_PERIOD_NS],
				    "period_ns must be 10000000 (10 ms) to 10000000000 (10 s)");
		return -ERANGE;
	}
	if (conf->record_ns < 100 * KMC_NS_PER_MS || conf->record_ns > KMC_NS_PER_HOUR) {
		NL_SET_ERR_MSG_ATTR(extack, tb[KVMETER_A_HOST_RECORD_NS],
				    "record_ns must be 100000000 (100 ms) to 3600000000000 (1 h)");
		return -ERANGE;
	}
	if (conf->burst_ns > 10 * KMC_NS_PER_S) {
		NL_SET_ERR_MSG_ATTR(extack, tb[KVMETER_A_HOST_BURST_NS],
				    "burst_ns must be 0 to 10000000000 (10 s)");
		return -ERANGE;
	}
	err = parse_policy(tb[KVMETER_A_HOST_POLICY], &conf->policy, extack);
	if (err)
		return err;
	err = parse_tariff(tb[KVMETER_A_HOST_TARIFF], &conf->tariff, extack);
	if (err)
		return err;
	return parse_budget(tb[KVMETER_A_HOST_BUDGET], &conf->budget, extack);
}

int kvmeter_nl_host_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kvmeter_conf conf;
	int err;

	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	conf = kvmeter_conf;
	err = parse_host(info->attrs, &conf, info->extack);
	if (!err) {
		if (conf.period_ns != kvmeter_conf.period_ns)
			kvmeter_set_period(conf.period_ns);
		kvmeter_conf = conf;
	}
	mutex_unlock(&kvmeter_lock);
	return err;
}

int kvmeter_nl_vm_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	struct kvmeter_vm *vm;
	struct sk_buff *msg;
	struct kmc_now now;
	void *hdr;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_VM_ID))
		return -EINVAL;
	msg = reply_new(info, KVMETER_NL_VM_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	if (mutex_lock_killable(&kvmeter_lock)) {
		nlmsg_free(msg);
		return -EINTR;
	}
	vm = find_record(tb[KVMETER_A_VM_ID], info->extack);
	if (vm) {
		now = kvmeter_now();
		kvmeter_vm_refresh(vm, &now);
		err = fill_vm(msg, vm, &now);
	} else {
		err = -ENOENT;
	}
	mutex_unlock(&kvmeter_lock);
	return reply_send(msg, info, hdr, err);
}

/* the commit: nothing in it fails */
static void vm_commit(struct kvmeter_vm *vm, struct nlattr **tb, const struct kvmeter_conf *conf)
{
	if (tb[KVMETER_A_VM_NAME])
		strscpy(vm->name, nla_data(tb[KVMETER_A_VM_NAME]), sizeof(vm->name));
	if (tb[KVMETER_A_VM_IMAGE])
		kvmeter_vm_set_image(vm, nla_data(tb[KVMETER_A_VM_IMAGE]));
	if (tb[KVMETER_A_VM_POLICY])
		kvmeter_vm_set_policy(vm, &conf->policy);
	if (tb[KVMETER_A_VM_TARIFF])
		kvmeter_vm_set_tariff(vm, &conf->tariff);
	if (tb[KVMETER_A_VM_BUDGET])
		kvmeter_vm_set_budget(vm, &conf->budget);
}

int kvmeter_nl_vm_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **tb = info->attrs;
	struct kvmeter_conf conf;
	struct kvmeter_vm *vm;
	struct kmc_now now;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_VM_ID))
		return -EINVAL;
	err = check_name(tb[KVMETER_A_VM_NAME], extack);
	if (err)
		return err;
	err = check_name(tb[KVMETER_A_VM_IMAGE], extack);
	if (err)
		return err;

	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	vm = find_vm(tb[KVMETER_A_VM_ID], extack);
	if (!vm) {
		err = -ENOENT;
		goto out;
	}
	conf.policy = vm->core.policy;
	conf.tariff = vm->core.tariff;
	conf.budget = vm->core.budget_conf;
	err = parse_policy(tb[KVMETER_A_VM_POLICY], &conf.policy, extack);
	if (err)
		goto out;
	err = parse_tariff(tb[KVMETER_A_VM_TARIFF], &conf.tariff, extack);
	if (err)
		goto out;
	err = parse_budget(tb[KVMETER_A_VM_BUDGET], &conf.budget, extack);
	if (err)
		goto out;

	/* what is used up to now is charged by the old settings */
	now = kvmeter_now();
	kvmeter_vm_refresh(vm, &now);
	vm_commit(vm, tb, &conf);
out:
	mutex_unlock(&kvmeter_lock);
	return err;
}

int kvmeter_nl_profile_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	struct kvmeter_vm *vm;
	struct sk_buff *msg;
	struct kmc_now now;
	void *hdr;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_PROFILE_VM_ID))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_PROFILE_RESOURCE))
		return -EINVAL;
	msg = reply_new(info, KVMETER_NL_PROFILE_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	if (mutex_lock_killable(&kvmeter_lock)) {
		nlmsg_free(msg);
		return -EINTR;
	}
	vm = find_record(tb[KVMETER_A_PROFILE_VM_ID], info->extack);
	if (vm) {
		now = kvmeter_now();
		kvmeter_vm_refresh(vm, &now);
		err = fill_profile(msg, vm, nla_get_u32(tb[KVMETER_A_PROFILE_RESOURCE]));
	} else {
		err = -ENOENT;
	}
	mutex_unlock(&kvmeter_lock);
	return reply_send(msg, info, hdr, err);
}

/* the oldest kept adjustment of any VM above @seq */
static const struct kvmeter_adjustment *host_log_next(u64 seq)
{
	const struct kvmeter_adjustment *next = NULL;
	struct kvmeter_vm *vm;

	for (vm = kvmeter_vm_next_record(1); vm; vm = kvmeter_vm_next_record(vm->id + 1)) {
		const struct kvmeter_adjustment *a = log_next(vm, seq);

		if (a && (!next || a->seq < next->seq))
			next = a;
	}
	return next;
}

int kvmeter_nl_adjustment_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct kvmeter_adjustment *a;
	const struct nlattr *attr;
	struct sk_buff *msg;
	void *hdr;
	u64 seq;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_ADJUSTMENT_SEQ))
		return -EINVAL;
	attr = info->attrs[KVMETER_A_ADJUSTMENT_SEQ];
	seq = nla_get_u64(attr);
	if (!seq) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "sequence numbers begin at 1");
		return -EINVAL;
	}
	msg = reply_new(info, KVMETER_NL_VM_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	if (mutex_lock_killable(&kvmeter_lock)) {
		nlmsg_free(msg);
		return -EINTR;
	}
	a = host_log_next(seq - 1);
	if (a && a->seq == seq) {
		err = fill_adjustment(msg, a);
	} else {
		err = -ENOENT;
		KVMETER_NL_ERR(info->extack, attr, "no adjustment with this number is kept",
			       ": %llu", seq);
	}
	mutex_unlock(&kvmeter_lock);
	return reply_send(msg, info, hdr, err);
}

int kvmeter_nl_ledger_ack_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	struct kvmeter_vm *vm;
	u64 seq;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_RECORD_VM_ID))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_RECORD_SEQ))
		return -EINVAL;
	seq = nla_get_u64(tb[KVMETER_A_RECORD_SEQ]);
	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	vm = find_record(tb[KVMETER_A_RECORD_VM_ID], info->extack);
	if (vm) {
		err = kmc_ledger_ack(&vm->core.ledger, seq);
		if (err)
			KVMETER_NL_ERR(info->extack, tb[KVMETER_A_RECORD_SEQ],
				       "no record has this number yet",
				       ": %llu, the next will be %llu", seq,
				       vm->core.ledger.next_seq);
	} else {
		err = -ENOENT;
	}
	mutex_unlock(&kvmeter_lock);
	return err;
}

static int vm_suggest(struct kvmeter_vm *vm, struct genl_info *info, u32 *grant_bp, u64 *ncr_h)
{
	struct nlattr **tb = info->attrs;
	struct kmc_vm *core = &vm->core;
	u32 grants[KMC_NR_RES];

	if (core->policy.mode == KMC_MODE_OBSERVE) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[KVMETER_A_SUGGESTION_VM_ID],
				    "the VM's policy is observe: it takes no suggestions");
		return -EPERM;
	}
	*grant_bp = kvmeter_vm_suggest(vm, nla_get_u32(tb[KVMETER_A_SUGGESTION_GRANT_BP]),
				       nla_get_u32(tb[KVMETER_A_SUGGESTION_DURATION_MS]));
	if (!*grant_bp) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[KVMETER_A_SUGGESTION_GRANT_BP],
				    "the suggestion is refused");
		return -EBUSY;
	}
	memcpy(grants, core->effect_bp, sizeof(grants));
	grants[KMC_RES_CPU] = *grant_bp;
	*ncr_h = kmc_price_target(&core->tariff, grants);
	return 0;
}

static int suggest_check(struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	u32 grant_bp;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_SUGGESTION_VM_ID))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_SUGGESTION_RESOURCE))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_SUGGESTION_GRANT_BP))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_SUGGESTION_DURATION_MS))
		return -EINVAL;
	if (nla_get_u32(tb[KVMETER_A_SUGGESTION_RESOURCE]) != KVMETER_RESOURCE_CPU) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[KVMETER_A_SUGGESTION_RESOURCE],
				    "only cpu can be suggested");
		return -EOPNOTSUPP;
	}
	grant_bp = nla_get_u32(tb[KVMETER_A_SUGGESTION_GRANT_BP]);
	if (grant_bp > KMC_GRANT_MAX_BP) {
		KVMETER_NL_ERR(info->extack, tb[KVMETER_A_SUGGESTION_GRANT_BP],
			       "a grant is at most 100000 bp", ", not %u", grant_bp);
		return -ERANGE;
	}
	return 0;
}

int kvmeter_nl_suggest_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kvmeter_vm *vm;
	struct sk_buff *msg;
	u32 grant_bp;
	u64 ncr_h;
	void *hdr;
	int err;

	err = suggest_check(info);
	if (err)
		return err;
	msg = reply_new(info, KVMETER_NL_VM_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	if (mutex_lock_killable(&kvmeter_lock)) {
		nlmsg_free(msg);
		return -EINTR;
	}
	vm = find_vm(info->attrs[KVMETER_A_SUGGESTION_VM_ID], info->extack);
	err = vm ? vm_suggest(vm, info, &grant_bp, &ncr_h) : -ENOENT;
	if (!err && (PUT_U32(msg, SUGGESTION, VM_ID, vm->id) ||
		     PUT_U32(msg, SUGGESTION, RESOURCE, KVMETER_RESOURCE_CPU) ||
		     PUT_U32(msg, SUGGESTION, GRANT_BP, grant_bp) ||
		     PUT_U64(msg, SUGGESTION, PRICE_NCR_H, ncr_h)))
		err = -EMSGSIZE;
	mutex_unlock(&kvmeter_lock);
	return reply_send(msg, info, hdr, err);
}

/*
 * Operations: dump.
 */

/**
 * struct cursor - where a dump has got to, in netlink_callback.ctx
 * @seq: sequence number sent last, or vCPU id << 32 | tid
 * @vm_id: VM that @seq belongs to; all smaller ones are done
 * @started: the request was looked at
 * @one: only this VM was asked for
 */
struct cursor {
	u64 seq;
	u32 vm_id;
	bool started;
	bool one;
};

static struct cursor *dump_cursor(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct cursor) > sizeof(cb->ctx));
	return (struct cursor *)cb->ctx;
}

/**
 * dump_start - look at a dump's request, once
 * @cb: the dump
 * @id: the attribute of the VM asked for, or NULL: all
 * @since: the attribute of the sequence number to start after, or NULL: from the first
 *
 * Return: 0 or -errno.
 */
static int dump_start(struct netlink_callback *cb, const struct nlattr *id,
		      const struct nlattr *since)
{
	struct cursor *c = dump_cursor(cb);

	if (c->started)
		return 0;
	if (id && !find_record(id, cb->extack))
		return -ENOENT;
	if (id) {
		c->vm_id = nla_get_u32(id);
		c->one = true;
	}
	if (since)
		c->seq = nla_get_u64(since);
	c->started = true;
	return 0;
}

/* the VM that the cursor is in, or the next; NULL: the dump is complete */
static struct kvmeter_vm *dump_vm(struct cursor *c)
{
	struct kvmeter_vm *vm = c->one ? kvmeter_vm_find_record(c->vm_id) :
					 kvmeter_vm_next_record(c->vm_id);

	if (vm && vm->id != c->vm_id) {
		c->vm_id = vm->id;
		c->seq = 0;
	}
	return vm;
}

/* go on to the next VM; false: that was the last */
static bool dump_vm_done(struct cursor *c)
{
	if (c->one || c->vm_id == U32_MAX)
		return false;
	c->vm_id++;
	c->seq = 0;
	return true;
}

static void *dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &kvmeter_nl_family, NLM_F_MULTI, cmd);
}

/* ends one object; @err is its filling's, @hdr NULL when there was no room to begin */
static int dump_end(struct sk_buff *skb, void *hdr, int err)
{
	if (!hdr)
		return -EMSGSIZE;
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

/* what a dumpit returns: a full message is no error while it holds something */
static int dump_result(struct sk_buff *skb, int err)
{
	if (err && (err != -EMSGSIZE || !skb->len))
		return err;
	return skb->len;
}

int kvmeter_nl_vm_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct cursor *c = dump_cursor(cb);
	struct kvmeter_vm *vm;
	struct kmc_now now;
	void *hdr;
	int err;

	err = check_empty(cb->nlh, cb->extack);
	if (err)
		return err;
	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	while (!err && (vm = kvmeter_vm_next(c->vm_id))) {
		now = kvmeter_now();
		kvmeter_vm_refresh(vm, &now);
		hdr = dump_put(skb, cb, KVMETER_CMD_VM_GET);
		err = dump_end(skb, hdr, hdr ? fill_vm(skb, vm, &now) : 0);
		if (!err)
			c->vm_id = vm->id + 1;
	}
	mutex_unlock(&kvmeter_lock);
	return dump_result(skb, err);
}

static u64 slot_key(const struct kvmeter_slot *slot)
{
	return (u64)(u32)slot->vcpu_id << 32 | (u32)slot->tid;
}

/* the slot with the smallest key above @key */
static const struct kvmeter_slot *slot_next(const struct kvmeter_vm *vm, u64 key)
{
	const struct kvmeter_slot *slot, *next = NULL;

	list_for_each_entry(slot, &vm->slots, node)
		if (slot_key(slot) > key && (!next || slot_key(slot) < slot_key(next)))
			next = slot;
	return next;
}

int kvmeter_nl_vcpu_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **tb = kvmeter_genl_dump_attrs(cb);
	struct cursor *c = dump_cursor(cb);
	const struct kvmeter_slot *slot;
	struct kvmeter_vm *vm;
	struct kmc_now now;
	void *hdr;
	int err;

	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	err = dump_start(cb, tb[KVMETER_A_VCPU_VM_ID], NULL);
	while (!err && (vm = dump_vm(c))) {
		now = kvmeter_now();
		kvmeter_vm_refresh(vm, &now);
		while (!err && (slot = slot_next(vm, c->seq))) {
			hdr = dump_put(skb, cb, KVMETER_CMD_VCPU_GET);
			err = dump_end(skb, hdr, hdr ? fill_vcpu(skb, vm, slot) : 0);
			if (!err)
				c->seq = slot_key(slot);
		}
		if (err || !dump_vm_done(c))
			break;
	}
	mutex_unlock(&kvmeter_lock);
	return dump_result(skb, err);
}

/* Sequence numbers are the host's, so the logs of all VMs merge by them. */
int kvmeter_nl_log_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **tb = kvmeter_genl_dump_attrs(cb);
	struct cursor *c = dump_cursor(cb);
	const struct kvmeter_adjustment *a;
	struct kvmeter_vm *vm = NULL;
	void *hdr;
	int err;

	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	err = dump_start(cb, tb[KVMETER_A_ADJUSTMENT_VM_ID], tb[KVMETER_A_ADJUSTMENT_SINCE_SEQ]);
	if (err)
		goto out;
	if (c->one) {
		vm = kvmeter_vm_find_record(c->vm_id);
		if (!vm)
			goto out;
	}
	while (!err && (a = vm ? log_next(vm, c->seq) : host_log_next(c->seq))) {
		hdr = dump_put(skb, cb, KVMETER_CMD_ADJUSTMENT_GET);
		err = dump_end(skb, hdr, hdr ? fill_adjustment(skb, a) : 0);
		if (!err)
			c->seq = a->seq;
	}
out:
	mutex_unlock(&kvmeter_lock);
	return dump_result(skb, err);
}

/* A sequence number means something within one VM only. */
static int check_since(const struct nlattr *id, const struct nlattr *since,
		       struct netlink_ext_ack *extack)
{
	if (since && !id) {
		NL_SET_ERR_MSG_ATTR(extack, since, "since-seq needs a vm-id");
		return -EINVAL;
	}
	return 0;
}

int kvmeter_nl_price_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **tb = kvmeter_genl_dump_attrs(cb);
	struct nlattr *since = tb[KVMETER_A_PRICE_SINCE_SEQ];
	struct nlattr *id = tb[KVMETER_A_PRICE_VM_ID];
	struct cursor *c = dump_cursor(cb);
	const struct kvmeter_price_change *p;
	struct kvmeter_vm *vm;
	void *hdr;
	int err;

	err = check_since(id, since, cb->extack);
	if (err)
		return err;
	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	err = dump_start(cb, id, since);
	while (!err && (vm = dump_vm(c))) {
		while (!err && (p = price_next(vm, c->seq))) {
			hdr = dump_put(skb, cb, KVMETER_CMD_PRICE_GET);
			err = dump_end(skb, hdr, hdr ? fill_price(skb, vm, p) : 0);
			if (!err)
				c->seq = p->seq;
		}
		if (err || !dump_vm_done(c))
			break;
	}
	mutex_unlock(&kvmeter_lock);
	return dump_result(skb, err);
}

int kvmeter_nl_ledger_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **tb = kvmeter_genl_dump_attrs(cb);
	struct nlattr *since = tb[KVMETER_A_RECORD_SINCE_SEQ];
	struct nlattr *id = tb[KVMETER_A_RECORD_VM_ID];
	struct cursor *c = dump_cursor(cb);
	const struct kmc_record *r;
	struct kvmeter_vm *vm;
	void *hdr;
	int err;

	err = check_since(id, since, cb->extack);
	if (err)
		return err;
	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	err = dump_start(cb, id, since);
	while (!err && (vm = dump_vm(c))) {
		while (!err && (r = kmc_ledger_next(&vm->core.ledger, c->seq))) {
			hdr = dump_put(skb, cb, KVMETER_CMD_LEDGER_GET);
			err = dump_end(skb, hdr, hdr ? fill_record(skb, vm, r) : 0);
			if (!err)
				c->seq = r->seq;
		}
		if (err || !dump_vm_done(c))
			break;
	}
	mutex_unlock(&kvmeter_lock);
	return dump_result(skb, err);
}

/*
 * Notices.
 */

/**
 * notice_new - begin a notice
 * @group: of enum KVMETER_NLGRP_*
 * @cmd: which notice
 * @size: room for its attributes
 * @seq: set to its sequence number, given also when no one listens
 * @hdr: set to the header
 *
 * Return: the message, NULL when there is none to be sent.
 */
static struct sk_buff *notice_new(unsigned int group, u8 cmd, size_t size, u64 *seq, void **hdr)
{
	struct sk_buff *skb;

	lockdep_assert_held(&kvmeter_lock);
	*seq = ++notice_seq[group];
	if (!genl_has_listeners(&kvmeter_nl_family, &init_net, group))
		return NULL;
	skb = genlmsg_new(size, GFP_KERNEL);
	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, 0, &kvmeter_nl_family, 0, cmd);
	if (!*hdr) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

/* A listener that can not keep up sees the gap in the numbers: no error here. */
static void notice_send(struct sk_buff *skb, void *hdr, unsigned int group, int err)
{
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_multicast(&kvmeter_nl_family, skb, 0, group, GFP_KERNEL);
}

static void notify_vm(struct kvmeter_vm *vm, unsigned int group, u8 cmd, u32 events)
{
	struct sk_buff *skb;
	struct kmc_now now;
	void *hdr;
	u64 seq;
	int err;

	skb = notice_new(group, cmd, KVMETER_NL_VM_SIZE, &seq, &hdr);
	if (!skb)
		return;
	now = kvmeter_now();
	err = fill_vm(skb, vm, &now);
	if (!err && events)
		err = PUT_U32(skb, VM, BUDGET_EVENT, events);
	if (!err)
		err = PUT_U64(skb, VM, NOTICE_SEQ, seq);
	notice_send(skb, hdr, group, err);
}

/**
 * kvmeter_netlink_notify_vm - a VM was first seen, or is gone
 * @vm: the VM, its meter and charges up to date
 * @born: true: first seen
 */
void kvmeter_netlink_notify_vm(struct kvmeter_vm *vm, bool born)
{
	notify_vm(vm, KVMETER_NLGRP_LIFECYCLE,
		  born ? KVMETER_CMD_VM_NEW_NTF : KVMETER_CMD_VM_GONE_NTF, 0);
}

/**
 * kvmeter_netlink_notify_budget - something happened to a VM's budget
 * @vm: the VM
 * @events: bits of enum kmc_budget_event
 */
void kvmeter_netlink_notify_budget(struct kvmeter_vm *vm, u32 events)
{
	notify_vm(vm, KVMETER_NLGRP_BUDGET, KVMETER_CMD_BUDGET_NTF, events);
}

/**
 * kvmeter_netlink_notify_adjust - a grant was adjusted
 * @vm: the VM
 * @a: the adjustment, already in the log
 */
void kvmeter_netlink_notify_adjust(struct kvmeter_vm *vm, const struct kvmeter_adjustment *a)
{
	struct sk_buff *skb;
	void *hdr;
	u64 seq;
	int err;

	skb = notice_new(KVMETER_NLGRP_ADJUSTMENTS, KVMETER_CMD_ADJUST_NTF, KVMETER_NL_EVENT_SIZE,
			 &seq, &hdr);
	if (!skb)
		return;
	err = fill_adjustment(skb, a);
	if (!err)
		err = PUT_U64(skb, ADJUSTMENT, NOTICE_SEQ, seq);
	notice_send(skb, hdr, KVMETER_NLGRP_ADJUSTMENTS, err);
}

/**
 * kvmeter_netlink_notify_price - a new price was announced
 * @vm: the VM
 * @c: the price change, already in the history
 */
void kvmeter_netlink_notify_price(struct kvmeter_vm *vm, const struct kvmeter_price_change *c)
{
	struct sk_buff *skb;
	void *hdr;
	u64 seq;
	int err;

	skb = notice_new(KVMETER_NLGRP_PRICE, KVMETER_CMD_PRICE_NTF, KVMETER_NL_EVENT_SIZE,
			 &seq, &hdr);
	if (!skb)
		return;
	err = fill_price(skb, vm, c);
	if (!err)
		err = PUT_U64(skb, PRICE, NOTICE_SEQ, seq);
	notice_send(skb, hdr, KVMETER_NLGRP_PRICE, err);
}

/**
 * kvmeter_netlink_init - register the family
 *
 * Return: 0 or -errno.
 */
int __init kvmeter_netlink_init(void)
{
	return kvmeter_genl_register(&kvmeter_nl_family, kvmeter_nl_ops,
				     ARRAY_SIZE(kvmeter_nl_ops));
}

/**
 * kvmeter_netlink_exit - no handler runs and no notice is sent any more
 *
 * Whoever sends notices must have ended before.
 */
void kvmeter_netlink_exit(void)
{
	genl_unregister_family(&kvmeter_nl_family);
}
