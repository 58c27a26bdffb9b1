/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ledger: the exact sequence of charges.
 *
 * Records lie in a ring that the caller owns.  Each has a sequence number,
 * given once; its own amounts; and the cumulative totals at its end.  So a
 * reader that missed one recovers the money from the next.  When the ring is
 * full, the oldest record goes if it is acknowledged.  Otherwise the two
 * neighbours that cover the least time, the oldest of equals, are merged:
 * resolution is lost, money never.
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
 * @used: metered in this record
 * @ncr: booked in this record, by component
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
 * @size: length of @ring, at least 4
 * @tail: index of the oldest record
 * @len: how many records
 * @next_seq: sequence number of the next record to close
 * @acked_seq: all up to here are acknowledged
 * @nr_merged: merges so far
 * @open: the record being filled
 * @opened_at_ns: CLOCK_MONOTONIC when @open was opened
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

/**
 * kmc_ledger_init - an empty ledger
 * @l: set
 * @ring: storage for records, owned by the caller
 * @size: length of @ring, at least 4
 * @now: the first record begins
 */
void kmc_ledger_init(struct kmc_ledger *l, struct kmc_record *ring, u32 size,
		     const struct kmc_now *now);

/**
 * kmc_ledger_add - add to the open record
 * @l: ledger
 * @booked: charges
 * @waived_ncr: charges that were not booked
 * @used: metered
 * @now: clock
 */
void kmc_ledger_add(struct kmc_ledger *l, const struct kmc_charge *booked, u64 waived_ncr,
		    const struct kmc_used *used, const struct kmc_now *now);

/**
 * kmc_ledger_close - end the open record, put it in the ring, open the next
 * @l: ledger; an empty record (no time passed, nothing booked) is not closed
 * @p: the price in force
 * @now: clock
 *
 * Return: sequence number of the record; 0: none was closed.
 */
u64 kmc_ledger_close(struct kmc_ledger *l, const struct kmc_price *p, const struct kmc_now *now);

/**
 * kmc_ledger_ack - readers have all records up to here
 * @l: ledger
 * @seq: sequence number
 *
 * Return: 0; -EINVAL when @seq was never given.
 */
int kmc_ledger_ack(struct kmc_ledger *l, u64 seq);

/**
 * kmc_ledger_next - the next record to read
 * @l: ledger
 * @seq: sequence number of the last record that was read
 *
 * Return: the oldest record with a sequence number above @seq; NULL: none.
 */
const struct kmc_record *kmc_ledger_next(const struct kmc_ledger *l, u64 seq);

#endif /* KMC_LEDGER_H */
