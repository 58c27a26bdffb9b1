/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names and units of what the module counts.  The names of its enums are the
 * specification's: data/enums.c is generated from it.
 */
#ifndef KVMETER_NAMES_H
#define KVMETER_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include <linux/kvmeter_nl.h>

#include "data/enums.h"
#include "data/util.h"

#define NR_RESOURCES	(KVMETER_RESOURCE_EXITS + 1)
#define NR_ACT		KVMETER_RESOURCE_EXITS	/* the adjusted and charged ones */
#define NR_EXIT_CLASSES	(KVMETER_EXIT_CLASS_OTHER + 1)
#define NR_FAULT_KINDS	(KVMETER_FAULT_KIND_EXEC + 1)

/**
 * struct resource_info - a resource as people and scripts read it
 * @title: heading
 * @unit: of a sample, in JSON
 * @amount: of what was used in all, in JSON and CSV
 * @per: what the tariff's rate of it is paid for
 */
struct resource_info {
	const char *title;
	const char *unit;
	const char *amount;
	const char *per;
};

extern const struct resource_info resource_info[NR_RESOURCES];

/** enum group - groups of notices; GROUP_* index group_info[] */
enum group {
	GROUP_LIFECYCLE,
	GROUP_PRICE,
	GROUP_ADJUST,
	GROUP_BUDGET,
	GROUP_ALERT,
	NR_GROUPS,
};

/**
 * struct group_info - a group of notices
 * @name: the family's name of it
 * @word: the tool's name of it, as it is typed and printed
 */
struct group_info {
	const char *name;
	const char *word;
};

extern const struct group_info group_info[NR_GROUPS];

/* a newer module may know more than this tool */
static inline const char *name_of(const char * const *names, uint32_t nr, uint32_t i)
{
	return i < nr ? names[i] : "unknown";
}

#define RESOURCE_NAME(i)	name_of(resource_names, NR_RESOURCES, i)
#define MODE_NAME(i)		name_of(mode_names, ARRAY_SIZE(mode_names), i)
#define REASON_NAME(i)		name_of(reason_names, ARRAY_SIZE(reason_names), i)
#define CAP_ACTION_NAME(i)	name_of(cap_action_names, ARRAY_SIZE(cap_action_names), i)
#define WSET_SOURCE_NAME(i)	name_of(wset_source_names, ARRAY_SIZE(wset_source_names), i)
#define DIR_NAME(i)		name_of(surprise_dir_names, ARRAY_SIZE(surprise_dir_names), i)
#define SOURCE_NAME(i)		name_of(source_names, ARRAY_SIZE(source_names), i)

/** by_name - the index of @name in @names, or -1 */
int by_name(const char *name, const char * const *names, size_t nr);
int mode_by_name(const char *name);
int resource_by_name(const char *name);

#endif /* KVMETER_NAMES_H */
