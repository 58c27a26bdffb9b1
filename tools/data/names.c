// SPDX-License-Identifier: GPL-2.0
#include "data/names.h"

#include <string.h>

_Static_assert(ARRAY_SIZE(resource_names) == NR_RESOURCES, "resources");
_Static_assert(ARRAY_SIZE(exit_class_names) == NR_EXIT_CLASSES, "exit classes");
_Static_assert(ARRAY_SIZE(fault_kind_names) == NR_FAULT_KINDS, "kinds of faults");

const struct resource_info resource_info[NR_RESOURCES] = {
	[KVMETER_RESOURCE_CPU] = { "CPU, share of the vCPUs' time", "bp", "cpu_ns",
				   "per vCPU-hour" },
	[KVMETER_RESOURCE_MEMORY] = { "Memory, resident", "mib", "memory_mib_ms", "per GiB-hour" },
	[KVMETER_RESOURCE_NETWORK] = { "Network, busier direction", "kib_s", "network_bytes",
				       "per GiB" },
	[KVMETER_RESOURCE_DISK] = { "Disk, by cost", "kib_s", "disk_cost_bytes",
				    "per GiB of cost" },
	[KVMETER_RESOURCE_EXITS] = { "Exits, rate", "per_s", NULL, NULL },
};

const struct group_info group_info[NR_GROUPS] = {
	[GROUP_LIFECYCLE] = { "lifecycle", "lifecycle" },
	[GROUP_PRICE] = { "price", "price" },
	[GROUP_ADJUST] = { "adjustments", "adjust" },
	[GROUP_BUDGET] = { "budget", "budget" },
	[GROUP_ALERT] = { "alerts", "alert" },
};

int by_name(const char *name, const char * const *names, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

int mode_by_name(const char *name)
{
	return by_name(name, mode_names, ARRAY_SIZE(mode_names));
}

int resource_by_name(const char *name)
{
	return by_name(name, resource_names, NR_RESOURCES);
}
