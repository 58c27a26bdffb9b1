// SPDX-License-Identifier: GPL-2.0
/* Tables of what fmt.c must parse, refuse and print. */
#include "data/fmt.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "data/util.h"

typedef const char *parse_fn(const char *s, uint64_t *v);
typedef char *fmt_fn(char *buf, uint64_t v);

static const struct {
	const char *name;
	parse_fn *fn;
	const char *in;
	uint64_t out;
	int bad;
} parses[] = {
	{ "u64", parse_u64, "0", 0, 0 },
	{ "u64", parse_u64, "18446744073709551615", UINT64_MAX, 0 },
	{ "u64", parse_u64, "18446744073709551616", 0, 1 },
	{ "u64", parse_u64, "", 0, 1 },
	{ "u64", parse_u64, "-1", 0, 1 },
	{ "u64", parse_u64, "+1", 0, 1 },
	{ "u64", parse_u64, "1x", 0, 1 },
	{ "u64", parse_u64, " 1", 0, 1 },
	{ "u64", parse_u64, "1.0", 0, 1 },
	{ "amount", parse_amount, "1", 1000000000, 0 },
	{ "amount", parse_amount, "1.25", 1250000000, 0 },
	{ "amount", parse_amount, "1.25cr", 1250000000, 0 },
	{ "amount", parse_amount, "1250000000ncr", 1250000000, 0 },
	{ "amount", parse_amount, "0.000000001", 1, 0 },
	{ "amount", parse_amount, "0.0000000001", 0, 1 },
	{ "amount", parse_amount, "1.5ncr", 0, 1 },
	{ "amount", parse_amount, "1.", 0, 1 },
	{ "amount", parse_amount, ".5", 0, 1 },
	{ "amount", parse_amount, "1.2.3", 0, 1 },
	{ "amount", parse_amount, "1e3", 0, 1 },
	{ "amount", parse_amount, "cr", 0, 1 },
	{ "amount", parse_amount, "1 cr", 0, 1 },
	{ "amount", parse_amount, "-1", 0, 1 },
	{ "amount", parse_amount, "18446744073.709551615", UINT64_MAX, 0 },
	{ "amount", parse_amount, "18446744073.709551616", 0, 1 },
	{ "amount", parse_amount, "99999999999", 0, 1 },
	{ "percent", parse_percent, "62.5%", 6250, 0 },
	{ "percent", parse_percent, "62.5", 6250, 0 },
	{ "percent", parse_percent, "6250bp", 6250, 0 },
	{ "percent", parse_percent, "0.01%", 1, 0 },
	{ "percent", parse_percent, "0.001%", 0, 1 },
	{ "percent", parse_percent, "62.5bp", 0, 1 },
	{ "percent", parse_percent, "200%", 20000, 0 },
	{ "percent", parse_percent, "%", 0, 1 },
	{ "percent", parse_percent, "5%%", 0, 1 },
	{ "size", parse_size, "0", 0, 0 },
	{ "size", parse_size, "100", 100, 0 },
	{ "size", parse_size, "100B", 100, 0 },
	{ "size", parse_size, "1k", 1024, 0 },
	{ "size", parse_size, "1.5GiB", 1610612736, 0 },
	{ "size", parse_size, "512M", 536870912, 0 },
	{ "size", parse_size, "0.125K", 128, 0 },
	{ "size", parse_size, "0.001K", 0, 1 },
	{ "size", parse_size, "1.5", 0, 1 },
	{ "size", parse_size, "1..5M", 0, 1 },
	{ "size", parse_size, "M", 0, 1 },
	{ "size", parse_size, "1X", 0, 1 },
	{ "size", parse_size, "1MM", 0, 1 },
	{ "size", parse_size, "-1M", 0, 1 },
	{ "size", parse_size, "16777216P", 0, 1 },
	{ "bits", parse_bits, "8", 8000, 0 },
	{ "bits", parse_bits, "8.5", 8500, 0 },
	{ "bits", parse_bits, "8.5bits", 8500, 0 },
	{ "bits", parse_bits, "8500mbit", 8500, 0 },
	{ "bits", parse_bits, "8.5001", 0, 1 },
	{ "duration", parse_duration, "0", 0, 0 },
	{ "duration", parse_duration, "1ns", 1, 0 },
	{ "duration", parse_duration, "500ms", 500000000, 0 },
	{ "duration", parse_duration, "1.5s", 1500000000, 0 },
	{ "duration", parse_duration, "1m", 60000000000, 0 },
	{ "duration", parse_duration, "1h", 3600000000000, 0 },
	{ "duration", parse_duration, "1h30m", 5400000000000, 0 },
	{ "duration", parse_duration, "1.5h", 5400000000000, 0 },
	{ "duration", parse_duration, "30d", 2592000000000000, 0 },
	{ "duration", parse_duration, "1w", 604800000000000, 0 },
	{ "duration", parse_duration, "10us", 10000, 0 },
	{ "duration", parse_duration, "1.5ns", 0, 1 },
	{ "duration", parse_duration, "10", 0, 1 },
	{ "duration", parse_duration, "", 0, 1 },
	{ "duration", parse_duration, "10x", 0, 1 },
	{ "duration", parse_duration, "s", 0, 1 },
	{ "duration", parse_duration, "1h30", 0, 1 },
	{ "duration", parse_duration, "-1s", 0, 1 },
	{ "duration", parse_duration, "1s ", 0, 1 },
	{ "duration", parse_duration, "18446744073709551616ns", 0, 1 },
	{ "duration", parse_duration, "400000w", 0, 1 },
	{ "duration", parse_duration, "1.00000000001d", 864, 2 },
};

static const struct {
	const char *name;
	fmt_fn *fn;
	uint64_t in;
	const char *out;
} formats[] = {
	{ "amount", fmt_amount, 0, "0.00" },
	{ "amount", fmt_amount, 1, "0.000000001" },
	{ "amount", fmt_amount, 1250000000, "1.25" },
	{ "amount", fmt_amount, 1000000000, "1.00" },
	{ "amount", fmt_amount, 1000000000000000, "1000000.00" },
	{ "amount", fmt_amount, UINT64_MAX, "18446744073.709551615" },
	{ "amount_short", fmt_amount_short, 0, "0.0000" },
	{ "amount_short", fmt_amount_short, 49999, "0.0000" },
	{ "amount_short", fmt_amount_short, 50000, "0.0001" },
	{ "amount_short", fmt_amount_short, 1234567890, "1.2346" },
	{ "amount_short", fmt_amount_short, UINT64_MAX, "18446744073.7096" },
	{ "percent", fmt_percent, 0, "0%" },
	{ "percent", fmt_percent, 6250, "62.5%" },
	{ "percent", fmt_percent, 10000, "100%" },
	{ "percent", fmt_percent, 1, "0.01%" },
	{ "percent_short", fmt_percent_short, 6254, "62.5" },
	{ "percent_short", fmt_percent_short, 6255, "62.6" },
	{ "bits", fmt_bits, 8000, "8.0" },
	{ "bits", fmt_bits, 8501, "8.501" },
	{ "duration", fmt_duration, 0, "0s" },
	{ "duration", fmt_duration, 1, "1ns" },
	{ "duration", fmt_duration, 1500, "1.5us" },
	{ "duration", fmt_duration, 500000000, "500ms" },
	{ "duration", fmt_duration, 12345678901, "12.345s" },
	{ "duration", fmt_duration, 59999999999, "59.999s" },
	{ "duration", fmt_duration, 60000000000, "1m0s" },
	{ "duration", fmt_duration, 5400000000000, "1h30m" },
	{ "duration", fmt_duration, 2592000000000000, "30d0h" },
	{ "duration", fmt_duration, UINT64_MAX, "213503d23h" },
	{ "time", fmt_time, 0, "1970-01-01T00:00:00.000Z" },
	{ "time", fmt_time, 1700000000123456789, "2023-11-14T22:13:20.123Z" },
	{ "time", fmt_time, UINT64_MAX, "2554-07-21T23:34:33.709Z" },
};

static void test_parse(void)
{
	char got[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parses); i++) {
		uint64_t v = 0;
		const char *why = parses[i].fn(parses[i].in, &v);
		int bad = parses[i].bad == 1;

		snprintf(got, sizeof(got), "%llu (%s)", (unsigned long long)v, why ? why : "ok");
		if (parses[i].bad == 2)	/* exact to the last digit that fits */
			check(!why && v == 86400 * 1000000000ULL + 864, parses[i].name,
			      parses[i].in, got);
		else
			check(bad ? !!why : !why && v == parses[i].out, parses[i].name,
			      parses[i].in, got);
	}
}

static void test_fmt(void)
{
	char buf[FMT_LEN], in[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		snprintf(in, sizeof(in), "%llu", (unsigned long long)formats[i].in);
		formats[i].fn(buf, formats[i].in);
		check(!strcmp(buf, formats[i].out), formats[i].name, in, buf);
	}
}

/* what is printed exactly parses to what it was */
static void test_round_trip(void)
{
	uint64_t v = 1;
	char buf[FMT_LEN];
	int i;

	for (i = 0; i < 2000; i++) {
		uint64_t back = 0;

		v = v * 6364136223846793005ULL + 1442695040888963407ULL;
		parse_amount(fmt_amount(buf, v >> (i % 64)), &back);
		check(back == v >> (i % 64), "amount round trip", buf, "another");
		parse_percent(fmt_percent(buf, v % 100001), &back);
		check(back == v % 100001, "percent round trip", buf, "another");
		parse_bits(fmt_bits(buf, v % 1000001), &back);
		check(back == v % 1000001, "bits round trip", buf, "another");
	}
}

int main(void)
{
	test_parse();
	test_fmt();
	test_round_trip();
	return check_end();
}
