// SPDX-License-Identifier: GPL-2.0
#include <math.h>
#include <stdio.h>

#include "cli/opt.h"
#include "data/fmt.h"
#include "data/names.h"
#include "ipc/ipc.h"
#include "show/json.h"
#include "show/json_log.h"
#include "show/value.h"
#include "verb/verb.h"
#include "verb/vm.h"

static void tell_usage(const struct adjustment *a)
{
	char x[FMT_LEN], y[FMT_LEN];

	printf("In the period before, it used %s of its vCPUs' time", fmt_percent(x, a->usage_bp));
	if (a->demand_bp > a->usage_bp)
		printf(" and, held back, wanted at least %s", fmt_percent(x, a->demand_bp));
	printf(".\nPredicted were %s, with 99%% of periods below %s.\n",
	       fmt_percent(x, a->predicted_bp), fmt_percent(y, a->p99_bp));
}

static void tell_surprise(const struct adjustment *a, const struct host *host)
{
	double periods = exp2(a->surprise_mbit / 1000.0);
	char x[FMT_LEN], y[FMT_LEN];

	if (!a->surprise_mbit) {
		printf("That was no surprise; the threshold is %s bits.\n",
		       fmt_bits(x, a->threshold_mbit));
		return;
	}
	printf("That is a surprise of %s bits: as rare as once in %.0f periods",
	       fmt_bits(x, a->surprise_mbit), periods);
	if (periods * host->period_ns < 1e18)
		printf(" (%s)", fmt_duration(x, periods * host->period_ns));
	printf(".\nThe threshold is %s bits, so it %s.\n", fmt_bits(y, a->threshold_mbit),
	       a->surprise_mbit >= a->threshold_mbit ? "counts" : "does not count");
}

static void tell_factor(const struct adjustment *a)
{
	char x[FMT_LEN];

	printf(", by the factor surprise / sensitivity = %s.\n", fmt_percent(x, a->factor_bp));
}

static void tell_rule(const struct adjustment *a)
{
	switch (a->reason) {
	case KVMETER_REASON_RISE:
		printf("Rule elastic: a surprising rise gets more");
		tell_factor(a);
		break;
	case KVMETER_REASON_GUARD:
		printf("Rule guard: a surprising rise is held to the normal range");
		tell_factor(a);
		break;
	case KVMETER_REASON_RETURN:
		puts("Rule return: the deviation has ended, so the grant goes back toward rest.");
		break;
	case KVMETER_REASON_SUGGESTION:
		puts(a->source == KVMETER_SOURCE_GUEST ? "The guest suggested it, by a hint." :
		     a->source == KVMETER_SOURCE_TENANT ? "The VM's own side suggested it." :
		     "It was suggested on the host.");
		break;
	case KVMETER_REASON_BUDGET_PACE:
		puts("The budget is paced: what is left is spread over the time left.");
		break;
	case KVMETER_REASON_BUDGET_CAP:
		puts("The budget's cap is reached.");
		break;
	case KVMETER_REASON_BUDGET_FREE:
		puts("The budget allows more again.");
		break;
	case KVMETER_REASON_POLICY:
		puts("The policy was changed.");
		break;
	default:
		puts("The reason is not one that this tool knows.");
	}
}

static void tell_effect(const struct adjustment *a)
{
	char x[FMT_LEN], y[FMT_LEN];
	const char *verb_word = a->new_grant_bp > a->old_grant_bp ? "rose" : "fell";

	if (a->would)
		verb_word = a->new_grant_bp > a->old_grant_bp ? "would have risen" :
							       "would have fallen";
	printf("The grant of %s %s from %s to %s.\n", RESOURCE_NAME(a->resource), verb_word,
	       fmt_percent(x, a->old_grant_bp), fmt_percent(y, a->new_grant_bp));
	if (a->would)
		puts("Nothing was done: the policy is observe.");
	else if (a->enforced)
		puts("It is enforced.");
	else
		puts("It is not enforced on this host, and not billed: kvmeter doctor says why.");

	if (a->old_ncr_h == a->new_ncr_h) {
		printf("The price stayed at %s.\n", fmt_price(x, a->new_ncr_h));
		return;
	}
	printf("The price went from %s to %s", fmt_price(x, a->old_ncr_h),
	       fmt_price(y, a->new_ncr_h));
	if (a->effective_real_ns > a->real_ns)
		printf(", announced at once and in force from %s.\n",
		       fmt_time(x, a->effective_real_ns));
	else
		puts(", at once.");
}

int explain_main(int argc, char **argv)
{
	bool json = false;
	const struct opt opts[] = { OPT_JSON(json) };
	struct adjustment a;
	struct host host;
	const char *why;
	char x[FMT_LEN];
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
	printf("Adjustment #%llu, VM %u, %s, policy %s.\n", (unsigned long long)a.seq, a.vm_id,
	       fmt_time(x, a.real_ns), MODE_NAME(a.mode));
	tell_usage(&a);
	tell_surprise(&a, &host);
	tell_rule(&a);
	tell_effect(&a);
	return EXIT_OK;
}
