// SPDX-License-Identifier: GPL-2.0
#include "show/json.h"

#include <stdio.h>

static int depth;
static bool follows;	/* something precedes in this object or array */

static void put_escaped(const char *s)
{
	const unsigned char *c;

	putchar('"');
	for (c = (const unsigned char *)s; *c; c++) {
		if (*c == '"' || *c == '\\')
			printf("\\%c", *c);
		else if (*c < 0x20 || *c >= 0x7f)
			printf("\\u%04x", *c);
		else
			putchar(*c);
	}
	putchar('"');
}

static void begin(const char *key)
{
	if (follows)
		putchar(',');
	follows = true;
	if (key) {
		put_escaped(key);
		putchar(':');
	}
}

void json_open(const char *key, char bracket)
{
	begin(key);
	putchar(bracket);
	follows = false;
	depth++;
}

void json_close(char bracket)
{
	putchar(bracket);
	follows = true;
	if (--depth)
		return;
	putchar('\n');
	follows = false;
}

void json_u64(const char *key, uint64_t v)
{
	begin(key);
	printf("%llu", (unsigned long long)v);
}

void json_u64_or_null(const char *key, uint64_t v)
{
	if (v == UINT64_MAX)
		json_str(key, NULL);
	else
		json_u64(key, v);
}

void json_bool(const char *key, bool v)
{
	begin(key);
	fputs(v ? "true" : "false", stdout);
}

void json_str(const char *key, const char *v)
{
	begin(key);
	if (v)
		put_escaped(v);
	else
		fputs("null", stdout);
}
