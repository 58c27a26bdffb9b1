/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ledger: the exact sequence of charges.
 *
 * Records lie in a ring that the caller owns.  Each has a sequence number,
 * given once; its own amounts; and the cumulative totals at its end, so that
 * a reader who missed one recovers the money from the next.  When the ring is
 * full the two oldest unacknowledged neighbours that cover the least time are
 * merged: resolution is lost, money never.  An acknowledged record may go.
 */
#ifndef KMC_LEDGER_H
#define KMC_LEDGER_H

#include "price.h"

/**
 * struct kmc_record - one line of the ledger
 * @seq: sequence number, from 1; a merged record keeps the later one
 * @first_seq: first sequence number it covers; equals @seq unless merged
 * @start_ns: CLOCK_REALTIME at the start
 * @end_ns: CLOCK_REALTIME at the end
 * @span_ns: CLOCK_MONOTONIC time covered
 * @price_ncr_h: price in force at the end
 * @used: metered in it
 * @ncr: booked in it, by component
 * @waived_ncr: not booked because of the cap
 * @total_ncr: booked since the VM appeared, at the end of this record
 * @total_used: metered since the VM appeared
 * @total_waived_ncr: waived since the VM appeared
 */
struct kmc_record {
	u64 seq;
	u64 first_seq;
	u64 start_ns;
	u64 end_ns;
	u64 span_ns;
	u64 price_ncr_h;
	struct kmc_used used;
	u64 ncr[KMC_NR_CHARGES];
	u64 waived_ncr;
	u64 total_ncr;
	struct kmc_used total_used;
	u64 total_waived_ncr;
};

/**
 * struct kmc_ledger - ring of records and the one that is open
 * @ring: storage, owned by the caller
 * @size: its length, at least 4
 * @tail: index of the oldest
 * @len: how many
 * @next_seq: sequence number of the next record to close
 * @acked_seq: all up to here are acknowledged
 * @nr_merged: merges so far
 * @open: the record being filled
 * @opened_at_ns: CLOCK_MONOTONIC when it was opened
 */
struct kmc_ledger {
	struct kmc_record *ring;
	u32 size;
	u32 tail;
	u32 len;
	u64 next_seq;
	u64 acked_seq;
	u64 nr_merged;
	struct kmc_record open;
	u64 opened_at_ns;
};

void kmc_ledger_init(struct kmc_ledger *l, struct kmc_record *ring, u32 size,
		     const struct kmc_now *now);
/** kmc_ledger_add - book into the open record */
void kmc_ledger_add(struct kmc_ledger *l, const struct kmc_charge *booked, u64 waived_ncr,
		    const struct kmc_used *used, const struct kmc_now *now);
/** kmc_ledger_close - end the open record, put it in the ring, open the next;
 * an empty one (no time passed, nothing booked) is not closed
 * Return: its sequence number, or 0
 */
u64 kmc_ledger_close(struct kmc_ledger *l, const struct kmc_price *p, const struct kmc_now *now);
/** kmc_ledger_ack - readers have all up to @seq; -EINVAL when it was never given */
int kmc_ledger_ack(struct kmc_ledger *l, u64 seq);
/** kmc_ledger_next - the oldest record with a sequence number above @seq, or NULL */
const struct kmc_record *kmc_ledger_next(const struct kmc_ledger *l, u64 seq);

#endif /* KMC_LEDGER_H */
