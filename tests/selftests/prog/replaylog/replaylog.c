// SPDX-License-Identifier: GPL-2.0
/*
 * replaylog - does the core decide again what the module decided?
 *
 *	replaylog [KEY=VALUE...] < TRACE
 *
 * TRACE is the text of kvmeter's trace events of one VM from its birth, of
 * which kvmeter_sample and kvmeter_adjustment are read. The samples go through
 * the same two functions that the module calls, kmc_plan() and kmc_settle(),
 * built here by another compiler for userspace, with the same policy of cpu
 * (KEYs: as in the netlink specification). Surprise, forecasts and adjustments
 * must be the module's, each of them, in the same order.
 *
 * With ideal=FILE what the guest was told to do, a line of bp per step-ms, goes
 * through the core as well: what a meter without noise would have shown in the
 * same periods. The guest's first step began at an instant that is not known
 * to the ns: the one within 2 s of the VM's birth is taken that fits the
 * samples best.
 *
 * Prints key=value: what was compared and how much of it differed; for the
 * ideal trace, mean and 99th percentile of |metered - ideal| in bp, and per
 * episode (from the first rise to the return to rest) when it began and ended,
 * in periods, in the module and on the ideal trace.
 */
#include "replaylog.h"

struct kmc_policy policy[KMC_NR_ACT];
struct kmc_tariff tariff;
struct kmc_budget_conf budget;
u64 period_ms = 100, step_ms = 100;

static const char *ideal_path;

void die(const char *what)
{
	fprintf(stderr, "replaylog: %s\n", what);
	exit(2);
}

static void setting(const char *arg)
{
	struct kmc_policy *p = &policy[KMC_RES_CPU];
	const char *value = strchr(arg, '=');
	const struct {
		const char *name;
		u32 *at;
	} keys[] = {
		{ "nominal-bp", &p->nominal_bp }, { "threshold-mbit", &p->threshold_mbit },
		{ "sensitivity-mbit", &p->sensitivity_mbit }, { "floor-bp", &p->floor_bp },
		{ "ceiling-bp", &p->ceiling_bp }, { "step-bp", &p->step_bp },
		{ "dead-band-bp", &p->dead_band_bp }, { "dwell-ms", &p->dwell_ms },
		{ "half-life-s", &p->half_life_s },
	};
	size_t len, i;

	if (!value++)
		die("settings are KEY=VALUE");
	len = value - 1 - arg;
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (strlen(keys[i].name) == len && !strncmp(arg, keys[i].name, len)) {
			*keys[i].at = atoi(value);
			return;
		}
	if (!strncmp(arg, "mode=", 5))
		p->mode = atoi(value);
	else if (!strncmp(arg, "shadow=", 7))
		p->shadow = atoi(value);
	else if (!strncmp(arg, "period-ms=", 10))
		period_ms = strtoull(value, NULL, 10);
	else if (!strncmp(arg, "step-ms=", 8))
		step_ms = strtoull(value, NULL, 10);
	else if (!strncmp(arg, "ideal=", 6))
		ideal_path = value;
	else
		die(arg);
}

int main(int argc, char **argv)
{
	u32 r;

	(void)argc;
	for (r = 0; r < KMC_NR_ACT; r++)
		kmc_policy_default(&policy[r]);
	kmc_tariff_default(&tariff);
	kmc_budget_default(&budget);
	while (*++argv)
		setting(*argv);
	read_trace();
	if (!nr_visits)
		die("no samples in the trace");
	replay();
	printf("visits=%u early=%u adjusted=%u wrong=%u\n", nr_visits, nr_early, nr_adjusted,
	       nr_wrong);
	if (ideal_path)
		compare_ideal(ideal_path);
	return 0;
}
