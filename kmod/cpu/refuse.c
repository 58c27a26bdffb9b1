// SPDX-License-Identifier: GPL-2.0
/*
 * Refuse: a vCPU that nothing can be withheld from is turned away.
 *
 * A limit is kept by a slot: its slice, and its task work that sleeps.  A thread
 * that finds no slot in stock would run without a limit.  The tenant can bring that
 * about: it makes threads faster than slots are adopted (stock.c).  So the entry
 * is turned away, where the VM is limited.  KVM_RUN returns -EINTR, as after a
 * signal, and the VMM tries again.  By then there are slots, or it is turned away
 * again.
 *
 * Two things do that, and neither needs memory.  The thread's flag says that a
 * signal is pending.  KVM looks for it after the next exit, and the kernel clears
 * it on the way to user mode, where it finds none.  And that exit comes at once
 * (leave.c).
 */
#include <linux/kvm_host.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>

#include "cpu/cpu.h"
#include "cpu/leave.h"
#include "cpu/refuse.h"
#include "vm/vm.h"

/* Is there a limit that holds? */
static bool refuse_due(const struct kvm *kvm)
{
	const struct kvmeter_vm *vm;
	bool due = false;

	rcu_read_lock();
	vm = kvmeter_vm_known(kvm);
	if (vm)
		due = kvmeter_pool_bound(&vm->cpu->pool, ktime_get_ns());
	rcu_read_unlock();
	return due;
}

/**
 * kvmeter_refuse_entry - there is no slot for current and @vcpu
 * @vcpu: about to be entered by current
 *
 * Turns the entry away if the VM is limited.
 *
 * Context: kvm_entry, interrupts off.
 */
void kvmeter_refuse_entry(const struct kvm_vcpu *vcpu)
{
	if (!refuse_due(vcpu->kvm))
		return;
	set_tsk_thread_flag(current, TIF_SIGPENDING);
	kvmeter_leave_guest();
}
