// SPDX-License-Identifier: GPL-2.0
/*
 * operator - what the host's operator sets meanwhile, by "kv ask"
 */
#include <stdarg.h>

#include "tenant.h"

uint32_t id_of(int fd)
{
	struct kvmeter_ioc_get get;

	return kvmeter_get(fd, &get) ? 0 : get.vm_id;
}

void operator(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (system(command))
		die(command);
}

void allow(int fd)
{
	operator("kv ask vm-set id=%u policy.mode=1,nominal-bp=10000,floor-bp=2000,"
		 "ceiling-bp=30000,step-bp=10000,dwell-ms=0", id_of(fd));
}
