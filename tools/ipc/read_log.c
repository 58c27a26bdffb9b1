// SPDX-License-Identifier: GPL-2.0
#include "ipc/read_log.h"

#include <string.h>

#include "ipc/attr.h"

void read_adjustment(const struct nlmsghdr *nlh, struct adjustment *j)
{
	struct attrs a = parse_message(nlh);

	memset(j, 0, sizeof(*j));
	j->seq = U64(ADJUSTMENT, SEQ);
	j->epoch = U64(ADJUSTMENT, EPOCH);
	j->real_ns = U64(ADJUSTMENT, REAL_NS);
	j->vm_id = U32(ADJUSTMENT, VM_ID);
	j->resource = U32(ADJUSTMENT, RESOURCE);
	j->reason = U32(ADJUSTMENT, REASON);
	j->mode = U32(ADJUSTMENT, MODE);
	j->source = U32(ADJUSTMENT, SOURCE);
	j->would = FLAG(ADJUSTMENT, WOULD);
	j->enforced = FLAG(ADJUSTMENT, ENFORCED);
	j->old_grant_bp = U32(ADJUSTMENT, OLD_GRANT_BP);
	j->new_grant_bp = U32(ADJUSTMENT, NEW_GRANT_BP);
	j->factor_bp = U32(ADJUSTMENT, FACTOR_BP);
	j->threshold_mbit = U32(ADJUSTMENT, THRESHOLD_MBIT);
	j->surprise_mbit = U32(ADJUSTMENT, SURPRISE_MBIT);
	j->usage_bp = U64(ADJUSTMENT, USAGE_BP);
	j->demand_bp = U64(ADJUSTMENT, DEMAND_BP);
	j->predicted_bp = U64(ADJUSTMENT, PREDICTED_BP);
	j->p99_bp = U64(ADJUSTMENT, P99_BP);
	j->old_ncr_h = U64(ADJUSTMENT, OLD_NCR_H);
	j->new_ncr_h = U64(ADJUSTMENT, NEW_NCR_H);
	j->effective_real_ns = U64(ADJUSTMENT, EFFECTIVE_REAL_NS);
}

void read_price(const struct nlmsghdr *nlh, struct price_change *p)
{
	struct attrs a = parse_message(nlh);

	memset(p, 0, sizeof(*p));
	p->seq = U64(PRICE, SEQ);
	p->epoch = U64(PRICE, EPOCH);
	p->vm_id = U32(PRICE, VM_ID);
	p->real_ns = U64(PRICE, REAL_NS);
	p->effective_real_ns = U64(PRICE, EFFECTIVE_REAL_NS);
	p->old_ncr_h = U64(PRICE, OLD_NCR_H);
	p->new_ncr_h = U64(PRICE, NEW_NCR_H);
	p->adjustment_seq = U64(PRICE, ADJUSTMENT_SEQ);
}

void read_record(const struct nlmsghdr *nlh, struct record *r)
{
	struct attrs a = parse_message(nlh);

	memset(r, 0, sizeof(*r));
	r->epoch = U64(RECORD, EPOCH);
	r->vm_id = U32(RECORD, VM_ID);
	r->seq = U64(RECORD, SEQ);
	r->first_seq = U64(RECORD, FIRST_SEQ);
	r->start_real_ns = U64(RECORD, START_REAL_NS);
	r->end_real_ns = U64(RECORD, END_REAL_NS);
	r->span_ns = U64(RECORD, SPAN_NS);
	r->price_ncr_h = U64(RECORD, PRICE_NCR_H);
	r->used[KVMETER_RESOURCE_CPU] = U64(RECORD, CPU_NS);
	r->used[KVMETER_RESOURCE_MEMORY] = U64(RECORD, MEMORY_MIB_MS);
	r->used[KVMETER_RESOURCE_NETWORK] = U64(RECORD, NETWORK_BYTES);
	r->used[KVMETER_RESOURCE_DISK] = U64(RECORD, DISK_COST_BYTES);
	r->time_ncr = U64(RECORD, TIME_NCR);
	r->used_ncr[KVMETER_RESOURCE_CPU] = U64(RECORD, CPU_NCR);
	r->used_ncr[KVMETER_RESOURCE_MEMORY] = U64(RECORD, MEMORY_NCR);
	r->used_ncr[KVMETER_RESOURCE_NETWORK] = U64(RECORD, NETWORK_NCR);
	r->used_ncr[KVMETER_RESOURCE_DISK] = U64(RECORD, DISK_NCR);
	r->waived_ncr = U64(RECORD, WAIVED_NCR);
	r->total_ncr = U64(RECORD, TOTAL_NCR);
	r->total_used[KVMETER_RESOURCE_CPU] = U64(RECORD, TOTAL_CPU_NS);
	r->total_used[KVMETER_RESOURCE_MEMORY] = U64(RECORD, TOTAL_MEMORY_MIB_MS);
	r->total_used[KVMETER_RESOURCE_NETWORK] = U64(RECORD, TOTAL_NETWORK_BYTES);
	r->total_used[KVMETER_RESOURCE_DISK] = U64(RECORD, TOTAL_DISK_COST_BYTES);
	r->total_waived_ncr = U64(RECORD, TOTAL_WAIVED_NCR);
}

void read_suggestion(const struct nlmsghdr *nlh, struct quote *q)
{
	struct attrs a = parse_message(nlh);

	memset(q, 0, sizeof(*q));
	q->grant_bp = U32(SUGGESTION, GRANT_BP);
	q->answer = U32(SUGGESTION, ANSWER);
	q->now_ncr_h = U64(SUGGESTION, NOW_NCR_H);
	q->price_ncr_h = U64(SUGGESTION, PRICE_NCR_H);
	q->effective_real_ns = U64(SUGGESTION, EFFECTIVE_REAL_NS);
}
