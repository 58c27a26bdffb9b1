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

/* exact: 1h, 1m30s, 10ms */
static char *fmt_span(char *buf, uint64_t ns)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} parts[] = {
		{ "d", 86400 * NS_PER_S }, { "h", 3600 * NS_PER_S }, { "m", 60 * NS_PER_S },
		{ "s", NS_PER_S }, { "ms", NS_PER_MS }, { "us", 1000 }, { "ns", 1 },
	};
	size_t i, len = 0;

	snprintf(buf, FMT_LEN, "0");
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (ns >= parts[i].ns)
			len += snprintf(buf + len, FMT_LEN - len, "%llu%s",
					(unsigned long long)(ns / parts[i].ns), parts[i].name);
		ns %= parts[i].ns;
	}
	return buf;
}

/* exact: 512MiB, 16TiB */
static char *fmt_bytes(char *buf, uint64_t v, size_t scale)
{
	static const char * const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB" };

	for (; v && v % 1024 == 0 && scale + 1 < ARRAY_SIZE(units); scale++)
		v /= 1024;
	snprintf(buf, FMT_LEN, "%llu%s", (unsigned long long)v, v ? units[scale] : "");
	return buf;
}

/* in @large units of 10^@digits, or as many @small ones if @like is written so */
static char *fmt_two_units(char *buf, uint64_t v, unsigned int digits, const char *small,
			   const char *large, const char *like)
{
	size_t digits_typed = like ? strspn(like, "0123456789.") : 0;
	const char *unit = digits_typed ? like + digits_typed : "";

	if (!strcmp(unit, small))
		snprintf(buf, FMT_LEN, "%llu", (unsigned long long)v);
	else
		fmt_decimal(buf, v, digits, 0);
	return strcat(buf, *unit ? unit : large);
}

char *unit_fmt(char *buf, enum unit unit, uint64_t v, const char *like)
{
	switch (unit) {
	case UNIT_NCR:
	case UNIT_CAP:
		if (unit == UNIT_CAP && v == UINT64_MAX) {
			snprintf(buf, FMT_LEN, "none");
			return buf;
		}
		return fmt_two_units(buf, v, 9, "ncr", "", like);
	case UNIT_BP:
		return fmt_two_units(buf, v, 2, "bp", "%", like);
	case UNIT_MBIT:
		return fmt_two_units(buf, v, 3, "mbit", "", like);
	case UNIT_NS:
		return fmt_span(buf, v);
	case UNIT_MS:
		return fmt_span(buf, v * NS_PER_MS);
	case UNIT_S:
		return fmt_span(buf, v * NS_PER_S);
	case UNIT_MIB:
		return fmt_bytes(buf, v, 1);
	case UNIT_KIB:
		return fmt_bytes(buf, v, 0);
	default:
		snprintf(buf, FMT_LEN, "%llu", (unsigned long long)v);
		return buf;
	}
}
