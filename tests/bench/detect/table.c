// SPDX-License-Identifier: GPL-2.0
/*
 * Table: ours beside the baselines, part by part, moved, by category; its cost.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "detect.h"
#include "run.h"
#include "score.h"
#include "series.h"
#include "table.h"
#include "tool.h"
#include "tunable.h"

#define DRAWS		60

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

	uniform_seed(1);
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

		for (size_t i = 0; i < nr_tunables; i++)
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

void print_tables(const struct kmc_detect_params *p)
{
	print_detectors(p);
	print_parts(p);
	printf("\n%-34s %8s %8s %8s %8s\n", "all parameters moved", "mean", "sd", "least", "most");
	perturb("by 10 %; 60 draws", p, BY_TENTH, DRAWS, "\n");
	perturb("by 10 %, shifts by 1; 60 draws", p, BY_ONE, DRAWS, "\n");
	print_categories(p);
	print_cost(p);
}
