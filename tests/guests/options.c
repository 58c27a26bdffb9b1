// SPDX-License-Identifier: GPL-2.0
/*
 * Options of kvmguest: what they are called, what they may be, and where they are kept.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kvmguest.h"

struct options opt = {
	.mode = "spin", .exit_kind = "cpuid", .vcpus = 1, .trace_scale = 1,
	.duty_bp = 3000, .on_ms = 100, .off_ms = 100, .cycle_ms = 10, .step_ms = 100,
	.tick_us = 4000, .margin_us = 500, .stall_us = 1000,
	.hc = { KVM_HC_VAPIC_POLL_IRQ },
};

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

static double parse_number(const char *s, double min, double max)
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

void parse_options(int argc, char **argv)
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
				parse_number(optarg, options[c].min, options[c].max);
			break;
		case REAL:
			*(double *)options[c].value =
				parse_number(optarg, options[c].min, options[c].max);
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
