// SPDX-License-Identifier: GPL-2.0
/*
 * Threads of hostilevmm. Their stacks are small, for there may be thousands.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "hostile.h"

#define STACK_BYTES	(64u << 10)

volatile bool calm;

static int start(pthread_t *thread, void *(*fn)(void *), void *arg, int detached)
{
	pthread_attr_t attr;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	pthread_attr_setdetachstate(&attr, detached);
	err = pthread_create(thread, &attr, fn, arg);
	pthread_attr_destroy(&attr);
	count(err ? C_REFUSED : C_THREADS, 1);
	return err;
}

bool thread_start(pthread_t *thread, void *(*fn)(void *), void *arg)
{
	return !start(thread, fn, arg, PTHREAD_CREATE_JOINABLE);
}

void *thread_maker(void *fn)
{
	pthread_t thread;

	for (;;) {
		wait_calm();
		if (thread_start(&thread, (void *(*)(void *))fn, NULL))
			pthread_join(thread, NULL);
		count(C_LAPS, 1);
	}
	return NULL;
}

void thread_must(void *(*fn)(void *), void *arg)
{
	pthread_t thread;
	int err = start(&thread, fn, arg, PTHREAD_CREATE_DETACHED);

	if (err)
		die("thread: %s", strerror(err));
}

void wait_calm(void)
{
	while (calm)
		pause_us(10000);
}

void spin_us(uint64_t us)
{
	uint64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + us * 1000;

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		;
}

void pause_us(uint64_t us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

static void on_storm(UNUSED int sig)
{
	/* Its arrival is all: KVM_RUN returns EINTR. */
}

void take_storm(void)
{
	struct sigaction sa = { .sa_handler = on_storm };
	sigset_t set;

	sigaction(SIG_STORM, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIG_STORM);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
