// SPDX-License-Identifier: GPL-2.0
/*
 * hostilevmm - a VMM that does to its host what a bad tenant would
 *
 * A tenant owns the process of its VM: threads, vCPUs, descriptors, signals and timing. Each mode
 * is one thing to do with them; the table below has them all, "hostilevmm --help" the options.
 *
 * It is driven as kvmguest is: it prints "ready PID" when all is made, takes commands from
 * --control, and answers "report" by a line of key=value that begins with name=. So a test says
 *
 *	bad_guest bad cycle --vcpus 2000	# lib.sh: sets $bad_pid
 *	guest_known bad			# and $bad_vm, a VM of it
 *	guest_report bad a_			# $a_work, $a_exits, $a_cpu_ns ...
 *	tell bad calm				# it goes on as a good tenant would
 *	tell bad go				# and is a bad one again
 *	guest_end bad
 *
 * With --calm it begins as a good one, so that both are measured in one run. The line has
 *
 * work		what the guests did, in loops; at a limit it grows with the time that they get
 * runs, exits, eintr	calls of KVM_RUN; returned as the guest wanted; and by a signal
 * make_eintr	other calls of KVM that returned EINTR (KVM_CREATE_VM ...)
 * vms, closed, vcpus	VMs made and closed, vCPUs made
 * threads, forks, refused	threads and processes made, and those that the kernel refused
 * signals, laps	signals sent, rounds of what the mode does
 * cpu_ns, wall_ns	CPU used by the whole process (its children apart), and time since "ready"
 *
 * What its threads ran is ran_ns in lib.sh. It ends on quit, SIGTERM, SIGINT or after --seconds,
 * at once and without cleaning up, as a killed VMM does.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "hostile.h"

static const struct mode modes[] = {
	{ "threads", "--threads sleep, --makers make and join threads, beside vCPUs that spin",
	  { .threads = 4000, .makers = 1 }, start_threads },
	{ "cycle", "one thread enters one of --vcpus after the other",
	  { .vcpus = 2000, .burst = 100 }, start_cycle },
	{ "vms", "--vms in one process, of --vcpus each, that spin",
	  { .vms = 200 }, start_vms },
	{ "fresh", "a fresh thread for each KVM_RUN",
	  { .burst = 1000 }, start_fresh },
	{ "signals", "--senders send signals to the vCPU's thread as fast as they can",
	  { .senders = 1 }, start_signals },
	{ "usermode", "the vCPU's thread spins for --user-us between short KVM_RUNs",
	  { .burst = 100, .user_us = 5000 }, start_usermode },
	{ "sidethread", "--threads that are no vCPU spin, beside vCPUs that spin",
	  { .threads = 1 }, start_sidethread },
	{ "stranger", "another process runs one of two vCPUs, beside a thread that spins",
	  { .burst = 1000 }, start_stranger },
	{ "ioctls", "the vCPU's thread asks KVM for registers, and does not enter the guest",
	  { .burst = 100 }, start_ioctls },
	{ "young", "--makers make threads that spin for --user-us, beside vCPUs that spin",
	  { .user_us = 2000, .makers = 1 }, start_young },
	{ "remake", "closes a VM after --count exits and makes another in the same thread",
	  { .burst = 100, .count = 20 }, start_remake },
	{ "short", "--makers make processes whose VM lives for --count exits",
	  { .burst = 100, .count = 20, .makers = 2 }, start_short },
	{ "fork", "the vCPU's thread makes sleepers, up to --children, every --pause-us",
	  { .burst = 1000, .children = 100, .pause_us = 10000 }, start_fork },
};

#define NR_MODES	(sizeof(modes) / sizeof(*modes))

static uint64_t ready_ns;
static int control_fd = -1;

void die(const char *fmt, ...)
{
	va_list ap;

	fputs("hostilevmm: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	_exit(1);
}

static const struct mode *find_mode(const char *name)
{
	const struct mode *m;

	for (m = modes; m < modes + NR_MODES; m++) {
		if (!name)
			printf("  %-11s%s\n", m->name, m->help);
		else if (!strcmp(m->name, name))
			return m;
	}
	return NULL;
}

static void report(void)
{
	static const struct {
		const char *name;
		enum count what;
	} lines[] = {
		{ "runs", C_RUNS }, { "exits", C_EXITS }, { "eintr", C_EINTR },
		{ "make_eintr", C_MAKE_EINTR }, { "vms", C_VMS }, { "closed", C_CLOSED },
		{ "vcpus", C_VCPUS }, { "threads", C_THREADS }, { "forks", C_FORKS },
		{ "refused", C_REFUSED }, { "signals", C_SIGNALS }, { "laps", C_LAPS },
	};
	size_t i;

	printf("name=%s mode=%s calm=%d work=%llu", opt.name ? opt.name : opt.mode, opt.mode, calm,
	       (unsigned long long)guest_work());
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		printf(" %s=%llu", lines[i].name, (unsigned long long)counted(lines[i].what));
	printf(" cpu_ns=%llu wall_ns=%llu\n",
	       (unsigned long long)clock_ns(CLOCK_PROCESS_CPUTIME_ID),
	       (unsigned long long)(clock_ns(CLOCK_MONOTONIC) - ready_ns));
	fflush(stdout);
}

/* False: the end */
static bool obey(const char *word)
{
	if (!strcmp(word, "report"))
		report();
	else if (!strcmp(word, "calm"))
		calm = true;
	else if (!strcmp(word, "go"))
		calm = false;
	else if (!strcmp(word, "quit"))
		return false;
	else if (*word)
		fprintf(stderr, "hostilevmm: not a command: %s\n", word);
	return true;
}

static bool read_control(void)
{
	char buf[256], *save, *word;
	ssize_t len = read(control_fd, buf, sizeof(buf) - 1);

	if (len <= 0) {
		control_fd = -1;
		return opt.seconds > 0;
	}
	buf[len] = '\0';
	for (word = strtok_r(buf, " \t\r\n", &save); word; word = strtok_r(NULL, " \t\r\n", &save))
		if (!obey(word))
			return false;
	return true;
}

static void open_control(void)
{
	if (!opt.control)
		return;
	/* read-write: a FIFO must not end when its writer of the moment does */
	control_fd = !strcmp(opt.control, "-") ? STDIN_FILENO :
		     open(opt.control, O_RDWR | O_CLOEXEC);
	if (control_fd < 0)
		die("%s: %m", opt.control);
}

/* The main thread takes all signals; threads that are to be disturbed unblock SIG_STORM. */
static int take_signals(void)
{
	sigset_t set;
	int fd;

	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		die("signalfd: %m");
	return fd;
}

static void serve(int signal_fd)
{
	uint64_t end = opt.seconds * NSEC_PER_SEC;

	for (;;) {
		struct pollfd fds[2] = {
			{ .fd = signal_fd, .events = POLLIN },
			{ .fd = control_fd, .events = POLLIN },
		};
		uint64_t now = clock_ns(CLOCK_MONOTONIC) - ready_ns;

		if (end && now >= end)
			return;
		poll(fds, 2, end ? (int)((end - now) / 1000000) + 1 : -1);
		if (fds[0].revents || (fds[1].revents && !read_control()))
			return;
	}
}

int main(int argc, char **argv)
{
	int signal_fd;

	parse_options(argc, argv, find_mode);
	if (opt.name)
		prctl(PR_SET_NAME, opt.name);
	open_control();
	signal_fd = take_signals();
	counts_init();
	calm = opt.calm;
	find_mode(opt.mode)->start();
	ready_ns = clock_ns(CLOCK_MONOTONIC);
	printf("ready %d\n", getpid());
	fflush(stdout);
	serve(signal_fd);
	report();
	_exit(0);	/* threads in KVM_RUN are taken out by it */
}
