// SPDX-License-Identifier: GPL-2.0
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/kvm_host.h>

#include "actor.h"
#include "../../kmod/cpu/sched.h"
#include "../../kmod/cpu/slot.h"

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

static void exit_probe(void)
{
#ifdef KVMETER_HAVE_EXIT_GROUP_DEAD
	kvmeter_probe_task_exit(NULL, current, false);
#else
	kvmeter_probe_task_exit(NULL, current);
#endif
}

static int actor_thread(void *data)
{
	struct actor *actor = data;

	for (;;) {
		wait_for_completion(&actor->go);
		if (actor->work)
			actor->work->func(actor->work);
		else if (actor->vcpu)
			actor_enter(actor);
		else
			break;
		complete(&actor->done);
	}
	exit_probe();
	complete(&actor->done);
	return 0;
}

/* Let it enter @vcpu, or end. */
void actor_do(struct actor *actor, struct kvm_vcpu *vcpu)
{
	actor->vcpu = vcpu;
	complete(&actor->go);
	wait_for_completion(&actor->done);
}

/* Let it run task work, as on its way out of the kernel. */
void actor_work(struct actor *actor, struct callback_head *work)
{
	actor->work = work;
	complete(&actor->go);
	wait_for_completion(&actor->done);
	actor->work = NULL;
}

struct actor *actor_new(struct kunit *test)
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

/* Let it end, and wait until it has. */
void actor_end(struct actor *actor)
{
	actor_do(actor, NULL);
	/* its exit code, when it is there: the task is dead */
	while (!READ_ONCE(actor->task->exit_state))
		schedule_timeout_uninterruptible(1);
	put_task_struct(actor->task);
}

struct kvm *kvm_new(struct kunit *test)
{
	struct kvm *kvm = kunit_kzalloc(test, sizeof(*kvm), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, kvm);
	refcount_set(&kvm->users_count, 1);
	return kvm;
}

struct kvm_vcpu *vcpu_new(struct kunit *test, struct kvm *kvm, int id)
{
	struct kvm_vcpu *vcpu = kunit_kzalloc(test, sizeof(*vcpu), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vcpu);
	vcpu->kvm = kvm;
	vcpu->vcpu_id = id;
	vcpu->vcpu_idx = id;
	return vcpu;
}
