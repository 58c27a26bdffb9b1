/* SPDX-License-Identifier: GPL-2.0 */
/* kvmeter's own trace events, one per stage boundary. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvmeter

#if !defined(KVMETER_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KVMETER_TRACE_H

#include <linux/tracepoint.h>

#include "core/pipeline.h"
#include "vm/log.h"

/*
 * One resource of a visit: all that the stages were told, and what they made of
 * it.  With that they can be gone through again elsewhere.
 */
TRACE_EVENT(kvmeter_sample,
	TP_PROTO(u32 vm_id, u8 resource, const struct kmc_plan_in *in, const struct kmc_vm *core,
		 u64 at_ns),
	TP_ARGS(vm_id, resource, in, core, at_ns),
	TP_STRUCT__entry(
		__field(u64, at_ns)
		__field(u64, usage)
		__field(u64, demand)
		__field(u64, next)
		__field(u64, next_p99)
		__field(u32, vm_id)
		__field(u32, repeat)
		__field(u32, nr_vcpus)
		__field(u32, surprise_mbit)
		__field(u8, resource)
		__field(bool, censored)
		__field(bool, contended)
		__field(bool, early)
	),
	TP_fast_assign(
		__entry->at_ns = at_ns;
		__entry->usage = in->sample[resource].usage;
		__entry->demand = in->sample[resource].demand;
		__entry->next = core->predict[resource].next.mean;
		__entry->next_p99 = core->predict[resource].next.p99;
		__entry->vm_id = vm_id;
		__entry->repeat = in->repeat;
		__entry->nr_vcpus = in->nr_vcpus;
		__entry->surprise_mbit = core->surprise[resource].mbit;
		__entry->resource = resource;
		__entry->censored = in->sample[resource].censored;
		__entry->contended = in->contended;
		__entry->early = in->early;
	),
	TP_printk("vm=%u resource=%u at_ns=%llu early=%d repeat=%u nr_vcpus=%u contended=%d usage=%llu demand=%llu censored=%d surprise_mbit=%u next=%llu next_p99=%llu",
		  __entry->vm_id, __entry->resource, __entry->at_ns, __entry->early,
		  __entry->repeat, __entry->nr_vcpus, __entry->contended, __entry->usage,
		  __entry->demand, __entry->censored, __entry->surprise_mbit, __entry->next,
		  __entry->next_p99)
);

/* A demand that passed the threshold. */
TRACE_EVENT(kvmeter_deviation,
	TP_PROTO(u32 vm_id, u8 resource, u64 demand, u64 predicted, u32 surprise_mbit, s32 dir),
	TP_ARGS(vm_id, resource, demand, predicted, surprise_mbit, dir),
	TP_STRUCT__entry(
		__field(u32, vm_id)
		__field(u8, resource)
		__field(u64, demand)
		__field(u64, predicted)
		__field(u32, surprise_mbit)
		__field(s32, dir)
	),
	TP_fast_assign(
		__entry->vm_id = vm_id;
		__entry->resource = resource;
		__entry->demand = demand;
		__entry->predicted = predicted;
		__entry->surprise_mbit = surprise_mbit;
		__entry->dir = dir;
	),
	TP_printk("vm=%u resource=%u demand=%llu predicted=%llu surprise_mbit=%u dir=%d",
		  __entry->vm_id, __entry->resource, __entry->demand, __entry->predicted,
		  __entry->surprise_mbit, __entry->dir)
);

/* A demand that people should know of: score_mbit is the alert's. */
TRACE_EVENT(kvmeter_alert,
	TP_PROTO(u32 vm_id, u8 resource, u64 demand, u32 unusual_mbit, u32 score_mbit),
	TP_ARGS(vm_id, resource, demand, unusual_mbit, score_mbit),
	TP_STRUCT__entry(
		__field(u64, demand)
		__field(u32, vm_id)
		__field(u32, unusual_mbit)
		__field(u32, score_mbit)
		__field(u8, resource)
	),
	TP_fast_assign(
		__entry->vm_id = vm_id;
		__entry->resource = resource;
		__entry->demand = demand;
		__entry->unusual_mbit = unusual_mbit;
		__entry->score_mbit = score_mbit;
	),
	TP_printk("vm=%u resource=%u demand=%llu unusual_mbit=%u score_mbit=%u",
		  __entry->vm_id, __entry->resource, __entry->demand, __entry->unusual_mbit,
		  __entry->score_mbit)
);

/* A log entry was written. */
TRACE_EVENT(kvmeter_adjustment,
	TP_PROTO(const struct kvmeter_adjustment *a),
	TP_ARGS(a),
	TP_STRUCT__entry(
		__field(u64, seq)
		__field(u32, vm_id)
		__field(u8, resource)
		__field(u8, reason)
		__field(bool, would)
		__field(u32, old_grant_bp)
		__field(u32, new_grant_bp)
		__field(u32, surprise_mbit)
	),
	TP_fast_assign(
		__entry->seq = a->seq;
		__entry->vm_id = a->vm_id;
		__entry->resource = a->resource;
		__entry->reason = a->reason;
		__entry->would = a->would;
		__entry->old_grant_bp = a->old_grant_bp;
		__entry->new_grant_bp = a->new_grant_bp;
		__entry->surprise_mbit = a->surprise_mbit;
	),
	TP_printk("seq=%llu vm=%u resource=%u reason=%u would=%d grant_bp=%u->%u surprise_mbit=%u",
		  __entry->seq, __entry->vm_id, __entry->resource, __entry->reason,
		  __entry->would, __entry->old_grant_bp, __entry->new_grant_bp,
		  __entry->surprise_mbit)
);

/* A price was announced. */
TRACE_EVENT(kvmeter_price,
	TP_PROTO(u32 vm_id, const struct kvmeter_price_change *c),
	TP_ARGS(vm_id, c),
	TP_STRUCT__entry(
		__field(u32, vm_id)
		__field(u64, seq)
		__field(u64, old_ncr_h)
		__field(u64, new_ncr_h)
		__field(u64, effective_real_ns)
	),
	TP_fast_assign(
		__entry->vm_id = vm_id;
		__entry->seq = c->seq;
		__entry->old_ncr_h = c->old_ncr_h;
		__entry->new_ncr_h = c->new_ncr_h;
		__entry->effective_real_ns = c->effective_real_ns;
	),
	TP_printk("vm=%u seq=%llu ncr_h=%llu->%llu effective_real_ns=%llu", __entry->vm_id,
		  __entry->seq, __entry->old_ncr_h, __entry->new_ncr_h,
		  __entry->effective_real_ns)
);

/* A vCPU goes to sleep for its grant ... */
TRACE_EVENT(kvmeter_throttle_begin,
	TP_PROTO(u32 vm_id, int vcpu_id, u64 for_ns),
	TP_ARGS(vm_id, vcpu_id, for_ns),
	TP_STRUCT__entry(
		__field(u32, vm_id)
		__field(int, vcpu_id)
		__field(u64, for_ns)
	),
	TP_fast_assign(
		__entry->vm_id = vm_id;
		__entry->vcpu_id = vcpu_id;
		__entry->for_ns = for_ns;
	),
	TP_printk("vm=%u vcpu=%d for_ns=%llu", __entry->vm_id, __entry->vcpu_id, __entry->for_ns)
);

/* ... and goes on. */
TRACE_EVENT(kvmeter_throttle_end,
	TP_PROTO(u32 vm_id, int vcpu_id, u64 slept_ns),
	TP_ARGS(vm_id, vcpu_id, slept_ns),
	TP_STRUCT__entry(
		__field(u32, vm_id)
		__field(int, vcpu_id)
		__field(u64, slept_ns)
	),
	TP_fast_assign(
		__entry->vm_id = vm_id;
		__entry->vcpu_id = vcpu_id;
		__entry->slept_ns = slept_ns;
	),
	TP_printk("vm=%u vcpu=%d slept_ns=%llu", __entry->vm_id, __entry->vcpu_id,
		  __entry->slept_ns)
);

#endif /* KVMETER_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH vm
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
