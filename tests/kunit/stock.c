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

static int __init stock_init(void)
{
	int err = __kunit_test_suites_init(core_kunit_suites, stock_count(core_kunit_suites));

	err = err ?: __kunit_test_suites_init(slot_kunit_suites, stock_count(slot_kunit_suites));
	return err ?: __kunit_test_suites_init(life_kunit_suites, stock_count(life_kunit_suites));
}

static void __exit stock_exit(void)
{
	__kunit_test_suites_exit(core_kunit_suites, stock_count(core_kunit_suites));
	__kunit_test_suites_exit(slot_kunit_suites, stock_count(slot_kunit_suites));
	__kunit_test_suites_exit(life_kunit_suites, stock_count(life_kunit_suites));
}

module_init(stock_init);
module_exit(stock_exit);
