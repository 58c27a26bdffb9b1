// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink, attributes out: what is learned.
 *
 * Each function returns 0 or -EMSGSIZE and leaves a half-written message to its
 * caller, which cancels the whole.  kvmeter_lock is held.
 */
#include "api/netlink/fill_learned.h"
#include "api/netlink/reply.h"
#include "core/hist.h"
#include "core/pipeline.h"
#include "core/predict.h"
#include "core/profile.h"
#include "vm/vm.h"

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

/**
 * kvmeter_nl_fill_learned - a profile, of a VM or of an image
 * @skb: the message
 * @p: the profile
 */
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

/**
 * kvmeter_nl_fill_profile - all that is learned of a VM's resource
 * @skb: the message
 * @vm: the VM
 * @r: the resource
 */
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
