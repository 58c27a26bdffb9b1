// SPDX-License-Identifier: GPL-2.0
/*
 * vms - many VMs of one process, for what finds VMs by their process
 */
#include "hostile.h"

void start_vms(void)
{
	struct vm *vm;
	uint64_t i, j;

	for (i = 0; i < opt.vms; i++) {
		vm = vm_make(opt.vcpus, opt.burst);
		for (j = 0; j < opt.vcpus; j++)
			thread_must(cpu_thread, &vm->cpus[j]);
	}
}
