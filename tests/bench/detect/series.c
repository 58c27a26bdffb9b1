// SPDX-License-Identifier: GPL-2.0
/*
 * Series: reads the benchmark's files and labels, writes what a detector made
 * of them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <zlib.h>

#include "hist.h"
#include "series.h"
#include "tool.h"

#define LABELS_MAX_BYTES	(1 << 20)
#define FIRST_VALUE	1024.0

struct series series[FILES_MAX];
int nr_series;

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
void read_labels(const char *dir)
{
	char path[512], from[WINDOWS_MAX][20], to[WINDOWS_MAX][20], *text, *at;
	struct series *s = NULL;
	bool begin = true;
	FILE *f;

	snprintf(path, sizeof(path), "%s/labels/combined_windows.json", dir);
	f = fopen(path, "r");
	if (!f)
		die("no labels/combined_windows.json");
	text = allocate(1, LABELS_MAX_BYTES);
	if (!fread(text, 1, LABELS_MAX_BYTES - 1, f))
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

void write_results(const char *out)
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
