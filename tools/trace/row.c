// SPDX-License-Identifier: GPL-2.0
#include "trace/row.h"

#include <stdio.h>
#include <string.h>

#include "trace/shard.h"

/* Output is most of the work of a fast replay: no printf() per cell */
static char out[1 << 16];
static size_t out_len;

void rows_flush(void)
{
	shard_write(out, out_len);
	out_len = 0;
}

static void out_char(char c)
{
	out[out_len++] = c;
}

static void out_u64(uint64_t v)
{
	char digits[20], *first = digits + sizeof(digits);

	do {
		first--;
		*first = '0' + v % 10;
	} while (v /= 10);
	memcpy(out + out_len, first, digits + sizeof(digits) - first);
	out_len += digits + sizeof(digits) - first;
}

static void out_str(const char *s)
{
	while (*s)
		out_char(*s++);
}

static struct {
	bool json;
	bool heading;		/* names are written, not values */
	bool follows;		/* something precedes in this row */
} row;

void rows_begin(bool json)
{
	row.json = json;
}

void rows_heading(bool heading)
{
	row.heading = heading;
}

void row_begin(void)
{
	if (out_len > sizeof(out) / 2)
		rows_flush();
	row.follows = false;
	if (row.json)
		out_char('{');
}

void row_end(void)
{
	if (row.json)
		out_char('}');
	out_char('\n');
}

/* true: the cell's value is to be written now; its name has @ahead behind it, if that is not 0 */
static bool cell(const char *name, unsigned int ahead)
{
	if (row.follows)
		out_char(',');
	row.follows = true;
	if (!row.heading && !row.json)
		return true;
	if (row.json)
		out_char('"');
	out_str(name);
	if (ahead) {
		out_char('_');
		out_u64(ahead);
	}
	if (row.json)
		out_str("\":");
	return !row.heading;
}

void cell_u64(const char *name, uint64_t v)
{
	if (cell(name, 0))
		out_u64(v);
}

/* a name; of what may be in it, only a quote needs care in JSON */
void cell_str(const char *name, const char *s)
{
	if (!cell(name, 0))
		return;
	if (!row.json) {
		out_str(s);
		return;
	}
	out_char('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			out_char('\\');
		out_char((unsigned char)*s < ' ' ? ' ' : *s);
	}
	out_char('"');
}

void cell_bits(const char *name, uint32_t mbit)
{
	if (!cell(name, 0))
		return;
	out_u64(mbit / 1000);
	out_char('.');
	out_char('0' + mbit / 100 % 10);
	out_char('0' + mbit / 10 % 10);
	out_char('0' + mbit % 10);
}

/* a sample as it was recorded; NULL: not known */
void cell_value(const char *name, unsigned int ahead, const struct trace *t,
		const uint64_t *v)
{
	if (!cell(name, ahead))
		return;
	if (!v)
		out_str(row.json ? "null" : "");
	else if (t->scale == 1 && t->offset == 0)
		out_u64(*v);
	else
		out_len += sprintf(out + out_len, "%.9g", (double)*v / t->scale + t->offset);
}
