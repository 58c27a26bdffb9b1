// SPDX-License-Identifier: GPL-2.0
#include "ledger.h"

static struct kmc_record *ledger_at(const struct kmc_ledger *l, u32 i)
{
	u32 slot = l->tail + i;

	return &l->ring[slot < l->size ? slot : slot - l->size];
}

void kmc_ledger_init(struct kmc_ledger *l, struct kmc_record *ring, u32 size,
		     const struct kmc_now *now)
{
	memset(l, 0, sizeof(*l));
	WARN_ON_ONCE(size < 4);
	l->ring = ring;
	l->size = size;
	l->next_seq = 1;
	l->opened_at_ns = now->at_ns;
	l->open.start_ns = now->real_ns;
	l->open.end_ns = now->real_ns;
}

static void ledger_add_used(struct kmc_used *sum, const struct kmc_used *used)
{
	int i;

	for (i = 0; i < KMC_NR_ACT; i++)
		sum->of[i] = kmc_sat_add(sum->of[i], used->of[i]);
}

void kmc_ledger_add(struct kmc_ledger *l, const struct kmc_charge *booked, u64 waived_ncr,
		    const struct kmc_used *used, const struct kmc_now *now)
{
	struct kmc_record *r = &l->open;
	int i;

	for (i = 0; i < KMC_NR_CHARGES; i++)
		r->ncr[i] = kmc_sat_add(r->ncr[i], booked->ncr[i]);
	r->waived_ncr = kmc_sat_add(r->waived_ncr, waived_ncr);
	ledger_add_used(&r->used, used);
	r->total_ncr = kmc_sat_add(r->total_ncr, kmc_charge_sum(booked));
	r->total_waived_ncr = kmc_sat_add(r->total_waived_ncr, waived_ncr);
	ledger_add_used(&r->total_used, used);
	r->end_ns = now->real_ns;
}

/* @later takes @r in: its own totals already include it */
static void ledger_absorb(struct kmc_record *later, const struct kmc_record *r)
{
	int i;

	later->first_seq = r->first_seq;
	later->start_ns = r->start_ns;
	later->span_ns += r->span_ns;
	ledger_add_used(&later->used, &r->used);
	for (i = 0; i < KMC_NR_CHARGES; i++)
		later->ncr[i] = kmc_sat_add(later->ncr[i], r->ncr[i]);
	later->waived_ncr = kmc_sat_add(later->waived_ncr, r->waived_ncr);
}

/* The first of the two neighbours that cover the least time; of equals, the oldest */
static u32 ledger_shortest_pair(const struct kmc_ledger *l)
{
	u64 least = U64_MAX;
	u32 best = 0, i;

	for (i = 0; i + 1 < l->len; i++) {
		u64 span = ledger_at(l, i)->span_ns + ledger_at(l, i + 1)->span_ns;

		if (span < least) {
			least = span;
			best = i;
		}
	}
	return best;
}

static void ledger_drop_oldest(struct kmc_ledger *l)
{
	l->tail = l->tail + 1 < l->size ? l->tail + 1 : 0;
	l->len--;
}

/*
 * Free one slot of a full ring.  After a merge the older records move up by
 * one, over the absorbed one.
 */
static void ledger_make_room(struct kmc_ledger *l)
{
	u32 i;

	if (ledger_at(l, 0)->seq <= l->acked_seq) {
		ledger_drop_oldest(l);
		return;
	}
	i = ledger_shortest_pair(l);
	ledger_absorb(ledger_at(l, i + 1), ledger_at(l, i));
	for (; i; i--)
		*ledger_at(l, i) = *ledger_at(l, i - 1);
	ledger_drop_oldest(l);
	l->nr_merged++;
}

static void ledger_open(struct kmc_ledger *l, const struct kmc_now *now)
{
	struct kmc_record last = l->open;

	memset(&l->open, 0, sizeof(l->open));
	l->open.start_ns = now->real_ns;
	l->open.end_ns = now->real_ns;
	l->open.total_ncr = last.total_ncr;
	l->open.total_used = last.total_used;
	l->open.total_waived_ncr = last.total_waived_ncr;
	l->opened_at_ns = now->at_ns;
}

u64 kmc_ledger_close(struct kmc_ledger *l, const struct kmc_price *p, const struct kmc_now *now)
{
	struct kmc_record *r = &l->open;
	u64 amount = r->waived_ncr;
	int i;

	for (i = 0; i < KMC_NR_ACT; i++)
		amount |= r->used.of[i];
	for (i = 0; i < KMC_NR_CHARGES; i++)
		amount |= r->ncr[i];
	r->span_ns = kmc_sat_sub(now->at_ns, l->opened_at_ns);
	if (!r->span_ns && !amount)
		return 0;

	r->end_ns = now->real_ns;
	r->price_ncr_h = p->now_ncr_h;
	r->seq = l->next_seq++;
	r->first_seq = r->seq;
	if (l->len == l->size)
		ledger_make_room(l);
	*ledger_at(l, l->len++) = *r;
	ledger_open(l, now);
	return l->next_seq - 1;
}

int kmc_ledger_ack(struct kmc_ledger *l, u64 seq)
{
	if (seq >= l->next_seq)
		return -EINVAL;
	l->acked_seq = max(l->acked_seq, seq);
	return 0;
}

/* Sequence numbers rise along the ring: bisect */
const struct kmc_record *kmc_ledger_next(const struct kmc_ledger *l, u64 seq)
{
	u32 low = 0, high = l->len;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (ledger_at(l, mid)->seq > seq)
			high = mid;
		else
			low = mid + 1;
	}
	return low < l->len ? ledger_at(l, low) : NULL;
}
