/* SPDX-License-Identifier: GPL-2.0 */
/* Rows of cells: CSV under one heading, or an object of JSON per line. */
#ifndef KVMETER_ROW_H
#define KVMETER_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/trace.h"

#define ROW_NAME_MAX	(1 << 14)	/* longest string that cell_str() takes */

void rows_begin(bool json);
void rows_heading(bool heading);	/* the next row has the names, not the values */
void rows_flush(void);			/* to the process that puts all together: shard.h */

void row_begin(void);
void row_end(void);
void cell_u64(const char *name, uint64_t v);
void cell_str(const char *name, const char *s);
void cell_bits(const char *name, uint32_t mbit);	/* with three decimals */
/** cell_value - a sample as it was recorded; NULL: not known.  @ahead, if not 0, ends the name */
void cell_value(const char *name, unsigned int ahead, const struct trace *t, const uint64_t *v);

#endif /* KVMETER_ROW_H */
