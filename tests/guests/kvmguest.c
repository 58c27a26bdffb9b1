// SPDX-License-Identifier: GPL-2.0
/*
 * kvmguest - a virtual machine whose demand for CPU time is exactly known
 *
 * To test a meter one needs a load that behaves as a guest does and that counts for itself. This is
 * a whole VMM on the raw KVM interface: each vCPU is a thread, runs guest_code_x86.S or guest_code_arm64.S and is given, in a
 * page it shares with the VMM, a demand: be busy for so long in every cycle. All modes are settings
 * of that demand; trace and control commands change it while the guest runs. The guest counts its
 * work and the gaps it noticed; KVM tells it the steal time; the host's scheduler tells what its
 * threads ran and waited. All of it is printed, for a test to compare.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "kvmguest.h"

bool quit;

void die(const char *fmt, ...)
{
	va_list ap;

	fputs("kvmguest: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	_exit(1);
}

static void write_pidfile(void)
{
	FILE *f = fopen(opt.pidfile, "w");

	if (!f || fprintf(f, "%d\n", getpid()) < 0 || fclose(f))
		die("%s: %m", opt.pidfile);
}

/* The main thread takes all signals, one at a time; vCPU threads take only SIG_KICK. */
static int take_signals(sigset_t *set)
{
	int fd;

	sigfillset(set);
	pthread_sigmask(SIG_BLOCK, set, NULL);
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIG_DONE);
	fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		die("signalfd: %m");
	return fd;
}

static void prepare(void)
{
	if (opt.trace)
		load_trace(opt.trace);
	if (opt.control)
		open_control();
	if (opt.name)
		prctl(PR_SET_NAME, opt.name);
}

static void make_guest(void)
{
	struct vcpu *v;

	create_vm();
	for_each_vcpu(v)
		create_vcpu(v);
	finish_vm();
	if (opt.pidfile)
		write_pidfile();
}

static void say_ready(void)
{
	printf("ready %d\n", getpid());
	fflush(stdout);
}

/*
 * KVM has a static key that is on while some vCPU's local APIC is disabled by software: it goes on
 * when the first VM is made and off a second after its guest enabled the APIC, and each time KVM's
 * text is patched while vCPUs run it. That is safe on real CPUs, but emulated by QEMU 7.2, with a
 * thread for each CPU, one may keep what it saw in the middle of the change: "Oops: int3" in
 * apic_has_pending_timer. A vCPU that never runs keeps the key on, and no text changes.
 */
static void hold(const sigset_t *set)
{
	int sig;

	say_ready();
	sigwait(set, &sig);
}

static void start(void)
{
	start_vcpus();
	if (!opt.calibrate_ms)
		start_mode(opt.mode);	/* before the release, for an exact start */
	release_vcpus();
	if (opt.calibrate_ms) {
		calibrate();
		start_mode(opt.mode);
	}
	if (opt.helper_bp)
		start_helper();
	say_ready();
	start_timers();
}

static void run(int signal_fd)
{
	struct signalfd_siginfo info;

	while (!quit) {
		struct pollfd fds[2] = {
			{ .fd = signal_fd, .events = POLLIN },
			{ .fd = control_fd, .events = POLLIN },
		};
		uint64_t wait = run_timers();
		struct timespec ts = { wait / NSEC_PER_SEC, wait % NSEC_PER_SEC };

		if (quit || ppoll(fds, 2, &ts, NULL) <= 0)
			continue;
		if (fds[1].revents)
			read_control();
		if (!fds[0].revents || read(signal_fd, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo == SIGUSR1)
			kick_vcpus();
		else if (info.ssi_signo != (uint32_t)SIG_DONE || vcpus_done())
			quit = true;
	}
}

int main(int argc, char **argv)
{
	sigset_t set;
	int signal_fd;

	parse_options(argc, argv);
	prepare();
	signal_fd = take_signals(&set);
	make_guest();
	if (!strcmp(opt.mode, "hold")) {
		hold(&set);
		return 0;
	}
	start();
	run(signal_fd);
	report(true);
	stop_vcpus();
	return 0;
}
