// SPDX-License-Identifier: GPL-2.0
/* Traces are read as they were written; what-ifs add up; parameters are refused. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "cli/error.h"
#include "trace/params.h"
#include "trace/trace.h"
#include "trace/whatif.h"

static unsigned int passed, failed;
static char said[512];	/* the last error */
static char dir[32];

/* what the tool's main file has */
void error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
}

static void check(bool ok, const char *what)
{
	if (ok) {
		passed++;
		return;
	}
	failed++;
	fprintf(stderr, "FAIL %s (said: %s)\n", what, said);
}

static const char *put_file(const char *name, const char *text, bool packed)
{
	static char path[128];
	gzFile file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = gzopen(path, packed ? "wb" : "wbT");
	if (!file || gzputs(file, text) < 0 || gzclose(file) != Z_OK)
		abort();
	return path;
}

/* What a file's series are, as text: "id:v v v;" */
static char series[4096];

static int take(struct trace *t, void *arg)
{
	size_t len = strlen(series), i;

	(void)arg;
	len += snprintf(series + len, sizeof(series) - len, "%s:", t->id);
	for (i = 0; i < t->nr; i++)
		len += snprintf(series + len, sizeof(series) - len, "%s%u", i ? " " : "",
				t->value[i]);
	snprintf(series + len, sizeof(series) - len, ";");
	return 0;
}

#define NOTE(first, nr)	"#= resource=cpu period_ns=100000000 vm=3 vcpus=2 epoch=7 "	\
			"first=" first " nr=" nr \
			" end_ns=5 throttled=1 name=web 1\n"
#define HEAD		TRACE_HEAD "\n"

static const struct {
	const char *text;
	const char *series;	/* NULL: refused */
	const char *what;
} files[] = {
	{ "a,1,2,3\nb,4\n", "a:1 2 3;b:4;", "one series a line" },
	{ "# a comment\na,1,2\n# and one more\na,3\n", "a:1 2;a:3;", "comments" },
	{ "a,1,2,3", "a:1 2 3;", "no end of the last line" },
	{ "a,99999999999\n", "a:16777215;", "beyond what the core takes" },
	{ "a\n", NULL, "no comma" },
	{ "a,1,,2\n", NULL, "an empty value" },
	{ "a,-1\n", NULL, "a negative value" },
	{ "timestamp,value\n2020-01-01 00:00:00,5\n2020-01-01 00:05:00,6\n", "name.csv:5 6;",
	  "stamps" },
	{ HEAD NOTE("1", "2") "v.cpu,1,2\n" NOTE("3", "1") "v.cpu,3\n", "v.cpu:1 2 3;", "parts" },
	{ HEAD NOTE("1", "1") "a,1\n" NOTE("1", "1") "b,2\n" NOTE("2", "1") "a,3\n# x\n"
	  NOTE("2", "1") "b,4\n", "a:1 3;b:2 4;", "parts of two in turn" },
	{ HEAD, "", "a recording of nothing" },
	{ HEAD NOTE("1", "3") "a,1,2\n", NULL, "fewer values than noted" },
	{ HEAD NOTE("1", "1") "a,1\n" NOTE("3", "1") "a,2\n", NULL, "a gap within a series" },
	{ HEAD "a,1\n", NULL, "no note" },
	{ HEAD NOTE("1", "1") "a,1\na,2\n", NULL, "a note for one line alone" },
	{ HEAD "#= resource=cpu\na,1\n", NULL, "a damaged note" },
};

static void test_files(void)
{
	size_t i;
	int packed, rc;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		for (packed = 0; packed < 2; packed++) {
			series[0] = 0;
			*said = 0;
			rc = trace_each(put_file("name.csv", files[i].text, packed), take, NULL);
			if (files[i].series)
				check(!rc && !strcmp(series, files[i].series), files[i].what);
			else
				check(rc == EXIT_FAILED && *said, files[i].what);
		}
	}
}

static void test_damage(void)
{
	const char *path = put_file("cut.gz", HEAD NOTE("1", "8") "a,1,22,333,4444,55555,6,7,8\n",
				    true);
	char bytes[512];
	FILE *f = fopen(path, "rb");
	size_t nr = f ? fread(bytes, 1, sizeof(bytes), f) : 0, cut;

	if (f)
		fclose(f);
	check(nr > 20, "a packed file");
	for (cut = 12; cut < nr; cut++) {
		f = fopen(path, "wb");
		fwrite(bytes, 1, cut, f);
		fclose(f);
		check(trace_each(path, take, NULL) == EXIT_FAILED, "a file that ends early");
	}
}

static void test_note(void)
{
	struct trace_note a = { "disk", 50000000, 4, 8, 123456789012345678ULL, 17, 128, 99, 3,
				"a name, with = and spaces" }, b;
	char text[512], again[512];

	trace_note_print(text, sizeof(text), &a);
	snprintf(again, sizeof(again), "%.*s", (int)strcspn(text, "\n"), text);
	check(trace_note_parse(again, &b), "a note is read");
	trace_note_print(again, sizeof(again), &b);
	check(!strcmp(text, again) && !strcmp(a.name, b.name), "as it was written");
	check(!trace_note_parse("#= nothing of the kind", &b), "and nothing else");
}

static const struct {
	const char *text;
	const char *why;	/* part of it; NULL: it is taken */
} params[] = {
	{ "", NULL },
	{ "# only a comment\n\n  \t\n", NULL },
	{ "sharpness = 30 # more\npolicy.mode = guard\nbudget.cap_ncr=5\ntariff.rate_ncr = 7\n",
	  NULL },
	{ "policy.floor_bp = 5000\ndetect.slow_shift = 9\nvcpus = 8\ncontended = off\n", NULL },
	{ "nonsense = 1\n", ":1: no such parameter" },
	{ "\nsharpness = 65537\n", ":2: not a value" },
	{ "sharpness\n", "not NAME = VALUE" },
	{ "sharpness = 1 2\n", "not NAME = VALUE" },
	{ "sharpness = -1\n", "not NAME = VALUE" },
	{ "policy.mode = 3\n", "not a value" },
	{ "policy.step_bp = 4294967296\n", "not a value" },
	{ "policy.floor_bp = 99\n", ":1: policy.floor_bp = 99: floor_bp must be 100 to 10000" },
	{ "policy.floor_bp = 99\npolicy.dwell_ms = 1\npolicy.floor_bp = 98\n",
	  ":3: policy.floor_bp = 98: floor_bp must be" },
	{ "policy.step_bp = 1\n", ":1: policy.step_bp = 1: step_bp must not be below" },
	{ "policy.half_life_s = 0\n", "half_life_s" },
	{ "tariff.base_ncr_h = 2000000000000000\n", "base_ncr_h" },
	{ "budget.pace = on\n", ":1: budget.pace = on: pace needs" },
	{ "tariff.ceiling_ncr_h = 1\n", ": base_ncr_h must not be above ceiling_ncr_h" },
	{ "vcpus = 5000\n", "not a value" },
	{ "near_rate_shift = 0\n", "near_rate_shift" },
	{ "detect.slow_shift = 64\n", "not a value" },
};

static void test_params(void)
{
	struct whatif_conf conf;
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		whatif_default(&conf);
		*said = 0;
		rc = whatif_params(put_file("params", params[i].text, false), &conf);
		check(params[i].why ? rc == EXIT_FAILED && strstr(said, params[i].why) : !rc,
		      params[i].text);
	}
	whatif_default(&conf);
	conf.resource = KMC_RES_DISK;
	rc = whatif_params(put_file("params", "policy.nominal = 2048\ntariff.rate_ncr = 9\n"
				    "policy.mode = elastic\nbudget.pace = off\n", false), &conf);
	check(!rc && conf.policy[KMC_RES_DISK].nominal == 2048 &&
	      conf.tariff.rate_ncr[KMC_RES_DISK] == 9 &&
	      conf.policy[KMC_RES_DISK].mode == KMC_MODE_ELASTIC, "what is set is the resource's");
	check(!conf.policy[KMC_RES_CPU].nominal && !conf.tariff.rate_ncr[KMC_RES_CPU],
	      "and no other's");
	check(whatif_params("/nonexistent", &conf) == EXIT_FAILED, "no file");
}

#define PERIOD_NS	(60 * KMC_NS_PER_S)

static u64 demand_at(unsigned int i)
{
	/* a level with a spike now and then; of numbers that are no pattern */
	return 2000 + i * 7919 % 997 + (i % 400 > 390 ? 6000 : 0);
}

static struct whatif w;

static void run(const struct whatif_conf *conf, unsigned int nr, struct whatif_step *last,
		bool *sound)
{
	u64 usage = 0, demand = 0;
	struct whatif_step step;
	unsigned int i;
	u64 charged = 0;

	*sound = true;
	whatif_init(&w, conf, PERIOD_NS, 2);
	for (i = 0; i < nr; i++) {
		whatif_step(&w, demand_at(i), &step);
		usage += step.usage;
		demand += demand_at(i);
		*sound &= step.usage <= demand_at(i) && step.charged_ncr >= charged;
		charged = step.charged_ncr;
	}
	*sound &= w.demand == demand && w.withheld == demand - usage && w.nr_periods == nr;
	*last = step;
}

static void test_whatif(void)
{
	struct whatif_conf conf;
	struct whatif_step free_run, step, again;
	bool sound;

	/* nothing is done: time alone is charged, exactly */
	whatif_default(&conf);
	conf.policy[KMC_RES_CPU].shadow = KMC_MODE_GUARD;
	conf.policy[KMC_RES_CPU].threshold_mbit = 4000;
	conf.policy[KMC_RES_CPU].half_life_s = 2592000;
	run(&conf, 6000, &free_run, &sound);
	check(sound && !w.withheld && !w.nr_below && !w.nr_above, "observe touches nothing");
	check(w.nr_adjustments > 0, "but says what it would have done");
	check(free_run.charged_ncr == 100 * conf.tariff.base_ncr_h, "100 hours at the base price");

	/* use is charged on top, to the unit */
	conf.tariff.rate_ncr[KMC_RES_CPU] = 3600000;
	conf.nr_vcpus = 4;	/* the trace's 2 do not count then */
	run(&conf, 6000, &step, &sound);
	check(sound && step.charged_ncr - free_run.charged_ncr ==
	      kmc_muldiv_floor(w.demand, PERIOD_NS * 4, KMC_BP) / 1000000,
	      "metered use at its rate");

	/* guard withholds of the spikes, and no more than down to its floor */
	whatif_default(&conf);
	conf.policy[KMC_RES_CPU].mode = KMC_MODE_GUARD;
	conf.policy[KMC_RES_CPU].nominal_bp = 9000;
	conf.policy[KMC_RES_CPU].threshold_mbit = 4000;
	conf.policy[KMC_RES_CPU].half_life_s = 2592000;
	run(&conf, 6000, &step, &sound);
	check(sound && w.withheld > 0 && w.nr_below > 0 && !w.nr_above, "guard withholds");
	check(w.withheld < w.demand / 10, "of spikes only");
	run(&conf, 6000, &again, &sound);
	check(!memcmp(&step, &again, sizeof(step)), "the same each time");

	/* elastic gives more, at a price */
	conf.policy[KMC_RES_CPU].mode = KMC_MODE_ELASTIC;
	conf.policy[KMC_RES_CPU].nominal_bp = 3000;
	run(&conf, 6000, &step, &sound);
	check(sound && w.nr_above > 0, "elastic gives more");
	check(step.charged_ncr > free_run.charged_ncr, "which costs");

	/* the cap holds: 100 hours are 4 days and 4 hours */
	conf.budget.cap_ncr = 10 * conf.tariff.base_ncr_h;
	conf.budget.period_s = 86400;
	run(&conf, 6000, &step, &sound);
	check(sound && step.charged_ncr <= 5 * conf.budget.cap_ncr && step.waived_ncr > 0,
	      "a cap on charges holds");
}

/* not sold, not adjusted; metered all the same */
static void test_whatif_unsold(void)
{
	struct whatif_conf conf;
	struct whatif_step step;
	bool sound;

	whatif_default(&conf);
	conf.resource = KMC_RES_MEMORY;
	conf.tariff.rate_ncr[KMC_RES_MEMORY] = 1000000000;
	run(&conf, 600, &step, &sound);
	check(sound && !w.withheld && !w.nr_adjustments &&
	      step.charged_ncr > 10 * conf.tariff.base_ncr_h, "memory that is not sold");
	conf.policy[KMC_RES_MEMORY].nominal = 2500;
	conf.policy[KMC_RES_MEMORY].mode = KMC_MODE_ELASTIC;
	run(&conf, 600, &step, &sound);
	check(sound && w.withheld > 0, "and that is");
	conf.resource = KMC_RES_EXITS;
	run(&conf, 600, &step, &sound);
	check(sound && !w.withheld && !w.nr_adjustments, "exits are never withheld");
}

int main(void)
{
	char cmd[64];

	snprintf(dir, sizeof(dir), "/tmp/test_replay.XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	test_files();
	test_damage();
	test_note();
	test_params();
	test_whatif();
	test_whatif_unsold();
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	if (system(cmd))
		failed++;
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
