// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suites of kmod/core, as a module of its own: it includes the core's
 * sources, so it runs where there is no KVM, and beside kvmeter.ko.
 *
 * Tables are shared with tests/unit, where the properties and the naive twins
 * are, under sanitizers; here it is shown that the kernel's compiler, flags
 * and headers make the same of the same sources, to the bit.
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "../../kmod/core/q.c"
#include "../../kmod/core/hist.c"
#include "../../kmod/core/profile.c"
#include "../../kmod/core/detect_day.c"
#include "../../kmod/core/detect_look.c"
#include "../../kmod/core/detect_rank.c"
#include "../../kmod/core/detect_step.c"
#include "../../kmod/core/detect_run.c"
#include "../../kmod/core/detect.c"
#include "../../kmod/core/near.c"
#include "../../kmod/core/lms.c"
#include "../../kmod/core/band.c"
#include "../../kmod/core/rnn.c"
#include "../../kmod/core/predict_feature.c"
#include "../../kmod/core/predict_mix.c"
#include "../../kmod/core/predict_width.c"
#include "../../kmod/core/predict.c"
#include "../../kmod/core/policy.c"
#include "../../kmod/core/decide.c"
#include "../../kmod/core/price.c"
#include "../../kmod/core/budget.c"
#include "../../kmod/core/ledger.c"
#include "../../kmod/core/purse.c"
#include "../../kmod/core/pipeline.c"
#include "../../kmod/core/blob_field.c"
#include "../../kmod/core/blob_learned.c"
#include "../../kmod/core/blob.c"

#include "core_kunit.h"

kunit_test_suites(&q_suite, &hist_suite, &profile_suite, &detect_suite, &predict_suite,
		  &decide_suite, &price_suite, &budget_suite, &ledger_suite, &pipeline_suite);

MODULE_DESCRIPTION("KUnit tests of kvmeter's core");
MODULE_LICENSE("GPL");
