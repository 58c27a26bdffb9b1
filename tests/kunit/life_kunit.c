// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of births and deaths: of VMs, their vCPU threads and their groups.
 *
 * It includes what makes and ends them as it is, and the table of VMs, their
 * times, priors and models.  slot_kunit.c has the slots, neighbour.c the rest of
 * the module.  KVM is played.
 */
#include <kunit/test.h>
#include <linux/kvm_host.h>
#include <linux/module.h>

/* KVM itself is played: kvm_put_kvm() must not be looked for */
#undef symbol_get
#undef symbol_put
#define symbol_get(x)	(&fake_put_kvm)
#define symbol_put(x)	do { } while (0)
static void fake_put_kvm(struct kvm *kvm);

#include "actor.h"
#include "neighbour.h"
#include "../../kmod/vm/group.c"
#include "../../kmod/vm/log.c"
#include "../../kmod/vm/vm.c"
#include "../../kmod/vm/image.c"
#include "../../kmod/vm/model.c"
#include "../../kmod/cpu/times.c"
#include "../../kmod/cpu/vcpu.c"
#include "../../kmod/period/thread.c"
#include "../../kmod/period/publish.c"
#include "../../kmod/period/birth.c"
#include "../../kmod/period/life.c"

static unsigned int nr_freed;

static void fake_put_kvm(struct kvm *kvm)
{
	nr_freed += refcount_dec_and_test(&kvm->users_count);
}

/* What the period does */
static void pass(void)
{
	struct kmc_now now = kvmeter_now();

	rt_mutex_lock(&kvmeter_lock);
	kvmeter_life_update(&now);
	rt_mutex_unlock(&kvmeter_lock);
	kvmeter_life_settle();
}

static struct kvmeter_vm *vm_known(struct kvm *kvm)
{
	struct kvmeter_vm *vm;

	rt_mutex_lock(&kvmeter_lock);
	vm = kvmeter_vm_of_kvm(kvm);
	rt_mutex_unlock(&kvmeter_lock);
	return vm;
}

static bool record_known(u32 id)
{
	bool known;

	rt_mutex_lock(&kvmeter_lock);
	known = kvmeter_vm_find_record(id);
	rt_mutex_unlock(&kvmeter_lock);
	return known;
}

static int life_test_init(struct kunit *test)
{
	int r;

	slot_kunit_reset();
	kvmeter_conf.period_ns = 100 * NSEC_PER_MSEC;
	for (r = 0; r < KMC_NR_ACT; r++)
		kmc_policy_default(&kvmeter_conf.policy[r]);
	kmc_tariff_default(&kvmeter_conf.tariff);
	kmc_budget_default(&kvmeter_conf.budget);
	nr_vms = 0;
	hash_init(vm_table);
	memset(nr_user_vms, 0, sizeof(nr_user_vms));
	nr_records = 0;
	vm_id_next = 1;
	neighbour_nr_born = 0;
	neighbour_nr_gone = 0;
	nr_freed = 0;
	return kvmeter_life_init();
}

static void life_test_exit(struct kunit *test)
{
	kvmeter_slots_close();
	kvmeter_slots_detach();
	kvmeter_life_exit();
	rcu_barrier();
	kvmeter_image_exit();
	kvmeter_model_exit();
	nr_models = 0;
	INIT_LIST_HEAD(&models);
}

static void life_test_birth(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test), *other = kvm_new(test);
	struct actor *a = actor_new(test), *b = actor_new(test), *c = actor_new(test);
	struct kvmeter_vm *vm;

	actor_do(a, vcpu_new(test, kvm, 0));
	KUNIT_ASSERT_NOT_NULL(test, a->slot);
	KUNIT_EXPECT_TRUE(test, a->current_right);
	KUNIT_EXPECT_EQ(test, slot_kunit_wakes, 1U);
	KUNIT_EXPECT_PTR_EQ(test, vm_known(kvm), NULL);
	pass();
	vm = vm_known(kvm);
	KUNIT_ASSERT_NOT_NULL(test, vm);
	KUNIT_EXPECT_EQ(test, vm->id, 1U);
	KUNIT_EXPECT_EQ(test, vm->nr_vcpus, 1U);
	KUNIT_EXPECT_PTR_EQ(test, a->slot->vm, vm);
	KUNIT_EXPECT_EQ(test, neighbour_nr_born, 1U);

	actor_do(b, vcpu_new(test, kvm, 1));
	actor_do(c, vcpu_new(test, other, 0));
	pass();
	KUNIT_EXPECT_EQ(test, vm->nr_vcpus, 2U);
	KUNIT_EXPECT_PTR_EQ(test, b->slot->vm, vm);
	KUNIT_ASSERT_NOT_NULL(test, vm_known(other));
	KUNIT_EXPECT_EQ(test, vm_known(other)->id, 2U);
	KUNIT_EXPECT_EQ(test, refcount_read(&kvm->users_count), 3);
	KUNIT_EXPECT_EQ(test, refcount_read(&other->users_count), 2);

	actor_end(a);
	actor_end(b);
	actor_end(c);
}

/* A new pair of a VM that is limited is limited from its first entry, adopted or not */
static void life_test_early(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test);
	struct actor *a = actor_new(test), *b = actor_new(test);
	struct kvmeter_vm *vm;

	actor_do(a, vcpu_new(test, kvm, 0));
	KUNIT_ASSERT_NOT_NULL(test, a->slot);
	KUNIT_EXPECT_FALSE(test, a->slot->limited);
	pass();
	vm = vm_known(kvm);
	KUNIT_ASSERT_NOT_NULL(test, vm);
	vm->cpu->pool.limited = true;
	actor_do(b, vcpu_new(test, kvm, 1));
	KUNIT_ASSERT_NOT_NULL(test, b->slot);
	KUNIT_EXPECT_TRUE(test, b->slot->limited);
	KUNIT_EXPECT_PTR_EQ(test, b->slot->vm, vm);
	KUNIT_EXPECT_EQ(test, vm->nr_slots, 1U);
	pass();
	KUNIT_EXPECT_EQ(test, vm->nr_slots, 2U);
	actor_end(a);
	actor_end(b);
}

/* Pairs beyond two per vCPU and SPARE_PAIRS are given up, when they are idle */
static void life_test_pairs(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test);
	struct kvm_vcpu *one = vcpu_new(test, kvm, 0), *two = vcpu_new(test, kvm, 1);
	struct actor *actor[4 + SPARE_PAIRS];
	struct kvmeter_vm *vm;
	u32 i;

	/* each thread runs both vCPUs */
	for (i = 0; i < ARRAY_SIZE(actor); i++) {
		actor[i] = actor_new(test);
		actor_do(actor[i], one);
		actor_do(actor[i], two);
		pass();
		vm = vm_known(kvm);
		KUNIT_ASSERT_NOT_NULL(test, vm);
		KUNIT_EXPECT_EQ(test, vm->nr_vcpus, 2U);
		/* what is bound stays: a slot per thread */
		KUNIT_EXPECT_EQ(test, vm->nr_slots,
				max(min(2 * (i + 1), 4U + SPARE_PAIRS), i + 1));
	}
	/* one that was given up comes again */
	actor_do(actor[0], one);
	KUNIT_EXPECT_NOT_NULL(test, actor[0]->slot);
	KUNIT_EXPECT_PTR_EQ(test, actor[0]->slot->vcpu, one);
	for (i = 0; i < ARRAY_SIZE(actor); i++)
		actor_end(actor[i]);
}

/*
 * A thread's end is its slots' end, when nothing of ours runs in it any more.  A VM is
 * not over with its threads: its account goes on with the next one.
 */
static void life_test_thread_ends(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test);
	struct actor *a = actor_new(test), *b = actor_new(test);
	struct kvmeter_vm *vm;

	actor_do(a, vcpu_new(test, kvm, 0));
	pass();
	vm = vm_known(kvm);
	actor_end(a);
	pass();
	KUNIT_EXPECT_PTR_EQ(test, vm_known(kvm), vm);
	KUNIT_EXPECT_EQ(test, vm->nr_slots, 1U);
	a->slot->slice.work_on = true;	/* as if throttle work were in the thread */
	actor_do(b, vcpu_new(test, kvm, 1));
	pass();
	KUNIT_EXPECT_EQ(test, vm->nr_slots, 2U);
	a->slot->slice.work_on = false;
	pass();
	KUNIT_EXPECT_EQ(test, vm->nr_slots, 1U);
	KUNIT_EXPECT_EQ(test, vm->nr_vcpus, 2U);	/* does not shrink with threads */
	actor_end(b);
	refcount_dec(&kvm->users_count);	/* the last descriptor */
	pass();
	KUNIT_EXPECT_PTR_EQ(test, vm_known(kvm), NULL);
	KUNIT_EXPECT_EQ(test, neighbour_nr_gone, 1U);
	KUNIT_EXPECT_TRUE(test, record_known(1));
}

/* How many hold on to the weights that @vm uses, the list among them; 0: it uses none */
static int model_refs(const struct kvmeter_vm *vm)
{
	return vm->model ? refcount_read(&vm->model->refs) : 0;
}

/* Weights are used at once, by the VMs that they are for, and stay as long as they are used */
static void life_test_models(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test), *other = kvm_new(test);
	struct actor *a = actor_new(test), *b = actor_new(test);
	struct kmc_model *weights = kunit_kzalloc(test, sizeof(*weights), GFP_KERNEL);
	struct kvmeter_vm *vm, *second;
	struct kvmeter_model *old;
	char name[16];
	int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, weights);
	kmc_model_seal(weights);
	actor_do(a, vcpu_new(test, kvm, 0));
	pass();
	vm = vm_known(kvm);
	rt_mutex_lock(&kvmeter_lock);
	KUNIT_EXPECT_EQ(test, model_refs(vm), 0);
	KUNIT_EXPECT_EQ(test, kvmeter_model_del(""), -ENOENT);
	KUNIT_EXPECT_EQ(test, kvmeter_model_set("", weights), 0);
	KUNIT_EXPECT_EQ(test, model_refs(vm), 2);
	KUNIT_EXPECT_PTR_EQ(test, vm->core.predict[0].model,
			    (const struct kmc_model *)&vm->model->weights);
	rt_mutex_unlock(&kvmeter_lock);

	/* a VM that comes later */
	actor_do(b, vcpu_new(test, other, 0));
	pass();
	second = vm_known(other);
	rt_mutex_lock(&kvmeter_lock);
	KUNIT_EXPECT_PTR_EQ(test, second->model, vm->model);
	KUNIT_EXPECT_EQ(test, kvmeter_model_nr_vms(vm->model), 2U);

	/* its image's own, replaced while it is used, and taken away */
	KUNIT_EXPECT_EQ(test, kvmeter_model_set("img", weights), 0);
	kvmeter_vm_set_image(vm, "img");
	KUNIT_EXPECT_STREQ(test, vm->model->image, "img");
	KUNIT_EXPECT_EQ(test, model_refs(second), 2);
	old = vm->model;
	refcount_inc(&old->refs);	/* the test's, so that it can be looked at */
	KUNIT_EXPECT_EQ(test, kvmeter_model_set("img", weights), 0);
	KUNIT_EXPECT_TRUE(test, vm->model != old);
	KUNIT_EXPECT_EQ(test, refcount_read(&old->refs), 1);
	model_put(old);
	KUNIT_EXPECT_EQ(test, kvmeter_model_del("img"), 0);
	KUNIT_EXPECT_PTR_EQ(test, second->model, vm->model);
	KUNIT_EXPECT_EQ(test, kvmeter_model_del(""), 0);
	KUNIT_EXPECT_EQ(test, model_refs(vm), 0);
	KUNIT_EXPECT_TRUE(test, !second->core.predict[KMC_RES_EXITS].model);

	/* as many as there may be, and not one more; what is there can still be replaced */
	for (i = 0; i < KVMETER_MODELS_MAX; i++) {
		snprintf(name, sizeof(name), "%d", i);
		KUNIT_EXPECT_EQ(test, kvmeter_model_set(name, weights), 0);
	}
	KUNIT_EXPECT_EQ(test, kvmeter_model_set("one more", weights), -ENOSPC);
	KUNIT_EXPECT_EQ(test, kvmeter_model_set("7", weights), 0);
	rt_mutex_unlock(&kvmeter_lock);
	actor_end(a);
	actor_end(b);
}

/* A VM whose descriptors are closed is over; a thread that lives on is asked to leave */
static void life_test_closed(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test), *next = kvm_new(test);
	struct actor *a = actor_new(test);
	struct kvmeter_slot *slot;
	struct kvmeter_vm *vm;

	actor_do(a, vcpu_new(test, kvm, 0));
	pass();
	vm = vm_known(kvm);
	KUNIT_EXPECT_FALSE(test, vm->over);
	refcount_dec(&kvm->users_count);	/* the last descriptor */
	pass();
	KUNIT_EXPECT_TRUE(test, vm->over);
	KUNIT_EXPECT_FALSE(test, vm->dead);
	slot = a->slot;
	KUNIT_EXPECT_TRUE(test, slot->nudge_on);
	/* it enters another VM instead */
	refcount_inc(&kvm->users_count);	/* the test's, so that it can be looked at */
	actor_do(a, vcpu_new(test, next, 0));
	pass();
	KUNIT_EXPECT_FALSE(test, vm->dead);
	actor_work(a, &slot->nudge);
	KUNIT_EXPECT_TRUE(test, a->slot->bound);
	pass();
	KUNIT_EXPECT_TRUE(test, vm->dead);
	KUNIT_EXPECT_EQ(test, refcount_read(&kvm->users_count), 1);
	KUNIT_EXPECT_EQ(test, vm_known(next)->id, 2U);
	actor_end(a);
}

/* Ids are not used again, and the records of the last RECORDS_MAX are kept */
static void life_test_records(struct kunit *test)
{
	struct actor *a = actor_new(test);
	struct kvm *kvm;
	int i;

	for (i = 0; i < RECORDS_MAX + 2; i++) {
		kvm = kvm_new(test);
		actor_do(a, vcpu_new(test, kvm, 0));
		pass();
		KUNIT_ASSERT_NOT_NULL(test, vm_known(kvm));
		KUNIT_EXPECT_EQ(test, vm_known(kvm)->id, i + 1U);
		/* its descriptor: when the next one has taken the thread it is gone */
		refcount_dec(&kvm->users_count);
	}
	actor_end(a);
	pass();
	pass();
	KUNIT_EXPECT_EQ(test, neighbour_nr_gone, RECORDS_MAX + 2U);
	KUNIT_EXPECT_EQ(test, nr_freed, RECORDS_MAX + 2U);
	KUNIT_EXPECT_FALSE(test, record_known(1));
	KUNIT_EXPECT_FALSE(test, record_known(2));
	KUNIT_EXPECT_TRUE(test, record_known(3));
	KUNIT_EXPECT_TRUE(test, record_known(RECORDS_MAX + 2));
}

/* Unload takes notifiers out of threads that live on, and drops every reference */
static void life_test_unload(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test);
	struct kvm_vcpu *vcpu = vcpu_new(test, kvm, 0);
	struct actor *a = actor_new(test), *b = actor_new(test);

	actor_do(a, vcpu);
	pass();
	actor_do(b, vcpu_new(test, kvm, 1));	/* not adopted yet */
	kvmeter_slots_close();
	actor_do(a, vcpu_new(test, kvm, 2));
	KUNIT_EXPECT_PTR_EQ(test, a->slot, NULL);
	kvmeter_slots_detach();
	kvmeter_life_exit();
	KUNIT_EXPECT_EQ(test, refcount_read(&kvm->users_count), 1);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&a->task->preempt_notifiers));
	KUNIT_EXPECT_TRUE(test, hlist_empty(&b->task->preempt_notifiers));
	actor_end(a);
	actor_end(b);
	/* for the suite's exit */
	life_test_init(test);
}

static struct kunit_case life_cases[] = {
	KUNIT_CASE(life_test_birth),
	KUNIT_CASE(life_test_early),
	KUNIT_CASE(life_test_pairs),
	KUNIT_CASE(life_test_thread_ends),
	KUNIT_CASE(life_test_closed),
	KUNIT_CASE(life_test_records),
	KUNIT_CASE(life_test_models),
	KUNIT_CASE(life_test_unload),
	{}
};

static struct kunit_suite life_suite = {
	.name = "kvmeter_life",
	.init = life_test_init,
	.exit = life_test_exit,
	.test_cases = life_cases,
};

kunit_test_suites(&life_suite, &alarm_suite);

MODULE_DESCRIPTION("KUnit tests of kvmeter's slots and VMs");
MODULE_LICENSE("GPL");
