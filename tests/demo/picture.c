// SPDX-License-Identifier: GPL-2.0
/*
 * picture - the time line as SVG: a lane below the other, one time axis
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "picture.h"
#include "timeline.h"

#define WIDTH		1000
#define LEFT		62
#define RIGHT		(WIDTH - 62)
#define TOP		82		/* title and legend */
#define PANEL		158		/* height of a lane with its name and marks ... */
#define PLOT_TOP	42		/* ... in which the plot begins here ... */
#define PLOT_HEIGHT	100		/* ... and is so high */
#define BOTTOM		34		/* time axis */
#define LABEL_GAP	8
#define NAME_WIDTH	110

#define HEADROOM	1.1	/* above the highest of a lane */
#define NR_PRICE_TICKS	4
#define PRICE_SPAN	1.5	/* of the highest price: its line lies apart from the grant's */

#define USAGE_FILL	"#c6dcf0"
#define USAGE_LINE	"#6fa3d0"
#define PREDICTION	"#5b3f8c"
#define BAND		"#5b3f8c"
#define GRANT		"#1f8a3b"
#define PRICE		"#d2540a"
#define MARK		"#777777"
#define TEXT		"#222222"

static double x_of(double ms)
{
	return LEFT + (ms - timeline.first_ms) / (timeline.last_ms - timeline.first_ms) *
		      (RIGHT - LEFT);
}

static double y_of(const struct lane *lane, double value)
{
	double most = lane->max * HEADROOM;

	return PLOT_HEIGHT * (1 - (value < most ? value : most) / most);
}

static double y_of_price(double price)
{
	return PLOT_HEIGHT * (1 - price / (timeline.price_max * PRICE_SPAN));
}

static void put_text(double x, double y, const char *anchor, int size, const char *color,
		     const char *what)
{
	printf("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\" fill=\"%s\">"
	       "%s</text>\n",
	       x, y, anchor, size, color, what);
}

static void axis_title(double x, double y, int turn, const char *color, const char *what)
{
	printf("<text transform=\"translate(%.1f %.1f) rotate(%d)\" text-anchor=\"middle\" "
	       "font-size=\"11\" fill=\"%s\">%s</text>\n",
	       x, y, turn, color, what);
}

static void put_line(double x1, double y1, double x2, double y2, const char *style)
{
	printf("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n",
	       x1, y1, x2, y2, style);
}

static void draw_usage(const struct lane *lane)
{
	int i;

	printf("<path fill=\"" USAGE_FILL "\" stroke=\"" USAGE_LINE "\" "
	       "stroke-width=\"0.8\" d=\"M%.1f,%d",
	       x_of(lane->samples[0].ms), PLOT_HEIGHT);
	for (i = 0; i < lane->nr; i++)
		printf(" L%.1f,%.1f", x_of(lane->samples[i].ms),
		       y_of(lane, lane->samples[i].usage));
	printf(" L%.1f,%d Z\"/>\n", x_of(lane->samples[lane->nr - 1].ms), PLOT_HEIGHT);
}

/* From what is predicted to what 99 % of periods stay below */
static void draw_prediction(const struct lane *lane)
{
	int i;

	fputs("<polygon fill=\"" BAND "\" fill-opacity=\"0.15\" points=\"", stdout);
	for (i = 0; i < lane->nr; i++)
		printf("%.1f,%.1f ", x_of(lane->samples[i].ms), y_of(lane, lane->samples[i].p99));
	for (i = lane->nr - 1; i >= 0; i--)
		printf("%.1f,%.1f ", x_of(lane->samples[i].ms),
		       y_of(lane, lane->samples[i].predicted));
	puts("\"/>");
	fputs("<polyline fill=\"none\" stroke=\"" PREDICTION "\" stroke-width=\"1\" "
	      "stroke-dasharray=\"3 2\" points=\"", stdout);
	for (i = 0; i < lane->nr; i++)
		printf("%.1f,%.1f ", x_of(lane->samples[i].ms),
		       y_of(lane, lane->samples[i].predicted));
	puts("\"/>");
}

/* Grants and prices change at once and then stay: steps */
static void draw_steps(const struct lane *lane, bool price)
{
	double y, last = -1;
	int i;

	printf("<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" d=\"", price ? PRICE : GRANT);
	for (i = 0; i < lane->nr; i++) {
		y = price ? y_of_price(lane->samples[i].price) : y_of(lane, lane->samples[i].grant);
		if (!i)
			printf("M%.1f,%.1f", x_of(lane->samples[i].ms), y);
		else if (y != last || i == lane->nr - 1)
			printf(" H%.1f V%.1f", x_of(lane->samples[i].ms), y);
		last = y;
	}
	puts("\"/>");
}

/* Each mark has its label above the plot, in the first of two rows that has room */
static void draw_marks(const struct lane *lane)
{
	double end[2] = { LEFT + NAME_WIDTH, LEFT + NAME_WIDTH }, x, width;
	const struct mark *m;
	char label[80];
	int row;

	for (m = timeline.marks; m < timeline.marks + timeline.nr_marks; m++) {
		if (m->vm_id != lane->vm_id || m->resource != lane->resource ||
		    m->from_ms < timeline.first_ms || m->from_ms > timeline.last_ms)
			continue;
		x = x_of(m->from_ms);
		put_line(x, -4, x, PLOT_HEIGHT,
			 "stroke=\"" MARK "\" stroke-width=\"1\" stroke-dasharray=\"2 3\"");
		snprintf(label, sizeof(label), "%s: %.0f %%", m->reason, m->grant);
		width = 5.8 * strlen(label);
		if (x + width > RIGHT)
			x = RIGHT - width;
		for (row = 0; row < 2 && x < end[row]; row++)
			;
		if (row == 2)
			continue;
		put_text(x + 2, -7 - 13 * row, "start", 11, TEXT, label);
		end[row] = x + width + LABEL_GAP;
	}
}

static void draw_axes(const struct lane *lane)
{
	double value;
	char label[32];
	int i;

	printf("<rect x=\"%d\" y=\"0\" width=\"%d\" height=\"%d\" "
	       "fill=\"#ffffff\" stroke=\"#bbbbbb\"/>\n",
	       LEFT, RIGHT - LEFT, PLOT_HEIGHT);
	for (value = 0; value <= lane->max * 1.001; value += lane->tick) {
		put_line(LEFT, y_of(lane, value), RIGHT, y_of(lane, value), "stroke=\"#e6e6e6\"");
		snprintf(label, sizeof(label), "%.4g", value);
		put_text(LEFT - 6, y_of(lane, value) + 4, "end", 11, TEXT, label);
	}
	for (i = 0; i <= NR_PRICE_TICKS; i++) {
		value = timeline.price_max * i / NR_PRICE_TICKS;
		snprintf(label, sizeof(label), "%.0f", value);
		put_text(RIGHT + 6, y_of_price(value) + 4, "start", 11, PRICE, label);
	}
	axis_title(16, PLOT_HEIGHT / 2, -90, TEXT, lane->resource->unit);
	axis_title(WIDTH - 14, PLOT_HEIGHT / 2, 90, PRICE, "price, credits/h");
}

static void draw_lane(const struct lane *lane, int nr)
{
	printf("<g transform=\"translate(0 %d)\">\n", TOP + nr * PANEL + PLOT_TOP);
	draw_axes(lane);
	if (lane->nr > 1) {
		draw_usage(lane);
		draw_prediction(lane);
		draw_steps(lane, true);
		draw_steps(lane, false);
	}
	draw_marks(lane);
	printf("<text x=\"%d\" y=\"-10\" font-size=\"14\" font-weight=\"bold\" "
	       "fill=\"" TEXT "\">%s %s</text>\n",
	       LEFT, lane->name, lane->resource->name);
	puts("</g>");
}

static void draw_time_axis(void)
{
	int y = TOP + (timeline.nr_lanes - 1) * PANEL + PLOT_TOP + PLOT_HEIGHT, s;
	char label[32];
	double x;

	for (s = 0; timeline.first_ms + s * 1000.0 <= timeline.last_ms; s += 10) {
		x = x_of(timeline.first_ms + s * 1000.0);
		put_line(x, y, x, y + 4, "stroke=\"#888888\"");
		snprintf(label, sizeof(label), "%d s", s);
		put_text(x, y + 17, "middle", 11, TEXT, label);
	}
	put_text((LEFT + RIGHT) / 2, y + 34, "middle", 11, TEXT, "time since kvmeter was loaded");
}

static void draw_legend(void)
{
	double y = 62;

	printf("<rect x=\"%d\" y=\"%.1f\" width=\"24\" height=\"10\" fill=\"" USAGE_FILL "\" "
	       "stroke=\"" USAGE_LINE "\"/>\n",
	       LEFT, y - 5);
	put_text(LEFT + 30, y + 4, "start", 12, TEXT, "used");
	printf("<rect x=\"%d\" y=\"%.1f\" width=\"24\" height=\"8\" fill=\"" BAND "\" "
	       "fill-opacity=\"0.15\"/>\n",
	       LEFT + 76, y - 8);
	put_line(LEFT + 76, y, LEFT + 100, y, "stroke=\"" PREDICTION "\" stroke-dasharray=\"3 2\"");
	put_text(LEFT + 106, y + 4, "start", 12, TEXT, "forecast, up to 99 %");
	put_line(LEFT + 240, y, LEFT + 264, y, "stroke=\"" GRANT "\" stroke-width=\"2\"");
	put_text(LEFT + 270, y + 4, "start", 12, TEXT, "granted: what it may use");
	put_line(LEFT + 432, y, LEFT + 456, y, "stroke=\"" PRICE "\" stroke-width=\"2\"");
	put_text(LEFT + 462, y + 4, "start", 12, TEXT, "price (right axis)");
	put_line(LEFT + 584, y - 6, LEFT + 584, y + 6,
		 "stroke=\"" MARK "\" stroke-dasharray=\"2 3\"");
	put_text(LEFT + 592, y + 4, "start", 12, TEXT,
		 "adjustment: reason, new grant (100 % is nominal)");
}

void draw_picture(void)
{
	int height = TOP + timeline.nr_lanes * PANEL + BOTTOM, i;

	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
	       "height=\"%d\" font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\">\n",
	       WIDTH, height, WIDTH, height);
	printf("<rect width=\"%d\" height=\"%d\" fill=\"#fafafa\"/>\n", WIDTH, height);
	printf("<text x=\"%d\" y=\"30\" font-size=\"19\" font-weight=\"bold\" fill=\"" TEXT "\">"
	       "kvmeter: guests and their surprises, by resource</text>\n",
	       LEFT);
	draw_legend();
	for (i = 0; i < timeline.nr_lanes; i++)
		draw_lane(&timeline.lanes[i], i);
	draw_time_axis();
	puts("</svg>");
}
