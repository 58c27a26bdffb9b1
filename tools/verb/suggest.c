// SPDX-License-Identifier: GPL-2.0
#include "verb/verb.h"
#include "show/print.h"

int suggest_main(int argc, char **argv)
{
	uint64_t duration_ns = 0, want, price_ncr_h;
	const char *resource = "cpu";
	bool json = false;
	const struct opt opts[] = {
		{ "for", 'f', "TIME", "for how long; 0 ends the present suggestion", OPT_NS,
		  &duration_ns, 0, 0 },
		{ "resource", 'r', "RESOURCE", "of what; else cpu", OPT_STR, &resource, 0, 0 },
		OPT_JSON(json),
	};
	char a[FMT_LEN], b[FMT_LEN];
	const char *why;
	uint32_t grant;
	struct vm vm;
	int rc, r;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 2, 2);
	why = parse_percent(argv[1], &want);
	if (!why && want > UINT32_MAX)
		why = "too large";
	if (why)
		usage_error("%s: %s", argv[1], why);
	if (duration_ns / 1000000 > UINT32_MAX)
		usage_error("--for: too long");
	r = resource_by_name(resource);
	if (r < 0)
		usage_error("--resource %s: must be cpu, memory, network or disk", resource);
	grant = want;
	rc = ipc_open();
	if (!rc)
		rc = ipc_vm_find(argv[0], &vm);
	if (!rc)
		rc = ipc_suggest(vm.id, r, &grant, duration_ns / 1000000, &price_ncr_h);
	if (rc)
		return rc;
	if (json) {
		json_open(NULL, '{');
		json_u64("vm_id", vm.id);
		json_str("resource", resource_names[r]);
		json_u64("asked_bp", want);
		json_u64("grant_bp", grant);
		json_u64("duration_ms", duration_ns / 1000000);
		json_u64("price_ncr_h", price_ncr_h);
		json_close('}');
	} else {
		printf("accepted: %s%s, the price would be %s\n", fmt_percent(a, grant),
		       grant == want ? "" : " (what the policy allows)",
		       fmt_price(b, price_ncr_h));
	}
	return EXIT_OK;
}
