// SPDX-License-Identifier: GPL-2.0
#include "show/story.h"

#include <math.h>

#include "data/fmt.h"
#include "data/names.h"
#include "show/value.h"

static void tell(FILE *out, const char *sentence)
{
	fprintf(out, "%s\n", sentence);
}

static void tell_usage(FILE *out, const struct adjustment *a)
{
	char x[FMT_LEN], y[FMT_LEN];

	fprintf(out, "In the period before, it used %s of its vCPUs' time",
		fmt_percent(x, a->usage_bp));
	if (a->demand_bp > a->usage_bp)
		fprintf(out, " and, held back, wanted at least %s", fmt_percent(x, a->demand_bp));
	fprintf(out, ".\nPredicted were %s, with 99%% of periods below %s.\n",
		fmt_percent(x, a->predicted_bp), fmt_percent(y, a->p99_bp));
}

static void tell_surprise(FILE *out, const struct adjustment *a, const struct host *host)
{
	double periods = exp2(a->surprise_mbit / 1000.0);
	char x[FMT_LEN], y[FMT_LEN];

	if (!a->surprise_mbit) {
		fprintf(out, "That was no surprise; the threshold is %s bits.\n",
			fmt_bits(x, a->threshold_mbit));
		return;
	}
	fprintf(out, "That is a surprise of %s bits: as rare as once in %.0f periods",
		fmt_bits(x, a->surprise_mbit), periods);
	if (periods * host->period_ns < 1e18)
		fprintf(out, " (%s)", fmt_duration(x, periods * host->period_ns));
	fprintf(out, ".\nThe threshold is %s bits, so it %s.\n", fmt_bits(y, a->threshold_mbit),
		a->surprise_mbit >= a->threshold_mbit ? "counts" : "does not count");
}

static void tell_factor(FILE *out, const struct adjustment *a)
{
	char x[FMT_LEN];

	fprintf(out, ", by the factor surprise / sensitivity = %s.\n",
		fmt_percent(x, a->factor_bp));
}

static void tell_rule(FILE *out, const struct adjustment *a)
{
	switch (a->reason) {
	case KVMETER_REASON_RISE:
		fprintf(out, "Rule elastic: a surprising rise gets more");
		tell_factor(out, a);
		break;
	case KVMETER_REASON_GUARD:
		fprintf(out, "Rule guard: a surprising rise is held to the normal range");
		tell_factor(out, a);
		break;
	case KVMETER_REASON_RETURN:
		tell(out,
		     "Rule return: the deviation has ended, so the grant goes back toward rest.");
		break;
	case KVMETER_REASON_SUGGESTION:
		tell(out, a->source == KVMETER_SOURCE_GUEST ? "The guest suggested it, by a hint." :
		     a->source == KVMETER_SOURCE_TENANT ? "The VM's own side suggested it." :
		     "It was suggested on the host.");
		break;
	case KVMETER_REASON_BUDGET_PACE:
		tell(out, "The budget is paced: what is left is spread over the time left.");
		break;
	case KVMETER_REASON_BUDGET_CAP:
		tell(out, "The budget's cap is reached.");
		break;
	case KVMETER_REASON_BUDGET_FREE:
		tell(out, "The budget allows more again.");
		break;
	case KVMETER_REASON_POLICY:
		tell(out, "The policy was changed.");
		break;
	default:
		tell(out, "The reason is not one that this tool knows.");
	}
}

static void tell_effect(FILE *out, const struct adjustment *a)
{
	char x[FMT_LEN], y[FMT_LEN];
	const char *verb_word = a->new_grant_bp > a->old_grant_bp ? "rose" : "fell";

	if (a->would)
		verb_word = a->new_grant_bp > a->old_grant_bp ? "would have risen" :
							       "would have fallen";
	fprintf(out, "The grant of %s %s from %s to %s.\n", RESOURCE_NAME(a->resource), verb_word,
		fmt_percent(x, a->old_grant_bp), fmt_percent(y, a->new_grant_bp));
	if (a->would)
		tell(out, "Nothing was done: the policy is observe.");
	else if (a->enforced)
		tell(out, "It is enforced.");
	else
		tell(out,
		     "It is not enforced on this host, and not billed: kvmeter doctor says why.");

	if (a->old_ncr_h == a->new_ncr_h) {
		fprintf(out, "The price stayed at %s.\n", fmt_price(x, a->new_ncr_h));
		return;
	}
	fprintf(out, "The price went from %s to %s", fmt_price(x, a->old_ncr_h),
		fmt_price(y, a->new_ncr_h));
	if (a->effective_real_ns > a->real_ns)
		fprintf(out, ", announced at once and in force from %s.\n",
			fmt_time(x, a->effective_real_ns));
	else
		tell(out, ", at once.");
}

void story_tell(FILE *out, const struct adjustment *a, const struct host *host)
{
	char x[FMT_LEN];

	fprintf(out, "Adjustment #%llu, VM %u, %s, policy %s.\n", (unsigned long long)a->seq,
		a->vm_id, fmt_time(x, a->real_ns), MODE_NAME(a->mode));
	tell_usage(out, a);
	tell_surprise(out, a, host);
	tell_rule(out, a);
	tell_effect(out, a);
}
