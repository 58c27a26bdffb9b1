// SPDX-License-Identifier: GPL-2.0
/*
 * sidethread - a VMM that works in threads which are no vCPU, for limits on vCPUs
 */
#include "hostile.h"

#define LAP_US	1000

static void *spinner(UNUSED void *arg)
{
	for (;;) {
		wait_calm();
		spin_us(LAP_US);
		count(C_LAPS, 1);
	}
	return NULL;
}

void start_sidethread(void)
{
	struct vm *vm = vm_make(opt.vcpus, opt.burst);
	uint64_t i;

	for (i = 0; i < opt.vcpus; i++)
		thread_must(cpu_thread, &vm->cpus[i]);
	for (i = 0; i < opt.threads; i++)
		thread_must(spinner, NULL);
}
