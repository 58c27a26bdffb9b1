// SPDX-License-Identifier: GPL-2.0
/* Options, from a table per verb. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "show/print.h"

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

void change_add(struct changes *changes, enum change_to to, uint16_t attr, int type,
		uint64_t value, const char *str)
{
	struct change *c = &changes->c[changes->nr];
	size_t i;

	/* the last word counts */
	for (i = 0; i < changes->nr; i++)
		if (changes->c[i].to == to && changes->c[i].attr == attr)
			c = &changes->c[i];
	if (changes->nr == ARRAY_SIZE(changes->c))
		usage_error("too many options");
	if (c == &changes->c[changes->nr])
		changes->nr++;
	c->to = to;
	c->attr = attr;
	c->type = type;
	c->value = value;
	c->str = str;
}

static int by_name(const char *name, const char * const *names, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

int mode_by_name(const char *name)
{
	return by_name(name, mode_names, KVMETER_MODE_GUARD + 1);
}

int resource_by_name(const char *name)
{
	return by_name(name, resource_names, NR_RESOURCES);
}

/* "cpu,network" as bits; "none" is none */
static const char *parse_resources(const char *s, uint64_t *bits)
{
	char name[16];
	size_t len;
	int i;

	*bits = 0;
	if (!strcmp(s, "none"))
		return NULL;
	for (;; s += len + 1) {
		len = strcspn(s, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, s);
		i = resource_by_name(name);
		if (i < 0)
			return "must be none, or names like cpu,network";
		*bits |= 1U << i;
		if (!s[len])
			return NULL;
	}
}

/* the value as an unsigned number of the wire's unit; 64 bits wide, or 32 */
static const char *parse_change(enum opt_kind kind, const char *s, uint64_t *v, bool *wide)
{
	const char *why = NULL;
	int i;

	*wide = false;
	switch (kind) {
	case OPT_SET_CAP:
		*wide = true;
		if (!strcmp(s, "none")) {
			*v = NONE;
			return NULL;
		}
		return parse_amount(s, v);
	case OPT_SET_AMOUNT:
		*wide = true;
		return parse_amount(s, v);
	case OPT_SET_PERCENT:
		why = parse_percent(s, v);
		break;
	case OPT_SET_BITS:
		why = parse_bits(s, v);
		break;
	case OPT_SET_NS:
		*wide = true;
		return parse_duration(s, v);
	case OPT_SET_MS:
		why = parse_duration(s, v);
		if (!why && *v % 1000000)
			why = "must be whole milliseconds";
		*v /= 1000000;
		break;
	case OPT_SET_S:
		why = parse_duration(s, v);
		if (!why && *v % 1000000000)
			why = "must be whole seconds";
		*v /= 1000000000;
		break;
	case OPT_SET_ONOFF:
		if (strcmp(s, "on") && strcmp(s, "off"))
			return "must be on or off";
		*v = !strcmp(s, "on");
		break;
	case OPT_SET_MODE:
		i = mode_by_name(s);
		if (i < 0)
			return "must be observe, elastic or guard";
		*v = i;
		break;
	case OPT_SET_ACTION:
		i = by_name(s, cap_action_names, KVMETER_CAP_ACTION_PAUSE + 1);
		if (i < 0)
			return "must be floor or pause";
		*v = i;
		break;
	case OPT_SET_RESOURCES:
		return parse_resources(s, v);
	default:
		return "unknown kind of option";
	}
	if (!why && *v > UINT32_MAX)
		why = "too large";
	return why;
}

static void take(const struct opt *o, const char *value, struct changes *changes)
{
	const char *why = NULL;
	uint64_t v = 0;
	bool wide;

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
	default:
		why = parse_change(o->kind, value, &v, &wide);
		if (!why)
			change_add(changes, o->to, o->attr, wide ? CHANGE_U64 : CHANGE_U32, v,
				   NULL);
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

int opts_parse(int argc, char **argv, const struct opt *opts, size_t nr,
	       struct changes *changes, int min, int max)
{
	bool only_operands = false;
	int i, operands = 0;

	for (i = 1; i < argc; i++) {
		const char *arg = argv[i], *value = NULL;
		const struct opt *o;
		bool is_long = !strncmp(arg, "--", 2);

		if (only_operands || arg[0] != '-' || !arg[1]) {
			argv[operands++] = argv[i];
			continue;
		}
		if (!strcmp(arg, "--")) {
			only_operands = true;
			continue;
		}
		if (!strcmp(arg, "--help") || !strcmp(arg, "-h"))
			help(opts, nr);
		if (is_long) {
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
			if (i + 1 == argc)
				usage_error("%s needs a value: %s", arg, o->arg);
			value = argv[++i];
		}
		take(o, value, changes);
	}
	argv[operands] = NULL;
	if (operands < min)
		usage_error("too few operands: needs %s", verb->args);
	if (operands > max)
		usage_error("unexpected operand %s", argv[max]);
	return operands;
}
