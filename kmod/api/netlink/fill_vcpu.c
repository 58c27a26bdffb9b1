// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink, attributes out: a vCPU thread, and what is metered and
 * forecast of it as of a VM.
 *
 * Each function returns 0 or -EMSGSIZE and leaves a half-written message to its
 * caller, which cancels the whole.  kvmeter_lock is held.
 */
#include "api/netlink/fill_vcpu.h"
#include "api/netlink/reply.h"
#include "core/predict.h"
#include "core/profile.h"
#include "cpu/slot.h"
#include "cpu/stat.h"
#include "cpu/times.h"
#include "cpu/vcpu.h"
#include "vm/vm.h"

/* The numbers on the wire are the meter's. */
static_assert((int)KVMETER_EXIT_CLASS_OTHER + 1 == KVMETER_NR_EXITS);

/**
 * kvmeter_nl_fill_times - CPU time by class
 * @skb: the message
 * @attr: a nest for it
 * @t: the times
 */
int kvmeter_nl_fill_times(struct sk_buff *skb, int attr, const struct kvmeter_times *t)
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

/**
 * kvmeter_nl_fill_counts - exits, in all and by class
 * @skb: the message
 * @attr: a nest for it
 * @c: the counts
 */
int kvmeter_nl_fill_counts(struct sk_buff *skb, int attr, const struct kvmeter_counts *c)
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

/**
 * kvmeter_nl_fill_forecast - a forecast
 * @skb: the message
 * @attr: a nest for it
 * @f: the forecast
 */
int kvmeter_nl_fill_forecast(struct sk_buff *skb, int attr, const struct kmc_forecast *f)
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

/* What is learned of the thread's use of one resource */
static int fill_moments(struct sk_buff *skb, const struct kvmeter_slot *slot, u32 i)
{
	const struct kmc_predict *predict = slot->learned.predict;
	const struct kmc_profile *p = &slot->learned.profile[i];
	struct nlattr *nest = nla_nest_start(skb, KVMETER_A_VCPU_MOMENTS);

	if (!nest ||
	    PUT_U32(skb, MOMENTS, RESOURCE, kvmeter_vcpu_res(i)) ||
	    PUT_U64(skb, MOMENTS, MEAN_Q32, p->mean_q32) ||
	    PUT_U64(skb, MOMENTS, VAR_Q16, p->var_q16) ||
	    PUT_U64(skb, MOMENTS, SAMPLES, p->nr_samples))
		return -EMSGSIZE;
	if (predict &&
	    (kvmeter_nl_fill_forecast(skb, KVMETER_A_MOMENTS_NEXT, &predict[i].next) ||
	     kvmeter_nl_fill_forecast(skb, KVMETER_A_MOMENTS_AHEAD, &predict[i].ahead)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * kvmeter_nl_fill_vcpu - a vCPU thread
 * @skb: the message
 * @vm: its VM
 * @slot: the thread
 */
int kvmeter_nl_fill_vcpu(struct sk_buff *skb, const struct kvmeter_vm *vm,
			 const struct kvmeter_slot *slot)
{
	u32 i;

	if (PUT_U32(skb, VCPU, VM_ID, vm->id) ||
	    PUT_U32(skb, VCPU, VCPU_ID, slot->vcpu_id) ||
	    PUT_U32(skb, VCPU, TID, slot->tid) ||
	    kvmeter_nl_fill_times(skb, KVMETER_A_VCPU_TIMES, &slot->times) ||
	    kvmeter_nl_fill_counts(skb, KVMETER_A_VCPU_COUNTS, &slot->counts))
		return -EMSGSIZE;
	for (i = 0; i < KVMETER_NR_SLOT_RES; i++)
		if (fill_moments(skb, slot, i))
			return -EMSGSIZE;
	return 0;
}
