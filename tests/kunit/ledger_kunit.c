// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of the ledger.
 */
#include <kunit/test.h>

#include "../../kmod/core/ledger.h"
#include "core_kunit.h"

static void ledger_test_overflow(struct kunit *test)
{
	const struct kmc_used used = { .of[KMC_RES_CPU] = 2 };
	const struct kmc_charge c = { { 3, 4 } };
	const struct kmc_price price = { .now_ncr_h = 5 };
	u64 seq = 0, ncr = 0, span = 0, total = 0;
	const struct kmc_record *r;
	struct kmc_record ring[4];
	struct kmc_now now = {};
	struct kmc_ledger l;
	int i;

	kmc_ledger_init(&l, ring, ARRAY_SIZE(ring), &now);
	KUNIT_EXPECT_EQ(test, kmc_ledger_close(&l, &price, &now), 0ULL);
	for (i = 1; i <= 100; i++) {
		now.at_ns += i;
		kmc_ledger_add(&l, &c, 1, &used, &now);
		KUNIT_EXPECT_EQ(test, kmc_ledger_close(&l, &price, &now), (u64)i);
	}
	while ((r = kmc_ledger_next(&l, seq))) {
		KUNIT_EXPECT_EQ(test, r->first_seq, seq + 1);
		seq = r->seq;
		ncr += r->ncr[KMC_CHARGE_TIME] + r->ncr[KMC_CHARGE_CPU];
		span += r->span_ns;
		total = r->total_ncr;
	}
	KUNIT_EXPECT_EQ(test, seq, 100ULL);
	KUNIT_EXPECT_EQ(test, ncr, 700ULL);
	KUNIT_EXPECT_EQ(test, total, 700ULL);
	KUNIT_EXPECT_EQ(test, span, 5050ULL);
	KUNIT_EXPECT_EQ(test, l.nr_merged, 96ULL);
	KUNIT_EXPECT_EQ(test, kmc_ledger_ack(&l, 101), -EINVAL);
	KUNIT_EXPECT_EQ(test, kmc_ledger_ack(&l, 100), 0);
}

static struct kunit_case ledger_cases[] = {
	KUNIT_CASE(ledger_test_overflow),
	{}
};

struct kunit_suite ledger_suite = {
	.name = "kvmeter_ledger",
	.test_cases = ledger_cases,
};
