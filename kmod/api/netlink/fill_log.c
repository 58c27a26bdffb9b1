// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink, attributes out: what happened to a VM.
 *
 * Each function returns 0 or -EMSGSIZE and leaves a half-written message to its
 * caller, which cancels the whole.  kvmeter_lock is held.
 */
#include "api/netlink/fill_log.h"
#include "api/netlink/reply.h"
#include "base/host.h"
#include "core/decide.h"
#include "core/ledger.h"
#include "core/price.h"
#include "core/units.h"
#include "period/suggest.h"
#include "vm/log.h"
#include "vm/vm.h"

/* The numbers on the wire are the core's and those of suggest.h. */
static_assert((int)KVMETER_REASON_POLICY + 1 == KMC_NR_REASONS);
static_assert((int)KVMETER_SOURCE_HOST == KVMETER_BY_HOST);
static_assert((int)KVMETER_SOURCE_HOST + 1 == KVMETER_NR_SOURCES);

/**
 * kvmeter_nl_fill_adjustment - an entry of the log
 * @skb: the message
 * @a: the entry
 */
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

/**
 * kvmeter_nl_fill_price - an entry of the price history
 * @skb: the message
 * @vm: its VM
 * @c: the entry
 */
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

/**
 * kvmeter_nl_fill_record - a record of the ledger
 * @skb: the message
 * @vm: its VM
 * @r: the record
 */
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
