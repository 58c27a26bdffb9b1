// SPDX-License-Identifier: GPL-2.0
/*
 * Running the vCPUs: each is a thread that enters the guest again and again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kvmguest.h"

uint64_t start_ns, end_ns;
uint64_t kicks, kick_us_max;
uint64_t helper_ns;

static pthread_t helper;

/* What vCPU threads and the main thread tell each other. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static unsigned int nr_ready, nr_done;
static bool released, parking, stopping;

static void on_kick(UNUSED int sig)
{
	/* Its arrival is all: KVM_RUN returns EINTR. */
}

/* The guest said that it runs. Let it go on only when all of them do. */
static bool vcpu_ready(void)
{
	bool go;

	pthread_mutex_lock(&lock);
	nr_ready++;
	pthread_cond_broadcast(&cond);
	while (!released && !stopping)
		pthread_cond_wait(&cond, &lock);
	go = !stopping;
	pthread_mutex_unlock(&lock);
	return go;
}

/* A child of the vCPU's thread, which does nothing and holds nothing of the VM */
static void vcpu_fork(struct vcpu *v)
{
	pid_t child;

	__atomic_store_n(&v->forking, false, __ATOMIC_RELAXED);
	child = fork();
	if (child < 0)
		die("fork: %m");
	if (child) {
		printf(opt.json ? "{\"child\":%d}\n" : "child=%d\n", child);
		fflush(stdout);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_range(0, ~0U, 0);
	for (;;)
		pause();
}

/* A signal: to end, or to be counted as out and wait. */
static bool vcpu_interrupted(struct vcpu *v)
{
	bool go;

	v->parked_ns = now_ns();
	if (__atomic_load_n(&v->forking, __ATOMIC_RELAXED))
		vcpu_fork(v);
	pthread_mutex_lock(&lock);
	if (parking && !stopping) {
		v->parked = true;
		pthread_cond_broadcast(&cond);
		while (parking && !stopping)
			pthread_cond_wait(&cond, &lock);
		v->parked = false;
		pthread_cond_broadcast(&cond);
	}
	go = !stopping;
	pthread_mutex_unlock(&lock);
	return go;
}

static bool vcpu_exit(struct vcpu *v)
{
	struct kvm_run *run = v->run;

	switch (port_written(run)) {
	case PORT_EXIT:
		v->io_exits++;
		return true;
	case PORT_READY:
		return vcpu_ready();
	case PORT_DONE:
		return false;
	}
	switch (run->exit_reason) {
	case KVM_EXIT_INTR:
		return vcpu_interrupted(v);
	case KVM_EXIT_FAIL_ENTRY:
		die("vcpu%u: entry failed, hardware reason 0x%llx", v->index,
		    run->fail_entry.hardware_entry_failure_reason);
	case KVM_EXIT_INTERNAL_ERROR:
		die("vcpu%u: KVM internal error %u", v->index, run->internal.suberror);
	}
	die("vcpu%u: unexpected exit %u", v->index, run->exit_reason);
}

void init_page(struct vcpu *v)
{
	set(v, PG_CYCLE, cycle_tsc());
	set(v, PG_STALL, ns_to_tsc(opt.stall_us * 1000));
	set(v, PG_LEFT, opt.count / opt.vcpus + (v->index < opt.count % opt.vcpus));
	memcpy(&v->page[PG_HC_NR], opt.hc, sizeof(opt.hc));
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *v = arg;
	bool go = true;
	sigset_t kick;
	char name[16];

	snprintf(name, sizeof(name), "vcpu%u", v->index);
	prctl(PR_SET_NAME, name);
	v->tid = syscall(SYS_gettid);
	sigemptyset(&kick);
	sigaddset(&kick, SIG_KICK);
	pthread_sigmask(SIG_UNBLOCK, &kick, NULL);

	while (go) {
		if (!ioctl(v->fd, KVM_RUN, 0))
			go = vcpu_exit(v);
		else if (errno == EINTR || errno == EAGAIN)
			go = vcpu_interrupted(v);
		else
			die("vcpu%u: KVM_RUN: %m", v->index);
	}

	/* Stay until the last report: what a thread ran is forgotten when it ends. */
	pthread_mutex_lock(&lock);
	v->done = true;
	if (++nr_done == opt.vcpus)
		end_ns = now_ns();
	pthread_cond_broadcast(&cond);
	if (!stopping)
		kill(getpid(), SIG_DONE);
	while (!stopping)
		pthread_cond_wait(&cond, &lock);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void kick(struct vcpu *v)
{
	v->run->immediate_exit = 1;
	pthread_kill(v->thread, SIG_KICK);
}

/* The thread of @v makes a child, whose process id is printed */
void fork_vcpu(struct vcpu *v)
{
	__atomic_store_n(&v->forking, true, __ATOMIC_RELAXED);
	pthread_kill(v->thread, SIG_KICK);
}

static unsigned int nr_parked(void)
{
	unsigned int n = 0;
	struct vcpu *v;

	for_each_vcpu(v)
		n += v->parked;
	return n;
}

/*
 * How long does a vCPU stay once a signal wants it out? A throttled one must come as fast as any.
 */
void kick_vcpus(void)
{
	uint64_t t0, us, last = 0;
	struct timespec limit;
	unsigned int missing;
	struct vcpu *v;

	pthread_mutex_lock(&lock);
	while (nr_parked())		/* the last kick's; they are about to go */
		pthread_cond_wait(&cond, &lock);
	parking = true;
	t0 = now_ns();
	for_each_vcpu(v)
		if (!v->done)
			kick(v);
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 30;
	do
		missing = opt.vcpus - nr_done - nr_parked();
	while (missing && !pthread_cond_timedwait(&cond, &lock, &limit));
	for_each_vcpu(v) {
		if (v->parked && v->parked_ns > last)
			last = v->parked_ns;
		v->run->immediate_exit = 0;
	}
	parking = false;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&lock);

	us = last > t0 ? (last - t0) / 1000 : 0;
	kicks++;
	if (us > kick_us_max)
		kick_us_max = us;
	printf(opt.json ? "{\"kick_us\":%llu,\"missing\":%u}\n" : "kick_us=%llu missing=%u\n",
	       (unsigned long long)us, missing);
	fflush(stdout);
}

/* All have done their --count */
bool vcpus_done(void)
{
	return end_ns;
}

void stop_vcpus(void)
{
	struct vcpu *v;

	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&lock);
	for_each_vcpu(v)
		kick(v);
	for_each_vcpu(v)
		pthread_join(v->thread, NULL);
	if (opt.helper_bp)
		pthread_join(helper, NULL);
}

void start_vcpus(void)
{
	struct sigaction sa = { .sa_handler = on_kick };
	struct timespec limit;
	struct vcpu *v;
	int err;

	sigaction(SIG_KICK, &sa, NULL);

	for_each_vcpu(v) {
		err = pthread_create(&v->thread, NULL, vcpu_thread, v);
		if (err)
			die("thread of vcpu%u: %s", v->index, strerror(err));
	}
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 120;
	pthread_mutex_lock(&lock);
	while (nr_ready < opt.vcpus)
		if (pthread_cond_timedwait(&cond, &lock, &limit))
			die("only %u vCPUs entered the guest", nr_ready);
	pthread_mutex_unlock(&lock);
}

void release_vcpus(void)
{
	struct vcpu *v;

	pthread_mutex_lock(&lock);
	start_ns = now_ns();
	for_each_vcpu(v)
		v->demand_since = start_ns;
	released = true;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&lock);
}

/* A thread of the VMM that is no vCPU, as device emulation would be. */
static void *helper_thread(UNUSED void *arg)
{
	uint64_t cycle = 10 * NSEC_PER_MSEC, t = now_ns();
	struct timespec ts;

	prctl(PR_SET_NAME, "helper");
	while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED)) {
		while (now_ns() < t + cycle * opt.helper_bp / BP_ONE)
			;
		t += cycle;
		if (t < now_ns())
			t = now_ns();
		ts.tv_sec = t / NSEC_PER_SEC;
		ts.tv_nsec = t % NSEC_PER_SEC;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		__atomic_store_n(&helper_ns, clock_ns(CLOCK_THREAD_CPUTIME_ID), __ATOMIC_RELAXED);
	}
	return NULL;
}

void start_helper(void)
{
	int err = pthread_create(&helper, NULL, helper_thread, NULL);

	if (err)
		die("helper thread: %s", strerror(err));
}
