// SPDX-License-Identifier: GPL-2.0
/* Options, from a table per verb. */
#include "cli/opt.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/fmt.h"
#include "data/names.h"
#include "data/status.h"

const struct verb *verb;

void usage_error(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "kvmeter %s: ", verb->name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nTry \"kvmeter %s --help\".\n", verb->name);
	exit(EXIT_USAGE);
}

static void help(const struct opt *opts, size_t nr)
{
	char left[48];
	size_t i;

	printf("Usage: kvmeter %s [OPTION]...%s%s\n%s.\n\n", verb->name, *verb->args ? " " : "",
	       verb->args, verb->desc);
	for (i = 0; i < nr; i++) {
		const struct opt *o = &opts[i];
		char letter[8] = "    ";

		if (o->letter)
			snprintf(letter, sizeof(letter), "-%c, ", o->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name, o->arg ? " " : "",
			 o->arg ? o->arg : "");
		printf("  %-30s %s\n", left, o->help);
	}
	printf("  %-30s %s\n", "-h, --help", "print this");
	exit(EXIT_OK);
}

struct opt opt_set(enum place place, uint16_t attr, uint16_t resource, char letter,
		   const char *help)
{
	const struct setting *s = setting_by_attr(place, attr, resource);

	return (struct opt){ s->option, letter, unit_arg(s->unit), help, OPT_SET, NULL, place, s };
}

static const char *take_change(const struct opt *o, const char *value, struct changes *changes)
{
	uint64_t v = 0;
	const char *why = unit_parse(o->setting->unit, value, &v);

	if (!why && o->setting->size < sizeof(v) && v > UINT32_MAX)
		why = "too large";
	if (!why)
		change_set(changes, o->place, o->setting, v, value);
	return why;
}

static void take(const struct opt *o, const char *value, struct changes *changes)
{
	const char *why = NULL;
	uint64_t v = 0;

	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)o->target = true;
		return;
	case OPT_STR:
		*(const char **)o->target = value;
		return;
	case OPT_U64:
		why = parse_u64(value, o->target);
		break;
	case OPT_NS:
		if (!parse_u64(value, &v) && v <= UINT32_MAX) {
			*(uint64_t *)o->target = v * 1000000000;
			return;
		}
		why = parse_duration(value, o->target);
		break;
	case OPT_SET:
		why = take_change(o, value, changes);
	}
	if (why)
		usage_error("--%s %s: %s", o->name, value, why);
}

static const struct opt *find_long(const struct opt *opts, size_t nr, const char *arg, size_t len)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (strlen(opts[i].name) == len && !strncmp(opts[i].name, arg, len))
			return &opts[i];
	return NULL;
}

static const struct opt *find_letter(const struct opt *opts, size_t nr, char letter)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (opts[i].letter && opts[i].letter == letter)
			return &opts[i];
	return NULL;
}

int opt_resource(const char *name)
{
	int r = resource_by_name(name);

	if (r < 0)
		usage_error("--resource %s: no such resource", name);
	return r;
}

/* an option at argv[*@i]; its value may be the next argument */
static void parse_option(int argc, char **argv, int *i, const struct opt *opts, size_t nr,
			 struct changes *changes)
{
	const char *arg = argv[*i], *value = NULL;
	const struct opt *o;

	if (!strncmp(arg, "--", 2)) {
		size_t len = strcspn(arg + 2, "=");

		o = find_long(opts, nr, arg + 2, len);
		if (arg[2 + len])
			value = arg + 3 + len;
	} else {
		o = find_letter(opts, nr, arg[1]);
		if (arg[2])
			value = arg + 2;
	}
	if (!o)
		usage_error("unknown option %s", arg);
	if (!o->arg && value)
		usage_error("%s takes no value", arg);
	if (o->arg && !value) {
		if (*i + 1 == argc)
			usage_error("%s needs a value: %s", arg, o->arg);
		value = argv[++*i];
	}
	take(o, value, changes);
}

int opts_parse(int argc, char **argv, const struct opt *opts, size_t nr,
	       struct changes *changes, int min, int max)
{
	bool only_operands = false;
	int i, operands = 0;

	for (i = 1; i < argc; i++) {
		const char *arg = argv[i];

		if (only_operands || arg[0] != '-' || !arg[1])
			argv[operands++] = argv[i];
		else if (!strcmp(arg, "--"))
			only_operands = true;
		else if (!strcmp(arg, "--help") || !strcmp(arg, "-h"))
			help(opts, nr);
		else
			parse_option(argc, argv, &i, opts, nr, changes);
	}
	argv[operands] = NULL;
	if (operands < min)
		usage_error("too few operands: needs %s", verb->args);
	if (operands > max)
		usage_error("unexpected operand %s", argv[max]);
	return operands;
}
