// SPDX-License-Identifier: GPL-2.0
#include "show/csv.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool follows;	/* something precedes in this row */

void csv_cell(const char *s)
{
	if (follows)
		putchar(',');
	follows = true;
	if (!strpbrk(s, ",\"\n\r")) {
		fputs(s, stdout);
		return;
	}
	putchar('"');
	for (; *s; s++) {
		if (*s == '"')
			putchar('"');
		putchar(*s);
	}
	putchar('"');
}

void csv_heads(const char * const *heads, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		csv_cell(heads[i]);
	csv_row();
}

void csv_u64(uint64_t v)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%llu", (unsigned long long)v);
	csv_cell(buf);
}

void csv_row(void)
{
	putchar('\n');
	follows = false;
}
