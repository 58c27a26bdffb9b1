// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of the detector.
 */
#include <kunit/test.h>

#include "../../kmod/core/detect.h"
#include "../../kmod/core/detect_day.h"
#include "../../kmod/core/detect_step.h"
#include "../../kmod/core/pipeline.h"
#include "../vectors/detect_alarm.h"
#include "../vectors/digest.h"
#include "../vectors/detect_digest.h"
#include "core_kunit.h"

static void detect_test_digest(struct kunit *test)
{
	struct kmc_detect *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	u32 nr_high = 0, nr_alerts = 0;

	KUNIT_ASSERT_NOT_NULL(test, d);
	KUNIT_EXPECT_EQ(test, detect_digest_run(d, &nr_high, &nr_alerts), DETECT_DIGEST_WANT);
	KUNIT_EXPECT_GT(test, nr_high, 0U);
	KUNIT_EXPECT_GT(test, nr_alerts, 0U);
}

static struct kunit_case detect_cases[] = {
	KUNIT_CASE(detect_test_digest),
	{}
};

struct kunit_suite detect_suite = {
	.name = "kvmeter_detect",
	.test_cases = detect_cases,
};
