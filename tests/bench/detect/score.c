// SPDX-License-Identifier: GPL-2.0
/*
 * Score: what the benchmark gives a detector for its series.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "score.h"
#include "series.h"
#include "tool.h"

const struct profile standard = { "standard", 0.11, 1 };
const struct profile low_fp = { "low FP", 0.22, 1 };
const struct profile low_fn = { "low FN", 0.11, 2 };

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

double score(const struct profile *p, const char *only, const char *but, double *threshold)
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

double score_at(const struct profile *p, const char *only, double threshold)
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
