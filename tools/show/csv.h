/* SPDX-License-Identifier: GPL-2.0 */
/* Comma-separated values: quoted where needed. */
#ifndef KVMETER_CSV_H
#define KVMETER_CSV_H

#include <stddef.h>
#include <stdint.h>

void csv_heads(const char * const *heads, size_t nr);	/* a whole row */
void csv_cell(const char *s);
void csv_u64(uint64_t v);
void csv_row(void);					/* ends it */

#endif /* KVMETER_CSV_H */
