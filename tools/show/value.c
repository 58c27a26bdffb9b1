// SPDX-License-Identifier: GPL-2.0
#include "show/value.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/fmt.h"

char *fmt_price(char *buf, uint64_t ncr_h)
{
	return strcat(fmt_amount(buf, ncr_h), "/h");
}

char *fmt_cap(char *buf, uint64_t ncr)
{
	if (ncr != NONE)
		return fmt_amount(buf, ncr);
	snprintf(buf, FMT_LEN, "none");
	return buf;
}

char *fmt_surprise(char *buf, const struct usage *u)
{
	uint32_t tenth = (u->surprise_mbit + 50) / 100;
	const char *sign = "";

	if (u->surprise_dir == KVMETER_SURPRISE_DIR_UP)
		sign = "+";
	if (u->surprise_dir == KVMETER_SURPRISE_DIR_DOWN)
		sign = "-";
	snprintf(buf, FMT_LEN, "%s%u.%u", sign, tenth / 10, tenth % 10);
	return buf;
}

/* 1536 of the unit 1024^@scale bytes: "1.5 MiB" */
static char *fmt_size(char *buf, uint64_t v, unsigned int scale, const char *per)
{
	static const char * const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
	double x = v;

	for (; x >= 1024 && scale + 1 < ARRAY_SIZE(units); scale++)
		x /= 1024;
	snprintf(buf, FMT_LEN, "%.*f %s%s", x < 10 && x != (uint64_t)x, x, units[scale], per);
	return buf;
}

char *fmt_used(char *buf, uint32_t resource, uint64_t amount)
{
	switch (resource) {
	case KVMETER_RESOURCE_CPU:
		return fmt_duration(buf, amount);
	case KVMETER_RESOURCE_MEMORY:
		snprintf(buf, FMT_LEN, "%.3f GiB-hours", amount / (1024 * 3600000.0));
		return buf;
	}
	return fmt_size(buf, amount, 0, "");
}

char *fmt_sample(char *buf, uint32_t resource, uint64_t v)
{
	switch (resource) {
	case KVMETER_RESOURCE_CPU:
		return fmt_percent(buf, v);
	case KVMETER_RESOURCE_MEMORY:
		return fmt_size(buf, v, 2, "");
	case KVMETER_RESOURCE_NETWORK:
	case KVMETER_RESOURCE_DISK:
		return fmt_size(buf, v, 1, "/s");
	}
	snprintf(buf, FMT_LEN, "%llu/s", (unsigned long long)v);
	return buf;
}

uint64_t vm_cpu_ns(const struct times *t)
{
	return t->guest_ns + t->host_ns + t->other_ns;
}

const char *vm_policy_name(const struct vm *vm)
{
	return vm->budget.capped ? "capped" :
	       MODE_NAME(vm->policy[KVMETER_RESOURCE_CPU].mode);
}

double moments_mean(const struct moments *m)
{
	return m->mean_q32 / 4294967296.0;
}

double moments_stddev(const struct moments *m)
{
	return sqrt(m->var_q16 / 65536.0);
}
