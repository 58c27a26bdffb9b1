// SPDX-License-Identifier: GPL-2.0
#include "policy.h"
#include "q.h"

#define POLICY_DAY_S	86400U

const char *kmc_policy_check(enum kmc_resource r, const struct kmc_policy *p)
{
	if (r >= KMC_NR_ACT)
		return "resource must be cpu, memory, network or disk";
	if (p->mode >= KMC_NR_MODES)
		return "mode must be observe, elastic or guard";
	if (p->shadow >= KMC_NR_MODES)
		return "shadow must be observe, elastic or guard";
	if (p->nominal_bp < 100 || p->nominal_bp > KMC_BP)
		return "nominal_bp must be 100 to 10000";
	if (r != KMC_RES_CPU && p->nominal_bp != KMC_BP)
		return "nominal_bp is cpu's alone; other resources have nominal";
	if (r == KMC_RES_CPU && p->nominal)
		return "cpu has nominal_bp, not nominal";
	if (p->nominal > KMC_NOMINAL_MAX)
		return "nominal must be 0 to 16777216";
	if (p->follow >> KMC_NR_RES)
		return "follow must name known resources";
	if (p->threshold_mbit < 1000 || p->threshold_mbit > 30000)
		return "threshold_mbit must be 1000 to 30000";
	if (p->sensitivity_mbit < 100 || p->sensitivity_mbit > 1000000)
		return "sensitivity_mbit must be 100 to 1000000";
	if (p->floor_bp < KMC_GRANT_MIN_BP || p->floor_bp > KMC_BP)
		return "floor_bp must be 100 to 10000";
	if (p->ceiling_bp < KMC_BP || p->ceiling_bp > KMC_GRANT_MAX_BP)
		return "ceiling_bp must be 10000 to 100000";
	if (p->step_bp < 1 || p->step_bp > KMC_GRANT_MAX_BP)
		return "step_bp must be 1 to 100000";
	if (p->dead_band_bp > KMC_BP)
		return "dead_band_bp must be 0 to 10000";
	if (p->step_bp < p->dead_band_bp)
		return "step_bp must not be below dead_band_bp";
	if (p->dwell_ms > 3600000)
		return "dwell_ms must be 0 to 3600000 (an hour)";
	if (p->half_life_s < 1 || p->half_life_s > 30 * POLICY_DAY_S)
		return "half_life_s must be 1 to 2592000 (30 days)";
	return NULL;
}

const char *kmc_tariff_check(const struct kmc_tariff *t)
{
	int i;

	if (t->ceiling_ncr_h > KMC_NCR_MAX)
		return "ceiling_ncr_h must be 0 to 10^15";
	if (t->base_ncr_h > t->ceiling_ncr_h)
		return "base_ncr_h must not be above ceiling_ncr_h";
	if (t->floor_ncr_h > t->base_ncr_h)
		return "floor_ncr_h must not be above base_ncr_h";
	if (t->slew_ncr_h_min > KMC_NCR_MAX)
		return "slew_ncr_h_min must be 0 to 10^15";
	if (t->notice_ms > 3600000)
		return "notice_ms must be 0 to 3600000 (an hour)";
	for (i = 0; i < KMC_NR_ACT; i++) {
		if (t->cost_ncr_h[i] > KMC_NCR_MAX)
			return "cost_ncr_h must be 0 to 10^15";
		if (t->rate_ncr[i] > KMC_NCR_MAX)
			return "rate_ncr must be 0 to 10^15";
	}
	return NULL;
}

const char *kmc_budget_check(const struct kmc_budget_conf *b)
{
	if (b->cap_ncr > KMC_NCR_MAX && b->cap_ncr != KMC_BUDGET_NONE)
		return "cap_ncr must be 0 to 10^15, or none";
	if (b->period_s > 366 * POLICY_DAY_S)
		return "period_s must be 0 to 31622400 (366 days)";
	if (b->action >= KMC_NR_CAP_ACTIONS)
		return "action must be floor or pause";
	if (b->pace && (!b->period_s || b->cap_ncr == KMC_BUDGET_NONE))
		return "pace needs cap_ncr and period_s";
	return NULL;
}

void kmc_policy_default(struct kmc_policy *p)
{
	memset(p, 0, sizeof(*p));
	p->mode = KMC_MODE_OBSERVE;
	p->shadow = KMC_MODE_ELASTIC;
	p->nominal_bp = KMC_BP;
	p->threshold_mbit = 10000;
	p->sensitivity_mbit = 20000;
	p->floor_bp = 2000;
	p->ceiling_bp = 20000;
	p->step_bp = 2500;
	p->dead_band_bp = 500;
	p->dwell_ms = 1000;
	p->half_life_s = 3600;
}

void kmc_tariff_default(struct kmc_tariff *t)
{
	memset(t, 0, sizeof(*t));
	t->base_ncr_h = 1000000000;
	t->floor_ncr_h = 100000000;
	t->ceiling_ncr_h = 10000000000ULL;
	t->cost_ncr_h[KMC_RES_CPU] = 1000000000;
}

void kmc_budget_default(struct kmc_budget_conf *b)
{
	memset(b, 0, sizeof(*b));
	b->cap_ncr = KMC_BUDGET_NONE;
	b->action = KMC_CAP_FLOOR;
}

u64 kmc_policy_flow_bytes_s(const struct kmc_policy *p, u32 grant_bp)
{
	if (p->nominal)
		return kmc_muldiv_floor(p->nominal << 10, grant_bp, KMC_BP);
	return grant_bp < KMC_BP ? KMC_TRICKLE_BYTES_S : U64_MAX;
}
