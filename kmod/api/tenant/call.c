// SPDX-License-Identifier: GPL-2.0
/*
 * Call: what a VM's own side asks for, done by a kernel thread.
 *
 * A caller does not take kvmeter_lock.  It may be any process of any weight, in
 * a cgroup whose CPU is used up.  Preempted with the lock held, it would stall
 * the period, and with that everybody's caps, for as long as its own limits
 * please.  So what needs the lock is done by a kernel thread, one call at a
 * time, while the caller waits.  The number of calls is limited before that.
 * The one exception is KVMETER_IOC_CGROUP, which needs a capability (ioctl.c).
 */
#include <linux/workqueue.h>

#include "api/tenant/call.h"
#include "base/host.h"
#include "base/rate.h"
#include "vm/vm.h"

#define CALL_INTERVAL_NS	(10 * NSEC_PER_MSEC)	/* calls per VM: 100 per s ... */
#define CALL_BURST		100			/* ... and 100 at once */

static struct workqueue_struct *tenant_wq;

/**
 * struct tenant_call - a call on its way
 * @work: its turn in the queue
 * @t: the open file
 * @fn: what to do, under kvmeter_lock
 * @arg: what with
 * @err: what it returned
 */
struct tenant_call {
	struct work_struct work;
	struct kvmeter_tenant *t;
	int (*fn)(struct kvmeter_tenant *t, void *arg);
	void *arg;
	int err;
};

static void tenant_work(struct work_struct *work)
{
	struct tenant_call *call = container_of(work, struct tenant_call, work);

	rt_mutex_lock(&kvmeter_lock);
	call->err = call->fn(call->t, call->arg);
	rt_mutex_unlock(&kvmeter_lock);
}

/**
 * kvmeter_tenant_call - have something done under kvmeter_lock
 * @t: the open file
 * @fn: what to do
 * @arg: what with
 *
 * Context: the caller's, which waits; no lock.
 * Return: what @fn returned.
 */
int kvmeter_tenant_call(struct kvmeter_tenant *t,
			int (*fn)(struct kvmeter_tenant *t, void *arg), void *arg)
{
	struct tenant_call call = { .t = t, .fn = fn, .arg = arg };

	INIT_WORK_ONSTACK(&call.work, tenant_work);
	queue_work(tenant_wq, &call.work);
	flush_work(&call.work);
	destroy_work_on_stack(&call.work);
	return call.err;
}

/**
 * kvmeter_tenant_vm - the VM that an open file is attached to
 * @t: the open file
 *
 * Return: the VM, whose tenants are there, or NULL: not attached yet.
 */
struct kvmeter_vm *kvmeter_tenant_vm(struct kvmeter_tenant *t)
{
	/* pairs with attach() */
	return smp_load_acquire(&t->vm);
}

/**
 * kvmeter_tenant_vm_gone - did the VM end for its own side?
 * @vm: the VM
 *
 * Its descriptors are closed, or its threads have ended: it never comes back.
 */
bool kvmeter_tenant_vm_gone(const struct kvmeter_vm *vm)
{
	return READ_ONCE(vm->over) || READ_ONCE(vm->dead);
}

/**
 * kvmeter_tenant_may_call - may the holders of this VM call now?
 * @t: the open file
 *
 * Return: 0; -ENOTCONN: not attached; -ENODEV: the VM is gone; -EBUSY: too soon.
 */
int kvmeter_tenant_may_call(struct kvmeter_tenant *t)
{
	struct kvmeter_vm *vm = kvmeter_tenant_vm(t);

	if (!vm)
		return -ENOTCONN;
	if (kvmeter_tenant_vm_gone(vm))
		return -ENODEV;
	if (kvmeter_rate_take(&vm->tenants->call_rate, ktime_get_ns(), CALL_INTERVAL_NS,
			      CALL_BURST))
		return -EBUSY;
	return 0;
}

/**
 * kvmeter_tenant_call_init - before the first call
 *
 * Return: 0 or -ENOMEM.
 */
int kvmeter_tenant_call_init(void)
{
	/* one call at a time, by a thread of its own weight: callers share no CPU with others */
	tenant_wq = alloc_workqueue("kvmeter_tenant", WQ_UNBOUND | WQ_HIGHPRI, 1);
	return tenant_wq ? 0 : -ENOMEM;
}

/** kvmeter_tenant_call_exit - after the last call */
void kvmeter_tenant_call_exit(void)
{
	destroy_workqueue(tenant_wq);
}
