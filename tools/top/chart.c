// SPDX-License-Identifier: GPL-2.0
#include "top/chart.h"

#include <math.h>
#include <string.h>

#define EIGHTHS	8

/* How full a cell is, in eighths, and the signs of a forecast */
static const char * const full_utf8[EIGHTHS + 1] = {
	" ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588",
};

static const char * const full_ascii[EIGHTHS + 1] = {
	" ", ".", ".", ":", ":", "|", "|", "#", "#",
};

static char *put(char *pos, const char *sign)
{
	size_t len = strlen(sign);

	memcpy(pos, sign, len);
	return pos + len;
}

static const char *bar_sign(double eighths, bool utf8)
{
	int full = eighths < 0 ? 0 : eighths > EIGHTHS ? EIGHTHS : (int)(eighths + 0.5);

	return (utf8 ? full_utf8 : full_ascii)[full];
}

/* Is a height within the cell whose lower edge is @edge? */
static bool within(double height, double edge)
{
	return height >= edge && height < edge + 1;
}

static const char *cell_sign(const struct chart_column *c, double edge, double per_row, bool utf8)
{
	double bar = isnan(c->bar) ? 0 : c->bar / per_row - edge;
	const char *sign = bar_sign(EIGHTHS * bar, utf8);

	/* what was used covers what was forecast: a bar above the band is what stands out */
	if (*sign != ' ')
		return sign;
	if (!isnan(c->mark) && within(c->mark / per_row, edge))
		return utf8 ? "\u2500" : "-";
	if (!isnan(c->high) && c->high / per_row >= edge && c->low / per_row < edge + 1)
		return utf8 ? "\u2591" : "'";
	return " ";
}

void chart_row(char *buf, const struct chart_column *c, size_t nr, int row, int rows, double top,
	       bool utf8)
{
	size_t i;

	for (i = 0; i < nr; i++)
		buf = put(buf, cell_sign(&c[i], row, top / rows, utf8));
	*buf = 0;
}

double chart_top(const struct chart_column *c, size_t nr)
{
	double most = 0, top = 1;
	size_t i;

	for (i = 0; i < nr; i++) {
		most = fmax(most, c[i].bar);	/* fmax() passes over NAN */
		most = fmax(most, c[i].high);
		most = fmax(most, c[i].mark);
	}
	while (top < most) {
		if (2 * top >= most)
			return 2 * top;
		if (5 * top >= most)
			return 5 * top;
		top *= 10;
	}
	return top;
}

void sparkline(char *buf, const double *v, size_t nr, bool utf8)
{
	double least = INFINITY, most = -INFINITY;
	size_t i;

	for (i = 0; i < nr; i++) {
		least = fmin(least, v[i]);
		most = fmax(most, v[i]);
	}
	for (i = 0; i < nr; i++) {
		double part = most > least ? (v[i] - least) / (most - least) : 0;

		buf = put(buf, isnan(v[i]) ? " " : bar_sign(1 + (EIGHTHS - 1) * part, utf8));
	}
	*buf = 0;
}
