// SPDX-License-Identifier: GPL-2.0
/*
 * remake - a VM after the other in one thread, as VMMs do that make a VM anew at each reboot
 *
 * What is left of a VM that is gone must not meet the next: make_eintr stays 0. A calm one keeps
 * its VM.
 */
#include "hostile.h"

static void *remaker(UNUSED void *arg)
{
	struct vm *vm;
	uint64_t i;

	for (;;) {
		vm = vm_make(opt.vcpus, opt.burst);
		for (i = 0; i < opt.count || calm; i++)
			cpu_run(&vm->cpus[i % vm->nr]);
		vm_close(vm);
		count(C_LAPS, 1);
	}
	return NULL;
}

void start_remake(void)
{
	uint64_t i;

	for (i = 0; i < opt.vms; i++)
		thread_must(remaker, NULL);
}
