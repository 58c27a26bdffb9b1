// SPDX-License-Identifier: GPL-2.0
/*
 * fresh - each KVM_RUN is a thread's first, for limits that begin with a thread's second
 *
 * A calm one stays with its thread.
 */
#include "hostile.h"

static void *runner(void *cpu)
{
	cpu_run(cpu);
	return NULL;
}

static void *driver(void *cpu)
{
	pthread_t thread;

	for (;;) {
		if (calm)
			cpu_run(cpu);
		else if (thread_start(&thread, runner, cpu))
			pthread_join(thread, NULL);
		count(C_LAPS, 1);
	}
	return NULL;
}

void start_fresh(void)
{
	struct vm *vm = vm_make(opt.vcpus, opt.burst);
	uint64_t i;

	for (i = 0; i < opt.vcpus; i++)
		thread_must(driver, &vm->cpus[i]);
}
