// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

#define REAL_NS		1700000000000000000ULL

struct book {
	struct kmc_ledger l;
	struct kmc_record ring[16];
	struct kmc_price price;
	struct kmc_now now;
	u64 ncr[KMC_NR_CHARGES], waived_ncr, cpu_ns, span_ns;	/* all that was ever added */
};

static void book_init(struct book *b, u32 size)
{
	memset(b, 0, sizeof(*b));
	b->now.at_ns = 1000;
	b->now.real_ns = REAL_NS;
	kmc_ledger_init(&b->l, b->ring, size, &b->now);
}

static void book_pass(struct book *b, u64 ns)
{
	b->now.at_ns += ns;
	b->now.real_ns += ns;
	b->span_ns += ns;
}

static void book_add(struct book *b, u64 time, u64 cpu, u64 waived, u64 cpu_ns)
{
	const struct kmc_charge c = { { time, cpu } };
	const struct kmc_used used = { .of[KMC_RES_CPU] = cpu_ns };

	kmc_ledger_add(&b->l, &c, waived, &used, &b->now);
	b->ncr[KMC_CHARGE_TIME] += time;
	b->ncr[KMC_CHARGE_CPU] += cpu;
	b->waived_ncr += waived;
	b->cpu_ns += cpu_ns;
}

static u64 book_close(struct book *b)
{
	b->price.now_ncr_h++;
	return kmc_ledger_close(&b->l, &b->price, &b->now);
}

static void ledger_one_record(void **state)
{
	const struct kmc_record *r;
	struct book b;

	(void)state;
	book_init(&b, 4);
	assert_int_equal(book_close(&b), 0);	/* empty */
	assert_null(kmc_ledger_next(&b.l, 0));
	book_pass(&b, 60);
	book_add(&b, 10, 5, 3, 40);
	book_pass(&b, 40);
	assert_int_equal(book_close(&b), 1);
	r = kmc_ledger_next(&b.l, 0);
	assert_non_null(r);
	assert_int_equal(r->seq, 1);
	assert_int_equal(r->first_seq, 1);
	assert_int_equal(r->start_ns, REAL_NS);
	assert_int_equal(r->end_ns, REAL_NS + 100);
	assert_int_equal(r->span_ns, 100);
	assert_int_equal(r->price_ncr_h, 2);
	assert_int_equal(r->used.of[KMC_RES_CPU], 40);
	assert_int_equal(r->ncr[KMC_CHARGE_TIME], 10);
	assert_int_equal(r->ncr[KMC_CHARGE_CPU], 5);
	assert_int_equal(r->waived_ncr, 3);
	assert_int_equal(r->total_ncr, 15);
	assert_int_equal(r->total_used.of[KMC_RES_CPU], 40);
	assert_int_equal(r->total_waived_ncr, 3);
	assert_null(kmc_ledger_next(&b.l, 1));
	assert_int_equal(book_close(&b), 0);
	/* booked in no time: a record all the same */
	book_add(&b, 0, 0, 1, 0);
	assert_int_equal(book_close(&b), 2);
	assert_int_equal(kmc_ledger_next(&b.l, 1)->total_waived_ncr, 4);
	assert_int_equal(kmc_ledger_next(&b.l, 1)->start_ns, REAL_NS + 100);
}

static void ledger_ack_lets_go(void **state)
{
	struct book b;

	(void)state;
	book_init(&b, 4);
	for (int i = 0; i < 4; i++) {
		book_pass(&b, 10);
		book_add(&b, 1, 0, 0, 0);
		book_close(&b);
	}
	assert_int_equal(kmc_ledger_ack(&b.l, 5), -EINVAL);
	assert_int_equal(b.l.acked_seq, 0);
	assert_int_equal(kmc_ledger_ack(&b.l, 2), 0);
	assert_int_equal(kmc_ledger_ack(&b.l, 1), 0);	/* late: no step back */
	assert_int_equal(b.l.acked_seq, 2);
	assert_int_equal(kmc_ledger_next(&b.l, 0)->seq, 1);
	for (int i = 0; i < 2; i++) {
		book_pass(&b, 10);
		book_close(&b);
	}
	assert_int_equal(b.l.nr_merged, 0);
	assert_int_equal(kmc_ledger_next(&b.l, 0)->seq, 3);
	book_pass(&b, 10);
	book_close(&b);
	assert_int_equal(b.l.nr_merged, 1);
}

static void ledger_merges_shortest(void **state)
{
	static const u32 spans[] = { 50, 20, 30, 90, 40 };
	const struct kmc_record *r;
	struct book b;

	(void)state;
	book_init(&b, 4);
	for (size_t i = 0; i < ARRAY_SIZE(spans); i++) {
		book_pass(&b, spans[i]);
		book_add(&b, i + 1, 0, 0, 0);
		book_close(&b);
	}
	/* the second and third cover the least: they are one now */
	r = kmc_ledger_next(&b.l, 1);
	assert_int_equal(r->seq, 3);
	assert_int_equal(r->first_seq, 2);
	assert_int_equal(r->span_ns, 50);
	assert_int_equal(r->start_ns, REAL_NS + 50);
	assert_int_equal(r->end_ns, REAL_NS + 100);
	assert_int_equal(r->ncr[KMC_CHARGE_TIME], 5);
	assert_int_equal(r->total_ncr, 6);
	assert_int_equal(kmc_ledger_next(&b.l, 0)->seq, 1);
	assert_int_equal(kmc_ledger_next(&b.l, 3)->seq, 4);
}

static void ledger_merges_oldest_of_equals(void **state)
{
	struct book b;

	(void)state;
	book_init(&b, 4);
	for (int i = 0; i < 5; i++) {
		book_pass(&b, 10);
		book_close(&b);
	}
	assert_int_equal(kmc_ledger_next(&b.l, 0)->first_seq, 1);
	assert_int_equal(kmc_ledger_next(&b.l, 0)->seq, 2);
}

/* Every record follows from the one before it; none is missing; sums hold */
static void ledger_check(const struct book *b)
{
	u64 ncr[KMC_NR_CHARGES] = {}, waived = 0, cpu = 0, span = 0, seq = 0;
	u64 total = 0, real_ns = 0;
	const struct kmc_record *r;

	while ((r = kmc_ledger_next(&b->l, seq))) {
		if (seq) {
			assert_int_equal(r->first_seq, seq + 1);
			assert_int_equal(r->start_ns, real_ns);
			assert_int_equal(r->total_ncr - r->ncr[0] - r->ncr[1], total);
		}
		assert_true(r->first_seq <= r->seq);
		assert_int_equal(r->end_ns - r->start_ns, r->span_ns);
		seq = r->seq;
		total = r->total_ncr;
		real_ns = r->end_ns;
		ncr[0] += r->ncr[0];
		ncr[1] += r->ncr[1];
		waived += r->waived_ncr;
		cpu += r->used.of[KMC_RES_CPU];
		span += r->span_ns;
	}
	assert_int_equal(seq, b->l.next_seq - 1);
	assert_int_equal(total, b->ncr[0] + b->ncr[1]);
	if (b->l.acked_seq)
		return;		/* some may have gone */
	assert_int_equal(ncr[0], b->ncr[0]);
	assert_int_equal(ncr[1], b->ncr[1]);
	assert_int_equal(waived, b->waived_ncr);
	assert_int_equal(cpu, b->cpu_ns);
	assert_int_equal(span, b->span_ns);
}

static void ledger_overflow_keeps_sums(void **state)
{
	u64 seed = 60;

	(void)state;
	for (int i = 0; i < 200; i++) {
		bool acks = i & 1;
		struct book b;

		book_init(&b, 4 + unit_below(&seed, 13));
		for (int j = 0; j < 300; j++) {
			book_pass(&b, 1 + unit_below(&seed, 1000));
			book_add(&b, unit_below(&seed, 100), unit_below(&seed, 100),
				 unit_below(&seed, 3), unit_below(&seed, 1000));
			assert_int_equal(book_close(&b), j + 1);
			if (acks && !unit_below(&seed, 10))
				kmc_ledger_ack(&b.l, 1 + unit_below(&seed, j + 1));
			ledger_check(&b);
		}
		assert_true(b.l.nr_merged > 0);
	}
}

/* Who acknowledges in time sees each record once and unmerged */
static void ledger_cursor(void **state)
{
	u64 seed = 61, cursor = 0, sum = 0;
	struct book b;

	(void)state;
	book_init(&b, 4);
	for (int i = 0; i < 1000; i++) {
		const struct kmc_record *r;

		book_pass(&b, 10);
		book_add(&b, unit_below(&seed, 100), 0, 0, 0);
		book_close(&b);
		if (i % 3)
			continue;
		while ((r = kmc_ledger_next(&b.l, cursor))) {
			assert_int_equal(r->seq, cursor + 1);
			assert_int_equal(r->first_seq, r->seq);
			sum += r->ncr[KMC_CHARGE_TIME];
			assert_int_equal(r->total_ncr, sum);
			cursor = r->seq;
		}
		assert_int_equal(kmc_ledger_ack(&b.l, cursor), 0);
	}
	assert_int_equal(b.l.nr_merged, 0);
}

UNIT_SUITE(unit_ledger,
	   cmocka_unit_test(ledger_one_record),
	   cmocka_unit_test(ledger_ack_lets_go),
	   cmocka_unit_test(ledger_merges_shortest),
	   cmocka_unit_test(ledger_merges_oldest_of_equals),
	   cmocka_unit_test(ledger_overflow_keeps_sums),
	   cmocka_unit_test(ledger_cursor));
