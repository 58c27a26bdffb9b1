// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of how often a VM is looked at: the alarm, and turns.
 *
 * It includes the alarm as it is.  Threads are played: time passes in steps, and each
 * thread runs as the case says.
 */
#include <kunit/test.h>
#include <linux/slab.h>

#include "neighbour.h"
#include "../../kmod/period/alarm.c"

#define NR		16
#define PERIOD_NS	(100ULL * NSEC_PER_MSEC)
#define STEP_NS		(100ULL * NSEC_PER_USEC)
#define STEPS		(PERIOD_NS / STEP_NS)

/* A VM and its threads, and what came of its last period */
struct play {
	struct kvmeter_vm *vm;
	struct kvmeter_cpu *cpu;
	struct kvmeter_slot *slot;
	u32 looks;
	u64 passed_ns;		/* the sum when the alarm said that it passed; 0: it did not */
};

/* So many bp of all is the level. */
static struct play *play_new(struct kunit *test, u32 level_bp)
{
	struct play *play = kunit_kzalloc(test, sizeof(*play), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, play);
	play->vm = kunit_kzalloc(test, sizeof(*play->vm), GFP_KERNEL);
	play->cpu = kunit_kzalloc(test, sizeof(*play->cpu), GFP_KERNEL);
	play->slot = kunit_kcalloc(test, NR, sizeof(*play->slot), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, play->vm);
	KUNIT_ASSERT_NOT_NULL(test, play->cpu);
	KUNIT_ASSERT_NOT_NULL(test, play->slot);
	kvmeter_clock_init();
	INIT_LIST_HEAD(&play->vm->slots);
	play->vm->cpu = play->cpu;
	play->vm->nr_vcpus = NR;
	play->vm->nr_slots = NR;
	play->vm->core.period_ns = PERIOD_NS;
	play->vm->core.alarm[KMC_RES_CPU] = level_bp;
	for (i = 0; i < NR; i++)
		list_add_tail(&play->slot[i].node, &play->vm->slots);
	return play;
}

static u64 play_level(const struct play *play)
{
	return alarm_ns(play->vm);
}

static u64 play_sum(const struct play *play)
{
	return play->cpu->times.guest_ns - play->cpu->period_times.guest_ns;
}

/* Who passes its share rings once, and is looked at. */
static void play_rings(struct play *play)
{
	struct kvmeter_slot *slot;
	bool rang = false;
	int i;

	for (i = 0; i < NR; i++) {
		slot = &play->slot[i];
		if (kvmeter_ns_to_cyc(kvmeter_on_cpu_ns(&slot->times)) < slot->attention_cyc)
			continue;
		slot->attention_cyc = U64_MAX;
		rang = true;
	}
	if (!rang)
		return;
	play->looks++;
	if (kvmeter_alarm_passed(play->vm))
		play->passed_ns = play_sum(play);
}

/* A period: thread i runs bp[i] of it, from its start on; or polls. */
static void play_period(struct play *play, const u32 bp[NR], bool poll)
{
	struct kvmeter_slot *slot;
	u64 step;
	int i;

	for (i = 0; i < NR; i++) {
		slot = &play->slot[i];
		slot->last_used_ns = kvmeter_on_cpu_ns(&slot->times) -
				     kvmeter_on_cpu_ns(&slot->period_times);
		slot->period_times = slot->times;
	}
	play->cpu->period_times = play->cpu->times;
	kvmeter_alarm_set(play->vm);
	play->looks = 0;
	play->passed_ns = 0;
	for (step = 0; step < STEPS; step++) {
		for (i = 0; i < NR; i++) {
			if (step * KMC_BP >= STEPS * bp[i])
				continue;
			if (poll) {
				play->slot[i].times.halt_poll_ns += STEP_NS;
				continue;
			}
			play->slot[i].times.guest_ns += STEP_NS;
			play->cpu->times.guest_ns += STEP_NS;
		}
		play_rings(play);
	}
}

/* The sum is seen no later than the slack beyond the level, and a step of all threads. */
static void expect_in_time(struct kunit *test, const struct play *play)
{
	u64 level = play_level(play);

	KUNIT_EXPECT_GE(test, play->passed_ns, level);
	KUNIT_EXPECT_LE(test, play->passed_ns, level + level / SLACK_PART + NR * STEP_NS);
}

/* A VM that goes on as before, some of its threads busy, is not looked at below its level */
static void alarm_test_steady(struct kunit *test)
{
	struct play *play;
	u32 bp[NR] = {};
	u32 m, i;

	for (m = 1; m <= NR; m *= 2) {
		/* 95 % of the level */
		play = play_new(test, 10000 * m / NR);
		for (i = 0; i < m; i++)
			bp[i] = 9500;
		play_period(play, bp, false);
		KUNIT_EXPECT_LE(test, play->looks, LOOKS_MAX);
		for (i = 0; i < 3; i++) {
			play_period(play, bp, false);
			KUNIT_EXPECT_EQ(test, play->looks, 0U);
			KUNIT_EXPECT_EQ(test, play->passed_ns, 0ULL);
		}
	}
}

/* One that does more than its level is seen, however its threads share it, by few looks */
static void alarm_test_passes(struct kunit *test)
{
	struct play *play;
	u32 bp[NR] = {};
	u32 m, i;

	for (m = 1; m <= NR; m *= 2) {
		play = play_new(test, 5000 * m / NR);
		for (i = 0; i < m; i++)
			bp[i] = 9900;
		for (i = 0; i < 3; i++) {
			play_period(play, bp, false);
			KUNIT_EXPECT_LE(test, play->looks, LOOKS_MAX);
			expect_in_time(test, play);
		}
	}
}

/* Threads that change their roles in each period, as a tenant likes, are looked at as seldom */
static void alarm_test_moves(struct kunit *test)
{
	struct play *play = play_new(test, 1500);
	u32 i, j, seed = 1;
	u32 bp[NR];

	for (i = 0; i < 100; i++) {
		for (j = 0; j < NR; j++) {
			seed = seed * 1103515245 + 12345;
			bp[j] = seed >> 16 & 3 ? 0 : (seed >> 18) % 10000;
		}
		play_period(play, bp, false);
		KUNIT_EXPECT_LE(test, play->looks, LOOKS_MAX);
		if (play->passed_ns)
			KUNIT_EXPECT_GE(test, play->passed_ns, play_level(play));
	}
	/* one thread alone, another in each period: it is seen as soon as it can be */
	for (i = 0; i < NR; i++) {
		memset(bp, 0, sizeof(bp));
		bp[i] = 10000;
		play->vm->core.alarm[KMC_RES_CPU] = 400;
		play_period(play, bp, false);
		KUNIT_EXPECT_LE(test, play->looks, LOOKS_MAX);
		expect_in_time(test, play);
	}
}

/* Halt polling rings and is not used: it does not ring for ever */
static void alarm_test_polls(struct kunit *test)
{
	struct play *play = play_new(test, 1000);
	u32 bp[NR], i;

	for (i = 0; i < NR; i++)
		bp[i] = 10000;
	for (i = 0; i < 3; i++) {
		play_period(play, bp, true);
		KUNIT_EXPECT_LE(test, play->looks, LOOKS_MAX);
		KUNIT_EXPECT_EQ(test, play->passed_ns, 0ULL);
	}
}

/* Of many VMs of a process a part is visited in each period, and each in some */
static void alarm_test_turns(struct kunit *test)
{
	struct kvmeter_group *group = kunit_kzalloc(test, sizeof(*group), GFP_KERNEL);
	struct kvmeter_vm *vm = kvzalloc(sizeof(*vm), GFP_KERNEL);
	u32 period, visits = 0, most = 0, one = 0;

	KUNIT_EXPECT_NOT_NULL(test, vm);
	if (!group || !vm)
		return;
	vm->group = group;
	group->nr_vms = 200;
	for (period = 0; period < 4; period++) {
		visits = 0;
		for (vm->id = 1; vm->id <= 200; vm->id++)
			visits += kvmeter_vm_turn_now(vm, period);
		most = max(most, visits);
		vm->id = 7;
		one += kvmeter_vm_turn_now(vm, period);
	}
	KUNIT_EXPECT_LE(test, most, (u32)KVMETER_SHARD_GROUP);
	KUNIT_EXPECT_EQ(test, one, 1U);
	/* a process of few has no turns, and leases never run out */
	group->nr_vms = KVMETER_SHARD_GROUP;
	for (period = 0; period < 4; period++)
		KUNIT_EXPECT_TRUE(test, kvmeter_vm_turn_now(vm, period));
	group->nr_vms = 1000000;
	for (one = 0, period = 0; period < KVMETER_SHARDS_MAX; period++)
		one += kvmeter_vm_turn_now(vm, period);
	KUNIT_EXPECT_EQ(test, one, 1U);
	kvfree(vm);
}

static struct kunit_case alarm_cases[] = {
	KUNIT_CASE(alarm_test_steady),
	KUNIT_CASE(alarm_test_passes),
	KUNIT_CASE(alarm_test_moves),
	KUNIT_CASE(alarm_test_polls),
	KUNIT_CASE(alarm_test_turns),
	{}
};

struct kunit_suite alarm_suite = {
	.name = "kvmeter_alarm",
	.test_cases = alarm_cases,
};
