// SPDX-License-Identifier: GPL-2.0
/*
 * verdict - sends a request that must be refused, and judges the answer
 */
#include <stdarg.h>

#include "hostile.h"

unsigned int checks, wrong;

void fail(const char *name, const char *fmt, ...)
{
	va_list ap;

	wrong++;
	printf("not ok %s - ", name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* True: the request is refused with @err, 0: with any error */
static bool send_it(int err, const char *name, struct answer *a)
{
	checks++;
	nl_ask(&nl, a, NULL, NULL);
	if (!a->err)
		fail(name, "accepted");
	else if (err && a->err != err)
		fail(name, "error %d (%s), expected %d", a->err, strerror(a->err), err);
	else
		return true;
	return false;
}

void answers(int err, const char *fmt, ...)
{
	struct answer a;
	char name[192];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	send_it(err, name, &a);
}

void refused(int err, const char *fmt, ...)
{
	struct answer a;
	char name[192];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	if (send_it(err, name, &a) && !a.text[0])
		fail(name, "error %d (%s) without a word", a.err, strerror(a.err));
	if (settings_changed()) {
		fail(name, "a setting changed");
		settings_read();
	}
}
