// SPDX-License-Identifier: GPL-2.0
/*
 * verdict - what was wanted, what came, and how many of them
 */
#include <stdarg.h>

#include "tenant.h"

unsigned int checks, wrong;

const char *name_of(const char *whose, const char *what)
{
	static char name[64];
	int err = errno;

	snprintf(name, sizeof(name), "%s: %s", whose, what);
	errno = err;
	return name;
}

void result(bool good, const char *name, const char *fmt, ...)
{
	va_list ap;

	checks++;
	wrong += !good;
	printf("%s %s", good ? "ok" : "not ok", name);
	if (!good) {
		printf(" - ");
		va_start(ap, fmt);
		vprintf(fmt, ap);
		va_end(ap);
	}
	putchar('\n');
}

void want(const char *name, long ret, int err)
{
	int got = ret < 0 ? errno : 0;

	result(got == err, name, "error %d (%s), expected %d", got, strerror(got), err);
}

void die(const char *what)
{
	perror(what);
	exit(1);
}
