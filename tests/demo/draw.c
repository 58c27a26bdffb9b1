// SPDX-License-Identifier: GPL-2.0
/*
 * draw - the time line of the demonstration as a picture
 *
 *   draw SAMPLES.csv LOG.csv >timeline.svg
 *
 * SAMPLES is what sample wrote, LOG is "kvmeter log --csv". One panel per VM: what it used, what was
 * predicted, what it was granted (all in percent of its vCPUs), its price, and why it changed.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_VMS		8
#define MAX_SAMPLES	20000
#define MAX_MARKS	512
#define MAX_FIELDS	32

#define WIDTH		1000
#define LEFT		62
#define RIGHT		(WIDTH - 62)
#define TOP		82		/* title and legend */
#define PANEL		208		/* height of a panel with its name and marks ... */
#define PLOT_TOP	42		/* ... in which the plot begins here ... */
#define PLOT_HEIGHT	140		/* ... and is so high */
#define BOTTOM		34		/* time axis */
#define LABEL_GAP	8

#define SMOOTH		2		/* samples to each side that are averaged */
#define EPISODE_MS	1500		/* adjustments so near, for one reason, are one mark */
#define SHARE_MAX	110.0		/* percent */
#define PRICE_SPAN	1.5		/* of the highest price: its line lies apart from the grant's */
#define NCR_PER_CREDIT	1e9

#define USAGE_FILL	"#c6dcf0"
#define USAGE_LINE	"#6fa3d0"
#define PREDICTION	"#5b3f8c"
#define GRANT		"#1f8a3b"
#define PRICE		"#d2540a"
#define MARK		"#777777"
#define TEXT		"#222222"

struct sample {
	double		ms;
	double		cpu_ns;		/* cumulative */
	double		usage, predicted, grant;	/* percent of its vCPUs */
	double		price;		/* credits per hour */
};

struct vm {
	unsigned int	id, nr_vcpus;
	char		name[64];
	struct sample	*samples;
	int		nr;
};

/* Adjustments that belong together */
struct mark {
	unsigned int	vm_id;
	double		from_ms, to_ms;
	char		reason[32];
	double		grant;		/* percent of nominal at the end */
};

static struct vm vms[MAX_VMS];
static int nr_vms;
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

static struct vm *vm_of(unsigned int id, const char *name)
{
	struct vm *vm;

	for (vm = vms; vm < vms + nr_vms; vm++)
		if (vm->id == id)
			return vm;
	if (nr_vms == MAX_VMS)
		return NULL;
	vm->id = id;
	snprintf(vm->name, sizeof(vm->name), "%s", name);
	vm->samples = calloc(MAX_SAMPLES, sizeof(*vm->samples));
	if (!vm->samples)
		return NULL;
	nr_vms++;
	return vm;
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

/* real_ms,vm_id,name,nr_vcpus,cpu_ns,predicted_bp,nominal_bp,grant_bp,price_ncr_h */
static bool read_samples(const char *path)
{
	char line[1024], *field[MAX_FIELDS];
	FILE *f = open_csv(path, line, sizeof(line));
	struct sample *s;
	struct vm *vm;
	double share;

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (split(line, field) < 9)
			continue;
		vm = vm_of(atoi(field[1]), field[2]);
		if (!vm || vm->nr == MAX_SAMPLES)
			continue;
		vm->nr_vcpus = atoi(field[3]);
		s = &vm->samples[vm->nr++];
		s->ms = atof(field[0]);
		s->cpu_ns = atof(field[4]);
		s->predicted = atof(field[5]) / 100;
		share = atof(field[6]) * atof(field[7]) / 1e6;
		s->grant = share < 100 ? share : 100;
		s->price = atof(field[8]) / NCR_PER_CREDIT;
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

static struct mark *mark_of(unsigned int vm_id, double ms, const char *reason)
{
	struct mark *m;

	for (m = marks + nr_marks - 1; m >= marks; m--)
		if (m->vm_id == vm_id)
			break;
	if (m >= marks && !strcmp(m->reason, reason) && ms - m->to_ms <= EPISODE_MS)
		return m;
	if (nr_marks == MAX_MARKS)
		return NULL;
	m = &marks[nr_marks++];
	m->vm_id = vm_id;
	m->from_ms = ms;
	snprintf(m->reason, sizeof(m->reason), "%s", reason);
	return m;
}

static bool read_log(const char *path)
{
	char header[1024], line[1024], *head[MAX_FIELDS], *field[MAX_FIELDS];
	FILE *f = open_csv(path, header, sizeof(header));
	int n, vm_id, real_ns, reason, would, grant;
	struct mark *m;

	if (!f)
		return false;
	n = split(header, head);
	vm_id = column(head, n, "vm_id");
	real_ns = column(head, n, "real_ns");
	reason = column(head, n, "reason");
	would = column(head, n, "would");
	grant = column(head, n, "new_grant_bp");
	while (fgets(line, sizeof(line), f)) {
		if (split(line, field) < n || atoi(field[would]))
			continue;
		m = mark_of(atoi(field[vm_id]), atof(field[real_ns]) / 1e6, field[reason]);
		if (!m)
			break;
		m->to_ms = atof(field[real_ns]) / 1e6;
		m->grant = atof(field[grant]) / 100;
	}
	fclose(f);
	return true;
}

/* What was used between samples, as a share, and over a few of them: a share of an instant is noise */
static void compute(struct vm *vm)
{
	double predicted[MAX_SAMPLES];
	int i, j, from, to;

	for (i = 0; i < vm->nr; i++) {
		from = i > SMOOTH ? i - SMOOTH : 0;
		to = i + SMOOTH < vm->nr ? i + SMOOTH : vm->nr - 1;
		predicted[i] = 0;
		for (j = from; j <= to; j++)
			predicted[i] += vm->samples[j].predicted / (to - from + 1);
		if (vm->samples[to].ms > vm->samples[from].ms)
			vm->samples[i].usage =
				(vm->samples[to].cpu_ns - vm->samples[from].cpu_ns) / 1e4 /
				(vm->samples[to].ms - vm->samples[from].ms) / vm->nr_vcpus;
	}
	for (i = 0; i < vm->nr; i++)
		vm->samples[i].predicted = predicted[i];
}

/*
 * Drawing
 */
static double x_of(double ms)
{
	return LEFT + (ms - first_ms) / (last_ms - first_ms) * (RIGHT - LEFT);
}

static double y_of(double percent)
{
	if (percent > SHARE_MAX)
		percent = SHARE_MAX;
	return PLOT_HEIGHT * (1 - percent / SHARE_MAX);
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

static void draw_usage(const struct vm *vm)
{
	int i;

	printf("<path fill=\"" USAGE_FILL "\" stroke=\"" USAGE_LINE "\" stroke-width=\"0.8\" d=\"M%.1f,%d",
	       x_of(vm->samples[0].ms), PLOT_HEIGHT);
	for (i = 0; i < vm->nr; i++)
		printf(" L%.1f,%.1f", x_of(vm->samples[i].ms), y_of(vm->samples[i].usage));
	printf(" L%.1f,%d Z\"/>\n", x_of(vm->samples[vm->nr - 1].ms), PLOT_HEIGHT);
}

static void draw_prediction(const struct vm *vm)
{
	int i;

	printf("<polyline fill=\"none\" stroke=\"" PREDICTION "\" stroke-width=\"1\" stroke-dasharray=\"3 2\" points=\"");
	for (i = 0; i < vm->nr; i++)
		printf("%.1f,%.1f ", x_of(vm->samples[i].ms), y_of(vm->samples[i].predicted));
	puts("\"/>");
}

/* Grants and prices change at once and then stay: steps */
static void draw_steps(const struct vm *vm, bool price)
{
	double y, last = -1;
	int i;

	printf("<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" d=\"", price ? PRICE : GRANT);
	for (i = 0; i < vm->nr; i++) {
		y = price ? y_of_price(vm->samples[i].price) : y_of(vm->samples[i].grant);
		if (!i)
			printf("M%.1f,%.1f", x_of(vm->samples[i].ms), y);
		else if (y != last || i == vm->nr - 1)
			printf(" H%.1f V%.1f", x_of(vm->samples[i].ms), y);
		last = y;
	}
	puts("\"/>");
}

/* Each mark has its label above the plot, in the first of two rows that has room */
static void draw_marks(const struct vm *vm)
{
	double end[2] = { LEFT + 60, LEFT + 60 }, x, width;
	const struct mark *m;
	char label[80];
	int row;

	for (m = marks; m < marks + nr_marks; m++) {
		if (m->vm_id != vm->id || m->from_ms < first_ms || m->from_ms > last_ms)
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

static void draw_axes(void)
{
	char label[32];
	int percent, i;

	printf("<rect x=\"%d\" y=\"0\" width=\"%d\" height=\"%d\" fill=\"#ffffff\" stroke=\"#bbbbbb\"/>\n",
	       LEFT, RIGHT - LEFT, PLOT_HEIGHT);
	for (percent = 0; percent <= 100; percent += 25) {
		line(LEFT, y_of(percent), RIGHT, y_of(percent), "stroke=\"#e6e6e6\"");
		snprintf(label, sizeof(label), "%d %%", percent);
		text(LEFT - 6, y_of(percent) + 4, "end", 11, TEXT, label);
	}
	for (i = 0; i <= 4; i++) {
		snprintf(label, sizeof(label), "%.0f", price_max * i / 4);
		text(RIGHT + 6, y_of_price(price_max * i / 4) + 4, "start", 11, PRICE, label);
	}
	axis_title(16, PLOT_HEIGHT / 2, -90, TEXT, "of its vCPU");
	axis_title(WIDTH - 14, PLOT_HEIGHT / 2, 90, PRICE, "price, credits/h");
}

static void draw_panel(const struct vm *vm, int nr)
{
	printf("<g transform=\"translate(0 %d)\">\n", TOP + nr * PANEL + PLOT_TOP);
	draw_axes();
	if (vm->nr > 1) {
		draw_usage(vm);
		draw_prediction(vm);
		draw_steps(vm, true);
		draw_steps(vm, false);
	}
	draw_marks(vm);
	printf("<text x=\"%d\" y=\"-10\" font-size=\"14\" font-weight=\"bold\" fill=\"" TEXT "\">%s</text>\n",
	       LEFT, vm->name);
	puts("</g>");
}

static void draw_time_axis(void)
{
	int y = TOP + (nr_vms - 1) * PANEL + PLOT_TOP + PLOT_HEIGHT, s;
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
	text(LEFT + 30, y + 4, "start", 12, TEXT, "CPU used");
	line(LEFT + 110, y, LEFT + 134, y, "stroke=\"" PREDICTION "\" stroke-dasharray=\"3 2\"");
	text(LEFT + 140, y + 4, "start", 12, TEXT, "predicted");
	line(LEFT + 220, y, LEFT + 244, y, "stroke=\"" GRANT "\" stroke-width=\"2\"");
	text(LEFT + 250, y + 4, "start", 12, TEXT, "granted: what it may use");
	line(LEFT + 420, y, LEFT + 444, y, "stroke=\"" PRICE "\" stroke-width=\"2\"");
	text(LEFT + 450, y + 4, "start", 12, TEXT, "price (right axis)");
	line(LEFT + 576, y - 6, LEFT + 576, y + 6, "stroke=\"" MARK "\" stroke-dasharray=\"2 3\"");
	text(LEFT + 584, y + 4, "start", 12, TEXT, "adjustment: reason, new grant (100 % is nominal)");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct vm *)a)->name, ((const struct vm *)b)->name);
}

int main(int argc, char **argv)
{
	int height, i;

	if (argc != 3) {
		fputs("Usage: draw SAMPLES.csv LOG.csv >timeline.svg\n", stderr);
		return 2;
	}
	if (!read_samples(argv[1]) || !read_log(argv[2]))
		return 1;
	if (!nr_vms || last_ms <= first_ms || price_max <= 0) {
		fprintf(stderr, "draw: %s: too little to draw\n", argv[1]);
		return 1;
	}
	qsort(vms, nr_vms, sizeof(*vms), by_name);
	for (i = 0; i < nr_vms; i++)
		compute(&vms[i]);

	height = TOP + nr_vms * PANEL + BOTTOM;
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\">\n",
	       WIDTH, height, WIDTH, height);
	printf("<rect width=\"%d\" height=\"%d\" fill=\"#fafafa\"/>\n", WIDTH, height);
	printf("<text x=\"%d\" y=\"30\" font-size=\"19\" font-weight=\"bold\" fill=\"" TEXT "\">kvmeter: three guests of one image, each with a spike</text>\n",
	       LEFT);
	draw_legend();
	for (i = 0; i < nr_vms; i++)
		draw_panel(&vms[i], i);
	draw_time_axis();
	puts("</svg>");
	return 0;
}
