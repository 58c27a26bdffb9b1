// SPDX-License-Identifier: GPL-2.0
/*
 * Options of hostilevmm: what they are called, what they may be, and where they are kept.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "hostile.h"

struct options opt;

/* What a mode does not say */
static const struct options usual = {
	.vcpus = 1, .vms = 1, .threads = 1, .makers = 1, .senders = 1, .children = 1,
	.count = 20, .user_us = 5000,
};

static const char usage[] =
"Usage: hostilevmm --mode MODE [options]\n"
"A bad tenant. Prints \"ready PID\" when all is made, and what it did when it ends (--seconds,\n"
"SIGTERM, SIGINT, or 'quit'). Options that are not given are as the mode needs them.\n"
"\n"
"  --vcpus N          vCPUs of each VM\n"
"  --vms N            VMs\n"
"  --threads N        threads that sleep or spin\n"
"  --makers N         threads or processes that make others\n"
"  --senders N        threads that send signals\n"
"  --children N       processes that the vCPU's thread makes, at most\n"
"  --burst N          loops of the guest between two exits; 0: it never exits\n"
"  --count N          exits in the life of a VM\n"
"  --user-us US       time in user mode between two entries\n"
"  --pause-us US      time between two of what it makes or sends\n"
"  --calm             begin as a good tenant, until 'go'\n"
"  --seconds S        run time; 0: until a signal (0)\n"
"  --control FIFO     read commands from it; '-': from standard input. Commands:\n"
"                     calm | go | report | quit\n"
"  --name NAME        name of the process\n"
"\n"
"MODE is one of:\n";

static const struct {
	const char *name;
	enum { STRING, NUMBER, REAL, FLAG } type;
	void *value;
	double min, max;
} options[] = {
	{ "mode", STRING, &opt.mode, 0, 0 },
	{ "vcpus", NUMBER, &opt.vcpus, 1, 1e5 },
	{ "vms", NUMBER, &opt.vms, 1, 1e5 },
	{ "threads", NUMBER, &opt.threads, 0, 1e5 },
	{ "makers", NUMBER, &opt.makers, 0, 1e3 },
	{ "senders", NUMBER, &opt.senders, 1, 1e3 },
	{ "children", NUMBER, &opt.children, 1, 1e5 },
	{ "burst", NUMBER, &opt.burst, 0, 1e15 },
	{ "count", NUMBER, &opt.count, 1, 1e15 },
	{ "user-us", NUMBER, &opt.user_us, 0, 1e9 },
	{ "pause-us", NUMBER, &opt.pause_us, 0, 1e9 },
	{ "calm", FLAG, &opt.calm, 0, 0 },
	{ "seconds", REAL, &opt.seconds, 0, 1e9 },
	{ "control", STRING, &opt.control, 0, 0 },
	{ "name", STRING, &opt.name, 0, 0 },
	{ "help", FLAG, &opt.help, 0, 0 },
};

#define NR_OPTIONS	(sizeof(options) / sizeof(*options))

static double parse_number(const char *name, const char *s, double min, double max)
{
	char *end;
	double d = strtod(s, &end);

	if (end == s || *end || !(d >= min && d <= max))
		die("--%s %s: not a number from %g to %g", name, s, min, max);
	return d;
}

static void take_option(int index, const char *arg)
{
	switch (options[index].type) {
	case STRING:
		*(const char **)options[index].value = arg;
		break;
	case NUMBER:
		*(uint64_t *)options[index].value =
			parse_number(options[index].name, arg, options[index].min,
				     options[index].max);
		break;
	case REAL:
		*(double *)options[index].value =
			parse_number(options[index].name, arg, options[index].min,
				     options[index].max);
		break;
	case FLAG:
		*(bool *)options[index].value = true;
		break;
	}
}

static uint64_t either(uint64_t of_mode, uint64_t of_all)
{
	return of_mode ? of_mode : of_all;
}

static void take_typical(const struct options *t)
{
	opt.vcpus = either(t->vcpus, usual.vcpus);
	opt.vms = either(t->vms, usual.vms);
	opt.threads = either(t->threads, usual.threads);
	opt.makers = either(t->makers, usual.makers);
	opt.senders = either(t->senders, usual.senders);
	opt.children = either(t->children, usual.children);
	opt.burst = either(t->burst, usual.burst);
	opt.count = either(t->count, usual.count);
	opt.user_us = either(t->user_us, usual.user_us);
	opt.pause_us = either(t->pause_us, usual.pause_us);
}

static void take_all(int argc, char **argv)
{
	struct option longs[NR_OPTIONS + 1] = { 0 };
	int i, index = 0;

	for (i = 0; i < (int)NR_OPTIONS; i++) {
		longs[i].name = options[i].name;
		longs[i].has_arg = options[i].type == FLAG ? no_argument : required_argument;
	}
	optind = 1;
	while ((i = getopt_long(argc, argv, "", longs, &index)) != -1) {
		if (i)
			exit(2);
		take_option(index, optarg);
	}
	if (optind < argc)
		die("%s: not an option", argv[optind]);
}

/* Twice: what is not given depends on the mode */
void parse_options(int argc, char **argv, const struct mode *(*find)(const char *name))
{
	const struct mode *mode;

	take_all(argc, argv);
	if (opt.help || !opt.mode) {
		fputs(usage, stdout);
		find(NULL);
		exit(opt.help ? 0 : 2);
	}
	mode = find(opt.mode);
	if (!mode)
		die("%s: no such mode", opt.mode);
	take_typical(&mode->typical);
	take_all(argc, argv);
}
