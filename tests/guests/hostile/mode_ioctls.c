// SPDX-License-Identifier: GPL-2.0
/*
 * ioctls - a vCPU's thread that works in KVM and does not enter its guest, for limits on entries
 */
#include <sys/ioctl.h>

#include "hostile.h"

#define LAP	100	/* calls between two looks */

static void *asker(void *arg)
{
	struct kvm_regs regs;
	struct cpu *cpu = arg;
	int i;

	for (;;) {
		cpu_run(cpu);
		while (!calm) {
			for (i = 0; i < LAP; i++)
				ioctl(cpu->fd, KVM_GET_REGS, &regs);
			count(C_LAPS, 1);
		}
	}
	return NULL;
}

void start_ioctls(void)
{
	struct vm *vm = vm_make(opt.vcpus, opt.burst);
	uint64_t i;

	for (i = 0; i < opt.vcpus; i++)
		thread_must(asker, &vm->cpus[i]);
}
