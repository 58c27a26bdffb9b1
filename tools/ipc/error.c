// SPDX-License-Identifier: GPL-2.0
#include "ipc/error.h"

#include <stdarg.h>
#include <stdio.h>

static char text[512];
static char module_said[256];

const char *ipc_error(void)
{
	return text;
}

const char *ipc_error_said(void)
{
	return module_said;
}

int ipc_fail(int status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	module_said[0] = 0;
	return status;
}

int ipc_fail_said(int status, const char *said, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	snprintf(module_said, sizeof(module_said), "%s", said);
	return status;
}
