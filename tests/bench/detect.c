// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: detect table DIR [--params FILE]       all tables, see below
 *        detect write DIR OUT [--params FILE]   OUT/CATEGORY/FILE.csv, anomaly_score
 *        detect trace FILE PER_DAY              surprise over traces: id,v0,v1,...
 *        detect cost SAMPLES                    for callgrind
 *
 * DIR holds the Numenta Anomaly Benchmark or a part of it: data/CATEGORY/FILE
 * (plain or gzip) and labels/combined_windows.json.  Files that are not there
 * are left out.  The score is NAB's: 0 is to say nothing, 100 is perfect, one
 * threshold for all files, the best; "standard" unless said.
 *
 * NAB's values are decimals of any size, the detector's samples integers below
 * 2^24.  The first value that is not zero is made 1024, and the rest follow;
 * nothing is looked up ahead.  Below zero is zero.
 *
 * table prints: ours beside EWMA z-scores, CUSUM, and the tail of a decayed
 * histogram, each with a small grid of settings of which the best is shown;
 * what parts contribute, by removal; all parameters moved at random; each
 * category under a threshold found on the others.
 */
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <zlib.h>

#include "detect.h"

#define FILES_MAX	128
#define WINDOWS_MAX	64
#define LINE_MAX_BYTES	(1 << 20)
#define FIRST_VALUE	1024.0
#define DRAWS		60

struct series {
	char name[128];
	int nr;
	int nr_windows;		/* as labelled */
	int first;		/* row that counts */
	u32 per_day;
	u64 *when_s;
	u64 *demand;
	char (*stamp)[20];
	double *gain;		/* of a detection here, at unit weight */
	int *window;		/* -1: none */
	double *score;
};

static struct series series[FILES_MAX];
static int nr_series;

struct profile {
	const char *name;
	double fp;
	double fn;
};

static const struct profile standard = { "standard", 0.11, 1 };
static const struct profile low_fp = { "low FP", 0.22, 1 };
static const struct profile low_fn = { "low FN", 0.11, 2 };

/* Tunables by name, for --params, removal and perturbation */
enum kind { SCALE, SHIFT, FLAG };

static const struct tunable {
	const char *name;
	size_t at;
	enum kind kind;
} tunables[] = {
#define TUNABLE(field, kind)	{ #field, offsetof(struct kmc_detect_params, field), kind }
	TUNABLE(fast_q8, SCALE),
	TUNABLE(slow_shift, SHIFT),
	TUNABLE(bias_shift, SHIFT),
	TUNABLE(day_shift, SHIFT),
	TUNABLE(level_shift, SHIFT),
	TUNABLE(scale_shift, SHIFT),
	TUNABLE(clip_q4, SCALE),
	TUNABLE(often_q4, SCALE),
	TUNABLE(rough_q4, SCALE),
	TUNABLE(dense_shift, SHIFT),
	TUNABLE(high_step_mbit, SCALE),
	TUNABLE(young_step_mbit, SCALE),
	TUNABLE(rare_shift, SHIFT),
	TUNABLE(mean_shift, SHIFT),
	TUNABLE(handicap_mbit[0], SCALE),
	TUNABLE(handicap_mbit[1], SCALE),
	TUNABLE(handicap_mbit[2], SCALE),
	TUNABLE(handicap_mbit[3], SCALE),
	TUNABLE(handicap_mbit[4], SCALE),
	TUNABLE(week, FLAG),
	TUNABLE(quarantine_mbit, SCALE),
	TUNABLE(quarantine, SCALE),
	TUNABLE(tail_min, SCALE),
	TUNABLE(tail_weight, SCALE),
	TUNABLE(surprise_q8, SCALE),
	TUNABLE(growth_q8, SCALE),
	TUNABLE(hold_q8, SCALE),
	TUNABLE(hold_decay_q12, SCALE),
};

static s32 *tunable(struct kmc_detect_params *p, size_t i)
{
	return (s32 *)((char *)p + tunables[i].at);
}

static u64 seed = 1;

static double uniform(void)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return ldexp(seed >> 11, -53);
}

static void die(const char *what)
{
	fprintf(stderr, "detect: %s\n", what);
	exit(1);
}

static void *allocate(size_t nr, size_t bytes)
{
	void *p = calloc(nr, bytes);

	if (!p)
		die("out of memory");
	return p;
}

/* Reading */

static u64 parse_when(const char *s)
{
	struct tm t = {};

	if (sscanf(s, "%d-%d-%d%*c%d:%d:%d", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour,
		   &t.tm_min, &t.tm_sec) != 6)
		die("not a time");
	t.tm_year -= 1900;
	t.tm_mon--;
	return timegm(&t);
}

static bool read_series(const char *dir, struct series *s)
{
	char path[512], line[256];
	double scale = 0;
	int room = 0;
	gzFile f;

	snprintf(path, sizeof(path), "%s/data/%s", dir, s->name);
	f = gzopen(path, "r");
	if (!f) {
		strncat(path, ".gz", sizeof(path) - strlen(path) - 1);
		f = gzopen(path, "r");
	}
	if (!f)
		return false;
	gzgets(f, line, sizeof(line));
	while (gzgets(f, line, sizeof(line)) && strlen(line) > 20) {
		double v = atof(strchr(line, ',') + 1);

		if (s->nr == room) {
			room = 2 * room + 1024;
			s->when_s = realloc(s->when_s, room * sizeof(*s->when_s));
			s->demand = realloc(s->demand, room * sizeof(*s->demand));
			s->stamp = realloc(s->stamp, room * sizeof(*s->stamp));
			if (!s->when_s || !s->demand || !s->stamp)
				die("out of memory");
		}
		if (!scale && v)
			scale = FIRST_VALUE / fabs(v);
		snprintf(s->stamp[s->nr], sizeof(*s->stamp), "%.19s", line);
		s->when_s[s->nr] = parse_when(line);
		s->demand[s->nr++] = fmin(fmax(v * scale + 0.5, 0), KMC_HIST_MAX - 1);
	}
	gzclose(f);
	s->per_day = s->nr > 1 && s->when_s[1] > s->when_s[0] ?
		86400 / (s->when_s[1] - s->when_s[0]) : 288;
	s->gain = allocate(s->nr, sizeof(*s->gain));
	s->window = allocate(s->nr, sizeof(*s->window));
	s->score = allocate(s->nr, sizeof(*s->score));
	return true;
}

static double sigmoid(double x)
{
	return 2 / (1 + exp(5 * x)) - 1;
}

static int find_stamp(const struct series *s, const char *stamp)
{
	for (int i = 0; i < s->nr; i++)
		if (!strcmp(s->stamp[i], stamp))
			return i;
	die("a window's end is no row");
	return -1;
}

/* Rows of a window earn by how early they are; others cost, less so just after */
static void label_series(struct series *s, char from[][20], char to[][20])
{
	double width = 0, last_width = 0;
	int next = 0, end = -1, last = -1;

	for (int i = 0; i < s->nr; i++) {
		s->window[i] = -1;
		if (next < s->nr_windows && !strcmp(s->stamp[i], from[next])) {
			end = find_stamp(s, to[next]);
			width = end - find_stamp(s, from[next]) + 1;
			next++;
		}
		if (end >= 0) {
			s->gain[i] = sigmoid(-(end - i + 1) / width) / sigmoid(-1);
			s->window[i] = next - 1;
			if (i == end) {
				last = i;
				last_width = width;
				end = -1;
			}
		} else {
			double late = last < 0 ? 4 : (i - last) / (last_width - 1);

			s->gain[i] = late > 3 ? -1 : sigmoid(late);
		}
	}
	s->first = ceil(fmin(floor(0.15 * s->nr), 750));
}

/* "CATEGORY/FILE": [["FROM", "TO"], ...], ... */
static void read_labels(const char *dir)
{
	char path[512], from[WINDOWS_MAX][20], to[WINDOWS_MAX][20], *text, *at;
	struct series *s = NULL;
	bool begin = true;
	FILE *f;

	snprintf(path, sizeof(path), "%s/labels/combined_windows.json", dir);
	f = fopen(path, "r");
	if (!f)
		die("no labels/combined_windows.json");
	text = allocate(1, LINE_MAX_BYTES);
	if (!fread(text, 1, LINE_MAX_BYTES - 1, f))
		die("no labels");
	fclose(f);
	for (at = strtok(text, "\""); at; at = strtok(NULL, "\"")) {
		if (strstr(at, ".csv")) {
			if (s && read_series(dir, s)) {
				label_series(s, from, to);
				nr_series++;
			}
			if (nr_series == FILES_MAX)
				die("too many files");
			s = &series[nr_series];
			memset(s, 0, sizeof(*s));
			snprintf(s->name, sizeof(s->name), "%s", at);
		} else if (s && at[0] >= '0' && at[0] <= '9' && s->nr_windows < WINDOWS_MAX) {
			snprintf(begin ? from[s->nr_windows] : to[s->nr_windows], 20, "%.19s", at);
			s->nr_windows += !begin;
			begin = !begin;
		}
	}
	if (s && read_series(dir, s)) {
		label_series(s, from, to);
		nr_series++;
	}
	free(text);
}

/* Scoring */

struct row {
	double score;
	double gain;
	int window;
};

static int by_score(const void *a, const void *b)
{
	double x = ((const struct row *)a)->score, y = ((const struct row *)b)->score;

	return (x < y) - (x > y);
}

static bool selected(const struct series *s, const char *only, const char *but)
{
	return (!only || !strncmp(s->name, only, strlen(only))) &&
	       (!but || strncmp(s->name, but, strlen(but)));
}

/* The best threshold, and the score under it, of the files selected */
static double score(const struct profile *p, const char *only, const char *but, double *threshold)
{
	static double best[FILES_MAX * WINDOWS_MAX];
	int nr = 0, nr_windows = 0, present = 0, perfect = 0, total = 0;
	double sum, most;
	struct row *row;

	for (int k = 0; k < nr_series; k++)
		total += series[k].nr;
	row = allocate(total, sizeof(*row));
	for (int k = 0; k < nr_series; k++) {
		const struct series *s = &series[k];
		int seen = -1;

		if (!selected(s, only, but))
			continue;
		for (int i = s->first; i < s->nr; i++) {
			int w = s->window[i];

			present += w > seen;
			seen = w > seen ? w : seen;
			if (s->score[i] > 0)
				row[nr++] = (struct row){ s->score[i], s->gain[i],
							  w < 0 ? -1 : w + nr_windows };
		}
		nr_windows += s->nr_windows;
		perfect += s->nr_windows;
	}
	for (int i = 0; i < nr_windows; i++)
		best[i] = -p->fn;
	qsort(row, nr, sizeof(*row), by_score);
	sum = -p->fn * present;
	most = sum;
	*threshold = INFINITY;
	for (int i = 0; i < nr; i++) {
		if (row[i].window < 0) {
			sum += p->fp * row[i].gain;
		} else if (row[i].gain > best[row[i].window]) {
			sum += row[i].gain - best[row[i].window];
			best[row[i].window] = row[i].gain;
		}
		if (sum > most && (i == nr - 1 || row[i + 1].score != row[i].score)) {
			most = sum;
			*threshold = row[i].score;
		}
	}
	free(row);
	return 100 * (most + p->fn * present) / (perfect + p->fn * present);
}

/* The score under a given threshold */
static double score_at(const struct profile *p, const char *only, double threshold)
{
	double sum = 0;
	int present = 0, perfect = 0;

	for (int k = 0; k < nr_series; k++) {
		const struct series *s = &series[k];
		double best[WINDOWS_MAX];
		int seen = -1;

		if (!selected(s, only, NULL))
			continue;
		for (int i = s->first; i < s->nr; i++) {
			int w = s->window[i];

			for (; seen < w; present++)
				best[++seen] = -p->fn;
			if (s->score[i] < threshold)
				continue;
			if (w < 0)
				sum += p->fp * s->gain[i];
			else if (s->gain[i] > best[w])
				best[w] = s->gain[i];
		}
		for (int w = s->first < s->nr && s->window[s->first] > 0 ? s->window[s->first] : 0;
		     w <= seen; w++)
			sum += best[w];
		perfect += s->nr_windows;
	}
	return 100 * (sum + p->fn * present) / (perfect + p->fn * present);
}

/* Detectors */

/* For ablation: always the same moment, so that no slot is ever left */
static bool no_clock;

static void run_ours(const struct kmc_detect_params *p)
{
	static struct kmc_detect d;

	for (int k = 0; k < nr_series; k++) {
		struct series *s = &series[k];

		kmc_detect_init(&d, s->per_day);
		for (int i = 0; i < s->nr; i++) {
			const struct kmc_sample sample = { s->demand[i], s->demand[i] };

			kmc_detect_observe_with(&d, p, &sample, no_clock ? 0 : s->when_s[i], 1);
			s->score[i] = kmc_detect_alert(&d);
		}
	}
}

/* What the baselines share: an alert must pass 1.25 times the held peak */
static double hold(double *held, double score)
{
	*held *= 1 - 0.004;
	if (score <= 1.25 * *held)
		return 0;
	*held = score;
	return score;
}

static void run_ewma(struct series *s, double share, double unused)
{
	double mean = s->demand[0], var = 0, held = 0;

	(void)unused;
	for (int i = 0; i < s->nr; i++) {
		double a = fmax(share, 1.0 / (i + 1)), off = s->demand[i] - mean;

		s->score[i] = hold(&held, fabs(off) / (sqrt(var) + 1));
		mean += a * off;
		var = (1 - a) * (var + a * off * off);
	}
}

static void run_cusum(struct series *s, double share, double slack)
{
	double mean = s->demand[0], var = 0, held = 0, up = 0, down = 0;

	for (int i = 0; i < s->nr; i++) {
		double a = fmax(share, 1.0 / (i + 1)), off = s->demand[i] - mean;
		double z = off / (sqrt(var) + 1);

		up = fmax(0, up + z - slack);
		down = fmax(0, down - z - slack);
		s->score[i] = hold(&held, fmax(up, down));
		mean += a * off;
		var = (1 - a) * (var + a * off * off);
	}
}

/* Tail of the step's size, or (share) of the distance from a mean */
static void run_tail(struct series *s, double share, double half_life)
{
	double mean = s->demand[0], held = 0;
	struct kmc_hist h;

	kmc_hist_init(&h, half_life);
	for (int i = 0; i < s->nr; i++) {
		double off = fabs(s->demand[i] - mean);

		s->score[i] = hold(&held, kmc_hist_tail_mbit(&h, off, true));
		kmc_hist_add_bin(&h, kmc_hist_bin(off));
		mean += share * (s->demand[i] - mean);
	}
}

static void baseline(const char *name, void (*run)(struct series *, double, double),
		     const double *a, int nr_a, const double *b, int nr_b)
{
	double most[3] = {}, at[2] = {}, threshold;

	for (int i = 0; i < nr_a; i++) {
		for (int j = 0; j < nr_b; j++) {
			double got;

			for (int k = 0; k < nr_series; k++)
				run(&series[k], a[i], b[j]);
			got = score(&standard, NULL, NULL, &threshold);
			if (got <= most[0])
				continue;
			most[0] = got;
			most[1] = score(&low_fp, NULL, NULL, &threshold);
			most[2] = score(&low_fn, NULL, NULL, &threshold);
			at[0] = a[i];
			at[1] = b[j];
		}
	}
	printf("%-34s %8.1f %8.1f %8.1f   best of %d: %g %g\n", name, most[0], most[1], most[2],
	       nr_a * nr_b, at[0], at[1]);
}

static void print_detectors(const struct kmc_detect_params *p)
{
	static const double shares[] = { 0.5, 0.1, 0.03, 0.01, 0.003 };
	static const double slacks[] = { 0.25, 0.5, 1, 2 };
	static const double half_lives[] = { 200, 1000, 5000 };
	static const double one[] = { 1 };
	double threshold;

	printf("%-34s %8s %8s %8s\n", "detector", "standard", "low FP", "low FN");
	run_ours(p);
	printf("%-34s %8.1f", "this one", score(&standard, NULL, NULL, &threshold));
	printf(" %8.1f", score(&low_fp, NULL, NULL, &threshold));
	printf(" %8.1f\n", score(&low_fn, NULL, NULL, &threshold));
	baseline("EWMA z-score", run_ewma, shares, 5, one, 1);
	baseline("CUSUM", run_cusum, shares, 5, slacks, 4);
	baseline("histogram tail of the step", run_tail, one, 1, half_lives, 3);
	baseline("histogram tail of the distance", run_tail, shares + 1, 4, half_lives, 3);
}

/* A shift that moves by 1 is a rate twice or half as large; by 10 %, the small ones stay */
enum shifts { BY_ONE, BY_TENTH };

static void move_all(const struct kmc_detect_params *from, struct kmc_detect_params *to,
		     enum shifts shifts)
{
	*to = *from;
	for (size_t i = 0; i < ARRAY_SIZE(tunables); i++) {
		s32 *v = tunable(to, i);

		if (tunables[i].kind == SCALE || (tunables[i].kind == SHIFT && shifts == BY_TENTH))
			*v = lround(*v * (0.9 + 0.2 * uniform()));
		else if (tunables[i].kind == SHIFT)
			*v = max(*v + (int)(3 * uniform()) - 1, 0);
	}
}

struct moments {
	double sum, square, least, most;
	int nr;
};

static void add(struct moments *m, double v)
{
	m->least = m->nr ? fmin(m->least, v) : v;
	m->most = m->nr ? fmax(m->most, v) : v;
	m->sum += v;
	m->square += v * v;
	m->nr++;
}

static void print_moments(const char *name, const struct moments *m, const char *end)
{
	double mean = m->sum / m->nr;

	printf("%-34s %8.1f %8.1f %8.1f %8.1f%s", name, mean,
	       sqrt(fmax(m->square / m->nr - mean * mean, 0)), m->least, m->most, end);
}

static void perturb(const char *name, const struct kmc_detect_params *p, enum shifts shifts,
		    int draws, const char *end)
{
	struct moments m = {};

	seed = 1;
	for (int i = 0; i < draws; i++) {
		struct kmc_detect_params moved;
		double threshold;

		move_all(p, &moved, shifts);
		run_ours(&moved);
		add(&m, score(&standard, NULL, NULL, &threshold));
	}
	print_moments(name, &m, end);
}

#define NEVER	90000	/* of a handicap: the channel does not speak */

static void print_parts(const struct kmc_detect_params *p)
{
	static const struct {
		const char *name;
		const char *field[2];
		s32 value;
	} parts[] = {
		{ "all", { NULL } },
		{ "without hold", { "hold_q8" }, 0 },
		{ "without weekends", { "week" }, 0 },
		{ "without season", { "no clock" }, 0 },
		{ "without fast residual", { "handicap_mbit[0]" }, NEVER },
		{ "without slow residual", { "handicap_mbit[1]" }, NEVER },
		{ "without step", { "handicap_mbit[2]" }, NEVER },
		{ "without density of residuals", { "handicap_mbit[3]" }, NEVER },
		{ "without density of steps", { "handicap_mbit[4]" }, NEVER },
		{ "without densities", { "handicap_mbit[3]", "handicap_mbit[4]" }, NEVER },
		{ "without calibration (evidence)", { "surprise_q8" }, 0 },
		{ "without evidence (surprise)", { "surprise_q8" }, 256 },
		{ "without growth", { "growth_q8" }, 0 },
		{ "without quarantine", { "quarantine" }, 0 },
	};

	printf("\n%-34s %8s %8s %8s %8s %8s\n", "part (12 draws as below)", "mean", "sd", "least",
	       "most", "as set");
	for (size_t k = 0; k < ARRAY_SIZE(parts); k++) {
		struct kmc_detect_params q = *p;
		double threshold;

		for (size_t i = 0; i < ARRAY_SIZE(tunables); i++)
			for (int j = 0; j < 2; j++)
				if (parts[k].field[j] &&
				    !strcmp(parts[k].field[j], tunables[i].name))
					*tunable(&q, i) = parts[k].value;
		no_clock = parts[k].field[0] && !strcmp(parts[k].field[0], "no clock");
		perturb(parts[k].name, &q, BY_ONE, 12, "");
		run_ours(&q);
		printf(" %8.1f\n", score(&standard, NULL, NULL, &threshold));
	}
	no_clock = false;
}

static void print_categories(const struct kmc_detect_params *p)
{
	char category[64], last[64] = "";

	printf("\n%-34s %8s %8s %8s\n", "category (threshold of)", "its own", "all", "others");
	run_ours(p);
	for (int k = 0; k < nr_series; k++) {
		double own, all, others, threshold;

		snprintf(category, sizeof(category), "%.*s", (int)strcspn(series[k].name, "/"),
			 series[k].name);
		if (!strcmp(category, last))
			continue;
		memcpy(last, category, sizeof(last));
		own = score(&standard, category, NULL, &threshold);
		score(&standard, NULL, NULL, &threshold);
		all = score_at(&standard, category, threshold);
		score(&standard, NULL, category, &threshold);
		others = score_at(&standard, category, threshold);
		if (isfinite(own))	/* not those without a window */
			printf("%-34s %8.1f %8.1f %8.1f\n", category, own, all, others);
	}
}

static void print_cost(const struct kmc_detect_params *p)
{
	struct timespec a, b;
	u64 nr = 0;

	for (int k = 0; k < nr_series; k++)
		nr += series[k].nr;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	run_ours(p);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	printf("\nstate %zu bytes, %.0f ns a sample\n", sizeof(struct kmc_detect),
	       ((b.tv_sec - a.tv_sec) * 1e9 + b.tv_nsec - a.tv_nsec) / nr);
}

static void write_results(const char *out)
{
	char path[1024];

	mkdir(out, 0755);
	for (int k = 0; k < nr_series; k++) {
		const struct series *s = &series[k];
		FILE *f;

		snprintf(path, sizeof(path), "%s/%.*s", out, (int)strcspn(s->name, "/"), s->name);
		mkdir(path, 0755);
		snprintf(path, sizeof(path), "%.500s/%.127s", out, s->name);
		f = fopen(path, "w");
		if (!f)
			die("cannot write there");
		fputs("timestamp,value,anomaly_score\n", f);
		for (int i = 0; i < s->nr; i++)
			fprintf(f, "%s,%llu,%.3f\n", s->stamp[i], s->demand[i],
				s->score[i] / 1000);
		fclose(f);
	}
}

/* Traces without labels: is surprise calibrated on real load?  The first tenth
 * of each is for learning.
 */
static void trace(const char *path, u32 per_day)
{
	char *line = allocate(1, LINE_MAX_BYTES), *at;
	u64 beyond[13] = {}, nr = 0, alerts = 0;
	static struct kmc_detect d;
	int traces = 0;
	gzFile f = gzopen(path, "r");

	if (!f)
		die("no such trace");
	while (gzgets(f, line, LINE_MAX_BYTES)) {
		u64 n = 0, all = 0;

		for (at = line; (at = strchr(at, ',')); at++)
			all++;
		kmc_detect_init(&d, per_day);
		traces++;
		for (at = line; (at = strchr(at, ',')); n++) {
			u64 v = strtoull(++at, NULL, 10);
			const struct kmc_sample s = { v, v };
			u32 mbit = kmc_detect_observe(&d, &s, n * 86400 / per_day, 1).mbit;

			if (n < all / 10)
				continue;
			nr++;
			alerts += kmc_detect_alert(&d) > 0;
			for (int b = 1; b <= 12; b++)
				beyond[b] += mbit > b * 1000;
		}
	}
	printf("%d traces, %llu samples, P(surprise > b) * 2^b, b = 1..12:", traces, nr);
	for (int b = 1; b <= 12; b++)
		printf(" %.2f", ldexp(beyond[b], b) / nr);
	printf("; alerts %.1f per 1000 samples\n", 1000.0 * alerts / nr);
	gzclose(f);
	free(line);
}

static void cost(u32 nr)
{
	static struct kmc_detect d;
	u64 sum_mbit = 0;

	kmc_detect_init(&d, 864000);
	for (u32 i = 0; i < nr; i++) {
		struct kmc_sample s = { .demand = i % 500 < 490 ? 1500 + 1500 * uniform() : 9000 };

		sum_mbit += kmc_detect_observe(&d, &s, 1000000 + i / 10, 1).mbit;
	}
	fprintf(stderr, "%llu\n", sum_mbit);
}

static void read_params(struct kmc_detect_params *p, const char *path)
{
	FILE *f = fopen(path, "r");
	char name[64];
	size_t i;
	int v;

	if (!f)
		die("no such parameters");
	while (fscanf(f, "%63s %d", name, &v) == 2) {
		for (i = 0; i < ARRAY_SIZE(tunables); i++)
			if (!strcmp(name, tunables[i].name))
				break;
		if (i == ARRAY_SIZE(tunables))
			die(name);
		*tunable(p, i) = v;
	}
	fclose(f);
}

int main(int argc, char **argv)
{
	struct kmc_detect_params p = kmc_detect_default;

	if (argc == 3 && !strcmp(argv[1], "cost")) {
		cost(atoi(argv[2]));
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "trace")) {
		trace(argv[2], max(atoi(argv[3]), 1));
		return 0;
	}
	if (argc > 4 && !strcmp(argv[argc - 2], "--params")) {
		read_params(&p, argv[argc - 1]);
		argc -= 2;
	}
	if (argc == 4 && !strcmp(argv[1], "write")) {
		read_labels(argv[2]);
		run_ours(&p);
		write_results(argv[3]);
		return 0;
	}
	if (argc != 3 || strcmp(argv[1], "table"))
		die("usage: table DIR | write DIR OUT | trace FILE PER_DAY | cost SAMPLES");
	read_labels(argv[2]);
	print_detectors(&p);
	print_parts(&p);
	printf("\n%-34s %8s %8s %8s %8s\n", "all parameters moved", "mean", "sd", "least", "most");
	perturb("by 10 %; 60 draws", &p, BY_TENTH, DRAWS, "\n");
	perturb("by 10 %, shifts by 1; 60 draws", &p, BY_ONE, DRAWS, "\n");
	print_categories(&p);
	print_cost(&p);
	return 0;
}
