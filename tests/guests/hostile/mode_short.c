// SPDX-License-Identifier: GPL-2.0
/*
 * short - processes whose VM lives for some exits, for births and deaths
 *
 * Makers are processes without other threads, so that their children may do as they like.
 */
#define _GNU_SOURCE
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostile.h"

static void live(void)
{
	struct vm *vm = vm_make(opt.vcpus, opt.burst);
	uint64_t i;

	for (i = 0; i < opt.count; i++)
		cpu_run(&vm->cpus[i % vm->nr]);
	/* No vm_close(): most VMMs just end. */
	vm_forget(vm);
	_exit(0);
}

static void make(void)
{
	pid_t pid;

	for (;;) {
		pid = fork();
		if (!pid)
			live();
		count(pid < 0 ? C_REFUSED : C_FORKS, 1);
		if (pid > 0)
			waitpid(pid, NULL, 0);
		count(C_LAPS, 1);
	}
}

void start_short(void)
{
	uint64_t i;

	for (i = 0; i < opt.makers; i++) {
		switch (fork()) {
		case -1:
			die("fork: %m");
		case 0:
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			make();
		}
	}
}
