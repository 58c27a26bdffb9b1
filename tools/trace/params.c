// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters of a replay: lines of "NAME = VALUE", # begins a comment.
 *
 * A bare name is a constant of the predictors; "policy.", "tariff.", "budget."
 * and "detect." lead to the others, with the names and units of the module's
 * interfaces.  "policy." means the policy of the resource that is replayed.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "show/print.h"
#include "trace/whatif.h"

struct param {
	const char *name;
	const void *at;		/* in @defaults */
	size_t size;
	uint64_t most;
	const char * const *words;	/* an enum's, NULL: a number */
};

static const struct whatif_conf defaults;	/* tells fields' places and sizes */

#define PARAM(name, field, most, words) \
	{ name, &(field), sizeof(field), most, words }
#define TUNE(name)	PARAM(#name, defaults.tune.name, 65536, NULL)
#define POLICY(name)	PARAM("policy." #name, defaults.policy[0].name, UINT64_MAX, NULL)
#define TARIFF(name)	PARAM("tariff." #name, defaults.tariff.name, UINT64_MAX, NULL)
#define BUDGET(name)	PARAM("budget." #name, defaults.budget.name, UINT64_MAX, NULL)
#define DETECT(name, most)	PARAM("detect." #name, defaults.detect.name, most, NULL)

static const char * const on_off[] = { "off", "on", NULL };
static const char * const modes[] = { "observe", "elastic", "guard", NULL };
static const char * const actions[] = { "floor", "pause", NULL };

static const struct param params[] = {
	TUNE(step_q16),
	TUNE(width_step_q16),
	TUNE(near_rate_shift),
	TUNE(centre_rate_q16),
	TUNE(scale_rate_q16),
	PARAM("loss_rate_next_q16", defaults.tune.loss_rate_q16[0], 65536, NULL),
	PARAM("loss_rate_ahead_q16", defaults.tune.loss_rate_q16[1], 65536, NULL),
	TUNE(context_rate_q16),
	TUNE(context_share_q16),
	TUNE(context_edge_q8),
	TUNE(sharpness),
	TUNE(band_rate_q16),
	TUNE(band_context_rate_q16),
	TUNE(band_context_share_q16),
	TUNE(band_near_share_q16),
	TUNE(lead_rate_q16),
	TUNE(off),
	PARAM("policy.mode", defaults.policy[0].mode, KMC_NR_MODES - 1, modes),
	PARAM("policy.shadow", defaults.policy[0].shadow, KMC_NR_MODES - 1, modes),
	PARAM("policy.contended_only", defaults.policy[0].contended_only, 1, on_off),
	POLICY(nominal_bp),
	POLICY(nominal),
	POLICY(threshold_mbit),
	POLICY(sensitivity_mbit),
	POLICY(floor_bp),
	POLICY(ceiling_bp),
	POLICY(step_bp),
	POLICY(dead_band_bp),
	POLICY(dwell_ms),
	POLICY(half_life_s),
	TARIFF(base_ncr_h),
	TARIFF(floor_ncr_h),
	TARIFF(ceiling_ncr_h),
	TARIFF(slew_ncr_h_min),
	TARIFF(notice_ms),
	PARAM("tariff.cost_ncr_h", defaults.tariff.cost_ncr_h[0], UINT64_MAX, NULL),
	PARAM("tariff.rate_ncr", defaults.tariff.rate_ncr[0], UINT64_MAX, NULL),
	BUDGET(cap_ncr),
	BUDGET(period_s),
	PARAM("budget.action", defaults.budget.action, KMC_NR_CAP_ACTIONS - 1, actions),
	PARAM("budget.pace", defaults.budget.pace, 1, on_off),
	DETECT(fast_q8, 256),
	DETECT(slow_shift, 20),
	DETECT(bias_shift, 20),
	DETECT(day_shift, 20),
	DETECT(level_shift, 20),
	DETECT(scale_shift, 20),
	DETECT(clip_q4, 65536),
	DETECT(often_q4, 65536),
	DETECT(rough_q4, 65536),
	DETECT(dense_shift, 15),
	DETECT(high_step_mbit, 65536),
	DETECT(mean_shift, 20),
	DETECT(young_step_mbit, 65536),
	DETECT(rare_shift, 20),
	DETECT(week, 1),
	DETECT(quarantine_mbit, 65536),
	DETECT(quarantine, 255),
	DETECT(tail_min, 65536),
	DETECT(tail_weight, 65536),
	DETECT(surprise_q8, 256),
	DETECT(growth_q8, 65536),
	DETECT(hold_q8, 65536),
	DETECT(hold_decay_q12, 4096),
	PARAM("vcpus", defaults.nr_vcpus, 4096, NULL),	/* 0: as the file says */
	PARAM("contended", defaults.contended, 1, on_off),
};

static const struct param *param_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(params); i++)
		if (!strcmp(params[i].name, name))
			return &params[i];
	return NULL;
}

/* false: not a value of this parameter */
static bool param_value(const struct param *p, const char *s, uint64_t *v)
{
	for (*v = 0; p->words && p->words[*v]; (*v)++)
		if (!strcmp(p->words[*v], s))
			return true;
	if (parse_u64(s, v) || *v > p->most)
		return false;
	return p->size == sizeof(uint64_t) || *v >> 8 * p->size == 0;
}

static void param_set(const struct param *p, struct whatif_conf *conf, uint64_t v)
{
	u32 row = conf->resource < KMC_NR_ACT ? conf->resource : 0;
	char *to = (char *)conf + ((const char *)p->at - (const char *)&defaults);

	/* there is one for each resource: the replayed one's is meant */
	if (!strncmp(p->name, "policy.", 7))
		to += row * sizeof(conf->policy[0]);
	if (!strcmp(p->name, "tariff.cost_ncr_h") || !strcmp(p->name, "tariff.rate_ncr"))
		to += row * p->size;
	if (p->size == 1)
		*(uint8_t *)to = v;
	else if (p->size == 4)
		*(uint32_t *)to = v;
	else
		*(uint64_t *)to = v;
}

static const char *conf_check(const struct whatif_conf *conf)
{
	const char *why = kmc_tariff_check(&conf->tariff);
	int r;

	if (!why)
		why = kmc_budget_check(&conf->budget);
	for (r = 0; !why && r < KMC_NR_ACT; r++)
		why = kmc_policy_check(r, &conf->policy[r]);
	if (!why && (conf->tune.near_rate_shift < 1 || conf->tune.near_rate_shift > 8))
		why = "near_rate_shift must be 1 to 8";
	return why;
}

int whatif_params(const char *path, struct whatif_conf *conf)
{
	char line[256], name[64], word[64];
	const char *why = NULL;
	unsigned long nr = 0;
	FILE *file = fopen(path, "r");

	if (!file) {
		error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	while (!why && fgets(line, sizeof(line), file)) {
		const struct param *p = NULL;
		uint64_t v;
		int end = 0;

		nr++;
		line[strcspn(line, "#\n")] = 0;
		if (!line[strspn(line, " \t")])
			continue;
		if (sscanf(line, " %63[a-z0-9_.] = %63[a-z0-9] %n", name, word, &end) != 2 ||
		    line[end])
			why = "not NAME = VALUE";
		else
			p = param_find(name);
		if (why)
			break;
		if (!p)
			why = "no such parameter";
		else if (!param_value(p, word, &v))
			why = "not a value of this parameter";
		else
			param_set(p, conf, v);
	}
	fclose(file);
	if (why) {
		error("%s:%lu: %s", path, nr, why);
		return EXIT_FAILED;
	}
	why = conf_check(conf);
	if (why) {
		error("%s: %s", path, why);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}
