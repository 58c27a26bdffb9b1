// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "cli/opt.h"
#include "data/fmt.h"
#include "ipc/ipc.h"
#include "show/json.h"
#include "show/json_log.h"
#include "show/story.h"
#include "verb/verb.h"
#include "verb/vm.h"

int explain_main(int argc, char **argv)
{
	bool json = false;
	const struct opt opts[] = { OPT_JSON(json) };
	struct adjustment a;
	struct host host;
	const char *why;
	uint64_t seq;
	int rc;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 1, 1);
	why = parse_u64(argv[0] + (argv[0][0] == '#'), &seq);
	if (why)
		usage_error("%s: %s", argv[0], why);
	rc = ipc_open();
	if (!rc)
		rc = ipc_adjustment_get(seq, &a);
	if (!rc)
		rc = ipc_host_get(&host);
	if (rc)
		return report(rc);
	if (json) {
		json_open(NULL, '{');
		json_adjustment_fields(&a);
		json_close('}');
		return EXIT_OK;
	}
	story_tell(stdout, &a, &host);
	return EXIT_OK;
}
