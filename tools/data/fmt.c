// SPDX-License-Identifier: GPL-2.0
#include "data/fmt.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "data/util.h"

#define NS_PER_S	1000000000ULL

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/**
 * scan_decimal - a decimal number, times 10^@digits, as an integer
 * @s: begins with a digit
 * @digits: decimals that the unit can hold
 * @v: the value
 * @end: what follows the number
 *
 * Return: NULL, or what is wrong.
 */
static const char *scan_decimal(const char *s, unsigned int digits, uint64_t *v, const char **end)
{
	unsigned int left = digits;
	int point = 0;

	if (!is_digit(*s))
		return "not a number";
	for (*v = 0; is_digit(*s) || (*s == '.' && !point); s++) {
		if (*s == '.') {
			if (!is_digit(s[1]))
				return "no digit after the point";
			point = 1;
			continue;
		}
		if (point && !left)
			return "too many decimals";
		if (__builtin_mul_overflow(*v, 10, v) || __builtin_add_overflow(*v, *s - '0', v))
			return "too large";
		left -= point;
	}
	for (; left; left--)
		if (__builtin_mul_overflow(*v, 10, v))
			return "too large";
	*end = s;
	return NULL;
}

/* a number in one of two units: the large one may be left out */
static const char *parse_two_units(const char *s, uint64_t *v, unsigned int digits,
				   const char *large, const char *small)
{
	const char *unit = s;
	const char *why, *end;

	while (is_digit(*unit) || *unit == '.')
		unit++;
	if (!strcmp(unit, small))
		digits = 0;
	else if (*unit && strcmp(unit, large))
		return "not a number with a known unit";
	why = scan_decimal(s, digits, v, &end);
	if (!why && end != unit)
		why = "two points";
	return why;
}

const char *parse_u64(const char *s, uint64_t *v)
{
	const char *end;
	const char *why = scan_decimal(s, 0, v, &end);

	if (!why && *end)
		why = "not a whole number";
	return why;
}

const char *parse_amount(const char *s, uint64_t *ncr)
{
	return parse_two_units(s, ncr, 9, "cr", "ncr");
}

const char *parse_percent(const char *s, uint64_t *bp)
{
	return parse_two_units(s, bp, 2, "%", "bp");
}

const char *parse_bits(const char *s, uint64_t *mbit)
{
	return parse_two_units(s, mbit, 3, "bits", "mbit");
}

const char *parse_size(const char *s, uint64_t *bytes)
{
	static const char units[] = "KMGTP";
	const char *unit, *end;
	char number[32];
	uint64_t thousandths;
	const char *why;
	size_t len = strspn(s, "0123456789.");
	int shift = 0;

	if (len >= sizeof(number))
		return "too long";
	snprintf(number, sizeof(number), "%.*s", (int)len, s);
	s += len;
	unit = *s ? strchr(units, *s & ~0x20) : NULL;
	if (unit) {
		shift = 10 * (unit - units + 1);
		s += 1 + (s[1] == 'i');
	}
	if (strcmp(s, "") && strcmp(s, "B"))
		return "must be a size, like 512M or 1.5GiB";
	why = scan_decimal(number, 3, &thousandths, &end);
	if (why)
		return why;
	if (*end)
		return "two points";
	if (thousandths > UINT64_MAX >> shift)
		return "too large";
	if ((thousandths << shift) % 1000)
		return "must be whole bytes";
	*bytes = (thousandths << shift) / 1000;
	return NULL;
}

static const struct {
	const char *name;
	uint64_t ns;
	unsigned int digits;	/* 10^digits divides ns */
} time_units[] = {
	{ "w", 7 * 86400 * NS_PER_S, 11 },
	{ "d", 86400 * NS_PER_S, 11 },
	{ "h", 3600 * NS_PER_S, 11 },
	{ "m", 60 * NS_PER_S, 10 },
	{ "s", NS_PER_S, 9 },
	{ "ms", 1000000, 6 },
	{ "us", 1000, 3 },
	{ "ns", 1, 0 },
};

/* one number with its unit */
static const char *scan_duration(const char *s, uint64_t *ns, const char **end)
{
	const char *unit = s;
	uint64_t ten = 1;
	const char *why;
	unsigned int d;
	size_t len, i;

	while (is_digit(*unit) || *unit == '.')
		unit++;
	for (len = 0; unit[len] && !is_digit(unit[len]); len++)
		;
	for (i = 0; i < ARRAY_SIZE(time_units); i++)
		if (len == strlen(time_units[i].name) && !strncmp(unit, time_units[i].name, len))
			break;
	if (!len)
		return "needs a unit: ns, us, ms, s, m, h, d or w";
	if (i == ARRAY_SIZE(time_units))
		return "unknown unit: use ns, us, ms, s, m, h, d or w";

	why = scan_decimal(s, time_units[i].digits, ns, end);
	if (why)
		return why;
	for (d = 0; d < time_units[i].digits; d++)
		ten *= 10;
	if (__builtin_mul_overflow(*ns, time_units[i].ns / ten, ns))
		return "too large";
	*end = unit + len;
	return NULL;
}

const char *parse_duration(const char *s, uint64_t *ns)
{
	const char *why;
	uint64_t one;

	*ns = 0;
	if (!strcmp(s, "0"))
		return NULL;
	if (!*s)
		return "not a number";
	while (*s) {
		why = scan_duration(s, &one, &s);
		if (why)
			return why;
		if (__builtin_add_overflow(*ns, one, ns))
			return "too large";
	}
	return NULL;
}

static char *put(char *buf, const char *s)
{
	snprintf(buf, FMT_LEN, "%s", s);
	return buf;
}

char *fmt_decimal(char *buf, uint64_t v, unsigned int digits, unsigned int keep)
{
	uint64_t ten = 1;
	unsigned int i;
	size_t len;

	for (i = 0; i < digits; i++)
		ten *= 10;
	len = snprintf(buf, FMT_LEN, "%llu.%0*llu", (unsigned long long)(v / ten), (int)digits,
		       (unsigned long long)(v % ten));
	for (i = digits; i > keep && buf[len - 1] == '0'; i--)
		buf[--len] = 0;
	if (buf[len - 1] == '.')
		buf[--len] = 0;
	return buf;
}

char *fmt_amount(char *buf, uint64_t ncr)
{
	return fmt_decimal(buf, ncr, 9, 2);
}

char *fmt_amount_whole(char *buf, uint64_t ncr)
{
	return fmt_decimal(buf, ncr, 9, 9);
}

char *fmt_amount_short(char *buf, uint64_t ncr)
{
	return fmt_decimal(buf, ncr / 100000 + (ncr % 100000 >= 50000), 4, 4);
}

char *fmt_percent(char *buf, uint64_t bp)
{
	fmt_decimal(buf, bp, 2, 0);
	return strcat(buf, "%");
}

char *fmt_percent_short(char *buf, uint64_t bp)
{
	return fmt_decimal(buf, bp / 10 + (bp % 10 >= 5), 1, 1);
}

char *fmt_bits(char *buf, uint64_t mbit)
{
	return fmt_decimal(buf, mbit, 3, 1);
}

char *fmt_duration(char *buf, uint64_t ns)
{
	unsigned long long s = ns / NS_PER_S;
	unsigned int i;

	if (!ns)
		return put(buf, "0s");
	for (i = 4; s < 60 && i < ARRAY_SIZE(time_units); i++) {
		if (ns < time_units[i].ns)
			continue;
		/* three decimals are enough for people */
		if (i < ARRAY_SIZE(time_units) - 1)
			fmt_decimal(buf, ns / (time_units[i].ns / 1000), 3, 0);
		else
			snprintf(buf, FMT_LEN, "%llu", (unsigned long long)ns);
		return strcat(buf, time_units[i].name);
	}
	if (s < 3600)
		snprintf(buf, FMT_LEN, "%llum%llus", s / 60, s % 60);
	else if (s < 86400)
		snprintf(buf, FMT_LEN, "%lluh%llum", s / 3600, s / 60 % 60);
	else
		snprintf(buf, FMT_LEN, "%llud%lluh", s / 86400, s / 3600 % 24);
	return buf;
}

char *fmt_time(char *buf, uint64_t real_ns)
{
	time_t t = real_ns / NS_PER_S;
	struct tm tm;
	size_t len;

	if (!gmtime_r(&t, &tm))
		return put(buf, "?");
	len = strftime(buf, FMT_LEN, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, FMT_LEN - len, ".%03uZ", (unsigned int)(real_ns / 1000000 % 1000));
	return buf;
}
