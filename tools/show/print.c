// SPDX-License-Identifier: GPL-2.0
#include "show/print.h"

#include <stdio.h>

#include "data/fmt.h"
#include "show/value.h"

static void print_policy(uint32_t r, const struct kmc_policy *p)
{
	char a[FMT_LEN], b[FMT_LEN];
	const char *sep = "";
	uint32_t f;

	printf("  mode            %s", MODE_NAME(p->mode));
	if (p->mode == KVMETER_MODE_OBSERVE)
		printf(", shadows %s", MODE_NAME(p->shadow));
	if (p->contended_only)
		printf(", only while others wait for CPU");
	printf("\n  threshold       %s bits, sensitivity %s bits\n",
	       fmt_bits(a, p->threshold_mbit), fmt_bits(b, p->sensitivity_mbit));
	printf("  grant           %s", fmt_percent(a, p->floor_bp));
	printf(" to %s, nominal is ", fmt_percent(a, p->ceiling_bp));
	if (r == KVMETER_RESOURCE_CPU)
		printf("%s of the vCPUs' time\n", fmt_percent(b, p->nominal_bp));
	else
		printf("%s\n", p->nominal ? fmt_sample(b, r, p->nominal) : "not set");
	printf("  step            %s per period, dead band %s, dwell ",
	       fmt_percent(a, p->step_bp), fmt_percent(b, p->dead_band_bp));
	printf("%s\n", fmt_duration(a, p->dwell_ms * 1000000ULL));
	printf("  half-life       %s\n", fmt_duration(a, p->half_life_s * 1000000000ULL));
	if (!p->follow)
		return;
	printf("  follows         ");
	for (f = 0; f < NR_RESOURCES; f++) {
		if (!(p->follow & 1U << f))
			continue;
		printf("%s%s", sep, resource_names[f]);
		sep = ", ";
	}
	putchar('\n');
}

/* One resource's, or those of all that are sold */
void print_policies(const struct kmc_policy policy[NR_ACT], uint32_t resource)
{
	uint32_t r;

	for (r = 0; r < NR_ACT; r++) {
		if (resource < NR_ACT ? r != resource : r && !policy[r].nominal)
			continue;
		printf("Policy of %s\n", resource_names[r]);
		print_policy(r, &policy[r]);
	}
}

void print_tariff(const struct kmc_tariff *t)
{
	char a[FMT_LEN], b[FMT_LEN];
	uint32_t r;

	printf("  base            %s\n", fmt_price(a, t->base_ncr_h));
	printf("  limits          %s to %s\n", fmt_price(a, t->floor_ncr_h),
	       fmt_price(b, t->ceiling_ncr_h));
	printf("  slew            %s%s\n",
	       t->slew_ncr_h_min ? fmt_price(a, t->slew_ncr_h_min) : "no limit",
	       t->slew_ncr_h_min ? " per minute" : "");
	printf("  notice of rises %s\n", fmt_duration(a, t->notice_ms * 1000000ULL));
	for (r = 0; r < NR_ACT; r++)
		if (t->cost_ncr_h[r] || r == KVMETER_RESOURCE_CPU)
			printf("  cost of %-7s %s for a whole grant\n", resource_names[r],
			       fmt_price(a, t->cost_ncr_h[r]));
	for (r = 0; r < NR_ACT; r++)
		if (t->rate_ncr[r] || r == KVMETER_RESOURCE_CPU)
			printf("  metered %-7s %s %s\n", resource_names[r],
			       fmt_amount(a, t->rate_ncr[r]), resource_info[r].per);
}

void print_budget(const struct budget *b, bool state)
{
	char x[FMT_LEN], y[FMT_LEN];

	printf("  cap             %s", fmt_cap(x, b->conf.cap_ncr));
	if (b->conf.period_s)
		printf(" per %s", fmt_duration(x, b->conf.period_s * 1000000000ULL));
	printf(", at the cap: %s, pace %s\n", CAP_ACTION_NAME(b->conf.action),
	       b->conf.pace ? "on" : "off");
	if (!state)
		return;
	printf("  spent           %s, left %s%s\n", fmt_amount(x, b->spent_ncr),
	       b->left_ncr == NONE ? "no limit" : fmt_amount(y, b->left_ncr),
	       b->capped ? ", the cap is reached" : "");
	printf("  since           %s", fmt_time(x, b->started_real_ns));
	if (b->ends_real_ns)
		printf(", until %s", fmt_time(y, b->ends_real_ns));
	putchar('\n');
}

void print_forecast(const char *title, uint32_t resource, const struct forecast *f)
{
	char a[FMT_LEN], b[FMT_LEN];

	printf("  %-15s %s, 95%% below %s", title, fmt_sample(a, resource, f->predicted),
	       fmt_sample(b, resource, f->p95));
	printf(", 99%% below %s\n", fmt_sample(a, resource, f->p99));
}

void print_hints(const struct vm *vm)
{
	printf("hints %s: %llu taken, %llu refused, %llu dropped\n",
	       vm->hints ? "allowed" : "not allowed", (unsigned long long)vm->hints_taken,
	       (unsigned long long)vm->hints_refused, (unsigned long long)vm->hints_dropped);
}

void print_adjustment(const struct adjustment *a)
{
	char x[FMT_LEN], y[FMT_LEN];

	printf("%s #%llu VM %u %s", fmt_time(x, a->real_ns), (unsigned long long)a->seq, a->vm_id,
	       RESOURCE_NAME(a->resource));
	printf(" %s -> %s%s", fmt_percent(x, a->old_grant_bp), fmt_percent(y, a->new_grant_bp),
	       a->would ? " (would have)" : a->enforced ? "" : " (not enforced)");
	printf(" %s, surprise %s bits", REASON_NAME(a->reason), fmt_bits(x, a->surprise_mbit));
	if (a->old_ncr_h != a->new_ncr_h)
		printf(", price %s -> %s", fmt_price(x, a->old_ncr_h), fmt_price(y, a->new_ncr_h));
	putchar('\n');
}
