/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What KUnit and its tests see first where the kernel was built without it:
 * see tests/kunit/stock.  Headers whose structures have members for KUnit's
 * sake are read before it is said to be there, so that these have the layout
 * that the running kernel gives them.
 */
#ifndef KVMETER_KUNIT_STOCK_H
#define KVMETER_KUNIT_STOCK_H

#ifndef __ASSEMBLY__

#include <linux/device.h>
#include <linux/kthread.h>
#include <linux/kvm_host.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

#define CONFIG_KUNIT_MODULE		1
#define CONFIG_KUNIT_DEFAULT_ENABLED	1

/* in the place of current->kunit_test: one test runs at a time */
struct kunit;
extern struct kunit *kunit_current;

/* the kernel's loader does not look for suites in a module: stock.c does; the
 * name is given by the build
 */
#define KUNIT_STOCK_SUITES(suites...)	\
	struct kunit_suite *KUNIT_STOCK_NAME[] = { suites, NULL }

struct kunit_suite;
extern struct kunit_suite *core_kunit_suites[];
extern struct kunit_suite *slot_kunit_suites[];
extern struct kunit_suite *kvm_kunit_suites[];
extern struct kunit_suite *bio_kunit_suites[];
extern struct kunit_suite *life_kunit_suites[];
extern struct kunit_suite *crew_kunit_suites[];
extern struct kunit_suite *net_kunit_suites[];

#endif /* __ASSEMBLY__ */
#endif /* KVMETER_KUNIT_STOCK_H */
