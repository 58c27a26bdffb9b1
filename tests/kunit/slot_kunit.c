// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of slots: which one counts on this CPU now.
 *
 * It includes the slots and the scheduler's hook as they are.  What is played is
 * KVM's structs, the wake-up, and that task work is queued: a kernel thread never
 * gets to where it would run.
 */
#include <kunit/test.h>
#include <linux/kvm_host.h>
#include <linux/module.h>
#include <linux/task_work.h>

#include "actor.h"

#define task_work_add fake_work_add
static int fake_work_add(struct task_struct *task, struct callback_head *work,
			 enum task_work_notify_mode mode)
{
	return task->flags & PF_EXITING ? -ESRCH : 0;
}

#include "../../kmod/base/clock.c"
#include "../../kmod/cpu/slot.c"
#include "../../kmod/cpu/stock.c"
#include "../../kmod/cpu/call.c"
#include "../../kmod/cpu/refuse.c"
#include "../../kmod/cpu/stat.c"
#include "../../kmod/cpu/sched.c"

unsigned int slot_kunit_wakes;
static bool wake_preemptible;		/* the last one might have been preempted */

void kvmeter_wake(void)
{
	slot_kunit_wakes++;
	wake_preemptible = preemptible();
}

void slot_kunit_reset(void)
{
	kvmeter_clock_init();
	kvmeter_slots_init();
	stock_asked = false;
	nr_stock = 0;
	INIT_LIST_HEAD(&stock);
	init_llist_head(&stock_new);
	memset(claim_group, 0, sizeof(claim_group));
	memset(claim_user, 0, sizeof(claim_user));
	slot_kunit_wakes = 0;
}

static LIST_HEAD(taken);	/* new slots that a test has taken */

static void stock_fill(void)
{
	struct kvmeter_slot *slot;

	while (kvmeter_stock_wanted()) {
		slot = kzalloc(sizeof(*slot), GFP_KERNEL);
		if (!slot)
			return;		/* the test misses it */
		kvmeter_slot_init(slot, &kvmeter_preempt_ops);
		kvmeter_stock_add(slot);
	}
}

static int slot_test_init(struct kunit *test)
{
	preempt_notifier_inc();
	slot_kunit_reset();
	stock_fill();
	return 0;
}

/* All actors have ended, or have been detached */
static void slot_test_exit(struct kunit *test)
{
	struct kvmeter_slot *slot, *next;
	LIST_HEAD(empty);

	kvmeter_stock_new(&taken);
	kvmeter_stock_collect(&empty);
	list_for_each_entry_safe(slot, next, &taken, node) {
		put_task_struct(slot->leader);
		put_task_struct(slot->task);
		kfree(slot);
	}
	list_for_each_entry_safe(slot, next, &empty, node)
		kfree(slot);
	INIT_LIST_HEAD(&taken);
	slot_kunit_reset();
	preempt_notifier_dec();
}

/* A thread that runs two vCPUs in turn has a slot for each, one of them bound */
static void slot_test_turns(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test);
	struct kvm_vcpu *one = vcpu_new(test, kvm, 0), *two = vcpu_new(test, kvm, 1);
	struct kvmeter_slot *first, *second;
	struct actor *a = actor_new(test);

	actor_do(a, one);
	first = a->slot;
	KUNIT_ASSERT_NOT_NULL(test, first);
	actor_do(a, one);
	KUNIT_EXPECT_PTR_EQ(test, a->slot, first);
	actor_do(a, two);
	second = a->slot;
	KUNIT_ASSERT_NOT_NULL(test, second);
	KUNIT_EXPECT_PTR_NE(test, second, first);
	KUNIT_EXPECT_TRUE(test, a->current_right);
	KUNIT_EXPECT_FALSE(test, first->bound);
	KUNIT_EXPECT_TRUE(test, second->bound);
	KUNIT_EXPECT_EQ(test, first->ev.open_cyc, 0ULL);
	actor_do(a, one);
	KUNIT_EXPECT_PTR_EQ(test, a->slot, first);
	KUNIT_EXPECT_TRUE(test, first->bound);
	KUNIT_EXPECT_FALSE(test, second->bound);
	/* new slots come in the order of their first entries, each once */
	KUNIT_EXPECT_TRUE(test, kvmeter_stock_has_new());
	kvmeter_stock_new(&taken);
	KUNIT_EXPECT_PTR_EQ(test, list_first_entry(&taken, struct kvmeter_slot, node), first);
	KUNIT_EXPECT_PTR_EQ(test, list_last_entry(&taken, struct kvmeter_slot, node), second);
	KUNIT_EXPECT_PTR_EQ(test, list_next_entry(first, node), second);
	KUNIT_EXPECT_FALSE(test, kvmeter_stock_has_new());
	actor_end(a);
}

/* One process gets a part of the stock, and asks for more once; another still gets some */
static void slot_test_stock(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test);
	struct actor *a = actor_new(test), *b = actor_new(test);
	struct kvm_vcpu *late = vcpu_new(test, kvm, KVMETER_STOCK_GROUP);
	struct kvmeter_slot *first = NULL;
	int i;

	for (i = 0; i < KVMETER_STOCK_GROUP; i++) {
		actor_do(a, vcpu_new(test, kvm, i));
		KUNIT_EXPECT_NOT_NULL(test, a->slot);
		first = first ?: a->slot;
	}
	KUNIT_EXPECT_EQ(test, refcount_read(&kvm->users_count), 1 + KVMETER_STOCK_GROUP);
	slot_kunit_wakes = 0;
	actor_do(a, late);
	KUNIT_EXPECT_PTR_EQ(test, a->slot, NULL);
	actor_do(a, late);
	KUNIT_EXPECT_PTR_EQ(test, a->slot, NULL);
	KUNIT_EXPECT_EQ(test, slot_kunit_wakes, 1U);
	KUNIT_EXPECT_TRUE(test, kvmeter_stock_wanted());
	actor_do(b, late);
	KUNIT_EXPECT_NOT_NULL(test, b->slot);
	/* one is adopted */
	if (first)
		kvmeter_stock_settle(first);
	actor_do(a, late);
	KUNIT_EXPECT_NOT_NULL(test, a->slot);
	actor_end(a);
	actor_end(b);
}

/* Nothing is left: nobody gets a slot until there are some */
static void slot_test_empty(struct kunit *test)
{
	struct kvm_vcpu *vcpu = vcpu_new(test, kvm_new(test), 0);
	struct kvmeter_slot *slot, *next;
	struct actor *a = actor_new(test);
	LIST_HEAD(empty);

	kvmeter_stock_collect(&empty);
	actor_do(a, vcpu);
	KUNIT_EXPECT_PTR_EQ(test, a->slot, NULL);
	list_for_each_entry_safe(slot, next, &empty, node)
		kvmeter_stock_add(slot);
	actor_do(a, vcpu);
	KUNIT_EXPECT_NOT_NULL(test, a->slot);
	actor_end(a);
}

/* The group's leader is held from the first entry on: it may be gone when the slot is adopted */
static void slot_test_leader(struct kunit *test)
{
	struct actor *a = actor_new(test), *leader = actor_new(test);
	unsigned int refs = refcount_read(&leader->task->usage);
	struct task_struct *before = a->task->group_leader;

	a->task->group_leader = leader->task;
	actor_do(a, vcpu_new(test, kvm_new(test), 0));
	a->task->group_leader = before;
	KUNIT_EXPECT_NOT_NULL(test, a->slot);
	KUNIT_EXPECT_EQ(test, refcount_read(&leader->task->usage), refs + 1);
	if (a->slot)
		KUNIT_EXPECT_PTR_EQ(test, a->slot->leader, leader->task);
	actor_end(a);
	actor_end(leader);
}

/* However many vCPUs a thread runs in turn, a look-up passes few */
static void slot_test_chains(struct kunit *test)
{
	struct actor *a = actor_new(test);
	struct kvm *kvm = kvm_new(test);
	struct kvmeter_slot *slot;
	int i, nr, longest = 0, all = 0;

	for (i = 0; i < KVMETER_STOCK_SLOTS; i++) {
		actor_do(a, vcpu_new(test, kvm, i));
		if (a->slot)
			kvmeter_stock_settle(a->slot);
	}
	for (i = 0; i < ARRAY_SIZE(slot_table); i++) {
		nr = 0;
		hlist_for_each_entry(slot, &slot_table[i].slots, hash)
			nr++;
		longest = max(longest, nr);
		all += nr;
	}
	KUNIT_EXPECT_EQ(test, all, KVMETER_STOCK_SLOTS);
	KUNIT_EXPECT_LE(test, longest, 8);
	actor_end(a);
}

/* What KVM counted before we saw the vCPU is not ours */
static void slot_test_base(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test);
	struct kvm_vcpu *vcpu = vcpu_new(test, kvm, 3);
	struct actor *a = actor_new(test);
	u64 stat[KVMETER_NR_EXITS], fault[KVMETER_NR_KVM_FAULTS];

	vcpu->stat.io_exits = 5;
	vcpu->stat.irq_window_exits = 2;
	vcpu->stat.nmi_window_exits = 1;
	vcpu->stat.pf_fixed = 7;
	vcpu->stat.generic.halt_poll_success_ns = 100;
	vcpu->stat.generic.halt_poll_fail_ns = 11;
	actor_do(a, vcpu);
	KUNIT_ASSERT_NOT_NULL(test, a->slot);
	KUNIT_EXPECT_EQ(test, a->slot->vcpu_id, 3);
	KUNIT_EXPECT_EQ(test, a->slot->tid, task_pid_nr(a->task));
	KUNIT_EXPECT_EQ(test, a->slot->account.stat_base[KVMETER_EXIT_IO], 5ULL);
	KUNIT_EXPECT_EQ(test, a->slot->account.stat_base[KVMETER_EXIT_WINDOW], 3ULL);
	KUNIT_EXPECT_EQ(test, a->slot->account.fault_base[KVMETER_FAULT_FIXED], 7ULL);
	KUNIT_EXPECT_EQ(test, a->slot->account.poll_base_ns, 111ULL);
	KUNIT_EXPECT_EQ(test, a->slot->account.exec_ns - a->slot->account.exec_base_ns, 0ULL);

	vcpu->stat.io_exits = 9;
	vcpu->stat.pf_fixed = 8;
	kvmeter_stat_exits(vcpu, stat);
	kvmeter_stat_faults(vcpu, fault);
	KUNIT_EXPECT_EQ(test, stat[KVMETER_EXIT_IO] -
			a->slot->account.stat_base[KVMETER_EXIT_IO], 4ULL);
	KUNIT_EXPECT_EQ(test, stat[KVMETER_EXIT_OTHER], 0ULL);
	KUNIT_EXPECT_EQ(test, fault[KVMETER_FAULT_FIXED] -
			a->slot->account.fault_base[KVMETER_FAULT_FIXED], 1ULL);
	actor_end(a);
}

/* A slot leaves the table only when its thread cannot use it any more */
static void slot_test_exit_task(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test);
	struct kvm_vcpu *vcpu = vcpu_new(test, kvm, 0);
	struct actor *a = actor_new(test);
	struct kvmeter_slot *slot;

	actor_do(a, vcpu);
	slot = a->slot;
	KUNIT_ASSERT_NOT_NULL(test, slot);
	KUNIT_EXPECT_FALSE(test, kvmeter_slot_unlink(slot));
	KUNIT_EXPECT_PTR_EQ(test, slot_find(a->task, vcpu), slot);
	slot_kunit_wakes = 0;
	get_task_struct(a->task);
	actor_end(a);
	KUNIT_EXPECT_EQ(test, slot_kunit_wakes, 1U);
	/* unload, in the stopper, cannot come between the look at the slot and its use */
	KUNIT_EXPECT_FALSE(test, wake_preemptible);
	KUNIT_EXPECT_TRUE(test, slot->exited);
	KUNIT_EXPECT_FALSE(test, slot->bound);
	KUNIT_EXPECT_EQ(test, slot->ev.open_cyc, 0ULL);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&a->task->preempt_notifiers));
	KUNIT_EXPECT_TRUE(test, kvmeter_slot_idle(slot));
	KUNIT_EXPECT_TRUE(test, kvmeter_slot_unlink(slot));
	KUNIT_EXPECT_PTR_EQ(test, slot_find(a->task, vcpu), NULL);
	put_task_struct(a->task);
}

/* A slot whose thread has work of ours, queued or running, is not idle */
static void slot_test_idle(struct kunit *test)
{
	struct kvmeter_slot *slot = kunit_kzalloc(test, sizeof(*slot), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, slot);
	KUNIT_EXPECT_TRUE(test, kvmeter_slot_idle(slot));
	slot->slice.work_on = true;
	KUNIT_EXPECT_FALSE(test, kvmeter_slot_idle(slot));
	slot->slice.work_on = false;
	slot->nudge_on = true;
	KUNIT_EXPECT_FALSE(test, kvmeter_slot_idle(slot));
}

static unsigned int call_why;

static void call_note(struct kvmeter_vm *vm, unsigned int why, const void *arg)
{
	call_why |= vm == arg ? why : 0;
}

/* What a VM's threads have called the period for since the last look */
static unsigned int calls_of(struct kvmeter_vm *vm)
{
	call_why = 0;
	kvmeter_calls_take(call_note, vm);
	return call_why;
}

/* A thread is asked to leave, and does if the VM is over */
static void slot_test_leave(struct kunit *test)
{
	struct kvmeter_vm *vm = kvzalloc(sizeof(*vm), GFP_KERNEL);
	struct actor *a = actor_new(test);
	struct kvmeter_slot *slot;

	actor_do(a, vcpu_new(test, kvm_new(test), 0));
	slot = a->slot;
	KUNIT_EXPECT_NOT_NULL(test, slot);
	if (vm && slot) {
		slot->vm = vm;
		vm->cpu = kunit_kzalloc(test, sizeof(*vm->cpu), GFP_KERNEL);
		vm->cpu->vm = vm;
		kref_init(&vm->ref);
		kvmeter_slot_nudge(slot);
		KUNIT_EXPECT_FALSE(test, kvmeter_slot_idle(slot));
		actor_work(a, &slot->nudge);
		KUNIT_EXPECT_TRUE(test, kvmeter_slot_idle(slot));
		KUNIT_EXPECT_TRUE(test, slot->bound);

		vm->over = true;
		kvmeter_slot_nudge(slot);
		actor_work(a, &slot->nudge);
		KUNIT_EXPECT_TRUE(test, kvmeter_slot_idle(slot));
		KUNIT_EXPECT_FALSE(test, slot->bound);
		KUNIT_EXPECT_FALSE(test, slot->exited);
		KUNIT_EXPECT_TRUE(test, hlist_empty(&a->task->preempt_notifiers));
		KUNIT_EXPECT_TRUE(test, kvmeter_slot_unlink(slot));
		/* the period is told whose it was */
		KUNIT_EXPECT_EQ(test, calls_of(vm), KVMETER_CALL_ENDED);
	}
	actor_end(a);
	KUNIT_EXPECT_NOT_NULL(test, vm);
	kvfree(vm);
}

/* Unload: no slot is bound any more, then none counts anywhere */
static void slot_test_detach(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test);
	struct actor *a = actor_new(test), *b = actor_new(test);
	unsigned int cpu;

	actor_do(a, vcpu_new(test, kvm, 0));
	actor_do(b, vcpu_new(test, kvm, 1));
	kvmeter_slots_close();
	actor_do(a, vcpu_new(test, kvm, 2));
	KUNIT_EXPECT_PTR_EQ(test, a->slot, NULL);
	KUNIT_EXPECT_FALSE(test, hlist_empty(&a->task->preempt_notifiers));
	kvmeter_slots_detach();
	KUNIT_EXPECT_TRUE(test, hlist_empty(&a->task->preempt_notifiers));
	KUNIT_EXPECT_TRUE(test, hlist_empty(&b->task->preempt_notifiers));
	KUNIT_EXPECT_FALSE(test, b->slot->bound);
	for_each_possible_cpu(cpu)
		KUNIT_EXPECT_PTR_EQ(test, per_cpu(kvmeter_current, cpu), NULL);
	actor_end(a);
	actor_end(b);
}

static struct kunit_case slot_cases[] = {
	KUNIT_CASE(slot_test_turns),
	KUNIT_CASE(slot_test_stock),
	KUNIT_CASE(slot_test_empty),
	KUNIT_CASE(slot_test_leader),
	KUNIT_CASE(slot_test_chains),
	KUNIT_CASE(slot_test_base),
	KUNIT_CASE(slot_test_exit_task),
	KUNIT_CASE(slot_test_idle),
	KUNIT_CASE(slot_test_leave),
	KUNIT_CASE(slot_test_detach),
	{}
};

static struct kunit_suite slot_suite = {
	.name = "kvmeter_slot",
	.init = slot_test_init,
	.exit = slot_test_exit,
	.test_cases = slot_cases,
};

kunit_test_suites(&slot_suite);
