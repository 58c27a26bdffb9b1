// SPDX-License-Identifier: GPL-2.0
#include "trace/params.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/error.h"
#include "data/fmt.h"
#include "data/names.h"
#include "data/settings.h"

struct param {
	const char *name;
	size_t offset;		/* in struct whatif_conf */
	size_t size;
	uint64_t most;
	const char * const *words;	/* an enum's, @nr_words; NULL: a number */
	size_t nr_words;
};

#define PARAM(name, field, most, words, nr_words) {			\
	name, offsetof(struct whatif_conf, field),			\
	sizeof(((struct whatif_conf *)0)->field), most, words, nr_words,	\
}

#define TUNE(name)		PARAM(#name, tune.name, 65536, NULL, 0)
#define DETECT(name, most)	PARAM("detect." #name, detect.name, most, NULL, 0)

static const char * const off_on[] = { "off", "on" };

static const struct param params[] = {
	TUNE(step_q16),
	TUNE(width_step_q16),
	TUNE(near_rate_shift),
	TUNE(centre_rate_q16),
	TUNE(scale_rate_q16),
	PARAM("loss_rate_next_q16", tune.loss_rate_q16[0], 65536, NULL, 0),
	PARAM("loss_rate_ahead_q16", tune.loss_rate_q16[1], 65536, NULL, 0),
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
	PARAM("vcpus", nr_vcpus, 4096, NULL, 0),	/* 0: as the file says */
	PARAM("contended", contended, 1, off_on, ARRAY_SIZE(off_on)),
};

static const struct {
	const char *prefix;
	enum place place;
	size_t offset;
} places[] = {
	{ "policy.", IN_POLICY, offsetof(struct whatif_conf, policy) },
	{ "tariff.", IN_TARIFF, offsetof(struct whatif_conf, tariff) },
	{ "budget.", IN_BUDGET, offsetof(struct whatif_conf, budget) },
};

/* a setting as a parameter: where there is one for each resource, the replayed one's is meant */
static bool setting_find(const char *name, uint32_t resource, struct param *p)
{
	const struct setting *s = NULL;
	size_t i;

	if (resource >= NR_ACT)
		resource = 0;
	for (i = 0; i < ARRAY_SIZE(places) && !s; i++) {
		size_t len = strlen(places[i].prefix);

		if (strncmp(name, places[i].prefix, len))
			continue;
		s = setting_by_name(places[i].place, name + len, strlen(name + len), resource);
		p->offset = places[i].offset;
		if (places[i].place == IN_POLICY)
			p->offset += resource * sizeof(struct kmc_policy);
	}
	if (!s)
		return false;
	p->name = name;
	p->offset += s->offset;
	p->size = s->size;
	p->words = unit_words(s->unit, &p->nr_words);
	p->most = p->words ? p->nr_words - 1 : UINT64_MAX;
	return true;
}

static bool param_find(const char *name, uint32_t resource, struct param *p)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		if (strcmp(params[i].name, name))
			continue;
		*p = params[i];
		return true;
	}
	return setting_find(name, resource, p);
}

/* false: not a value of this parameter */
static bool param_value(const struct param *p, const char *s, uint64_t *v)
{
	int word = p->words ? by_name(s, p->words, p->nr_words) : -1;

	if (word >= 0) {
		*v = word;
		return true;
	}
	if (parse_u64(s, v) || *v > p->most)
		return false;
	return p->size == sizeof(uint64_t) || *v >> 8 * p->size == 0;
}

static void param_set(const struct param *p, struct whatif_conf *conf, uint64_t v)
{
	char *to = (char *)conf + p->offset;

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

/* The last line of each parameter, for errors that are known when all are there */
#define TAKEN_MAX	128	/* more than there are parameters */

static struct taken {
	unsigned long line;
	char name[64];
	char word[64];
} taken[TAKEN_MAX];
static size_t nr_taken;

static void remember(const char *name, const char *word, unsigned long line)
{
	struct taken *t = taken;

	while (t < taken + nr_taken && strcmp(t->name, name))
		t++;
	if (t == taken + TAKEN_MAX)
		return;
	if (t == taken + nr_taken)
		nr_taken++;
	t->line = line;
	snprintf(t->name, sizeof(t->name), "%s", name);
	snprintf(t->word, sizeof(t->word), "%s", word);
}

/* the line that set what @why begins with; NULL: none did */
static const struct taken *blame(const char *why)
{
	size_t i, len = strcspn(why, " ");

	for (i = 0; i < nr_taken; i++) {
		const char *dot = strchr(taken[i].name, '.');
		const char *name = dot ? dot + 1 : taken[i].name;

		if (strlen(name) == len && !strncmp(name, why, len))
			return &taken[i];
	}
	return NULL;
}

/* NULL, or what is wrong with the line */
static const char *take_line(char *line, unsigned long nr, struct whatif_conf *conf)
{
	char name[64], word[64];
	struct param p;
	uint64_t v;
	int end = 0;

	line[strcspn(line, "#\n")] = 0;
	if (!line[strspn(line, " \t")])
		return NULL;
	if (sscanf(line, " %63[a-z0-9_.] = %63[a-z0-9] %n", name, word, &end) != 2 || line[end])
		return "not NAME = VALUE";
	if (!param_find(name, conf->resource, &p))
		return "no such parameter";
	if (!param_value(&p, word, &v))
		return "not a value of this parameter";
	param_set(&p, conf, v);
	remember(name, word, nr);
	return NULL;
}

int whatif_params(const char *path, struct whatif_conf *conf)
{
	FILE *file = fopen(path, "r");
	const struct taken *t;
	const char *why = NULL;
	unsigned long nr = 0;
	char line[256];

	if (!file) {
		error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	nr_taken = 0;
	while (!why && fgets(line, sizeof(line), file)) {
		nr++;
		why = take_line(line, nr, conf);
	}
	fclose(file);
	if (why) {
		error("%s:%lu: %s", path, nr, why);
		return EXIT_FAILED;
	}
	why = conf_check(conf);
	t = why ? blame(why) : NULL;
	if (t)
		error("%s:%lu: %s = %s: %s", path, t->line, t->name, t->word, why);
	else if (why)
		error("%s: %s", path, why);
	return why ? EXIT_FAILED : EXIT_OK;
}
