// SPDX-License-Identifier: GPL-2.0
/*
 * usermode - a vCPU's thread that works outside its guest, for limits on what is inside
 */
#include "hostile.h"

static void *runner(void *cpu)
{
	for (;;) {
		cpu_run(cpu);
		if (!calm)
			spin_us(opt.user_us);
		count(C_LAPS, 1);
	}
	return NULL;
}

void start_usermode(void)
{
	struct vm *vm = vm_make(opt.vcpus, opt.burst);
	uint64_t i;

	for (i = 0; i < opt.vcpus; i++)
		thread_must(runner, &vm->cpus[i]);
}
