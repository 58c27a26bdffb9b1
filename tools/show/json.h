/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A writer of JSON.  @key is NULL within arrays and at the top.
 */
#ifndef KVMETER_JSON_H
#define KVMETER_JSON_H

#include <stdbool.h>
#include <stdint.h>

void json_open(const char *key, char bracket);	/* '{' or '[' */
void json_close(char bracket);			/* '}' or ']'; the outermost ends the line */
void json_u64(const char *key, uint64_t v);
void json_u64_or_null(const char *key, uint64_t v);	/* UINT64_MAX: null */
void json_bool(const char *key, bool v);
void json_str(const char *key, const char *v);	/* NULL: null */

#endif /* KVMETER_JSON_H */
