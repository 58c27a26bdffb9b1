// SPDX-License-Identifier: GPL-2.0
/*
 * fork - a vCPU's thread that makes processes, for what a thread hands on to its children
 *
 * The children sleep until the VMM ends: a test finds them by their parent, and looks what they
 * have. A calm one makes none.
 */
#define _GNU_SOURCE
#include <sys/prctl.h>
#include <unistd.h>

#include "hostile.h"

static void forked(void)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "sleeper");
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (;;)
		pause();
}

static void *runner(void *cpu)
{
	uint64_t next = 0, now;

	for (;;) {
		cpu_run(cpu);
		now = clock_ns(CLOCK_MONOTONIC);
		if (calm || now < next || counted(C_FORKS) >= opt.children)
			continue;
		next = now + opt.pause_us * 1000;
		switch (fork()) {
		case -1:
			count(C_REFUSED, 1);
			break;
		case 0:
			forked();
		}
		count(C_FORKS, 1);
		count(C_LAPS, 1);
	}
	return NULL;
}

void start_fork(void)
{
	struct vm *vm = vm_make(opt.vcpus, opt.burst);
	uint64_t i;

	for (i = 0; i < opt.vcpus; i++)
		thread_must(runner, &vm->cpus[i]);
}
