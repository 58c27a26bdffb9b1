// SPDX-License-Identifier: GPL-2.0
/*
 * Recorded traces through the module's own core: what it would have forecast.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "detect.h"
#include "pipeline.h"

#include "verb/verb.h"
#include "show/print.h"
#include "trace/trace.h"
#include "trace/shard.h"
#include "trace/whatif.h"

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

/* Output is most of the work of a fast replay: no printf() per cell */
static char out[1 << 16];
static size_t out_len;

static void out_flush(void)
{
	shard_write(out, out_len);
	out_len = 0;
}

static void out_char(char c)
{
	out[out_len++] = c;
}

static void out_u64(uint64_t v)
{
	char digits[20], *first = digits + sizeof(digits);

	do {
		first--;
		*first = '0' + v % 10;
	} while (v /= 10);
	memcpy(out + out_len, first, digits + sizeof(digits) - first);
	out_len += digits + sizeof(digits) - first;
}

static void out_str(const char *s)
{
	while (*s)
		out_char(*s++);
}

/* Rows of cells: CSV under one heading, or an object of JSON per line */
static struct {
	bool json;
	bool heading;		/* names are written, not values */
	bool follows;		/* something precedes in this row */
} row;

static void row_begin(void)
{
	if (out_len > sizeof(out) / 2)
		out_flush();
	row.follows = false;
	if (row.json)
		out_char('{');
}

static void row_end(void)
{
	if (row.json)
		out_char('}');
	out_char('\n');
}

/* true: the cell's value is to be written now; its name has @ahead behind it, if that is not 0 */
static bool cell(const char *name, unsigned int ahead)
{
	if (row.follows)
		out_char(',');
	row.follows = true;
	if (!row.heading && !row.json)
		return true;
	if (row.json)
		out_char('"');
	out_str(name);
	if (ahead) {
		out_char('_');
		out_u64(ahead);
	}
	if (row.json)
		out_str("\":");
	return !row.heading;
}

static void cell_u64(const char *name, uint64_t v)
{
	if (cell(name, 0))
		out_u64(v);
}

/* a name; of what may be in it, only a quote needs care in JSON */
static void cell_str(const char *name, const char *s)
{
	if (!cell(name, 0))
		return;
	if (!row.json) {
		out_str(s);
		return;
	}
	out_char('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			out_char('\\');
		out_char((unsigned char)*s < ' ' ? ' ' : *s);
	}
	out_char('"');
}

static void cell_bits(const char *name, uint32_t mbit)
{
	if (!cell(name, 0))
		return;
	out_u64(mbit / 1000);
	out_char('.');
	out_char('0' + mbit / 100 % 10);
	out_char('0' + mbit / 10 % 10);
	out_char('0' + mbit % 10);
}

/* a sample as it was recorded; NULL: not known */
static void cell_value(const char *name, unsigned int ahead, const struct trace *t,
		       const uint64_t *v)
{
	if (!cell(name, ahead))
		return;
	if (!v)
		out_str(row.json ? "null" : "");
	else if (t->scale == 1 && t->offset == 0)
		out_u64(*v);
	else
		out_len += sprintf(out + out_len, "%.9g", (double)*v / t->scale + t->offset);
}

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
	uint64_t v = row.heading ? 0 : s->t->value[s->i];
	unsigned int h;

	row_begin();
	cell_str("series", row.heading ? "" : s->t->id);
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

	row.heading = true;
	put_row(r, &nothing);
	row.heading = false;
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

static void put_summary(const struct replay *r, const struct trace *t, const struct whatif *w)
{
	double nr = w->nr_periods ? w->nr_periods : 1;
	char charged[FMT_LEN], waived[FMT_LEN];

	if (r->json) {
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
		return;
	}
	out_flush();
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
	if (strlen(t->id) > sizeof(out) / 4) {
		error("a series' id is too long");
		return EXIT_FAILED;
	}
	if (r->decide && (t->scale != 1 || t->offset != 0)) {
		error("%s: --decide needs samples in the resource's unit, not fractions", t->id);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int replay_trace(struct trace *t, void *arg)
{
	static struct awaited waiting[KMC_NR_HORIZONS][KMC_PREDICT_DUE];
	static struct kmc_predict predict;
	static struct whatif whatif;
	static struct judge j;
	struct replay *r = arg;
	struct shown shown = { .t = t };
	struct whatif_conf *conf = &r->conf;
	uint64_t period_ns;
	uint32_t per_day;
	unsigned int h;
	int rc;

	if (r->series && strcmp(r->series, t->id))
		return 0;
	if (r->resource >= 0 && *t->note.resource &&
	    resource_by_name(t->note.resource) != r->resource)
		return 0;
	rc = replay_check(r, t);
	if (rc)
		return rc;
	if (!shard_mine(r->nr_series++))
		return 0;
	memset(waiting, 0, sizeof(waiting));
	period_ns = trace_period_ns(t, r->period_ns);
	conf->resource = resource_of(r, t);
	per_day = S_PER_DAY * KMC_NS_PER_S / period_ns;
	memset(&j, 0, sizeof(j));
	kmc_detect_init(&j.detect, per_day ? per_day : 1);
	kmc_predict_init(&predict, per_day);
	predict.tune = &conf->tune;
	kmc_predict_set_model(&predict, conf->model);
	if (r->decide)
		whatif_init(&whatif, conf, period_ns, t->note.nr_vcpus);
	for (; shown.i < t->nr; shown.i++) {
		size_t i = shown.i;
		const struct kmc_sample s = { t->value[i], t->value[i], false };

		shown.surprise_mbit = judge(&j, &conf->detect, t, i, period_ns).mbit;
		shown.alert_mbit = kmc_detect_alert(&j.detect);
		for (h = 0; h < KMC_NR_HORIZONS; h++)
			shown.forecast[h] = waiting[h][i % KMC_PREDICT_DUE];
		if (r->decide)
			whatif_step(&whatif, s.demand, &shown.step);
		put_row(r, &shown);

		kmc_predict_observe(&predict, &s, 1);
		for (h = 0; h < KMC_NR_HORIZONS; h++)
			waiting[h][(i + ahead[h]) % KMC_PREDICT_DUE] = (struct awaited){
				h == KMC_HORIZON_NEXT ? predict.next : predict.ahead, true };
	}
	if (r->decide)
		put_summary(r, t, &whatif);
	out_flush();
	shard_series_end();
	return 0;
}

static int model_read(const char *path, struct kmc_model *model)
{
	/* one byte more, so that what is too long is seen */
	union {
		struct kmc_model model;
		char byte[sizeof(struct kmc_model) + 1];
	} u;
	FILE *file = fopen(path, "rb");
	const char *why;
	size_t len;

	if (!file) {
		error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	len = fread(u.byte, 1, sizeof(u.byte), file);
	fclose(file);
	why = kmc_model_check(&u, len);
	if (why) {
		error("%s: %s", path, why);
		return EXIT_FAILED;
	}
	*model = u.model;
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

int replay_main(int argc, char **argv)
{
	const char *horizons = "1,6", *params_path = NULL, *model_path = NULL, *resource = NULL;
	static struct kmc_model model;
	static struct replay r = { .period_ns = 300 * KMC_NS_PER_S, .resource = -1 };
	const struct opt opts[] = {
		{ "period", 'p', "TIME", "a sample's period, 300 s if not known otherwise",
		  OPT_NS, &r.period_ns, 0, 0 },
		{ "series", 's', "ID", "this series only", OPT_STR, &r.series, 0, 0 },
		{ "resource", 'r', "NAME", "what the samples are of; of a recording, these only",
		  OPT_STR, &resource, 0, 0 },
		{ "horizons", 0, "1,6", "periods ahead: 1, 6 or both", OPT_STR, &horizons, 0, 0 },
		{ "model", 'm', "FILE", "weights of the network, none if not given", OPT_STR,
		  &model_path, 0, 0 },
		{ "params", 0, "FILE", "constants, policy, tariff, budget: NAME = VALUE",
		  OPT_STR, &params_path, 0, 0 },
		{ "decide", 'd', NULL, "what the policy would have done, at what cost",
		  OPT_FLAG, &r.decide, 0, 0 },
		{ "json", 'j', NULL, "print an object of JSON per line", OPT_FLAG, &r.json, 0, 0 },
	};
	int i, rc = 0;

	whatif_default(&r.conf);
	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 1, argc);
	if (!horizons_parse(horizons, r.horizon))
		usage_error("--horizons %s: must be 1, 6 or both", horizons);
	if (r.period_ns < KMC_NS_PER_MS)
		usage_error("--period: must be a millisecond at least");
	if (resource)
		r.resource = resource_by_name(resource);
	if (resource && r.resource < 0)
		usage_error("--resource %s: no such resource", resource);
	r.conf.resource = r.resource < 0 ? KMC_RES_CPU : r.resource;
	if (params_path)
		rc = whatif_params(params_path, &r.conf);
	if (!rc && model_path) {
		rc = model_read(model_path, &model);
		r.conf.model = &model;
	}
	row.json = r.json;
	/* standard error, where a summary goes, has one writer; what is no file has one reader */
	if (rc || ((r.json || !r.decide) && all_files(argv) && !shard_begin(&rc)))
		return rc;
	if (shard_mine(0)) {
		if (!r.json)
			put_heading(&r);
		out_flush();
		shard_series_end();
	}
	for (i = 0; argv[i] && !rc; i++)
		rc = trace_each(argv[i], replay_trace, &r);
	if (!rc && r.series && !r.nr_series) {
		error("no series \"%s\"", r.series);
		rc = EXIT_FAILED;
	}
	return rc;
}
