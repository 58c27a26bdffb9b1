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

static const char * const answers[] = {
	[KVMETER_NL_ANSWER_ACCEPTED] = "as asked",
	[KVMETER_NL_ANSWER_FLOOR] = "raised to the policy's floor",
	[KVMETER_NL_ANSWER_CEILING] = "lowered to the policy's ceiling",
	[KVMETER_NL_ANSWER_BUDGET] = "but the budget holds the grant below it now",
	[KVMETER_NL_ANSWER_OBSERVE] = "the policy only observes",
	[KVMETER_NL_ANSWER_NOT_SOLD] = "the VM has no allotment of this resource",
	[KVMETER_NL_ANSWER_OUTRANKED] = "the suggestion of one who is trusted more is in force",
	[KVMETER_NL_ANSWER_RATE] = "too many suggestions",
};

static const char *answer(const struct quote *q)
{
	return q->answer < ARRAY_SIZE(answers) ? answers[q->answer] : "unknown";
}

static void quote_json(const struct vm *vm, int r, uint64_t asked, const struct quote *q)
{
	json_open(NULL, '{');
	json_u64("vm_id", vm->id);
	json_str("resource", resource_names[r]);
	json_u64("asked_bp", asked);
	json_u64("grant_bp", q->grant_bp);
	json_str("answer", answer(q));
	json_u64("now_ncr_h", q->now_ncr_h);
	json_u64("price_ncr_h", q->price_ncr_h);
	if (q->effective_real_ns)
		json_u64("effective_real_ns", q->effective_real_ns);
	json_close('}');
}

static void quote_print(const struct quote *q)
{
	char a[FMT_LEN], b[FMT_LEN];

	if (!q->grant_bp) {
		printf("would be refused: %s\n", answer(q));
		return;
	}
	printf("would be accepted: %s, %s\n", fmt_percent(a, q->grant_bp), answer(q));
	printf("the price would go from %s to %s", fmt_price(a, q->now_ncr_h),
	       fmt_price(b, q->price_ncr_h));
	if (q->effective_real_ns)
		printf(", all of it charged from %s\n", fmt_time(a, q->effective_real_ns));
	else
		puts(", not within two hours");
}

int quote_main(int argc, char **argv)
{
	const char *resource = "cpu";
	bool json = false;
	const struct opt opts[] = {
		{ "resource", 'r', "RESOURCE", "of what; else cpu", OPT_STR, &resource },
		OPT_JSON(json),
	};
	struct quote q;
	uint32_t want;
	struct vm vm;
	int rc, r;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 2, 3);
	/* VM RESOURCE GRANT is as good as VM GRANT --resource RESOURCE */
	if (argv[2]) {
		resource = argv[1];
		argv[1] = argv[2];
	}
	rc = grant_parse(argv[1], &want);
	if (rc)
		return rc;
	r = resource_by_name(resource);
	if (r < 0)
		usage_error("%s: must be cpu, memory, network or disk", resource);
	rc = vm_open(argv[0], &vm);
	if (rc)
		return rc;
	rc = ipc_quote(vm.id, r, want, &q);
	if (rc)
		return report(rc);
	if (json)
		quote_json(&vm, r, want, &q);
	else
		quote_print(&q);
	return EXIT_OK;
}
