// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of what a VM's threads draw: from its grant's pool, and from the side.
 *
 * The clock is a number.  A thread here always runs: it draws, waits for its slice,
 * and runs that and a little more.
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "../../kmod/cpu/pool.c"
#include "../../kmod/cpu/crew.c"

#define SECOND	((u64)NSEC_PER_SEC)

static struct kvmeter_cpu cpu;
static struct kvmeter_vm vm;
static struct kvmeter_crew crew;
static u64 now_ns;

static int crew_test_init(struct kunit *test)
{
	memset(&cpu, 0, sizeof(cpu));
	memset(&vm, 0, sizeof(vm));
	memset(&crew, 0, sizeof(crew));
	vm.cpu = &cpu;
	crew.vm = &vm;
	raw_spin_lock_init(&crew.lock);
	kvmeter_pool_init(&cpu.pool);
	kvmeter_pool_init(&crew.side);
	kvmeter_conf.burst_ns = 10 * NSEC_PER_MSEC;
	kvmeter_conf.period_ns = 100 * NSEC_PER_MSEC;
	now_ns = 1000 * SECOND;
	return 0;
}

static void limit(u32 cap_bp, u32 nr_vcpus)
{
	kvmeter_pool_set(&cpu.pool, cap_bp, nr_vcpus, U64_MAX, now_ns);
	kvmeter_pool_set(&crew.side, SIDE_BP, 1, U64_MAX, now_ns);
}

/* What a thread runs in 4 s that overruns each slice by @over_ns. */
static u64 run_ns(u64 over_ns)
{
	u64 end = now_ns + 4 * SECOND, debt = 0, slice = 0, used = 0, start;

	while (now_ns < end) {
		start = kvmeter_crew_draw(&crew, now_ns, &debt, &slice);
		now_ns = max(now_ns, start);
		if (now_ns >= end)
			break;
		now_ns += slice + over_ns;
		used += slice + over_ns;
		debt += over_ns;
	}
	return used;
}

/* The grant and the side, no more but what is under way, and at least half of them */
static void crew_bound(struct kunit *test)
{
	static const u64 over_ns[] = { 0, 50000, 3000000, 40000000 };
	u64 used, bound;
	int i;

	for (i = 0; i < ARRAY_SIZE(over_ns); i++) {
		crew_test_init(test);
		limit(1000, 1);
		used = run_ns(over_ns[i]);
		/* 15 % of 4 s, bursts and slices: 5 ms; a debt of 4 overruns, and one more */
		bound = 600 * NSEC_PER_MSEC + 5 * NSEC_PER_MSEC + 6 * over_ns[i];
		KUNIT_EXPECT_LE_MSG(test, used, bound, "overruns of %llu", over_ns[i]);
		KUNIT_EXPECT_GE_MSG(test, used, 300 * NSEC_PER_MSEC, "overruns of %llu",
				    over_ns[i]);
	}
}

/* Paused: the side alone */
static void crew_paused(struct kunit *test)
{
	u64 used;

	limit(0, 4);
	KUNIT_EXPECT_EQ(test, kvmeter_pool_next(&cpu.pool, now_ns), cpu.pool.lease_until_ns);
	KUNIT_EXPECT_EQ(test, kvmeter_pool_closed_ns(&cpu.pool, now_ns), cpu.pool.lease_until_ns);
	used = run_ns(0);
	KUNIT_EXPECT_LE(test, used, 202 * NSEC_PER_MSEC);
	KUNIT_EXPECT_GE(test, used, 198 * NSEC_PER_MSEC);
}

/* No limit, or no period that renews it: nobody waits */
static void crew_free_to_go(struct kunit *test)
{
	u64 debt = SECOND, slice;

	KUNIT_EXPECT_EQ(test, kvmeter_crew_draw(&crew, now_ns, &debt, &slice), 0);
	KUNIT_EXPECT_EQ(test, debt, 0);
	limit(0, 1);
	KUNIT_EXPECT_TRUE(test, kvmeter_crew_bound(&crew, now_ns));
	now_ns += kvmeter_lease_ns();
	KUNIT_EXPECT_FALSE(test, kvmeter_crew_bound(&crew, now_ns));
	KUNIT_EXPECT_EQ(test, kvmeter_pool_closed_ns(&cpu.pool, now_ns), 0);
}

/* What nobody drew moves the next slice, but not for ever */
static void pool_charged(struct kunit *test)
{
	u64 before;

	limit(5000, 1);
	before = kvmeter_pool_next(&cpu.pool, now_ns);
	kvmeter_pool_charge(&cpu.pool, 10 * NSEC_PER_MSEC, now_ns);
	KUNIT_EXPECT_EQ(test, kvmeter_pool_next(&cpu.pool, now_ns), before + 20 * NSEC_PER_MSEC);
	kvmeter_pool_charge(&cpu.pool, 100 * SECOND, now_ns);
	KUNIT_EXPECT_EQ(test, kvmeter_pool_next(&cpu.pool, now_ns), now_ns + SECOND);
}

/* A large VM's share is as exact as a small one's: to 0.05 %, a ns per slice */
static void pool_large(struct kunit *test)
{
	u64 slice, start, dealt = 0, end;

	limit(9500, 1024);
	end = now_ns + SECOND;
	for (;;) {
		start = kvmeter_pool_draw(&cpu.pool, now_ns, 0, &slice);
		if (start >= end)
			break;
		now_ns = max(now_ns, start);
		dealt += slice;
	}
	KUNIT_EXPECT_GE(test, dealt, 972300ULL * NSEC_PER_MSEC);
	KUNIT_EXPECT_LE(test, dealt, 973300ULL * NSEC_PER_MSEC);
}

static struct kunit_case crew_cases[] = {
	KUNIT_CASE(crew_bound),
	KUNIT_CASE(crew_paused),
	KUNIT_CASE(crew_free_to_go),
	KUNIT_CASE(pool_charged),
	KUNIT_CASE(pool_large),
	{}
};

static struct kunit_suite crew_suite = {
	.name = "kvmeter_crew",
	.init = crew_test_init,
	.test_cases = crew_cases,
};

kunit_test_suite(crew_suite);
