/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Units for people.
 *
 * Parsing is exact: integers only, and more digits than the unit can hold are
 * an error, never rounded.
 */
#ifndef KVMETER_FMT_H
#define KVMETER_FMT_H

#include <stddef.h>
#include <stdint.h>

#define FMT_LEN	40	/* room for anything that is formatted here */

/* Each parses all of @s into @v and returns NULL, or what is wrong with it. */
const char *parse_u64(const char *s, uint64_t *v);
const char *parse_amount(const char *s, uint64_t *ncr);		/* 1.25, 1.25cr, 1250000000ncr */
const char *parse_percent(const char *s, uint64_t *bp);		/* 62.5%, 62.5, 6250bp */
const char *parse_size(const char *s, uint64_t *bytes);		/* 512M, 1.5GiB, 100k; 1024-fold */
const char *parse_bits(const char *s, uint64_t *mbit);		/* 8, 8.5, 8.5bits */
const char *parse_duration(const char *s, uint64_t *ns);	/* 500ms, 1h30m; 0 */

/* Each writes to @buf, of FMT_LEN bytes at least, and returns it. */
/* @v / 10^@digits, without trailing zeros beyond @keep decimals */
char *fmt_decimal(char *buf, uint64_t v, unsigned int digits, unsigned int keep);
char *fmt_amount(char *buf, uint64_t ncr);		/* exact: 1.25, 0.000000001 */
char *fmt_amount_whole(char *buf, uint64_t ncr);	/* all nine decimals, to stand in columns */
char *fmt_amount_short(char *buf, uint64_t ncr);	/* four decimals, rounded */
char *fmt_percent(char *buf, uint64_t bp);		/* 62.5% */
char *fmt_percent_short(char *buf, uint64_t bp);	/* 62.5, one decimal, rounded */
char *fmt_bits(char *buf, uint64_t mbit);		/* 8.5 */
char *fmt_duration(char *buf, uint64_t ns);		/* 1h30m, 12.345s, 500ms; rounded down */
char *fmt_time(char *buf, uint64_t real_ns);		/* 2025-01-31T12:00:00.123Z */

#endif /* KVMETER_FMT_H */
