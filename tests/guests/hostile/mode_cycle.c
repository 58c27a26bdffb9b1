// SPDX-License-Identifier: GPL-2.0
/*
 * cycle - one thread that runs many vCPUs, for what is kept by thread and vCPU
 *
 * More than one VM has are in several. A calm one runs its first vCPU alone.
 */
#include <stdlib.h>

#include "hostile.h"

static struct cpu **cpus;

static void *cycler(UNUSED void *arg)
{
	uint64_t i;

	for (;;) {
		for (i = 0; i < opt.vcpus; i++)
			cpu_run(cpus[calm ? 0 : i]);
		count(C_LAPS, 1);
	}
	return NULL;
}

void start_cycle(void)
{
	uint64_t made = 0, i, nr;
	struct vm *vm;

	cpus = calloc(opt.vcpus, sizeof(*cpus));
	if (!cpus || !opt.burst)
		die("--vcpus or --burst: no such number will do");
	while (made < opt.vcpus) {
		nr = opt.vcpus - made;
		vm = vm_make(nr < MAX_VM_VCPUS ? nr : MAX_VM_VCPUS, opt.burst);
		for (i = 0; i < vm->nr; i++)
			cpus[made++] = &vm->cpus[i];
	}
	thread_must(cycler, NULL);
}
