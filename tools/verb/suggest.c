// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "cli/opt.h"
#include "data/fmt.h"
#include "data/names.h"
#include "ipc/ipc.h"
#include "show/json.h"
#include "show/value.h"
#include "verb/grant.h"
#include "verb/verb.h"
#include "verb/vm.h"

int suggest_main(int argc, char **argv)
{
	const char *resource = "cpu";
	uint64_t duration_ns = 0;
	bool json = false;
	const struct opt opts[] = {
		{ "for", 'f', "TIME", "for how long; 0 ends the present suggestion", OPT_NS,
		  &duration_ns },
		{ "resource", 'r', "RESOURCE", "of what; else cpu", OPT_STR, &resource },
		OPT_JSON(json),
	};
	char a[FMT_LEN], b[FMT_LEN];
	struct quote answer;
	uint32_t want;
	struct vm vm;
	int rc, r;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 2, 2);
	rc = grant_parse(argv[1], &want);
	if (rc)
		return rc;
	if (duration_ns / 1000000 > UINT32_MAX)
		usage_error("--for: too long");
	r = resource_by_name(resource);
	if (r < 0)
		usage_error("--resource %s: must be cpu, memory, network or disk", resource);
	rc = vm_open(argv[0], &vm);
	if (rc)
		return rc;
	rc = ipc_suggest(vm.id, r, want, duration_ns / 1000000, &answer);
	if (rc)
		return report(rc);
	if (json) {
		json_open(NULL, '{');
		json_u64("vm_id", vm.id);
		json_str("resource", resource_names[r]);
		json_u64("asked_bp", want);
		json_u64("grant_bp", answer.grant_bp);
		json_u64("duration_ms", duration_ns / 1000000);
		json_u64("price_ncr_h", answer.price_ncr_h);
		json_close('}');
	} else {
		printf("accepted: %s%s, the price would be %s\n", fmt_percent(a, answer.grant_bp),
		       answer.grant_bp == want ? "" : " (what the policy allows)",
		       fmt_price(b, answer.price_ncr_h));
	}
	return EXIT_OK;
}
