// SPDX-License-Identifier: GPL-2.0
#include "show/svg.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/error.h"
#include "data/fmt.h"
#include "show/value.h"

#define WIDTH		760
#define HEIGHT		360
#define LEFT		60
#define RIGHT		20
#define TOP		70
#define BOTTOM		50
#define PLOT_WIDTH	(WIDTH - LEFT - RIGHT)
#define PLOT_HEIGHT	(HEIGHT - TOP - BOTTOM)

struct axis {
	double low, high;	/* log2(1 + value) */
};

static double place(const struct axis *a, double v)
{
	double x = (log2(1 + v) - a->low) / (a->high - a->low);

	return LEFT + PLOT_WIDTH * fmin(fmax(x, 0), 1);
}

/* what is put between tags */
static void put_text(FILE *f, const char *s)
{
	for (; *s; s++) {
		if (*s == '&')
			fputs("&amp;", f);
		else if (*s == '<')
			fputs("&lt;", f);
		else if (*s == '>')
			fputs("&gt;", f);
		else
			fputc(*s, f);
	}
}

static void put_mark(FILE *f, const struct axis *a, const struct profile *p, const char *name,
		     const char *colour, double v, int line)
{
	double x = place(a, v);
	char buf[FMT_LEN];

	fprintf(f, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"%s\"/>\n", x,
		TOP - 4, x, HEIGHT - BOTTOM, colour);
	fprintf(f, "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s ", LEFT + 170 * line, TOP - 14, colour,
		name);
	put_text(f, fmt_sample(buf, p->resource, v + 0.5));
	fputs("</text>\n", f);
}

static void put_bars(FILE *f, const struct axis *a, const struct profile *p, double total,
		     double most)
{
	size_t i;

	for (i = 0; i < p->nr_bins; i++) {
		const struct bin *b = &p->bins[i];
		double x = place(a, b->low), height = PLOT_HEIGHT * b->weight / most;
		char low[FMT_LEN], end[FMT_LEN];

		fprintf(f, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\">"
			"<title>", x, HEIGHT - BOTTOM - height, fmax(place(a, b->end) - x, 1),
			height, p->alarm != NONE && b->low >= p->alarm ? "#c0392b" : "#4a78a8");
		put_text(f, fmt_sample(low, p->resource, b->low));
		fputs(" .. ", f);
		put_text(f, fmt_sample(end, p->resource, b->end));
		fprintf(f, ": %.3f%%</title></rect>\n", 100 * b->weight / total);
	}
}

static void put_ticks(FILE *f, const struct axis *a, const struct profile *p, double share)
{
	double v, last = -100;
	char buf[FMT_LEN];

	fprintf(f, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"black\"/>\n", LEFT,
		HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
	for (v = 1; log2(1 + v) <= a->high; v *= 2) {
		double x = place(a, v);

		if (log2(1 + v) < a->low || x < last + 70)
			continue;
		last = x;
		fprintf(f, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"black\"/>"
			"<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", x, HEIGHT - BOTTOM, x,
			HEIGHT - BOTTOM + 5, x, HEIGHT - BOTTOM + 20);
		put_text(f, fmt_sample(buf, p->resource, v));
		fputs("</text>\n", f);
	}
	fprintf(f, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.3g%%</text>\n", LEFT - 6,
		TOP + 10, 100 * share);
	fprintf(f, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>\n", LEFT - 6,
		HEIGHT - BOTTOM);
}

static void draw(FILE *f, const struct profile *p, const char *title)
{
	double total = 0, most = 0, end = 1;
	struct axis a = { 0, 1 };
	size_t i;
	int line = 0;

	for (i = 0; i < p->nr_bins; i++) {
		total += p->bins[i].weight;
		most = fmax(most, p->bins[i].weight);
	}
	if (p->nr_bins) {
		a.low = log2(1 + (double)p->bins[0].low);
		end = p->bins[p->nr_bins - 1].end;
	}
	end = fmax(end, p->next.p99);
	if (p->alarm != NONE)
		end = fmax(end, p->alarm);
	a.high = fmax(log2(1 + end), a.low + 1);
	fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
		"<text x=\"%d\" y=\"24\" font-size=\"15\">", WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT);
	put_text(f, title);
	fputs("</text>\n", f);
	if (!total)
		fprintf(f, "<text x=\"%d\" y=\"%d\">nothing learned yet</text>\n", LEFT,
			HEIGHT / 2);
	else
		put_bars(f, &a, p, total, most);
	put_ticks(f, &a, p, total ? most / total : 0);
	put_mark(f, &a, p, "mean", "#333333", moments_mean(&p->moments), line++);
	if (!*p->image) {
		put_mark(f, &a, p, "forecast", "#27803b", p->next.predicted, line++);
		put_mark(f, &a, p, "99% below", "#b8860b", p->next.p99, line++);
	}
	if (p->alarm != NONE)
		put_mark(f, &a, p, "alarm", "#c0392b", p->alarm, line++);
	fputs("</svg>\n", f);
}

int svg_profile(const char *path, const struct profile *p, const char *title)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "w") : stdout;
	bool bad;

	if (f) {
		draw(f, p, title);
		bad = fflush(f) || ferror(f);
		if (f != stdout)
			bad |= fclose(f) != 0;
		if (!bad)
			return EXIT_OK;
	}
	error("%s: %s", path, strerror(errno));
	return EXIT_FAILED;
}
