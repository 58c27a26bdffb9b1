// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink, attributes out: settings.
 *
 * Each function returns 0 or -EMSGSIZE and leaves a half-written message to its
 * caller, which cancels the whole.  kvmeter_lock is held.
 */
#include <linux/module.h>

#include "api/netlink/fill_conf.h"
#include "api/netlink/reply.h"
#include "base/host.h"
#include "core/policy.h"
#include "core/units.h"
#include "cpu/boost.h"
#include "period/gap.h"
#include "vm/log.h"
#include "vm/vm.h"

/* The numbers on the wire are the core's. */
static_assert((int)KVMETER_RESOURCE_EXITS + 1 == KMC_NR_RES);
static_assert((int)KVMETER_MODE_GUARD + 1 == KMC_NR_MODES);
static_assert((int)KVMETER_CAP_ACTION_PAUSE + 1 == KMC_NR_CAP_ACTIONS);

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

/**
 * kvmeter_nl_fill_policies - the policy of each adjusted resource
 * @skb: the message
 * @attr: a nest for each
 * @policy: the policies
 */
int kvmeter_nl_fill_policies(struct sk_buff *skb, int attr,
			     const struct kmc_policy policy[KMC_NR_ACT])
{
	u32 r;

	for (r = 0; r < KMC_NR_ACT; r++)
		if (fill_policy(skb, attr, r, &policy[r]))
			return -EMSGSIZE;
	return 0;
}

/**
 * kvmeter_nl_fill_tariff - a tariff
 * @skb: the message
 * @attr: a nest for it
 * @t: the tariff
 */
int kvmeter_nl_fill_tariff(struct sk_buff *skb, int attr, const struct kmc_tariff *t)
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

/**
 * kvmeter_nl_fill_budget - a budget's settings
 * @skb: the message
 * @attr: a nest for it
 * @b: the budget
 */
int kvmeter_nl_fill_budget(struct sk_buff *skb, int attr, const struct kmc_budget_conf *b)
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

/* What can move a VM's CPU, and why not. */
static int fill_knobs(struct sk_buff *skb)
{
	u32 i;

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

/**
 * kvmeter_nl_fill_host - the host: its settings and what it can do
 * @skb: the message
 */
int kvmeter_nl_fill_host(struct sk_buff *skb)
{
	const struct kvmeter_conf *conf = &kvmeter_conf;

	if (nla_put_string(skb, KVMETER_A_HOST_VERSION, THIS_MODULE->version ?: "unknown") ||
	    PUT_U64(skb, HOST, EPOCH, kvmeter_epoch) ||
	    PUT_U32(skb, HOST, NR_VMS, kvmeter_nr_vms()) ||
	    PUT_U64(skb, HOST, PERIOD_NS, conf->period_ns) ||
	    PUT_U64(skb, HOST, RECORD_NS, conf->record_ns) ||
	    PUT_U64(skb, HOST, BURST_NS, conf->burst_ns) ||
	    PUT_U64(skb, HOST, ADJUSTMENT_SEQ, kvmeter_adjustment_seq) ||
	    PUT_U64(skb, HOST, GAP_MAX_NS, kvmeter_gaps.longest_ns) ||
	    PUT_U64(skb, HOST, PERIODS_LATE, kvmeter_gaps.late) ||
	    PUT_U64(skb, HOST, PERIODS_LAPSED, kvmeter_gaps.lapsed) ||
	    kvmeter_nl_fill_policies(skb, KVMETER_A_HOST_POLICY, conf->policy) ||
	    kvmeter_nl_fill_tariff(skb, KVMETER_A_HOST_TARIFF, &conf->tariff) ||
	    kvmeter_nl_fill_budget(skb, KVMETER_A_HOST_BUDGET, &conf->budget))
		return -EMSGSIZE;
	return fill_knobs(skb);
}
