// SPDX-License-Identifier: GPL-2.0
/*
 * threads - a large thread group that does not hold still, for what walks thread groups
 */
#define _GNU_SOURCE
#include <unistd.h>

#include "hostile.h"

static void *sleeper(UNUSED void *arg)
{
	for (;;)
		pause();
	return NULL;
}

static void *passer(UNUSED void *arg)
{
	return NULL;
}

void start_threads(void)
{
	struct vm *vm = vm_make(opt.vcpus, opt.burst);
	uint64_t i;

	for (i = 0; i < opt.threads; i++)
		thread_must(sleeper, NULL);
	for (i = 0; i < opt.vcpus; i++)
		thread_must(cpu_thread, &vm->cpus[i]);
	for (i = 0; i < opt.makers; i++)
		thread_must(thread_maker, passer);
}
