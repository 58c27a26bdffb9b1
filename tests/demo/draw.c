// SPDX-License-Identifier: GPL-2.0
/*
 * draw - the time line of the demonstration as a picture
 *
 *   draw SAMPLES.csv LOG.csv >timeline.svg
 *
 * SAMPLES is what sample wrote, LOG is "kvmeter log --csv". One lane for each resource of a VM that was
 * adjusted: what it used, what was forecast, what it was granted, its price, and why that changed.
 */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LANES	16
#define MAX_SAMPLES	20000
#define MAX_MARKS	512
#define MAX_FIELDS	32

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

#define SMOOTH		2		/* samples to each side that are averaged */
#define EPISODE_MS	1500		/* adjustments so near, for one reason, are one mark */
#define HEADROOM	1.1		/* above the highest of a lane */
#define NR_TICKS	4
#define PRICE_SPAN	1.5		/* of the highest price: its line lies apart from the grant's */
#define NCR_PER_CREDIT	1e9

#define USAGE_FILL	"#c6dcf0"
#define USAGE_LINE	"#6fa3d0"
#define PREDICTION	"#5b3f8c"
#define BAND		"#5b3f8c"
#define GRANT		"#1f8a3b"
#define PRICE		"#d2540a"
#define MARK		"#777777"
#define TEXT		"#222222"

/* The order of the lanes, and how their left axes are labelled */
static const struct resource {
	const char	*name, *unit;
	double		scale;		/* of the axis' unit, in the samples' */
	double		max;		/* of the axis; 0: by what there is */
} resources[] = {
	{ "cpu",	"% of its vCPU",	100,	100 },
	{ "network",	"MiB/s",		1024,	0 },
	{ "disk",	"MiB/s, by cost",	1024,	0 },
	{ "memory",	"MiB",			1,	0 },
};

#define NR_RESOURCES	(sizeof(resources) / sizeof(*resources))

struct sample {
	double		ms;
	double		usage, predicted, p99, grant;	/* in the axis' unit */
	double		price;		/* credits per hour */
};

/* A resource of a VM */
struct lane {
	const struct resource *resource;
	unsigned int	vm_id;
	char		name[64];
	struct sample	*samples;
	int		nr;
	double		max, tick;	/* of its left axis */
};

/* Adjustments that belong together */
struct mark {
	const struct resource *resource;
	unsigned int	vm_id;
	double		from_ms, to_ms;
	char		reason[32];
	double		grant;		/* percent of nominal at the end */
};

static struct lane lanes[MAX_LANES];
static int nr_lanes;
static struct mark marks[MAX_MARKS];
static int nr_marks;
static double first_ms, last_ms, price_max;

static int split(char *line, char *field[MAX_FIELDS])
{
	int n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	while (n < MAX_FIELDS && (field[n] = strsep(&line, ",")))
		n++;
	return n;
}

static const struct resource *resource_of(const char *name)
{
	size_t i;

	for (i = 0; i < NR_RESOURCES; i++)
		if (!strcmp(resources[i].name, name))
			return &resources[i];
	return NULL;
}

static struct lane *lane_of(unsigned int vm_id, const struct resource *resource, const char *name)
{
	struct lane *lane;

	for (lane = lanes; lane < lanes + nr_lanes; lane++)
		if (lane->vm_id == vm_id && lane->resource == resource)
			return lane;
	if (!resource || nr_lanes == MAX_LANES)
		return NULL;
	lane->samples = calloc(MAX_SAMPLES, sizeof(*lane->samples));
	if (!lane->samples)
		return NULL;
	lane->vm_id = vm_id;
	lane->resource = resource;
	snprintf(lane->name, sizeof(lane->name), "%s", name);
	nr_lanes++;
	return lane;
}

static FILE *open_csv(const char *path, char *line, int size)
{
	FILE *f = fopen(path, "r");

	if (!f)
		perror(path);
	else if (!fgets(line, size, f))		/* the header */
		line[0] = '\0';
	return f;
}

/* real_ms,vm_id,name,resource,usage,predicted,p99,nominal,grant_bp,price_ncr_h */
static bool read_samples(const char *path)
{
	char line[1024], *field[MAX_FIELDS];
	FILE *f = open_csv(path, line, sizeof(line));
	struct sample *s;
	struct lane *lane;
	double scale;

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (split(line, field) < 10)
			continue;
		lane = lane_of(atoi(field[1]), resource_of(field[3]), field[2]);
		if (!lane || lane->nr == MAX_SAMPLES)
			continue;
		scale = lane->resource->scale;
		s = &lane->samples[lane->nr++];
		s->ms = atof(field[0]);
		s->usage = atof(field[4]) / scale;
		s->predicted = atof(field[5]) / scale;
		s->p99 = atof(field[6]) / scale;
		s->grant = atof(field[7]) / scale * atof(field[8]) / 10000;
		s->price = atof(field[9]) / NCR_PER_CREDIT;
		if (s->price > price_max)
			price_max = s->price;
		if (!first_ms || s->ms < first_ms)
			first_ms = s->ms;
		if (s->ms > last_ms)
			last_ms = s->ms;
	}
	fclose(f);
	return true;
}

/* A column of a CSV file by its name in the header */
static int column(char *const head[], int n, const char *name)
{
	int i;

	for (i = 0; i < n; i++)
		if (!strcmp(head[i], name))
			return i;
	return 0;
}

static struct mark *mark_of(unsigned int vm_id, const struct resource *resource, double ms,
			    const char *reason)
{
	struct mark *m;

	for (m = marks + nr_marks - 1; m >= marks; m--)
		if (m->vm_id == vm_id && m->resource == resource)
			break;
	if (m >= marks && !strcmp(m->reason, reason) && ms - m->to_ms <= EPISODE_MS)
		return m;
	if (nr_marks == MAX_MARKS)
		return NULL;
	m = &marks[nr_marks++];
	m->vm_id = vm_id;
	m->resource = resource;
	m->from_ms = ms;
	snprintf(m->reason, sizeof(m->reason), "%s", reason);
	return m;
}

static bool read_log(const char *path)
{
	char header[1024], line[1024], *head[MAX_FIELDS], *field[MAX_FIELDS];
	FILE *f = open_csv(path, header, sizeof(header));
	int n, vm_id, real_ns, resource, reason, would, grant;
	struct mark *m;

	if (!f)
		return false;
	n = split(header, head);
	vm_id = column(head, n, "vm_id");
	real_ns = column(head, n, "real_ns");
	resource = column(head, n, "resource");
	reason = column(head, n, "reason");
	would = column(head, n, "would");
	grant = column(head, n, "new_grant_bp");
	while (fgets(line, sizeof(line), f)) {
		if (split(line, field) < n || atoi(field[would]))
			continue;
		m = mark_of(atoi(field[vm_id]), resource_of(field[resource]),
			    atof(field[real_ns]) / 1e6, field[reason]);
		if (!m)
			break;
		m->to_ms = atof(field[real_ns]) / 1e6;
		m->grant = atof(field[grant]) / 100;
	}
	fclose(f);
	return true;
}

/* The mean over a few samples: what is so for an instant is noise */
static void smooth(const struct lane *lane, size_t what)
{
	static double mean[MAX_SAMPLES];
	int i, j, from, to;

	for (i = 0; i < lane->nr; i++) {
		from = i > SMOOTH ? i - SMOOTH : 0;
		to = i + SMOOTH < lane->nr ? i + SMOOTH : lane->nr - 1;
		mean[i] = 0;
		for (j = from; j <= to; j++)
			mean[i] += *(double *)((char *)&lane->samples[j] + what) / (to - from + 1);
	}
	for (i = 0; i < lane->nr; i++)
		*(double *)((char *)&lane->samples[i] + what) = mean[i];
}

/* What the axis spans: usage all of it, the grant too unless it is far above, steps of 1, 2 or 5 */
static void scale(struct lane *lane)
{
	double used = 0, granted = 0, power;
	int i;

	for (i = 0; i < lane->nr; i++) {
		used = fmax(used, fmax(lane->samples[i].usage, lane->samples[i].predicted));
		granted = fmax(granted, lane->samples[i].grant);
	}
	if (lane->resource->max)
		lane->max = lane->resource->max;
	else
		lane->max = fmax(used, fmin(granted, 3 * used));
	if (lane->max <= 0)
		lane->max = 1;
	if (lane->resource->max) {
		lane->tick = lane->max / NR_TICKS;
	} else {
		power = pow(10, floor(log10(lane->max / NR_TICKS)));
		lane->tick = lane->max / NR_TICKS / power;
		lane->tick = power * (lane->tick < 1.5 ? 1 : lane->tick < 3.5 ? 2 :
				      lane->tick < 7.5 ? 5 : 10);
	}
}

static void compute(struct lane *lane)
{
	smooth(lane, offsetof(struct sample, usage));
	smooth(lane, offsetof(struct sample, predicted));
	smooth(lane, offsetof(struct sample, p99));
	scale(lane);
}

static bool adjusted(const struct lane *lane)
{
	const struct mark *m;

	for (m = marks; m < marks + nr_marks; m++)
		if (m->vm_id == lane->vm_id && m->resource == lane->resource)
			return true;
	return false;
}

/*
 * Drawing
 */
static double x_of(double ms)
{
	return LEFT + (ms - first_ms) / (last_ms - first_ms) * (RIGHT - LEFT);
}

static double y_of(const struct lane *lane, double value)
{
	double most = lane->max * HEADROOM;

	return PLOT_HEIGHT * (1 - (value < most ? value : most) / most);
}

static double y_of_price(double price)
{
	return PLOT_HEIGHT * (1 - price / (price_max * PRICE_SPAN));
}

static void text(double x, double y, const char *anchor, int size, const char *color,
		 const char *what)
{
	printf("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\" fill=\"%s\">%s</text>\n",
	       x, y, anchor, size, color, what);
}

static void axis_title(double x, double y, int turn, const char *color, const char *what)
{
	printf("<text transform=\"translate(%.1f %.1f) rotate(%d)\" text-anchor=\"middle\" font-size=\"11\" fill=\"%s\">%s</text>\n",
	       x, y, turn, color, what);
}

static void line(double x1, double y1, double x2, double y2, const char *style)
{
	printf("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2, style);
}

static void draw_usage(const struct lane *lane)
{
	int i;

	printf("<path fill=\"" USAGE_FILL "\" stroke=\"" USAGE_LINE "\" stroke-width=\"0.8\" d=\"M%.1f,%d",
	       x_of(lane->samples[0].ms), PLOT_HEIGHT);
	for (i = 0; i < lane->nr; i++)
		printf(" L%.1f,%.1f", x_of(lane->samples[i].ms), y_of(lane, lane->samples[i].usage));
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
	printf("<polyline fill=\"none\" stroke=\"" PREDICTION "\" stroke-width=\"1\" stroke-dasharray=\"3 2\" points=\"");
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

	for (m = marks; m < marks + nr_marks; m++) {
		if (m->vm_id != lane->vm_id || m->resource != lane->resource ||
		    m->from_ms < first_ms || m->from_ms > last_ms)
			continue;
		x = x_of(m->from_ms);
		line(x, -4, x, PLOT_HEIGHT, "stroke=\"" MARK "\" stroke-width=\"1\" stroke-dasharray=\"2 3\"");
		snprintf(label, sizeof(label), "%s: %.0f %%", m->reason, m->grant);
		width = 5.8 * strlen(label);
		if (x + width > RIGHT)
			x = RIGHT - width;
		for (row = 0; row < 2 && x < end[row]; row++)
			;
		if (row == 2)
			continue;
		text(x + 2, -7 - 13 * row, "start", 11, TEXT, label);
		end[row] = x + width + LABEL_GAP;
	}
}

static void draw_axes(const struct lane *lane)
{
	double value;
	char label[32];
	int i;

	printf("<rect x=\"%d\" y=\"0\" width=\"%d\" height=\"%d\" fill=\"#ffffff\" stroke=\"#bbbbbb\"/>\n",
	       LEFT, RIGHT - LEFT, PLOT_HEIGHT);
	for (value = 0; value <= lane->max * 1.001; value += lane->tick) {
		line(LEFT, y_of(lane, value), RIGHT, y_of(lane, value), "stroke=\"#e6e6e6\"");
		snprintf(label, sizeof(label), "%.4g", value);
		text(LEFT - 6, y_of(lane, value) + 4, "end", 11, TEXT, label);
	}
	for (i = 0; i <= NR_TICKS; i++) {
		snprintf(label, sizeof(label), "%.0f", price_max * i / NR_TICKS);
		text(RIGHT + 6, y_of_price(price_max * i / NR_TICKS) + 4, "start", 11, PRICE, label);
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
	printf("<text x=\"%d\" y=\"-10\" font-size=\"14\" font-weight=\"bold\" fill=\"" TEXT "\">%s %s</text>\n",
	       LEFT, lane->name, lane->resource->name);
	puts("</g>");
}

static void draw_time_axis(int nr)
{
	int y = TOP + (nr - 1) * PANEL + PLOT_TOP + PLOT_HEIGHT, s;
	char label[32];

	for (s = 0; first_ms + s * 1000.0 <= last_ms; s += 10) {
		line(x_of(first_ms + s * 1000.0), y, x_of(first_ms + s * 1000.0), y + 4,
		     "stroke=\"#888888\"");
		snprintf(label, sizeof(label), "%d s", s);
		text(x_of(first_ms + s * 1000.0), y + 17, "middle", 11, TEXT, label);
	}
	text((LEFT + RIGHT) / 2, y + 34, "middle", 11, TEXT, "time since kvmeter was loaded");
}

static void draw_legend(void)
{
	double y = 62;

	printf("<rect x=\"%d\" y=\"%.1f\" width=\"24\" height=\"10\" fill=\"" USAGE_FILL "\" stroke=\"" USAGE_LINE "\"/>\n",
	       LEFT, y - 5);
	text(LEFT + 30, y + 4, "start", 12, TEXT, "used");
	printf("<rect x=\"%d\" y=\"%.1f\" width=\"24\" height=\"8\" fill=\"" BAND "\" fill-opacity=\"0.15\"/>\n",
	       LEFT + 76, y - 8);
	line(LEFT + 76, y, LEFT + 100, y, "stroke=\"" PREDICTION "\" stroke-dasharray=\"3 2\"");
	text(LEFT + 106, y + 4, "start", 12, TEXT, "forecast, up to 99 %");
	line(LEFT + 240, y, LEFT + 264, y, "stroke=\"" GRANT "\" stroke-width=\"2\"");
	text(LEFT + 270, y + 4, "start", 12, TEXT, "granted: what it may use");
	line(LEFT + 432, y, LEFT + 456, y, "stroke=\"" PRICE "\" stroke-width=\"2\"");
	text(LEFT + 462, y + 4, "start", 12, TEXT, "price (right axis)");
	line(LEFT + 584, y - 6, LEFT + 584, y + 6, "stroke=\"" MARK "\" stroke-dasharray=\"2 3\"");
	text(LEFT + 592, y + 4, "start", 12, TEXT, "adjustment: reason, new grant (100 % is nominal)");
}

/* CPU first, and within a resource by name */
static int by_resource(const void *a, const void *b)
{
	const struct lane *l = a, *m = b;

	if (l->resource != m->resource)
		return l->resource < m->resource ? -1 : 1;
	return strcmp(l->name, m->name);
}

int main(int argc, char **argv)
{
	int height, i, nr = 0;

	if (argc != 3) {
		fputs("Usage: draw SAMPLES.csv LOG.csv >timeline.svg\n", stderr);
		return 2;
	}
	if (!read_samples(argv[1]) || !read_log(argv[2]))
		return 1;
	for (i = 0; i < nr_lanes; i++)
		if (adjusted(&lanes[i]))
			lanes[nr++] = lanes[i];
	if (!nr || last_ms <= first_ms || price_max <= 0) {
		fprintf(stderr, "draw: %s: too little to draw\n", argv[1]);
		return 1;
	}
	qsort(lanes, nr, sizeof(*lanes), by_resource);
	for (i = 0; i < nr; i++)
		compute(&lanes[i]);

	height = TOP + nr * PANEL + BOTTOM;
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\">\n",
	       WIDTH, height, WIDTH, height);
	printf("<rect width=\"%d\" height=\"%d\" fill=\"#fafafa\"/>\n", WIDTH, height);
	printf("<text x=\"%d\" y=\"30\" font-size=\"19\" font-weight=\"bold\" fill=\"" TEXT "\">kvmeter: guests and their surprises, by resource</text>\n",
	       LEFT);
	draw_legend();
	for (i = 0; i < nr; i++)
		draw_lane(&lanes[i], i);
	draw_time_axis(nr);
	puts("</svg>");
	return 0;
}
