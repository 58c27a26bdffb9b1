// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the suites when the module is loaded, where the kernel does not: see
 * tests/kunit/stock.
 */
#include <kunit/test.h>

static int stock_count(struct kunit_suite **suites)
{
	int nr = 0;

	while (suites[nr])
		nr++;
	return nr;
}

static struct kunit_suite **const all[] = {
	core_kunit_suites,
	slot_kunit_suites,
	kvm_kunit_suites,
	bio_kunit_suites,
	life_kunit_suites,
	crew_kunit_suites,
	net_kunit_suites,
};

static int __init stock_init(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(all) && !err; i++)
		err = __kunit_test_suites_init(all[i], stock_count(all[i]));
	return err;
}

static void __exit stock_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		__kunit_test_suites_exit(all[i], stock_count(all[i]));
}

module_init(stock_init);
module_exit(stock_exit);
