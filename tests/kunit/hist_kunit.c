// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of histograms.
 */
#include <kunit/test.h>

#include "../../kmod/core/hist.h"
#include "../vectors/hist_vectors.h"
#include "core_kunit.h"

static void hist_test_bins(struct kunit *test)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(hist_bin_vectors); i++) {
		const struct hist_bin_vector *v = &hist_bin_vectors[i];

		KUNIT_EXPECT_EQ_MSG(test, kmc_hist_bin(v->v), v->bin, "value %llu", v->v);
		KUNIT_EXPECT_EQ_MSG(test, kmc_hist_bin_low(v->bin), v->low, "bin %u", v->bin);
	}
	for (i = 0; i < KMC_HIST_BINS; i++) {
		KUNIT_EXPECT_EQ(test, kmc_hist_bin(kmc_hist_bin_low(i)), i);
		KUNIT_EXPECT_EQ(test, kmc_hist_bin(kmc_hist_bin_low(i + 1) - 1), i);
	}
}

/* After a half-life of something else, what was there is half of all */
static void hist_test_half_life(struct kunit *test)
{
	struct kmc_hist *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, h);
	kmc_hist_init(h, 1000);
	kmc_hist_add_bin_n(h, 1, 100000);
	for (i = 0; i < 1000; i++)
		kmc_hist_add_bin(h, 2);
	KUNIT_EXPECT_EQ(test, h->bin[1] + h->bin[2], h->total);
	KUNIT_EXPECT_GT(test, h->bin[1], h->total / 1000 * 495);
	KUNIT_EXPECT_LT(test, h->bin[1], h->total / 1000 * 505);
}

static void hist_test_tail(struct kunit *test)
{
	struct kmc_hist *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, h);
	kmc_hist_init(h, 0);
	KUNIT_EXPECT_EQ(test, kmc_hist_tail_mbit(h, 9, true), 0U);
	kmc_hist_add_bin_n(h, 5, 1023);
	KUNIT_EXPECT_EQ(test, kmc_hist_tail_mbit(h, 9, true), 10000U);
	KUNIT_EXPECT_EQ(test, kmc_hist_tail_mbit(h, 1, false), 10000U);
	KUNIT_EXPECT_EQ(test, kmc_hist_tail_mbit(h, 5, true), 0U);
	KUNIT_EXPECT_EQ(test, kmc_hist_alarm(h, 10000), 6ULL);
	KUNIT_EXPECT_EQ(test, kmc_hist_alarm(h, 10001), U64_MAX);
}

static struct kunit_case hist_cases[] = {
	KUNIT_CASE(hist_test_bins),
	KUNIT_CASE(hist_test_half_life),
	KUNIT_CASE(hist_test_tail),
	{}
};

struct kunit_suite hist_suite = { .name = "kvmeter_hist", .test_cases = hist_cases };
