// SPDX-License-Identifier: GPL-2.0
/*
 * Limit: a grant of CPU time in force, on vCPUs and on all else of their VMM.
 */
#include <linux/sched/signal.h>

#include "base/host.h"
#include "cpu/crew.h"
#include "cpu/cpu.h"
#include "cpu/herd.h"
#include "cpu/limit.h"
#include "cpu/throttle.h"
#include "vm/group.h"
#include "vm/vm.h"

/**
 * kvmeter_limit_apply - bring a grant in force, renew its lease
 * @vm: the VM
 * @grant_bp: the grant
 * @now_ns: CLOCK_MONOTONIC
 *
 * Threads of a limited VM's VMM that are on no leash yet get one.
 *
 * Context: kvmeter_lock.
 * Return: the grant that is in force, as kvmeter_act_cpu_apply() says.
 */
u32 kvmeter_limit_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns)
{
	struct kvmeter_crew *crew;
	struct signal_struct *sig;

	grant_bp = kvmeter_act_cpu_apply(vm, grant_bp, now_ns);
	crew = kvmeter_crew_of(vm);
	if (!crew)
		return grant_bp;
	kvmeter_crew_limit(crew, vm, now_ns);
	sig = vm->group->leader->signal;
	/* once a pass, however many VMs and new vCPUs the process has */
	if (vm->cpu->pool.limited && crew->look_ns != now_ns &&
	    atomic_read(&crew->nr_leashes) != READ_ONCE(sig->nr_threads)) {
		crew->look_ns = now_ns;
		kvmeter_herd_look(crew, sig);
	}
	return grant_bp;
}
