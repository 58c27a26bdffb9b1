// SPDX-License-Identifier: GPL-2.0
/*
 * Life: deaths of VMs and of their threads, and the period's look for them.
 *
 * Birth of a VM is the first slot of a struct kvm that is new (birth.c).
 *
 * Death of a VM is seen by the period.  When all references that are left are
 * ours, its descriptors are closed and nobody can enter it any more.  (The VM's
 * memory belongs to its process and is not kept by this; the rest of struct kvm
 * goes at most one period late.)
 */
#include <linux/kvm_host.h>
#include <linux/preempt.h>

#include "base/host.h"
#include "cgroup/cgroup.h"
#include "core/units.h"
#include "cpu/call.h"
#include "cpu/cpu.h"
#include "cpu/crew.h"
#include "cpu/slot.h"
#include "net/net.h"
#include "period/birth.h"
#include "period/life.h"
#include "period/notify.h"
#include "period/publish.h"
#include "period/thread.h"
#include "period/visit.h"
#include "vm/group.h"
#include "vm/image.h"
#include "vm/vm.h"

/* All references left are ours: no descriptor is open, nobody can enter. */
static bool vm_closed(const struct kvmeter_vm *vm)
{
	return refcount_read(&vm->kvm->users_count) <= vm->nr_slots;
}

static void vm_kill(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	vm->dead = true;
	kvmeter_cgroup_detach(vm, NULL);
	kvmeter_vm_finish(vm, now);
	kvmeter_image_learn(vm);
	kvmeter_notify_gone(vm);
	kvmeter_net_vm_gone(vm);
	kvmeter_crew_vm_gone(vm);
	kvmeter_birth_leave_group(vm);
}

/*
 * How many slots of ended threads leave a VM that is not over.  One stays, as its
 * reference keeps the VM known: a tenant that ends all its threads and runs the VM by
 * a new one would begin a new account otherwise, without its budget and its limits.
 */
static u32 nr_to_leave(const struct kvmeter_vm *vm)
{
	const struct kvmeter_slot *slot;
	u32 nr_over = 0;

	list_for_each_entry(slot, &vm->slots, node)
		nr_over += kvmeter_thread_over(slot);
	return !vm->over && nr_over == vm->nr_slots ? nr_over - 1 : nr_over;
}

/**
 * kvmeter_life_vm - let go of a VM's ended threads, and of the VM when it is over
 * @vm: the VM; nothing is done to one that is dead
 * @now: the pass's clock
 *
 * Context: the period, kvmeter_lock.
 */
void kvmeter_life_vm(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	struct kvmeter_slot *slot, *next;
	bool closed;
	u32 nr;

	lockdep_assert_held(&kvmeter_lock);
	if (vm->dead)
		return;
	closed = !vm->over && vm_closed(vm);
	if (!closed && !nr_to_leave(vm))
		return;
	/* what the process's other threads used is read for the last time */
	if (closed && list_is_singular(&vm->group->vms))
		kvmeter_group_hurry(vm->group);
	/* with the slots still there, so that nothing that ran is missed */
	kvmeter_vm_refresh(vm, now);
	if (closed) {
		vm->over = true;
		kvmeter_notify_over(vm);
		/* threads that live on leave by themselves, when they run next: no signal */
		list_for_each_entry(slot, &vm->slots, node)
			if (READ_ONCE(slot->bound))
				kvmeter_slot_nudge(slot);
	}
	nr = nr_to_leave(vm);
	list_for_each_entry_safe(slot, next, &vm->slots, node)
		if (nr && kvmeter_thread_over(slot) && kvmeter_thread_retire(slot)) {
			kvmeter_publish();
			nr--;
		}
	if (!vm->nr_slots) {
		vm_kill(vm, now);
		kvmeter_publish_dead(vm);
	}
}

/**
 * kvmeter_life_update - take in new vCPU threads, let go of ended ones
 * @now: the pass's clock
 *
 * Looks at every thread.  Inside a period, kvmeter_births_take() and
 * kvmeter_life_vm() look at those that called.
 *
 * Context: the period, kvmeter_lock held.
 */
void kvmeter_life_update(const struct kmc_now *now)
{
	struct kvmeter_vm *vm, *next;

	lockdep_assert_held(&kvmeter_lock);
	kvmeter_births_take(now);
	list_for_each_entry_safe(vm, next, &kvmeter_vms, node)
		kvmeter_life_vm(vm, now);
}

/* The period has stopped: all that it left to works is done when this returns. */
void kvmeter_life_settle(void)
{
	kvmeter_births_settle();
	kvmeter_publish_settle();
}

/**
 * kvmeter_life_init - make the first slots
 *
 * Return: 0 or -ENOMEM.
 */
int kvmeter_life_init(void)
{
	preempt_notifier_inc();
	kvmeter_slots_init();
	if (kvmeter_births_init()) {
		kvmeter_life_exit();
		return -ENOMEM;
	}
	return 0;
}

static void answer_none(struct kvmeter_vm *vm, unsigned int why, const void *arg)
{
}

/**
 * kvmeter_life_exit - let go of everything
 *
 * The probes are gone, kvmeter_slots_detach() has been called and the period has
 * stopped.  Only throttle work can still run in threads: it is waited for.
 */
void kvmeter_life_exit(void)
{
	LIST_HEAD(slots);
	struct kvmeter_vm *vm;

	kvmeter_life_settle();
	rt_mutex_lock(&kvmeter_lock);
	kvmeter_births_collect(&slots);
	rt_mutex_unlock(&kvmeter_lock);
	kvmeter_threads_exit(&slots);
	/* the last of those threads may have called */
	rt_mutex_lock(&kvmeter_lock);
	kvmeter_calls_take(answer_none, NULL);
	rt_mutex_unlock(&kvmeter_lock);
	kvmeter_publish_exit();
	list_for_each_entry(vm, &kvmeter_vms, node)
		if (vm->group)
			kvmeter_birth_leave_group(vm);
	kvmeter_vms_exit();
	preempt_notifier_dec();
}
