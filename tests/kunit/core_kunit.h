/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The suites of kmod/core, a file for each.
 */
#ifndef KVMETER_CORE_KUNIT_H
#define KVMETER_CORE_KUNIT_H

struct kunit_suite;

extern struct kunit_suite q_suite;
extern struct kunit_suite hist_suite;
extern struct kunit_suite profile_suite;
extern struct kunit_suite detect_suite;
extern struct kunit_suite predict_suite;
extern struct kunit_suite decide_suite;
extern struct kunit_suite price_suite;
extern struct kunit_suite budget_suite;
extern struct kunit_suite ledger_suite;
extern struct kunit_suite pipeline_suite;

#endif /* KVMETER_CORE_KUNIT_H */
