/* SPDX-License-Identifier: GPL-2.0 */
/* One line per failed check, and a sum at the end. */
#ifndef TESTS_TOOLS_CHECK_H
#define TESTS_TOOLS_CHECK_H

#include <stdbool.h>
#include <stdio.h>

static unsigned int passed, failed;

/* @got: what came instead */
static inline void check(bool ok, const char *what, const char *in, const char *got)
{
	if (ok) {
		passed++;
		return;
	}
	failed++;
	fprintf(stderr, "FAIL %s(%s) = %s\n", what, in, got);
}

static inline int check_end(void)
{
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}

#endif /* TESTS_TOOLS_CHECK_H */
