/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Charts of text: columns of eighths, in UTF-8 or in ASCII.
 */
#ifndef KVMETER_CHART_H
#define KVMETER_CHART_H

#include <stdbool.h>
#include <stddef.h>

#define CHART_WIDTH_MAX		512
#define CHART_LINE_MAX		(3 * CHART_WIDTH_MAX + 1)	/* bytes, with the final 0 */

/** struct chart_column - what is drawn in one column; NAN: nothing */
struct chart_column {
	float bar;	/* filled from the bottom */
	float mark;	/* a line at this height: the forecast */
	float low;	/* a band between two heights: where 95 ... */
	float high;	/* ... to 99 % of periods end */
};

/**
 * chart_row - one line of a chart
 * @buf: CHART_LINE_MAX bytes
 * @c: columns
 * @nr: how many; CHART_WIDTH_MAX at most
 * @row: from the bottom, from 0
 * @rows: height of the chart
 * @top: value at its upper edge, above 0
 * @utf8: the terminal can draw it
 */
void chart_row(char *buf, const struct chart_column *c, size_t nr, int row, int rows, double top,
	       bool utf8);
/** chart_top - a round number, 1, 2 or 5 times a power of ten, that nothing is above */
double chart_top(const struct chart_column *c, size_t nr);
/** sparkline - one line, from the least value to the most; one level if all are equal */
void sparkline(char *buf, const double *v, size_t nr, bool utf8);

#endif /* KVMETER_CHART_H */
