// SPDX-License-Identifier: GPL-2.0
/*
 * young - threads that work and end before anybody has looked at them, one after the other
 */
#include "hostile.h"

static void *youth(UNUSED void *arg)
{
	spin_us(opt.user_us);
	return NULL;
}

void start_young(void)
{
	struct vm *vm = vm_make(opt.vcpus, opt.burst);
	uint64_t i;

	for (i = 0; i < opt.vcpus; i++)
		thread_must(cpu_thread, &vm->cpus[i]);
	for (i = 0; i < opt.makers; i++)
		thread_must(thread_maker, youth);
}
