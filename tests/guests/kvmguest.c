// SPDX-License-Identifier: GPL-2.0
/*
 * kvmguest - a virtual machine whose demand for CPU time is exactly known
 *
 * To test a meter one needs a load that behaves as a guest does and that counts for itself. This is
 * a whole VMM on the raw KVM interface: each vCPU is a thread, runs guest_code.S and is given, in a
 * page it shares with the VMM, a demand: be busy for so long in every cycle. All modes are settings
 * of that demand; trace and control commands change it while the guest runs. The guest counts its
 * work and the gaps it noticed; KVM tells it the steal time; the host's scheduler tells what its
 * threads ran and waited. All of it is printed, for a test to compare.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "kvmguest.h"

struct options opt = {
	.mode = "spin", .exit_kind = "cpuid", .vcpus = 1, .trace_scale = 1,
	.duty_bp = 3000, .on_ms = 100, .off_ms = 100, .cycle_ms = 10, .step_ms = 100,
	.tick_us = 4000, .margin_us = 500, .stall_us = 1000,
	.hc = { KVM_HC_VAPIC_POLL_IRQ },
};

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

struct timer {
	uint64_t	next, period;	/* ns; next 0: off */
	void		(*fire)(void);
};

static bool quit;

static void end_timer(void)
{
	quit = true;
}

static void trace_timer(void)
{
	quit = !trace_step();
}

static void report_timer(void)
{
	report(false);
}

static int control_fd = -1;
static struct timer timer_end = { .fire = end_timer };
static struct timer timer_trace = { .fire = trace_timer };
static struct timer timer_dodge = { .fire = dodge };
static struct timer timer_window = { .fire = window_end };
static struct timer timer_report = { .fire = report_timer };
static struct timer *const timers[] = {
	&timer_trace, &timer_dodge, &timer_window, &timer_report, &timer_end,
};

static void start_timer(struct timer *t, uint64_t period_us)
{
	t->period = (period_us ? period_us : 1) * 1000;
	t->next = now_ns() + t->period;
}

/* Run what is due; return how long to wait for what is not. */
static uint64_t run_timers(void)
{
	uint64_t now = now_ns(), wait = NSEC_PER_SEC;
	size_t i;

	for (i = 0; i < sizeof(timers) / sizeof(*timers); i++) {
		struct timer *t = timers[i];

		if (!t->next)
			continue;
		if (t->next <= now) {
			t->fire();
			now = now_ns();
			while (t->next <= now)
				t->next += t->period;
		}
		if (t->next - now < wait)
			wait = t->next - now;
	}
	return wait;
}

/* Whoever commands ends what the mode would go on to do by itself. */
static void take_over(void)
{
	timer_trace.next = 0;
	timer_dodge.next = 0;
	stop_mode();
}

static void command(char *line)
{
	char *save, *word = strtok_r(line, " \t\r\n", &save);
	unsigned long long n[5] = { 0 };
	char *arg, *first = NULL;
	int args = 0, i;

	if (!word)
		return;
	while (args < 5 && (arg = strtok_r(NULL, " \t\r\n", &save))) {
		if (!first)
			first = arg;
		n[args++] = strtoull(arg, NULL, 0);
	}

	if (!strcmp(word, "duty") && args == 1) {
		take_over();
		demand_duty(n[0]);
	} else if (!strcmp(word, "duty") && args == 2 && n[1] < opt.vcpus) {
		take_over();
		set_demand(&vcpus[n[1]], duty_tsc(n[0]), cycle_tsc(), KIND_SPIN);
	} else if (!strcmp(word, "onoff") && args == 2) {
		take_over();
		demand_onoff(n[0], n[1]);
	} else if (!strcmp(word, "spin") || !strcmp(word, "idle") || !strcmp(word, "hlt")) {
		take_over();
		start_mode(word);
	} else if (!strcmp(word, "exits")) {
		i = exit_kind(first ? first : opt.exit_kind);
		if (i < 0) {
			fprintf(stderr, "kvmguest: no such kind of exit: %s\n", first);
			return;
		}
		take_over();
		demand_exits(i);
	} else if (!strcmp(word, "hypercall") && args) {
		for (i = 0; i < 5; i++)
			set(&vcpus[0], PG_HC_NR + i, n[i]);
		set(&vcpus[0], PG_HC_WANTED, get(&vcpus[0], PG_HC_WANTED) + 1);
		nudge(&vcpus[0]);
	} else if (!strcmp(word, "kick")) {
		kick_vcpus();
	} else if (!strcmp(word, "report")) {
		report(false);
	} else if (!strcmp(word, "quit")) {
		quit = true;
	} else {
		fprintf(stderr, "kvmguest: not a command: %s\n", word);
	}
}

static void open_control(void)
{
	if (!strcmp(opt.control, "-"))
		control_fd = STDIN_FILENO;
	else	/* read-write: a FIFO must not end when its writer of the moment does */
		control_fd = open(opt.control, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (control_fd < 0)
		die("%s: %m", opt.control);
}

static void read_control(void)
{
	static char buf[1024];
	static size_t used;
	char *newline;
	ssize_t len;

	len = read(control_fd, buf + used, sizeof(buf) - 1 - used);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {		/* whoever controlled us is gone */
		control_fd = -1;
		quit = !opt.seconds;
		return;
	}
	used += len;
	buf[used] = '\0';
	while ((newline = strchr(buf, '\n'))) {
		*newline = '\0';
		command(buf);
		used -= newline + 1 - buf;
		memmove(buf, newline + 1, used + 1);
	}
	if (used == sizeof(buf) - 1)	/* no line is that long */
		used = 0;
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

static void write_pidfile(void)
{
	FILE *f = fopen(opt.pidfile, "w");

	if (!f || fprintf(f, "%d\n", getpid()) < 0 || fclose(f))
		die("%s: %m", opt.pidfile);
}

static const char usage[] =
"Usage: kvmguest [options]\n"
"A virtual machine with a known demand for CPU time. Prints \"ready PID\" when all vCPUs run, and\n"
"what it did when it ends (--seconds, SIGTERM, SIGINT, or 'quit').\n"
"\n"
"  --mode MODE        spin      compute, never exit (default)\n"
"                     idle      halt until the end\n"
"                     hlt       halt, wake once per cycle, halt again\n"
"                     duty      busy for --duty-bp of each --cycle-ms\n"
"                     onoff     busy for --on-ms, then idle for --off-ms\n"
"                     exits     exit as often as possible: --exit-kind, --count\n"
"                     trace     follow --trace, one line per --step-ms; ends with it\n"
"                     script    idle until --control says otherwise\n"
"                     hold      make the virtual machine, run nothing (see hold())\n"
"                     dodge     be busy only between scheduler ticks: --tick-us, --margin-us\n"
"  --vcpus N          number of vCPUs, 1 to 16 (1)\n"
"  --seconds S        run time; 0: until a signal (0)\n"
"  --duty-bp BP       share of each vCPU's time in basis points (3000)\n"
"  --cycle-ms MS      length of a demand cycle, decimals allowed (10)\n"
"  --on-ms, --off-ms  lengths of the two phases of onoff (100, 100)\n"
"  --exit-kind KIND   cpuid: handled by the kernel, io: by the VMM, hypercall (cpuid)\n"
"  --count N          end after N exits in all\n"
"  --hypercall LIST   number and up to 4 arguments, comma-separated (1)\n"
"  --trace FILE       usage trace: a number per line, or CSV with the number last\n"
"  --trace-scale F    times the numbers in it to get basis points (1)\n"
"  --step-ms MS       time that each line of the trace lasts (100)\n"
"  --tick-us US       the host's tick, 4000 for HZ=250 (4000)\n"
"  --margin-us US     distance that a dodging guest keeps from it (500)\n"
"  --control FIFO     read commands from it; '-': from standard input. Any mode. Commands:\n"
"                     duty BP [VCPU] | spin | idle | hlt | onoff MS MS | exits [KIND] |\n"
"                     hypercall NR [A0 A1 A2 A3] | kick | report | quit\n"
"  --report-ms MS     report so often, too\n"
"  --windows-ms MS    list the work done in each such window at the end\n"
"  --calibrate-ms MS  measure full speed first; windows are then shares of it\n"
"  --stall-us US      a longer gap between two iterations is a stall (1000)\n"
"  --helper-spin BP   a thread that is no vCPU uses that much of a CPU\n"
"  --name NAME        name of the process\n"
"  --pidfile FILE     write the process id there\n"
"  --json             reports are JSON, not key=value\n"
"SIGUSR1 takes all vCPUs out of KVM_RUN, prints how long the last one took, and lets them go on.\n";

static const struct {
	const char *name;
	enum { STRING, NUMBER, REAL, FLAG } type;
	void *value;
	double min, max;
} options[] = {
	{ "mode", STRING, &opt.mode, 0, 0 },
	{ "vcpus", NUMBER, &opt.vcpus, 1, MAX_VCPUS },
	{ "seconds", REAL, &opt.seconds, 0, 1e9 },
	{ "duty-bp", NUMBER, &opt.duty_bp, 0, BP_ONE },
	{ "cycle-ms", REAL, &opt.cycle_ms, 0.01, 1e6 },
	{ "on-ms", NUMBER, &opt.on_ms, 0, 1e6 },
	{ "off-ms", NUMBER, &opt.off_ms, 0, 1e6 },
	{ "exit-kind", STRING, &opt.exit_kind, 0, 0 },
	{ "count", NUMBER, &opt.count, 1, 1e15 },
	{ "hypercall", STRING, &opt.hypercall, 0, 0 },
	{ "trace", STRING, &opt.trace, 0, 0 },
	{ "trace-scale", REAL, &opt.trace_scale, 0, 1e9 },
	{ "step-ms", NUMBER, &opt.step_ms, 1, 1e6 },
	{ "tick-us", NUMBER, &opt.tick_us, 100, 1e6 },
	{ "margin-us", NUMBER, &opt.margin_us, 0, 1e6 },
	{ "control", STRING, &opt.control, 0, 0 },
	{ "report-ms", NUMBER, &opt.report_ms, 0, 1e9 },
	{ "windows-ms", NUMBER, &opt.windows_ms, 0, 1e6 },
	{ "calibrate-ms", NUMBER, &opt.calibrate_ms, 0, 1e5 },
	{ "stall-us", NUMBER, &opt.stall_us, 1, 1e9 },
	{ "helper-spin", NUMBER, &opt.helper_bp, 0, BP_ONE },
	{ "name", STRING, &opt.name, 0, 0 },
	{ "pidfile", STRING, &opt.pidfile, 0, 0 },
	{ "json", FLAG, &opt.json, 0, 0 },
	{ "help", FLAG, &opt.help, 0, 0 },
};

#define NR_OPTIONS	(sizeof(options) / sizeof(*options))

static double number(const char *s, double min, double max)
{
	char *end;
	double d = strtod(s, &end);

	if (end == s || *end || !(d >= min && d <= max))
		die("%s: not a number from %g to %g", s, min, max);
	return d;
}

static void parse_hypercall(const char *list)
{
	char *end = (char *)list - 1;
	int i;

	for (i = 0; i < 5 && end && (!i || *end == ','); i++)
		opt.hc[i] = strtoull(end + 1, &end, 0);
	if (*end)
		die("%s: not a list of up to 5 numbers", list);
}

static void check_mode(void)
{
	static const char *const modes[] = {
		"spin", "idle", "hlt", "duty", "onoff", "exits", "trace", "script", "dodge",
		"hold",
	};
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (!strcmp(opt.mode, modes[i]))
			break;
	if (i == sizeof(modes) / sizeof(*modes))
		die("no such mode: %s", opt.mode);
	if (exit_kind(opt.exit_kind) < 0)
		die("no such kind of exit: %s", opt.exit_kind);
	if (!strcmp(opt.mode, "trace") && !opt.trace)
		die("mode trace needs --trace");
	if (!strcmp(opt.mode, "script") && !opt.control)
		opt.control = "-";
	if (opt.count && opt.count < opt.vcpus)
		die("--count must be at least the number of vCPUs");
}

static void parse(int argc, char **argv)
{
	struct option longs[NR_OPTIONS + 1] = { 0 };
	size_t i;
	int c;

	for (i = 0; i < NR_OPTIONS; i++) {
		longs[i].name = options[i].name;
		longs[i].has_arg = options[i].type == FLAG ? no_argument : required_argument;
		longs[i].val = i;
	}
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == '?')
			die("see --help");
		switch (options[c].type) {
		case STRING:
			*(const char **)options[c].value = optarg;
			break;
		case NUMBER:
			*(uint64_t *)options[c].value =
				number(optarg, options[c].min, options[c].max);
			break;
		case REAL:
			*(double *)options[c].value =
				number(optarg, options[c].min, options[c].max);
			break;
		case FLAG:
			*(bool *)options[c].value = true;
			break;
		}
	}
	if (opt.help) {
		fputs(usage, stdout);
		exit(0);
	}
	if (optind < argc)
		die("%s: see --help", argv[optind]);
	if (opt.hypercall)
		parse_hypercall(opt.hypercall);
	check_mode();
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

	printf("ready %d\n", getpid());
	fflush(stdout);
	sigwait(set, &sig);
}

int main(int argc, char **argv)
{
	struct vcpu *v;
	sigset_t set;
	int signal_fd, i;

	parse(argc, argv);
	if (opt.trace)
		load_trace(opt.trace);
	if (opt.control)
		open_control();
	if (opt.name)
		prctl(PR_SET_NAME, opt.name);

	/* This thread takes all signals, one at a time; vCPU threads only SIG_KICK. */
	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIG_DONE);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0)
		die("signalfd: %m");

	create_vm();
	for_each_vcpu(v)
		create_vcpu(v);
	if (opt.pidfile)
		write_pidfile();
	if (!strcmp(opt.mode, "hold")) {
		hold(&set);
		return 0;
	}
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
	printf("ready %d\n", getpid());
	fflush(stdout);

	if (opt.seconds)
		start_timer(&timer_end, opt.seconds * 1e6);
	if (!strcmp(opt.mode, "trace")) {
		trace_step();
		start_timer(&timer_trace, opt.step_ms * 1000);
	}
	if (!strcmp(opt.mode, "dodge")) {
		for (i = 0; i < 8; i++)	/* to be good at it from the start */
			dodge();
		start_timer(&timer_dodge, DODGE_PERIOD_US);
	}
	if (opt.windows_ms) {
		window_end();
		start_timer(&timer_window, opt.windows_ms * 1000);
	}
	if (opt.report_ms)
		start_timer(&timer_report, opt.report_ms * 1000);

	run(signal_fd);
	report(true);
	stop_vcpus();
	return 0;
}
