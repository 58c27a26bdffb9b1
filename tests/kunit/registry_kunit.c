// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit suite of the registry: births, deaths and moves of vCPU threads.
 *
 * It includes the registry and the event path as they are, and plays KVM and
 * the neighbours to the right of them.  Kernel threads are vCPU threads: they
 * enter when told, are switched in and out by the real scheduler, and end.
 */
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/kvm_host.h>
#include <linux/module.h>

/* KVM itself is played: kvm_put_kvm() must not be looked for */
#undef symbol_get
#undef symbol_put
#define symbol_get(x)	(&fake_put_kvm)
#define symbol_put(x)	do { } while (0)
static void fake_put_kvm(struct kvm *kvm);

#include "../../kmod/period/life.c"
#include "../../kmod/cpu/times.c"
#include "../../kmod/base/clock.c"
#include "../../kmod/vm/image.c"
#include "../../kmod/vm/model.c"
#include "../../kmod/cpu/sched.c"
#include "../../kmod/cpu/vcpu.c"

/* the neighbours */

struct kvmeter_conf kvmeter_conf;

static unsigned int nr_kicks, nr_nudges, nr_born, nr_gone, nr_freed;
static bool work_runs;		/* as if throttle work were in a thread */

static void fake_put_kvm(struct kvm *kvm)
{
	nr_freed += refcount_dec_and_test(&kvm->users_count);
}

struct kmc_now kvmeter_now(void)
{
	return (struct kmc_now) { .at_ns = ktime_get_ns(), .real_ns = ktime_get_real_ns() };
}

void kvmeter_period_kick(void)
{
	nr_kicks++;
}

void kvmeter_cpu_sample(struct kmc_sample *s, const struct kvmeter_times *t,
			const struct kvmeter_times *from, u64 capacity_ns)
{
}

void kvmeter_exits_sample(struct kmc_sample *s, u64 exits, u64 span_ns, bool censored)
{
}

void kvmeter_vm_begin(struct kvmeter_vm *vm, const struct kmc_now *now)
{
}

void kvmeter_vm_refresh(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	if (!vm->over && !vm->dead)
		kvmeter_vm_read(vm);
}

void kvmeter_vm_finish(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	vm->times = vm->gone;
}

void kvmeter_notify_born(struct kvmeter_vm *vm)
{
	nr_born++;
}

void kvmeter_notify_gone(struct kvmeter_vm *vm)
{
	nr_gone++;
}

void kvmeter_notify_over(struct kvmeter_vm *vm)
{
}

int kvmeter_notify_appear(struct kvmeter_vm *vm)
{
	return 0;
}

void kvmeter_notify_vanish(struct kvmeter_vm *vm)
{
}

void kvmeter_notify_free(struct kvmeter_vm *vm)
{
}

void kvmeter_hints_slot(struct kvmeter_slot *slot)
{
}

void kvmeter_hints_fold(struct kvmeter_slot *slot)
{
}

void kvmeter_probe_exit(void)
{
}

void kvmeter_act_cpu_init(struct kvmeter_vm *vm)
{
}

u32 kvmeter_act_cpu_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns)
{
	return grant_bp;
}

void kvmeter_act_cpu_slot_init(struct kvmeter_slot *slot)
{
}

bool kvmeter_act_cpu_slot_idle(struct kvmeter_slot *slot)
{
	return !work_runs;
}

void kvmeter_act_cpu_slot_drop(struct kvmeter_slot *slot)
{
}

void kvmeter_act_cpu_drain(struct kvmeter_slot *slot)
{
}

void kvmeter_act_cpu_nudge(struct kvmeter_slot *slot)
{
	nr_nudges++;
}

void kvmeter_cgroup_detach(struct kvmeter_vm *vm, const char *why)
{
}

void kvmeter_memory_read(struct kvmeter_vm *vm, u64 now_ns)
{
}

int kvmeter_disk_group_init(struct kvmeter_group *group)
{
	return 0;
}

void kvmeter_disk_group_gone(struct kvmeter_group *group)
{
}

void kvmeter_disk_read(struct kvmeter_vm *vm)
{
}

void kvmeter_net_vm_init(struct kvmeter_vm *vm)
{
}

void kvmeter_net_vm_gone(struct kvmeter_vm *vm)
{
}

void kvmeter_net_vm_free(struct kvmeter_vm *vm)
{
}

void kvmeter_net_read(struct kvmeter_vm *vm)
{
}

/* vCPU threads */

struct actor {
	struct task_struct *task;
	struct completion go;
	struct completion done;
	struct kvm_vcpu *vcpu;		/* to enter, NULL: to end */
	struct kvmeter_slot *slot;	/* that it was bound to */
	bool current_right;		/* this CPU pointed to it then, and after a sleep */
};

static void actor_enter(struct actor *actor)
{
	local_irq_disable();
	actor->slot = kvmeter_slot_attach(actor->vcpu);
	actor->current_right = this_cpu_read(kvmeter_current) == actor->slot;
	local_irq_enable();
	if (!actor->slot)
		return;
	schedule_timeout_uninterruptible(1);
	preempt_disable();
	actor->current_right &= this_cpu_read(kvmeter_current) == actor->slot;
	preempt_enable();
}

static int actor_thread(void *data)
{
	struct actor *actor = data;

	for (;;) {
		wait_for_completion(&actor->go);
		if (!actor->vcpu)
			break;
		actor_enter(actor);
		complete(&actor->done);
	}
	kvmeter_probe_task_exit(NULL, current);
	complete(&actor->done);
	return 0;
}

static void actor_do(struct actor *actor, struct kvm_vcpu *vcpu)
{
	actor->vcpu = vcpu;
	complete(&actor->go);
	wait_for_completion(&actor->done);
}

static struct actor *actor_new(struct kunit *test)
{
	struct actor *actor = kunit_kzalloc(test, sizeof(*actor), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, actor);
	init_completion(&actor->go);
	init_completion(&actor->done);
	actor->task = kthread_create(actor_thread, actor, "vcpu");
	KUNIT_ASSERT_FALSE(test, IS_ERR(actor->task));
	get_task_struct(actor->task);
	wake_up_process(actor->task);
	return actor;
}

static void actor_end(struct actor *actor)
{
	actor_do(actor, NULL);
	/* its exit code, when it is there: the task is dead */
	while (!READ_ONCE(actor->task->exit_state))
		schedule_timeout_uninterruptible(1);
	put_task_struct(actor->task);
}

static struct kvm *kvm_new(struct kunit *test)
{
	struct kvm *kvm = kunit_kzalloc(test, sizeof(*kvm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, kvm);
	refcount_set(&kvm->users_count, 1);
	return kvm;
}

static struct kvm_vcpu *vcpu_new(struct kunit *test, struct kvm *kvm, int id)
{
	struct kvm_vcpu *vcpu = kunit_kzalloc(test, sizeof(*vcpu), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vcpu);
	vcpu->kvm = kvm;
	vcpu->vcpu_id = id;
	return vcpu;
}

/* What the period does with the registry */
static void pass(void)
{
	struct kmc_now now = kvmeter_now();

	mutex_lock(&kvmeter_lock);
	kvmeter_registry_update(&now);
	mutex_unlock(&kvmeter_lock);
	kvmeter_registry_settle();
}

static struct kvmeter_vm *vm_known(struct kvm *kvm)
{
	struct kvmeter_vm *vm;

	mutex_lock(&kvmeter_lock);
	vm = vm_of_kvm(kvm);
	mutex_unlock(&kvmeter_lock);
	return vm;
}

static bool record_known(u32 id)
{
	bool known;

	mutex_lock(&kvmeter_lock);
	known = kvmeter_vm_find_record(id);
	mutex_unlock(&kvmeter_lock);
	return known;
}

static int registry_test_init(struct kunit *test)
{
	int r;

	kvmeter_clock_init();
	kvmeter_conf.period_ns = 100 * NSEC_PER_MSEC;
	for (r = 0; r < KMC_NR_ACT; r++)
		kmc_policy_default(&kvmeter_conf.policy[r]);
	kmc_tariff_default(&kvmeter_conf.tariff);
	kmc_budget_default(&kvmeter_conf.budget);
	slots_closed = false;
	stock_asked = false;
	work_runs = false;
	nr_stock = 0;
	nr_vms = 0;
	nr_records = 0;
	vm_id_next = 1;
	nr_kicks = 0;
	nr_nudges = 0;
	nr_born = 0;
	nr_gone = 0;
	nr_freed = 0;
	INIT_LIST_HEAD(&slot_stock);
	hash_init(slot_table);
	return kvmeter_registry_init();
}

static void registry_test_exit(struct kunit *test)
{
	kvmeter_registry_close();
	kvmeter_registry_exit();
	kvmeter_image_exit();
	kvmeter_model_exit();
	nr_models = 0;
	INIT_LIST_HEAD(&models);
}

static void registry_test_birth(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test), *other = kvm_new(test);
	struct actor *a = actor_new(test), *b = actor_new(test), *c = actor_new(test);
	struct kvmeter_vm *vm;

	actor_do(a, vcpu_new(test, kvm, 0));
	KUNIT_ASSERT_NOT_NULL(test, a->slot);
	KUNIT_EXPECT_TRUE(test, a->current_right);
	KUNIT_EXPECT_EQ(test, nr_kicks, 1U);
	KUNIT_EXPECT_PTR_EQ(test, vm_known(kvm), NULL);
	pass();
	vm = vm_known(kvm);
	KUNIT_ASSERT_NOT_NULL(test, vm);
	KUNIT_EXPECT_EQ(test, vm->id, 1U);
	KUNIT_EXPECT_EQ(test, vm->nr_vcpus, 1U);
	KUNIT_EXPECT_PTR_EQ(test, a->slot->vm, vm);
	KUNIT_EXPECT_EQ(test, nr_born, 1U);

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

/* A thread that runs two vCPUs in turn has a slot for each, one of them bound */
static void registry_test_turns(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test);
	struct kvm_vcpu *one = vcpu_new(test, kvm, 0), *two = vcpu_new(test, kvm, 1);
	struct kvmeter_slot *first, *second;
	struct actor *a = actor_new(test);

	actor_do(a, one);
	first = a->slot;
	actor_do(a, one);
	KUNIT_EXPECT_PTR_EQ(test, a->slot, first);
	actor_do(a, two);
	second = a->slot;
	KUNIT_EXPECT_PTR_NE(test, second, first);
	KUNIT_EXPECT_TRUE(test, a->current_right);
	KUNIT_EXPECT_FALSE(test, first->bound);
	KUNIT_EXPECT_TRUE(test, second->bound);
	KUNIT_EXPECT_EQ(test, first->open_cyc, 0ULL);
	pass();
	actor_do(a, one);
	KUNIT_EXPECT_PTR_EQ(test, a->slot, first);
	KUNIT_EXPECT_TRUE(test, first->bound);
	KUNIT_EXPECT_FALSE(test, second->bound);
	KUNIT_EXPECT_EQ(test, vm_known(kvm)->nr_slots, 2U);
	actor_end(a);
}

/* The event path gets no slot when the stock is empty, and asks for more once */
static void registry_test_stock(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test);
	struct actor *a = actor_new(test);
	struct kvm_vcpu *late;
	int i;

	for (i = 0; i < STOCK_SLOTS; i++) {
		actor_do(a, vcpu_new(test, kvm, i));
		KUNIT_EXPECT_NOT_NULL(test, a->slot);
	}
	late = vcpu_new(test, kvm, STOCK_SLOTS);
	nr_kicks = 0;
	actor_do(a, late);
	KUNIT_EXPECT_PTR_EQ(test, a->slot, NULL);
	actor_do(a, late);
	KUNIT_EXPECT_PTR_EQ(test, a->slot, NULL);
	KUNIT_EXPECT_EQ(test, nr_kicks, 1U);
	pass();
	actor_do(a, late);
	KUNIT_EXPECT_NOT_NULL(test, a->slot);
	actor_end(a);
}

/* A thread's end is its slots' end, when nothing of ours runs in it any more */
static void registry_test_thread_ends(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test);
	struct actor *a = actor_new(test), *b = actor_new(test);
	struct kvmeter_vm *vm;

	actor_do(a, vcpu_new(test, kvm, 0));
	actor_do(b, vcpu_new(test, kvm, 1));
	pass();
	vm = vm_known(kvm);
	actor_end(a);
	work_runs = true;
	pass();
	KUNIT_EXPECT_EQ(test, vm->nr_slots, 2U);
	work_runs = false;
	pass();
	KUNIT_EXPECT_EQ(test, vm->nr_slots, 1U);
	KUNIT_EXPECT_EQ(test, refcount_read(&kvm->users_count), 2);
	/* the VM does not shrink with its threads */
	KUNIT_EXPECT_EQ(test, vm->nr_vcpus, 2U);

	actor_end(b);
	pass();
	KUNIT_EXPECT_EQ(test, refcount_read(&kvm->users_count), 1);
	KUNIT_EXPECT_PTR_EQ(test, vm_known(kvm), NULL);
	KUNIT_EXPECT_EQ(test, nr_gone, 1U);
	KUNIT_EXPECT_TRUE(test, vm->dead);
	KUNIT_EXPECT_TRUE(test, record_known(1));
}

/* A VM whose descriptors are closed is over; a thread that lives on is asked to leave */
/* How many hold on to the weights that @vm uses, the list among them; 0: it uses none */
static int model_refs(const struct kvmeter_vm *vm)
{
	return vm->model ? refcount_read(&vm->model->refs) : 0;
}

/* Weights are used at once, by who they are for, and stay as long as they are used */
static void registry_test_models(struct kunit *test)
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
	mutex_lock(&kvmeter_lock);
	KUNIT_EXPECT_EQ(test, model_refs(vm), 0);
	KUNIT_EXPECT_EQ(test, kvmeter_model_del(""), -ENOENT);
	KUNIT_EXPECT_EQ(test, kvmeter_model_set("", weights), 0);
	KUNIT_EXPECT_EQ(test, model_refs(vm), 2);
	KUNIT_EXPECT_PTR_EQ(test, vm->core.predict[0].model,
			    (const struct kmc_model *)&vm->model->weights);
	mutex_unlock(&kvmeter_lock);

	/* a VM that comes later */
	actor_do(b, vcpu_new(test, other, 0));
	pass();
	second = vm_known(other);
	mutex_lock(&kvmeter_lock);
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
	mutex_unlock(&kvmeter_lock);
	actor_end(a);
	actor_end(b);
}

static void registry_test_closed(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test), *next = kvm_new(test);
	struct actor *a = actor_new(test);
	struct kvmeter_vm *vm;

	actor_do(a, vcpu_new(test, kvm, 0));
	pass();
	vm = vm_known(kvm);
	KUNIT_EXPECT_FALSE(test, vm->over);
	refcount_dec(&kvm->users_count);	/* the last descriptor */
	pass();
	KUNIT_EXPECT_TRUE(test, vm->over);
	KUNIT_EXPECT_FALSE(test, vm->dead);
	KUNIT_EXPECT_EQ(test, nr_nudges, 1U);
	/* it enters another VM instead */
	refcount_inc(&kvm->users_count);	/* the test's, so that it can be looked at */
	actor_do(a, vcpu_new(test, next, 0));
	pass();
	KUNIT_EXPECT_TRUE(test, vm->dead);
	KUNIT_EXPECT_EQ(test, refcount_read(&kvm->users_count), 1);
	KUNIT_EXPECT_EQ(test, vm_known(next)->id, 2U);
	actor_end(a);
}

/* Ids are not used again, and the records of the last DEAD_VMS are kept */
static void registry_test_records(struct kunit *test)
{
	struct actor *a = actor_new(test);
	struct kvm *kvm;
	int i;

	for (i = 0; i < DEAD_VMS + 2; i++) {
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
	KUNIT_EXPECT_EQ(test, nr_gone, DEAD_VMS + 2U);
	KUNIT_EXPECT_EQ(test, nr_freed, DEAD_VMS + 2U);
	KUNIT_EXPECT_FALSE(test, record_known(1));
	KUNIT_EXPECT_FALSE(test, record_known(2));
	KUNIT_EXPECT_TRUE(test, record_known(3));
	KUNIT_EXPECT_TRUE(test, record_known(DEAD_VMS + 2));
}

/* Unload takes notifiers out of threads that live on, and drops every reference */
static void registry_test_unload(struct kunit *test)
{
	struct kvm *kvm = kvm_new(test);
	struct kvm_vcpu *vcpu = vcpu_new(test, kvm, 0);
	struct actor *a = actor_new(test), *b = actor_new(test);

	actor_do(a, vcpu);
	pass();
	actor_do(b, vcpu_new(test, kvm, 1));	/* not adopted yet */
	kvmeter_registry_close();
	actor_do(a, vcpu_new(test, kvm, 2));
	KUNIT_EXPECT_PTR_EQ(test, a->slot, NULL);
	kvmeter_registry_exit();
	KUNIT_EXPECT_EQ(test, refcount_read(&kvm->users_count), 1);
	KUNIT_EXPECT_TRUE(test, hlist_empty(&a->task->preempt_notifiers));
	KUNIT_EXPECT_TRUE(test, hlist_empty(&b->task->preempt_notifiers));
	actor_end(a);
	actor_end(b);
	/* for the suite's exit */
	registry_test_init(test);
}

static struct kunit_case registry_cases[] = {
	KUNIT_CASE(registry_test_birth),
	KUNIT_CASE(registry_test_turns),
	KUNIT_CASE(registry_test_stock),
	KUNIT_CASE(registry_test_thread_ends),
	KUNIT_CASE(registry_test_closed),
	KUNIT_CASE(registry_test_records),
	KUNIT_CASE(registry_test_models),
	KUNIT_CASE(registry_test_unload),
	{}
};

static struct kunit_suite registry_suite = {
	.name = "kvmeter_registry",
	.init = registry_test_init,
	.exit = registry_test_exit,
	.test_cases = registry_cases,
};

kunit_test_suites(&registry_suite);

MODULE_DESCRIPTION("KUnit tests of kvmeter's registry");
MODULE_LICENSE("GPL");
