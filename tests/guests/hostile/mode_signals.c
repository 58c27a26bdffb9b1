// SPDX-License-Identifier: GPL-2.0
/*
 * signals - a vCPU that is always interrupted, for what waits inside KVM_RUN
 *
 * On a slow machine a signal is always there before the guest is, which then never runs: with
 * --pause-us it does.
 */
#include "hostile.h"

struct target {
	struct cpu *cpu;
	pthread_t thread;
};

static void *runner(void *arg)
{
	take_storm();
	return cpu_thread(arg);
}

static void *sender(void *arg)
{
	const struct target *t = arg;

	for (;;) {
		wait_calm();
		pthread_kill(t->thread, SIG_STORM);
		count(C_SIGNALS, 1);
		if (opt.pause_us)
			pause_us(opt.pause_us);
	}
	return NULL;
}

void start_signals(void)
{
	static struct target target;
	struct vm *vm = vm_make(1, opt.burst);
	uint64_t i;

	target.cpu = &vm->cpus[0];
	if (!thread_start(&target.thread, runner, target.cpu))
		die("the vCPU's thread: refused");
	for (i = 0; i < opt.senders; i++)
		thread_must(sender, &target);
}
