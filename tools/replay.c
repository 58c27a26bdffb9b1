// SPDX-License-Identifier: GPL-2.0
/*
 * Recorded traces through the module's own core: what it would have forecast.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "detect.h"
#include "pipeline.h"

#include "subcommands.h"
#include "tool.h"
#include "replay.h"

#define S_PER_DAY	86400
#define DECIMAL_FIRST	1024.0

/* one forecast that waits for its row */
struct forecast {
	struct kmc_forecast f;
	bool valid;
};

struct replay {
	struct kmc_predict_tune tune;
	const struct kmc_model *model;
	uint64_t period_ns;
	uint32_t half_life;
	const char *series;
	bool horizon[KMC_NR_HORIZONS];
	uint64_t nr_series;
};

static const unsigned int ahead[KMC_NR_HORIZONS] = { 1, KMC_AHEAD };

/* Output is most of the work of a fast replay: no printf() per cell */
static char out[1 << 16];
static size_t out_len;

static void out_flush(void)
{
	fwrite(out, 1, out_len, stdout);
	out_len = 0;
}

static void out_char(char c)
{
	out[out_len++] = c;
}

static void out_u64(uint64_t v)
{
	char digits[20];
	int nr = 0;

	do
		digits[nr++] = '0' + v % 10;
	while (v /= 10);
	while (nr)
		out_char(digits[--nr]);
}

static void out_str(const char *s)
{
	while (*s)
		out_char(*s++);
}

/* a sample as it was recorded */
static void out_value(const struct trace *t, uint64_t v)
{
	if (t->scale == 1 && t->offset == 0)
		out_u64(v);
	else
		out_len += sprintf(out + out_len, "%.9g", (double)v / t->scale + t->offset);
}

static void out_forecast(const struct trace *t, const struct forecast *f)
{
	out_char(',');
	if (f->valid)
		out_value(t, f->f.mean);
	out_char(',');
	if (f->valid)
		out_value(t, f->f.p95);
	out_char(',');
	if (f->valid)
		out_value(t, f->f.p99);
}

static void out_heads(const struct replay *r)
{
	unsigned int h;

	out_str("series,index,value");
	for (h = 0; h < KMC_NR_HORIZONS; h++)
		if (r->horizon[h])
			out_len += sprintf(out + out_len, ",forecast_%u,p95_%u,p99_%u", ahead[h],
					   ahead[h], ahead[h]);
	out_str(",surprise_bits,calibrated_bits\n");
}

static void out_bits(uint32_t mbit)
{
	out_char(',');
	out_u64(mbit / 1000);
	out_char('.');
	out_char('0' + mbit / 100 % 10);
	out_char('0' + mbit / 10 % 10);
	out_char('0' + mbit % 10);
}

/* The detector beside the forecasts, with the little it must know of a trace */
struct judge {
	struct kmc_detect detect;
	double scale;		/* of decimals; 0: the first that is not 0 is still to come */
};

static uint64_t trace_period_ns(const struct trace *t, uint64_t period_ns)
{
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

static struct kmc_surprise judge(struct judge *j, const struct trace *t, size_t i,
				 uint64_t period_ns)
{
	uint64_t demand = judge_demand(j, t, i);
	const struct kmc_sample s = { demand, demand, false };

	return kmc_detect_observe(&j->detect, &s, t->timed ? t->when_s[i] :
				  i * period_ns / KMC_NS_PER_S, 1);
}

static int replay_trace(struct trace *t, void *arg)
{
	static struct forecast waiting[KMC_NR_HORIZONS][KMC_PREDICT_DUE];
	static struct kmc_profile profile;
	static struct kmc_predict predict;
	static struct judge j;
	struct replay *r = arg;
	uint64_t period_ns;
	uint32_t per_day;
	size_t i, id_len = strlen(t->id);
	unsigned int h;

	if (r->series && strcmp(r->series, t->id))
		return 0;
	if (id_len > sizeof(out) / 4) {
		error("a series' id is too long");
		return EXIT_FAILED;
	}
	r->nr_series++;
	memset(waiting, 0, sizeof(waiting));
	period_ns = trace_period_ns(t, r->period_ns);
	per_day = S_PER_DAY * KMC_NS_PER_S / period_ns;
	memset(&j, 0, sizeof(j));
	kmc_detect_init(&j.detect, per_day ? per_day : 1);
	kmc_profile_init(&profile, r->half_life);
	kmc_predict_init(&predict, per_day);
	predict.tune = &r->tune;
	kmc_predict_set_model(&predict, r->model);
	for (i = 0; i < t->nr; i++) {
		const struct kmc_sample s = { t->value[i], t->value[i], false };
		struct kmc_surprise surprise = judge(&j, t, i, period_ns);

		if (out_len > sizeof(out) / 2)
			out_flush();
		memcpy(out + out_len, t->id, id_len);
		out_len += id_len;
		out_char(',');
		out_u64(i);
		out_char(',');
		out_value(t, s.demand);
		for (h = 0; h < KMC_NR_HORIZONS; h++)
			if (r->horizon[h])
				out_forecast(t, &waiting[h][i % KMC_PREDICT_DUE]);
		out_bits(kmc_detect_alert(&j.detect));
		out_bits(surprise.mbit);
		out_char('\n');

		kmc_profile_fold(&profile, &s, 1, UINT32_MAX);
		kmc_predict_observe(&predict, &profile, &s, 1);
		for (h = 0; h < KMC_NR_HORIZONS; h++)
			waiting[h][(i + ahead[h]) % KMC_PREDICT_DUE] = (struct forecast){
				h == KMC_HORIZON_NEXT ? predict.next : predict.ahead, true };
	}
	return 0;
}

static const struct {
	const char *name;
	size_t offset;
} params[] = {
#define PARAM(name) { #name, offsetof(struct kmc_predict_tune, name) }
	PARAM(step_q16),
	PARAM(near_rate_shift),
	PARAM(centre_rate_q16),
	PARAM(scale_rate_q16),
	{ "loss_rate_next_q16", offsetof(struct kmc_predict_tune, loss_rate_q16[0]) },
	{ "loss_rate_ahead_q16", offsetof(struct kmc_predict_tune, loss_rate_q16[1]) },
	PARAM(context_rate_q16),
	PARAM(context_share_q16),
	PARAM(context_edge_q8),
	PARAM(sharpness),
	PARAM(band_rate_q16),
	PARAM(band_context_rate_q16),
	PARAM(band_context_share_q16),
	PARAM(band_near_share_q16),
	PARAM(lead_rate_q16),
	PARAM(off),
};

/* Lines of "name = number"; # begins a comment */
static int params_read(const char *path, struct kmc_predict_tune *tune)
{
	FILE *file = fopen(path, "r");
	char line[256], name[64];
	unsigned long nr = 0;
	unsigned int v;
	size_t i;

	if (!file) {
		error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	while (fgets(line, sizeof(line), file)) {
		nr++;
		line[strcspn(line, "#\n")] = 0;
		if (!line[strspn(line, " \t")])
			continue;
		for (i = 0; i < ARRAY_SIZE(params); i++)
			if (sscanf(line, " %63[a-z0-9_] = %u", name, &v) == 2 &&
			    !strcmp(name, params[i].name))
				break;
		if (i == ARRAY_SIZE(params) || v > 65536) {
			error("%s:%lu: not a parameter, or not a number up to 65536", path, nr);
			fclose(file);
			return EXIT_FAILED;
		}
		memcpy((char *)tune + params[i].offset, &v, sizeof(v));
	}
	fclose(file);
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

int replay_main(int argc, char **argv)
{
	uint64_t period_ns = 300 * KMC_NS_PER_S;
	const char *horizons = "1,6", *params_path = NULL, *model_path = NULL;
	static struct kmc_model model;
	struct replay r = { .tune = kmc_predict_tune_default };
	const struct opt opts[] = {
		{ "period", 'p', "TIME", "length of a sample's period, 300 s if not given",
		  OPT_NS, &period_ns, 0, 0 },
		{ "series", 's', "ID", "this series only", OPT_STR, &r.series, 0, 0 },
		{ "horizons", 0, "1,6", "periods ahead: 1, 6 or both", OPT_STR, &horizons, 0, 0 },
		{ "model", 'm', "FILE", "weights of the network, none if not given", OPT_STR,
		  &model_path, 0, 0 },
		{ "params", 0, "FILE", "other constants: lines of NAME = NUMBER", OPT_STR,
		  &params_path, 0, 0 },
	};
	struct kmc_policy policy;
	int i, rc = 0;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 1, argc);
	if (!horizons_parse(horizons, r.horizon))
		usage_error("--horizons %s: must be 1, 6 or both", horizons);
	if (period_ns < KMC_NS_PER_MS)
		usage_error("--period: must be a millisecond at least");
	if (params_path)
		rc = params_read(params_path, &r.tune);
	if (!rc && model_path) {
		rc = model_read(model_path, &model);
		r.model = &model;
	}
	kmc_policy_default(&policy);
	r.half_life = kmc_vm_half_life(&policy, period_ns);
	r.period_ns = period_ns;
	if (!rc)
		out_heads(&r);
	for (i = 0; argv[i] && !rc; i++)
		rc = trace_each(argv[i], replay_trace, &r);
	out_flush();
	if (!rc && r.series && !r.nr_series) {
		error("no series \"%s\"", r.series);
		rc = EXIT_FAILED;
	}
	return rc;
}
