// SPDX-License-Identifier: GPL-2.0
/* Recorded traces, in three layouts, compressed or not. */
#include "trace/trace.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "cli/error.h"

#define LINE_ROOM	4096
#define CORE_MAX	((1U << 24) - 1)	/* the core's largest sample */
#define SCALE_MAX	10000

struct reader {
	gzFile file;
	const char *path;
	char *line;
	size_t room;
	unsigned long nr;
};

/* A line of any length, without its end; false at the end of the file */
static bool read_line(struct reader *r)
{
	size_t len = 0;

	if (!r->line) {
		r->room = LINE_ROOM;
		r->line = malloc(r->room);
		if (!r->line)
			abort();
	}
	while (gzgets(r->file, r->line + len, r->room - len)) {
		len += strlen(r->line + len);
		if (len && r->line[len - 1] == '\n') {
			while (len && strchr("\r\n", r->line[len - 1]))
				r->line[--len] = 0;
			r->nr++;
			return true;
		}
		if (len + 1 < r->room)
			break;
		r->room *= 2;
		r->line = realloc(r->line, r->room);
		if (!r->line)
			abort();
	}
	r->nr++;
	return len;
}

static void trace_add(struct trace *t, uint32_t v)
{
	if (t->nr == t->room) {
		t->room = t->room ? 2 * t->room : 8192;
		t->value = realloc(t->value, t->room * sizeof(*t->value));
		if (!t->value)
			abort();
	}
	t->value[t->nr++] = v;
}

static int bad_line(const struct reader *r, const char *what)
{
	error("%s:%lu: %s", r->path, r->nr, what);
	return EXIT_FAILED;
}

bool trace_note_parse(const char *line, struct trace_note *n)
{
	unsigned long long period_ns, epoch, first, nr, end_ns, throttled;
	int at = 0;

	memset(n, 0, sizeof(*n));
	if (sscanf(line, TRACE_NOTE "resource=%15[a-z] period_ns=%llu vm=%u vcpus=%u epoch=%llu "
		   "first=%llu nr=%llu end_ns=%llu throttled=%llu name=%n", n->resource, &period_ns,
		   &n->vm_id, &n->nr_vcpus, &epoch, &first, &nr, &end_ns, &throttled, &at) != 9 ||
	    !at)
		return false;
	n->period_ns = period_ns;
	n->epoch = epoch;
	n->first = first;
	n->nr = nr;
	n->end_ns = end_ns;
	n->throttled = throttled;
	snprintf(n->name, sizeof(n->name), "%s", line + at);
	return true;
}

int trace_note_print(char *buf, size_t size, const struct trace_note *n)
{
	return snprintf(buf, size, TRACE_NOTE
			"resource=%s period_ns=%llu vm=%u vcpus=%u epoch=%llu "
			"first=%llu nr=%llu end_ns=%llu throttled=%llu name=%s\n", n->resource,
			(unsigned long long)n->period_ns, n->vm_id, n->nr_vcpus,
			(unsigned long long)n->epoch,
			(unsigned long long)n->first, (unsigned long long)n->nr,
			(unsigned long long)n->end_ns, (unsigned long long)n->throttled, n->name);
}

static int parse_series(const struct reader *r, struct trace *t)
{
	char *s = strchr(r->line, ',');

	if (!s)
		return bad_line(r, "no comma");
	*s++ = 0;
	t->id = r->line;
	t->timed = false;
	t->scale = 1;
	t->offset = 0;
	for (;;) {
		uint64_t v = 0;

		if (*s < '0' || *s > '9')
			return bad_line(r, "a value is not a whole number");
		for (; *s >= '0' && *s <= '9'; s++)
			if (v <= CORE_MAX)
				v = 10 * v + *s - '0';
		trace_add(t, v < CORE_MAX ? v : CORE_MAX);
		if (!*s)
			return 0;
		if (*s++ != ',')
			return bad_line(r, "a value is not a whole number");
	}
}

/* Fractions are kept as far as the core's samples reach, negative values lifted */
static void scale_values(struct trace *t, const double *v, size_t nr)
{
	double least = 0, most = 0;
	bool whole = true;
	size_t i;

	for (i = 0; i < nr; i++) {
		least = fmin(least, v[i]);
		most = fmax(most, v[i]);
		whole &= v[i] == floor(v[i]);
	}
	t->offset = floor(least);
	t->scale = 1;
	while (!whole && t->scale < SCALE_MAX && (most - t->offset) * t->scale * 10 < CORE_MAX)
		t->scale *= 10;
	for (i = 0; i < nr; i++)
		trace_add(t, fmin((v[i] - t->offset) * t->scale + 0.5, CORE_MAX));
}

/* Seconds of a clock without zones, "2014-04-01 00:05:00"; false: it is none */
static bool parse_time(const char *s, uint64_t *when_s)
{
	struct tm tm = { 0 };
	const char *end = strptime(s, "%Y-%m-%d %H:%M", &tm);
	time_t t;

	if (!end)
		return false;
	if (*end == ':')
		tm.tm_sec = atoi(end + 1);
	t = timegm(&tm);
	*when_s = t;
	return t >= 0;
}

/* The heading is read already */
static int parse_csv(struct reader *r, struct trace *t)
{
	size_t nr = 0, room = 0;
	double *v = NULL;
	int rc = 0;

	t->timed = true;

	while (!rc && read_line(r)) {
		char *s = strchr(r->line, ','), *end = s;

		if (nr == room) {
			room = room ? 2 * room : 8192;
			v = realloc(v, room * sizeof(*v));
			t->when_s = realloc(t->when_s, room * sizeof(*t->when_s));
			if (!v || !t->when_s)
				abort();
		}
		t->timed &= parse_time(r->line, &t->when_s[nr]);
		if (s)
			v[nr] = strtod(s + 1, &end);
		if (!s || end == s + 1 || !isfinite(v[nr]))
			rc = bad_line(r, "no value");
		nr++;
	}
	if (!rc)
		scale_values(t, v, nr);
	free(v);
	return rc;
}

/* The series of a recording, whose lines may be parts */
struct parts {
	struct trace *t;
	size_t nr;
	size_t last;	/* most lines are for the one after the last one's */
};

static struct trace *parts_find(struct parts *p, const char *id)
{
	size_t i;

	for (i = 0; i < p->nr; i++) {
		size_t at = (p->last + 1 + i) % p->nr;

		if (!strcmp(p->t[at].id, id)) {
			p->last = at;
			return &p->t[at];
		}
	}
	p->t = realloc(p->t, (p->nr + 1) * sizeof(*p->t));
	if (!p->t)
		abort();
	p->last = p->nr++;
	memset(&p->t[p->last], 0, sizeof(*p->t));
	p->t[p->last].id = strdup(id);
	if (!p->t[p->last].id)
		abort();
	return &p->t[p->last];
}

static int parse_part(struct reader *r, struct parts *p, const struct trace_note *note)
{
	char *comma = strchr(r->line, ',');
	size_t before;
	struct trace *t;
	char *id;
	int rc;

	if (!comma)
		return bad_line(r, "no comma");
	*comma = 0;
	t = parts_find(p, r->line);
	*comma = ',';
	id = t->id;
	before = t->nr;
	rc = parse_series(r, t);
	t->id = id;
	if (rc)
		return rc;
	if (!note->nr)
		return bad_line(r, "no note of what these values are");
	if (t->nr - before != note->nr)
		return bad_line(r, "not as many values as the note before says");
	if (before && (note->first != t->note.first + before ||
		       note->period_ns != t->note.period_ns))
		return bad_line(r, "does not follow what was before");
	if (!before) {
		t->note = *note;
	} else {
		t->note.end_ns = note->end_ns;
		t->note.throttled += note->throttled;
	}
	t->note.nr = t->nr;
	return 0;
}

static int parse_recording(struct reader *r, int (*each)(struct trace *t, void *arg), void *arg)
{
	struct parts parts = { 0 };
	struct trace_note note = { 0 };
	int rc = 0;
	size_t i;

	while (!rc && read_line(r)) {
		if (!strncmp(r->line, TRACE_NOTE, strlen(TRACE_NOTE))) {
			if (!trace_note_parse(r->line, &note))
				rc = bad_line(r, "a note that cannot be read");
		} else if (*r->line != '#') {
			rc = parse_part(r, &parts, &note);
			note.nr = 0;
		}
	}
	for (i = 0; i < parts.nr; i++) {
		if (!rc)
			rc = each(&parts.t[i], arg);
		free(parts.t[i].id);
		free(parts.t[i].value);
	}
	free(parts.t);
	return rc;
}

int trace_each(const char *path, int (*each)(struct trace *t, void *arg), void *arg)
{
	struct reader r = { .file = gzopen(path, "rb"), .path = path };
	struct trace t = { 0 };
	const char *name = strrchr(path, '/');
	bool damaged;
	int rc = 0;

	if (!r.file) {
		error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	gzbuffer(r.file, 1 << 17);
	while (!rc && read_line(&r)) {
		t.nr = 0;
		if (r.nr == 1 && !strncmp(r.line, TRACE_HEAD, strlen(TRACE_HEAD))) {
			rc = parse_recording(&r, each, arg);
			break;
		}
		if (*r.line == '#')
			continue;
		if (r.nr == 1 && !strncmp(r.line, "timestamp,", 10)) {
			rc = parse_csv(&r, &t);
			t.id = (char *)(name ? name + 1 : path);
		} else {
			rc = parse_series(&r, &t);
		}
		if (!rc)
			rc = each(&t, arg);
	}
	/* an archive that ends too early is known when it is closed */
	damaged = !rc && !gzeof(r.file);
	if ((gzclose(r.file) != Z_OK && !rc) || damaged) {
		error("%s: damaged", path);
		rc = EXIT_FAILED;
	}
	free(r.line);
	free(t.value);
	free(t.when_s);
	return rc;
}
