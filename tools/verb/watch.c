// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "cli/opt.h"
#include "data/names.h"
#include "ipc/ipc.h"
#include "verb/follow.h"
#include "verb/verb.h"
#include "verb/vm.h"

#define GROUP_LIST	"price, adjust, budget, alert, lifecycle"

static unsigned int parse_groups(const char *list)
{
	unsigned int groups = 0, g;
	size_t len;

	for (; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		for (g = 0; g < NR_GROUPS; g++)
			if (strlen(group_info[g].word) == len &&
			    !strncmp(list, group_info[g].word, len))
				break;
		if (g == NR_GROUPS)
			usage_error("--groups: %.*s is none of " GROUP_LIST, (int)len, list);
		groups |= 1U << g;
	}
	if (!groups)
		usage_error("--groups: names no group");
	return groups;
}

int watch_main(int argc, char **argv)
{
	struct follow conf = { .vm_id = ALL_VMS, .groups = (1U << NR_GROUPS) - 1 };
	const char *groups = NULL;
	const struct opt opts[] = {
		{ "groups", 'g', "LIST", "of " GROUP_LIST ", by commas; default all",
		  OPT_STR, &groups },
		{ "count", 'n', "N", "stop after N notices", OPT_U64, &conf.count },
		{ "timeout", 't', "TIME", "stop after this time", OPT_NS, &conf.timeout_ns },
		OPT_JSON(conf.json),
	};
	struct host host;
	int rc;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 0, 0);
	if (groups)
		conf.groups = parse_groups(groups);
	rc = ipc_open();
	if (!rc)
		rc = ipc_watch(conf.groups);
	if (!rc)
		rc = ipc_host_get(&host);
	if (rc)
		return report(rc);
	conf.last_adjustment = host.adjustment_seq;
	return follow_notices(&conf);
}
