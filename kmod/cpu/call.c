// SPDX-License-Identifier: GPL-2.0
/*
 * Call: a VM's thread calls the period, from where nothing can be done itself.
 *
 * The VM puts itself in a list, so that the period looks at those that called, and
 * at no other.  A host of 500 VMs has 8000 threads: a look at each costs 0.3 ms,
 * and one VM can call a thousand times a second.
 *
 * Threads come and go as their tenant likes.  A VM's first CALL_BURST of these wake
 * the period, then CALL_INTERVAL_NS passes between two that do.  The others wait
 * for a pass that happens anyway.  Nothing is lost by that: a thread that came
 * is metered and limited from its first entry, one that ended uses nothing.
 */
#include <linux/ktime.h>

#include "base/wake.h"
#include "cpu/call.h"
#include "cpu/cpu.h"
#include "vm/vm.h"

#define CALL_INTERVAL_NS	(50 * NSEC_PER_MSEC)
#define CALL_BURST		20

static LLIST_HEAD(calls);

static void call_add(struct kvmeter_vm *vm, unsigned int why)
{
	struct kvmeter_call *call = &vm->cpu->call;

	/* before the list: kvmeter_calls_take() clears it after it took the list */
	if (atomic_fetch_or(why, &call->why))
		return;
	kvmeter_vm_get(vm);
	llist_add(&call->node, &calls);
}

static void call_wake(struct kvmeter_vm *vm)
{
	if (!kvmeter_rate_take(&vm->cpu->call.rate, ktime_get_ns(), CALL_INTERVAL_NS, CALL_BURST))
		kvmeter_wake();
}

/**
 * kvmeter_call_came - a thread of a VM is new
 * @vm: the VM, referenced; NULL: it is not known yet
 *
 * Context: kvm_entry, interrupts off.
 */
void kvmeter_call_came(struct kvmeter_vm *vm)
{
	if (vm)
		call_wake(vm);
	else
		kvmeter_wake();
}

/**
 * kvmeter_call_ended - a thread of a VM left its slot for good
 * @vm: the VM, referenced; NULL: its slot is new
 *
 * Context: any.
 */
void kvmeter_call_ended(struct kvmeter_vm *vm)
{
	if (!vm) {
		kvmeter_wake();
		return;
	}
	call_add(vm, KVMETER_CALL_ENDED);
	call_wake(vm);
}

/**
 * kvmeter_call_rang - a thread of a VM passed its share
 * @vm: the VM, referenced
 *
 * Context: any.
 */
void kvmeter_call_rang(struct kvmeter_vm *vm)
{
	call_add(vm, KVMETER_CALL_RANG);
	kvmeter_wake();
}

/**
 * kvmeter_calls_take - answer the VMs that called
 * @answer: called for each, with why it called, and @arg
 * @arg: for @answer
 *
 * Context: kvmeter_lock.
 */
void kvmeter_calls_take(void (*answer)(struct kvmeter_vm *vm, unsigned int why, const void *arg),
			const void *arg)
{
	struct llist_node *node = llist_del_all(&calls), *next;
	struct kvmeter_vm *vm;
	unsigned int why;

	for (; node; node = next) {
		struct kvmeter_cpu *cpu = container_of(node, struct kvmeter_cpu, call.node);

		/* once it is cleared, the node may be in the list again */
		next = node->next;
		vm = cpu->vm;
		why = atomic_xchg(&cpu->call.why, 0);
		answer(vm, why, arg);
		kvmeter_vm_put(vm);
	}
}
