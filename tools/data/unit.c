// SPDX-License-Identifier: GPL-2.0
#include "data/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "data/fmt.h"
#include "data/names.h"

#define NS_PER_MS	1000000ULL
#define NS_PER_S	1000000000ULL

const char *unit_arg(enum unit unit)
{
	static const char * const args[] = {
		[UNIT_NCR] = "AMOUNT",
		[UNIT_CAP] = "AMOUNT|none",
		[UNIT_BP] = "SHARE",
		[UNIT_MBIT] = "BITS",
		[UNIT_NS] = "TIME",
		[UNIT_MS] = "TIME",
		[UNIT_S] = "TIME",
		[UNIT_MIB] = "SIZE",
		[UNIT_KIB] = "SIZE",
		[UNIT_ONOFF] = "on|off",
		[UNIT_MODE] = "MODE",
		[UNIT_ACTION] = "floor|pause",
		[UNIT_RESOURCES] = "RESOURCES",
	};

	return args[unit];
}

const char * const *unit_words(enum unit unit, size_t *nr)
{
	static const char * const off_on[] = { "off", "on" };

	*nr = 0;
	switch (unit) {
	case UNIT_ONOFF:
		*nr = ARRAY_SIZE(off_on);
		return off_on;
	case UNIT_MODE:
		*nr = ARRAY_SIZE(mode_names);
		return mode_names;
	case UNIT_ACTION:
		*nr = ARRAY_SIZE(cap_action_names);
		return cap_action_names;
	default:
		return NULL;
	}
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

/* in units of @size; else it is @why wrong */
static const char *parse_whole(const char *s, uint64_t *v, uint64_t size, const char *why,
			       const char *(*parse)(const char *s, uint64_t *v))
{
	const char *bad = parse(s, v);

	if (!bad && *v % size)
		bad = why;
	*v /= size;
	return bad;
}

static const char *parse_word(enum unit unit, const char *s, uint64_t *v, const char *why)
{
	size_t nr;
	const char * const *words = unit_words(unit, &nr);
	int i = by_name(s, words, nr);

	*v = i;
	return i < 0 ? why : NULL;
}

const char *unit_parse(enum unit unit, const char *s, uint64_t *v)
{
	switch (unit) {
	case UNIT_CAP:
		*v = UINT64_MAX;
		return strcmp(s, "none") ? parse_amount(s, v) : NULL;
	case UNIT_NCR:
		return parse_amount(s, v);
	case UNIT_BP:
		return parse_percent(s, v);
	case UNIT_MBIT:
		return parse_bits(s, v);
	case UNIT_NS:
		return parse_duration(s, v);
	case UNIT_MS:
		return parse_whole(s, v, NS_PER_MS, "must be whole milliseconds", parse_duration);
	case UNIT_S:
		return parse_whole(s, v, NS_PER_S, "must be whole seconds", parse_duration);
	case UNIT_MIB:
		return parse_whole(s, v, 1 << 20, "must be whole MiB", parse_size);
	case UNIT_KIB:
		return parse_whole(s, v, 1 << 10, "must be whole KiB/s", parse_size);
	case UNIT_ONOFF:
		return parse_word(unit, s, v, "must be on or off");
	case UNIT_MODE:
		return parse_word(unit, s, v, "must be observe, elastic or guard");
	case UNIT_ACTION:
		return parse_word(unit, s, v, "must be floor or pause");
	case UNIT_RESOURCES:
		return parse_resources(s, v);
	}
	return "unknown unit";
}
