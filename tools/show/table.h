/* SPDX-License-Identifier: GPL-2.0 */
/* Tables: cells of a row one after the other, kept until all widths are known. */
#ifndef KVMETER_TABLE_H
#define KVMETER_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "data/util.h"

/**
 * struct column - one column
 * @head: its heading
 * @left: left-aligned, else right-aligned
 * @max: widest, 0: any
 */
struct column {
	const char *head;
	bool left;
	int max;
};

void table_begin(const struct column *columns, size_t nr);
__printf(1, 2) void table_cell(const char *fmt, ...);
size_t table_rows(void);
const char *table_line(size_t row);	/* 0: the heads; valid until the next call */
void table_end(void);
void table_print(void);			/* all lines, and table_end() */

#endif /* KVMETER_TABLE_H */
