// SPDX-License-Identifier: GPL-2.0
/*
 * timeline - reads samples and adjustments from CSV files, and makes lanes of them
 */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "timeline.h"

#define MAX_SAMPLES	20000
#define MAX_FIELDS	32

#define SMOOTH		2	/* samples to each side that are averaged */
#define EPISODE_MS	1500	/* adjustments so near, for one reason, are one mark */
#define NR_TICKS	4	/* of a left axis, about */
#define NCR_PER_CREDIT	1e9

/* In the order of their lanes */
static const struct resource resources[] = {
	{ "cpu",	"% of its vCPU",	100,	100 },
	{ "network",	"MiB/s",		1024,	0 },
	{ "disk",	"MiB/s, by cost",	1024,	0 },
	{ "memory",	"MiB",			1,	0 },
};

#define NR_RESOURCES	(sizeof(resources) / sizeof(*resources))

struct timeline timeline;

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

	for (lane = timeline.lanes; lane < timeline.lanes + timeline.nr_lanes; lane++)
		if (lane->vm_id == vm_id && lane->resource == resource)
			return lane;
	if (!resource || timeline.nr_lanes == MAX_LANES)
		return NULL;
	lane->samples = calloc(MAX_SAMPLES, sizeof(*lane->samples));
	if (!lane->samples)
		return NULL;
	lane->vm_id = vm_id;
	lane->resource = resource;
	snprintf(lane->name, sizeof(lane->name), "%s", name);
	timeline.nr_lanes++;
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
bool read_samples(const char *path)
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
		if (s->price > timeline.price_max)
			timeline.price_max = s->price;
		if (!timeline.first_ms || s->ms < timeline.first_ms)
			timeline.first_ms = s->ms;
		if (s->ms > timeline.last_ms)
			timeline.last_ms = s->ms;
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

	for (m = timeline.marks + timeline.nr_marks - 1; m >= timeline.marks; m--)
		if (m->vm_id == vm_id && m->resource == resource)
			break;
	if (m >= timeline.marks && !strcmp(m->reason, reason) && ms - m->to_ms <= EPISODE_MS)
		return m;
	if (timeline.nr_marks == MAX_MARKS)
		return NULL;
	m = &timeline.marks[timeline.nr_marks++];
	m->vm_id = vm_id;
	m->resource = resource;
	m->from_ms = ms;
	snprintf(m->reason, sizeof(m->reason), "%s", reason);
	return m;
}

bool read_log(const char *path)
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

	for (m = timeline.marks; m < timeline.marks + timeline.nr_marks; m++)
		if (m->vm_id == lane->vm_id && m->resource == lane->resource)
			return true;
	return false;
}

/* CPU first, and within a resource by name */
static int by_resource(const void *a, const void *b)
{
	const struct lane *l = a, *m = b;

	if (l->resource != m->resource)
		return l->resource < m->resource ? -1 : 1;
	return strcmp(l->name, m->name);
}

void keep_adjusted(void)
{
	int i, nr = 0;

	for (i = 0; i < timeline.nr_lanes; i++)
		if (adjusted(&timeline.lanes[i]))
			timeline.lanes[nr++] = timeline.lanes[i];
	timeline.nr_lanes = nr;
	qsort(timeline.lanes, nr, sizeof(*timeline.lanes), by_resource);
	for (i = 0; i < nr; i++)
		compute(&timeline.lanes[i]);
}
