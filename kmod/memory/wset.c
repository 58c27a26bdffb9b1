// SPDX-License-Identifier: GPL-2.0
/*
 * Working set: the part of its memory that a guest would miss.
 *
 * Nothing in the kernel measures it for a module.  There are three ways to know,
 * best first:
 *
 *   fed	userspace has measured it (DAMON, idle page tracking) and told;
 *		believed for FED_NS.
 *   found	memory.high was pressed below it and pages came back.  At memory
 *		current C, with refaults worth R since the last look, it is at
 *		least W = C + R.  Worked: C = 300 MiB, 2560 pages came back in
 *		the last half second: W = 310 MiB.  squeeze.c finds it.
 *   bound	else it is at most what is resident.
 */
#include "base/host.h"
#include "memory/memory.h"
#include "memory/squeeze.h"
#include "memory/wset.h"
#include "vm/vm.h"

#define FED_NS		(60 * NSEC_PER_SEC)

/**
 * kvmeter_memory_feed - userspace has measured a VM's working set
 * @vm: the VM
 * @kib: its size in KiB; 0: forget what was measured
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: kvmeter_lock.
 */
void kvmeter_memory_feed(struct kvmeter_vm *vm, u64 kib, u64 now_ns)
{
	lockdep_assert_held(&kvmeter_lock);
	vm->memory->fed_kib = kib;
	vm->memory->fed_until_ns = kib ? now_ns + FED_NS : 0;
}

/**
 * kvmeter_memory_wset_kib - a VM's working set
 * @vm: the VM
 * @now_ns: CLOCK_MONOTONIC
 * @source: set to how it is known
 *
 * Context: kvmeter_lock.
 * Return: its size in KiB.
 */
u64 kvmeter_memory_wset_kib(const struct kvmeter_vm *vm, u64 now_ns,
			    enum kvmeter_wset_source *source)
{
	const struct kvmeter_memory *m = vm->memory;
	u64 found_kib;

	lockdep_assert_held(&kvmeter_lock);
	if (now_ns < m->fed_until_ns) {
		*source = KVMETER_WSET_FED;
		return m->fed_kib;
	}
	found_kib = kvmeter_squeeze_found_kib(vm, now_ns);
	*source = found_kib ? KVMETER_WSET_FOUND : KVMETER_WSET_BOUND;
	return found_kib ?: m->resident_kib;
}
