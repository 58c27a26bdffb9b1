// SPDX-License-Identifier: GPL-2.0
#include "show/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct column *columns;
static size_t nr_columns, nr_cells, room;
static char **cells;
static char *line;

void table_begin(const struct column *cols, size_t nr)
{
	size_t i;

	columns = cols;
	nr_columns = nr;
	for (i = 0; i < nr; i++)
		table_cell("%s", cols[i].head);
}

void table_cell(const char *fmt, ...)
{
	const struct column *col = &columns[nr_cells % nr_columns];
	va_list args;
	char *cell;

	va_start(args, fmt);
	if (vasprintf(&cell, fmt, args) < 0)
		abort();
	va_end(args);
	if (col->max && strlen(cell) > (size_t)col->max)
		memcpy(cell + col->max - 1, "~", 2);
	if (nr_cells == room) {
		room = room ? 2 * room : 64;
		cells = reallocarray(cells, room, sizeof(*cells));
		if (!cells)
			abort();
	}
	cells[nr_cells++] = cell;
}

size_t table_rows(void)
{
	return nr_cells / nr_columns;
}

static int width(size_t column)
{
	size_t i, len, max = 0;

	for (i = column; i < nr_cells; i += nr_columns) {
		len = strlen(cells[i]);
		if (len > max)
			max = len;
	}
	return max;
}

const char *table_line(size_t row)
{
	size_t len = 1, c;
	char *pos;

	for (c = 0; c < nr_columns; c++)
		len += width(c) + 2;
	free(line);
	line = malloc(len);
	if (!line)
		abort();
	pos = line;
	for (c = 0; c < nr_columns; c++) {
		int w = width(c);

		pos += sprintf(pos, "%s%*s", c ? " " : "", columns[c].left ? -w : w,
			       cells[row * nr_columns + c]);
	}
	while (pos > line && pos[-1] == ' ')
		*--pos = 0;
	return line;
}

void table_end(void)
{
	while (nr_cells)
		free(cells[--nr_cells]);
	free(cells);
	free(line);
	cells = NULL;
	line = NULL;
	room = 0;
}

void table_print(void)
{
	size_t i;

	for (i = 0; i < table_rows(); i++)
		puts(table_line(i));
	table_end();
}
