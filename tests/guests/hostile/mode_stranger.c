// SPDX-License-Identifier: GPL-2.0
/*
 * stranger - a vCPU is run by another process, which shares the VMM's memory, while the VMM works
 *
 * KVM wants the memory of who made the VM, not the process. So what the other process runs in the
 * guest is no part of what the VMM's threads ran.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>

#include "hostile.h"

#define LAP_US	1000

static uint8_t stack[64 << 10] __attribute__((aligned(16)));

static int stranger(void *cpu)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	wait_calm();	/* the VM is that of the process that runs it first */
	cpu_thread(cpu);
	return 0;
}

static void *spinner(UNUSED void *arg)
{
	for (;;) {
		wait_calm();
		spin_us(LAP_US);
		count(C_LAPS, 1);
	}
	return NULL;
}

void start_stranger(void)
{
	struct vm *vm = vm_make(2, opt.burst);

	thread_must(cpu_thread, &vm->cpus[0]);
	if (clone(stranger, stack + sizeof(stack), CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD,
		  &vm->cpus[1]) < 0)
		die("clone: %s", strerror(errno));
	count(C_FORKS, 1);
	thread_must(spinner, NULL);
}
