// SPDX-License-Identifier: GPL-2.0
/*
 * Recorded traces through the module's own core: what it would have forecast.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "detect.h"
#include "pipeline.h"

#include "cli/error.h"
#include "cli/opt.h"
#include "data/fmt.h"
#include "data/names.h"
#include "trace/model.h"
#include "trace/params.h"
#include "trace/row.h"
#include "trace/shard.h"
#include "trace/trace.h"
#include "trace/whatif.h"
#include "verb/verb.h"

#define S_PER_DAY	86400
#define DECIMAL_FIRST	1024.0

/* one forecast that waits for its row */
struct awaited {
	struct kmc_forecast f;
	bool valid;
};

struct replay {
	struct whatif_conf conf;
	uint64_t period_ns;
	const char *series;
	int resource;		/* -1: not asked for */
	bool horizon[KMC_NR_HORIZONS];
	bool json, decide;
	uint64_t nr_series;
};

static const unsigned int ahead[KMC_NR_HORIZONS] = { 1, KMC_AHEAD };

static void cells_forecast(const struct trace *t, const struct awaited *f, unsigned int ahead)
{
	uint64_t mean = f->f.mean, p95 = f->f.p95, p99 = f->f.p99;

	cell_value("forecast", ahead, t, f->valid ? &mean : NULL);
	cell_value("p95", ahead, t, f->valid ? &p95 : NULL);
	cell_value("p99", ahead, t, f->valid ? &p99 : NULL);
}

static void cells_step(const struct whatif_step *step)
{
	cell_u64("usage", step->usage);
	cell_u64("grant_bp", step->grant_bp);
	cell_u64("would_bp", step->would_bp);
	cell_str("reason", REASON_NAME(step->reason));
	cell_u64("price_ncr_h", step->price_ncr_h);
	cell_u64("charged_ncr", step->charged_ncr);
	cell_u64("waived_ncr", step->waived_ncr);
}

/* What one row shows */
struct shown {
	const struct trace *t;
	size_t i;
	struct awaited forecast[KMC_NR_HORIZONS];
	uint32_t alert_mbit, surprise_mbit;
	struct whatif_step step;
};

static void put_row(const struct replay *r, const struct shown *s)
{
	uint64_t v = s->t ? s->t->value[s->i] : 0;
	unsigned int h;

	row_begin();
	cell_str("series", s->t ? s->t->id : "");
	cell_u64("index", s->i);
	cell_value("value", 0, s->t, &v);
	for (h = 0; h < KMC_NR_HORIZONS; h++)
		if (r->horizon[h])
			cells_forecast(s->t, &s->forecast[h], ahead[h]);
	cell_bits("surprise_bits", s->alert_mbit);
	cell_bits("calibrated_bits", s->surprise_mbit);
	if (r->decide)
		cells_step(&s->step);
	row_end();
}

static void put_heading(const struct replay *r)
{
	static const struct shown nothing;

	rows_heading(true);
	put_row(r, &nothing);
	rows_heading(false);
}

/* The detector beside the forecasts, with the little it must know of a trace */
struct judge {
	struct kmc_detect detect;
	double scale;		/* of decimals; 0: the first that is not 0 is still to come */
};

static uint64_t trace_period_ns(const struct trace *t, uint64_t period_ns)
{
	if (t->note.period_ns)
		return t->note.period_ns;
	if (t->timed && t->nr > 1 && t->when_s[1] > t->when_s[0])
		return (t->when_s[1] - t->when_s[0]) * KMC_NS_PER_S;
	return period_ns;
}

/* Decimals may be of any size: the first one is made DECIMAL_FIRST, nothing is
 * looked up ahead; below 0 is 0
 */
static uint64_t judge_demand(struct judge *j, const struct trace *t, size_t i)
{
	double v = (double)t->value[i] / t->scale + t->offset;

	if (!t->timed)
		return t->value[i];
	if (!j->scale && v)
		j->scale = DECIMAL_FIRST / fabs(v);
	return fmin(fmax(v * j->scale + 0.5, 0), KMC_HIST_MAX - 1);
}

static struct kmc_surprise judge(struct judge *j, const struct kmc_detect_params *params,
				 const struct trace *t, size_t i, uint64_t period_ns)
{
	uint64_t demand = judge_demand(j, t, i);
	const struct kmc_sample s = { demand, demand, false };

	return kmc_detect_observe_with(&j->detect, params, &s, t->timed ? t->when_s[i] :
				  i * period_ns / KMC_NS_PER_S, 1);
}

/* The resource that a trace is of */
static enum kmc_resource resource_of(const struct replay *r, const struct trace *t)
{
	int resource = *t->note.resource ? resource_by_name(t->note.resource) : r->resource;

	return resource < 0 ? KMC_RES_CPU : resource;
}

static void json_summary(const struct trace *t, const struct whatif *w)
{
	row_begin();
	cell_str("series", t->id);
	cell_str("resource", RESOURCE_NAME((uint32_t)w->conf->resource));
	cell_u64("periods", w->nr_periods);
	cell_u64("adjustments", w->nr_adjustments);
	cell_u64("periods_below_nominal", w->nr_below);
	cell_u64("periods_above_nominal", w->nr_above);
	cell_u64("demand", w->demand);
	cell_u64("withheld", w->withheld);
	cell_u64("charged_ncr", kmc_price_charged(&w->vm.price));
	cell_u64("waived_ncr", w->vm.price.waived_ncr);
	row_end();
}

static void print_summary(const struct trace *t, const struct whatif *w)
{
	double nr = w->nr_periods ? w->nr_periods : 1;
	char charged[FMT_LEN], waived[FMT_LEN];

	rows_flush();
	fflush(stdout);
	fprintf(stderr, "kvmeter: %s: %llu adjustments, below nominal %.2f%% of the time, above "
		"%.2f%%, withheld %.3f%%, charged %s, waived %s\n", t->id,
		(unsigned long long)w->nr_adjustments, 100 * w->nr_below / nr,
		100 * w->nr_above / nr, w->demand ? 100.0 * w->withheld / w->demand : 0,
		fmt_amount(charged, kmc_price_charged(&w->vm.price)),
		fmt_amount(waived, w->vm.price.waived_ncr));
}

static int replay_check(const struct replay *r, const struct trace *t)
{
	if (strlen(t->id) > ROW_NAME_MAX) {
		error("a series' id is too long");
		return EXIT_FAILED;
	}
	if (r->decide && (t->scale != 1 || t->offset != 0)) {
		error("%s: --decide needs samples in the resource's unit, not fractions", t->id);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

/* Is this series one of those that were asked for? */
static bool replay_wants(const struct replay *r, const struct trace *t)
{
	if (r->series && strcmp(r->series, t->id))
		return false;
	return r->resource < 0 || !*t->note.resource ||
	       resource_by_name(t->note.resource) == r->resource;
}

/* What runs over a series: the core's parts, and forecasts until their rows come */
struct run {
	struct kmc_predict predict;
	struct judge judge;
	struct whatif whatif;
	struct awaited waiting[KMC_NR_HORIZONS][KMC_PREDICT_DUE];
	uint64_t period_ns;
};

static void run_init(struct run *run, struct replay *r, const struct trace *t)
{
	struct whatif_conf *conf = &r->conf;
	uint32_t per_day;

	memset(run, 0, sizeof(*run));
	run->period_ns = trace_period_ns(t, r->period_ns);
	conf->resource = resource_of(r, t);
	per_day = S_PER_DAY * KMC_NS_PER_S / run->period_ns;
	kmc_detect_init(&run->judge.detect, per_day ? per_day : 1);
	kmc_predict_init(&run->predict, per_day);
	run->predict.tune = &conf->tune;
	kmc_predict_set_model(&run->predict, conf->model);
	if (r->decide)
		whatif_init(&run->whatif, conf, run->period_ns, t->note.nr_vcpus);
}

static void run_step(struct run *run, const struct replay *r, struct shown *shown)
{
	const struct trace *t = shown->t;
	size_t i = shown->i;
	const struct kmc_sample s = { t->value[i], t->value[i], false };
	unsigned int h;

	shown->surprise_mbit = judge(&run->judge, &r->conf.detect, t, i, run->period_ns).mbit;
	shown->alert_mbit = kmc_detect_alert(&run->judge.detect);
	for (h = 0; h < KMC_NR_HORIZONS; h++)
		shown->forecast[h] = run->waiting[h][i % KMC_PREDICT_DUE];
	if (r->decide)
		whatif_step(&run->whatif, s.demand, &shown->step);
	put_row(r, shown);

	kmc_predict_observe(&run->predict, &s, 1);
	for (h = 0; h < KMC_NR_HORIZONS; h++)
		run->waiting[h][(i + ahead[h]) % KMC_PREDICT_DUE] = (struct awaited){
			h == KMC_HORIZON_NEXT ? run->predict.next : run->predict.ahead, true };
}

static int replay_trace(struct trace *t, void *arg)
{
	struct shown shown = { .t = t };
	struct replay *r = arg;
	static struct run run;
	int rc;

	if (!replay_wants(r, t))
		return 0;
	rc = replay_check(r, t);
	if (rc)
		return rc;
	if (!shard_mine(r->nr_series++))
		return 0;
	run_init(&run, r, t);
	for (; shown.i < t->nr; shown.i++)
		run_step(&run, r, &shown);
	if (r->decide && r->json)
		json_summary(t, &run.whatif);
	else if (r->decide)
		print_summary(t, &run.whatif);
	rows_flush();
	shard_series_end();
	return 0;
}

static bool horizons_parse(const char *s, bool *horizon)
{
	unsigned int h;
	char *end;

	memset(horizon, 0, KMC_NR_HORIZONS * sizeof(*horizon));
	for (;; s = end + 1) {
		unsigned long v = strtoul(s, &end, 10);

		for (h = 0; h < KMC_NR_HORIZONS; h++)
			if (v == ahead[h])
				break;
		if (h == KMC_NR_HORIZONS || end == s)
			return false;
		horizon[h] = true;
		if (!*end)
			return true;
		if (*end != ',')
			return false;
	}
}

/* Can each be read from its beginning as often as one likes? */
static bool all_files(char **paths)
{
	struct stat st;

	for (; *paths; paths++)
		if (!stat(*paths, &st) && !S_ISREG(st.st_mode))
			return false;
	return true;
}

/* The whole of it, or this process' share */
static int replay_files(struct replay *r, char **paths)
{
	int rc = 0;

	rows_begin(r->json);
	/* standard error, where a summary goes, has one writer; what is no file has one reader */
	if ((r->json || !r->decide) && all_files(paths) && !shard_begin(&rc))
		return rc;
	if (shard_mine(0)) {
		if (!r->json)
			put_heading(r);
		rows_flush();
		shard_series_end();
	}
	for (; *paths && !rc; paths++)
		rc = trace_each(*paths, replay_trace, r);
	if (!rc && r->series && !r->nr_series) {
		error("no series \"%s\"", r->series);
		rc = EXIT_FAILED;
	}
	return rc;
}

int replay_main(int argc, char **argv)
{
	const char *horizons = "1,6", *params_path = NULL, *model_path = NULL, *resource = NULL;
	static struct kmc_model model;
	static struct replay r = { .period_ns = 300 * KMC_NS_PER_S, .resource = -1 };
	const struct opt opts[] = {
		{ "period", 'p', "TIME", "a sample's period, 300 s if not known otherwise",
		  OPT_NS, &r.period_ns },
		{ "series", 's', "ID", "this series only", OPT_STR, &r.series },
		{ "resource", 'r', "NAME", "what the samples are of; of a recording, these only",
		  OPT_STR, &resource },
		{ "horizons", 0, "1,6", "periods ahead: 1, 6 or both", OPT_STR, &horizons },
		{ "model", 'm', "FILE", "weights of the network, none if not given", OPT_STR,
		  &model_path },
		{ "params", 0, "FILE", "constants, policy, tariff, budget: NAME = VALUE",
		  OPT_STR, &params_path },
		{ "decide", 'd', NULL, "what the policy would have done, at what cost",
		  OPT_FLAG, &r.decide },
		{ "json", 'j', NULL, "print an object of JSON per line", OPT_FLAG, &r.json },
	};
	int rc = 0;

	whatif_default(&r.conf);
	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 1, argc);
	if (!horizons_parse(horizons, r.horizon))
		usage_error("--horizons %s: must be 1, 6 or both", horizons);
	if (r.period_ns < KMC_NS_PER_MS)
		usage_error("--period: must be a millisecond at least");
	if (resource)
		r.resource = opt_resource(resource);
	r.conf.resource = r.resource < 0 ? KMC_RES_CPU : r.resource;
	if (params_path)
		rc = whatif_params(params_path, &r.conf);
	if (!rc && model_path) {
		rc = model_read(model_path, &model);
		r.conf.model = &model;
	}
	return rc ? rc : replay_files(&r, argv);
}
