// SPDX-License-Identifier: GPL-2.0
/*
 * A chart of one resource: bars are use, a line is the forecast, a band is where
 * 95 to 99 % of periods end.  Below it grant and price, each on a line of its
 * own, under the same moments.
 */
#include "top/panel.h"

#include <math.h>
#include <stdio.h>

#include "data/fmt.h"
#include "data/names.h"
#include "show/value.h"

#define LABEL	9	/* columns left of a chart */

static size_t nr_columns(const struct panel *p, const struct seen *s)
{
	size_t nr = p->width > LABEL ? p->width - LABEL : 1;

	if (nr > CHART_WIDTH_MAX)
		nr = CHART_WIDTH_MAX;
	return nr < s->nr_track ? nr : s->nr_track;
}

/* A moment's bar stands where its forecast was made the moment before */
static size_t columns(struct chart_column *c, const struct panel *p, const struct seen *s)
{
	static const struct level none = { NAN, NAN, NAN, NAN };
	size_t nr = nr_columns(p, s), first = s->nr_track - nr, i;

	for (i = 0; i < nr; i++) {
		const struct level *now = &s->track[first + i].level[p->resource];
		const struct level *was = &none;

		if (first + i)
			was = &s->track[first + i - 1].level[p->resource];
		c[i] = (struct chart_column){ now->usage, was->predicted, was->p95, was->p99 };
	}
	return nr;
}

static void head_line(char *buf, const struct panel *p, const struct seen *s)
{
	const struct level *l = &s->now.level[p->resource];
	char use[FMT_LEN] = "-", next[FMT_LEN] = "-", p95[FMT_LEN] = "-", p99[FMT_LEN] = "-";

	if (!isnan(l->usage))
		fmt_sample(use, p->resource, l->usage);
	if (!isnan(l->predicted)) {
		fmt_sample(next, p->resource, l->predicted);
		fmt_sample(p95, p->resource, l->p95);
		fmt_sample(p99, p->resource, l->p99);
	}
	snprintf(buf, PANEL_LINE_MAX, "VM %u %s  %s %s, next %s, 95%% below %s, 99%% below %s",
		 s->id, s->name, RESOURCE_NAME(p->resource), use, next, p95, p99);
}

static void chart_line(char *buf, const struct panel *p, const struct seen *s, int row)
{
	static struct chart_column c[CHART_WIDTH_MAX];
	char label[FMT_LEN] = "", line[CHART_LINE_MAX];
	size_t nr = columns(c, p, s);
	double top = chart_top(c, nr);

	chart_row(line, c, nr, row, p->rows, top, p->utf8);
	if (row == p->rows - 1)
		fmt_sample(label, p->resource, top);
	snprintf(buf, PANEL_LINE_MAX, "%*.*s %s", LABEL - 1, LABEL - 1, label, line);
}

static double grant_of(const struct point *p, uint32_t resource)
{
	return resource < NR_ACT ? p->grant_bp[resource] : NAN;
}

static void line_of(char *buf, const struct panel *p, const struct seen *s, bool price)
{
	double v[CHART_WIDTH_MAX] = { 0 };
	size_t nr = nr_columns(p, s), first = s->nr_track - nr, i;
	char line[CHART_LINE_MAX];

	for (i = 0; i < nr; i++) {
		const struct point *at = &s->track[first + i];

		v[i] = price ? (double)at->price_ncr_h : grant_of(at, p->resource);
	}
	sparkline(line, v, nr, p->utf8);
	snprintf(buf, PANEL_LINE_MAX, "%*s %s", LABEL - 1, price ? "price" : "grant", line);
}

static void foot_line(char *buf, const struct panel *p, const struct seen *s)
{
	char grant[FMT_LEN] = "-", price[FMT_LEN], spent[FMT_LEN];
	int len;

	if (p->resource < NR_ACT)
		fmt_percent(grant, s->now.grant_bp[p->resource]);
	len = snprintf(buf, PANEL_LINE_MAX, "grant %s, price %s", grant,
		       fmt_price(price, s->now.price_ncr_h));
	if (s->spent_ncr != NONE)
		len += snprintf(buf + len, PANEL_LINE_MAX - len, ", spent %s",
				fmt_amount_short(spent, s->spent_ncr));
	if (!s->adjustment_seq)
		snprintf(buf + len, PANEL_LINE_MAX - len, ", no adjustment");
	else if (s->adjustment_seq != NONE)
		snprintf(buf + len, PANEL_LINE_MAX - len, ", last adjustment #%llu",
			 (unsigned long long)s->adjustment_seq);
}

void panel_line(char buf[PANEL_LINE_MAX], const struct panel *p, const struct seen *s, int i)
{
	if (i == 0)
		head_line(buf, p, s);
	else if (i <= p->rows)
		chart_line(buf, p, s, p->rows - i);
	else if (i == p->rows + 1)
		line_of(buf, p, s, false);
	else if (i == p->rows + 2)
		line_of(buf, p, s, true);
	else
		foot_line(buf, p, s);
}
