// SPDX-License-Identifier: GPL-2.0
#include "cli/error.h"

#include <stdarg.h>
#include <stdio.h>

void error(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("kvmeter: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}
