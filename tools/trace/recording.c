// SPDX-License-Identifier: GPL-2.0
#include "trace/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "cli/error.h"
#include "data/names.h"
#include "trace/trace.h"

struct mark *recording_mark(struct recording *r, uint32_t vm_id, uint32_t resource)
{
	struct mark *p;
	size_t i;

	for (i = 0; i < r->nr_marks; i++)
		if (r->marks[i].vm_id == vm_id && r->marks[i].resource == resource)
			return &r->marks[i];
	r->marks = realloc(r->marks, (r->nr_marks + 1) * sizeof(*r->marks));
	if (!r->marks)
		abort();
	p = &r->marks[r->nr_marks++];
	*p = (struct mark){ .vm_id = vm_id, .resource = resource };
	return p;
}

/* Does @p go on with the period @first of @s? */
static bool goes_on(const struct mark *p, const struct samples *s, uint64_t first)
{
	return p->epoch == s->epoch && p->seq + 1 == first && p->period_ns == s->period_ns;
}

void recording_put(struct recording *r, const struct vm *vm, const struct samples *s,
		   uint32_t resource)
{
	struct mark *p = recording_mark(r, vm->id, resource);
	uint64_t first = p->epoch == s->epoch && p->seq + 1 > s->first_seq ? p->seq + 1 :
			 s->first_seq;
	size_t skip = first - s->first_seq, i;
	struct trace_note note = {
		.period_ns = s->period_ns, .vm_id = vm->id, .nr_vcpus = vm->nr_vcpus,
		.epoch = s->epoch, .first = first, .end_ns = s->end_real_ns,
	};
	char head[512];
	int len;

	if (skip >= s->nr[resource])
		return;
	note.nr = s->nr[resource] - skip;
	snprintf(note.resource, sizeof(note.resource), "%s", RESOURCE_NAME(resource));
	snprintf(note.name, sizeof(note.name), "%s", vm->name);
	if (p->seq && !goes_on(p, s, first)) {
		p->part++;
		r->nr_gaps++;
		if (p->epoch == s->epoch)
			r->nr_lost += first - p->seq - 1;
	}
	for (i = skip; i < s->nr[resource]; i++)
		note.throttled += !!(s->value[resource][i] & SAMPLE_CENSORED);
	len = trace_note_print(head, sizeof(head), &note);
	text_add(&r->text, head, len);
	len = snprintf(head, sizeof(head), p->part ? "vm%u.%s+%u" : "vm%u.%s", vm->id,
		       note.resource, p->part);
	text_add(&r->text, head, len);
	for (i = skip; i < s->nr[resource]; i++)
		text_add_u32(&r->text, s->value[resource][i] & ~SAMPLE_CENSORED);
	text_add(&r->text, "\n", 1);
	p->epoch = s->epoch;
	p->seq = s->seq;
	p->period_ns = s->period_ns;
	r->nr_samples += note.nr;
}

int recording_flush(struct recording *r)
{
	int rc = EXIT_OK;

	if (r->text.len && r->fd >= 0)
		rc = append_member(r->fd, r->path, &r->text);
	else if (r->text.len)
		rc = write_all(STDOUT_FILENO, "standard output", r->text.s, r->text.len);
	r->text.len = 0;
	return rc;
}

/* A note and the id after it, in a recording that is gone on with */
static void take_note(struct recording *r, const struct trace_note *note, const char *id)
{
	int resource = resource_by_name(note->resource);
	const char *plus = strchr(id, '+');
	struct mark *p;

	if (resource < 0)
		return;
	p = recording_mark(r, note->vm_id, resource);
	p->epoch = note->epoch;
	p->seq = note->first + note->nr - 1;
	p->period_ns = note->period_ns;
	p->part = plus ? strtoul(plus + 1, NULL, 10) : 0;
}

/* The lines of a recording as they are unpacked: only heads of lines matter */
struct scan {
	char line[512];
	size_t len;
	bool first;		/* line */
	bool is_recording;
	bool noted;
	struct trace_note note;
};

static void scan_line(struct recording *r, struct scan *s)
{
	s->line[s->len] = 0;
	if (s->first)
		s->is_recording = !strncmp(s->line, TRACE_HEAD, strlen(TRACE_HEAD));
	s->first = false;
	if (!strncmp(s->line, TRACE_NOTE, strlen(TRACE_NOTE))) {
		s->noted = trace_note_parse(s->line, &s->note);
	} else if (s->noted && *s->line != '#') {
		s->line[strcspn(s->line, ",")] = 0;
		take_note(r, &s->note, s->line);
		s->noted = false;
	}
	s->len = 0;
}

static void scan_bytes(struct recording *r, struct scan *s, const char *bytes, size_t nr)
{
	for (; nr; nr--, bytes++) {
		if (*bytes == '\n')
			scan_line(r, s);
		else if (s->len < sizeof(s->line) - 1)
			s->line[s->len++] = *bytes;
	}
}

/* Take up a recording: what is whole is kept, what is not is cut off */
static int resume(struct recording *r, const uint8_t *bytes, size_t size)
{
	struct scan scan = { .first = true };
	struct text text = { 0 };
	size_t at = 0, used;

	while (at < size && unpack_member(bytes + at, size - at, &used, &text)) {
		scan_bytes(r, &scan, text.s, text.len);
		at += used;
		if (!scan.is_recording)
			break;
	}
	free(text.s);
	if (!scan.is_recording) {
		error("%s: is there and is no recording: it is left alone", r->path);
		return EXIT_FAILED;
	}
	if (at < size)
		fprintf(stderr, "kvmeter: %s: the last %zu bytes are damaged and were cut off\n",
			r->path, size - at);
	if (at < size && ftruncate(r->fd, at))
		return write_error(r->path);
	return EXIT_OK;
}

static void begin_text(struct recording *r)
{
	static const char head[] = TRACE_HEAD ": id,v0,v1,...; lines of one id belong together\n"
		"# cpu: 1/10000 of the vCPUs' time; a note says more before each line\n";

	text_add(&r->text, head, sizeof(head) - 1);
}

int recording_open(struct recording *r)
{
	uint8_t *bytes;
	struct stat st;
	int rc;

	r->fd = -1;
	if (!r->path) {
		begin_text(r);
		return recording_flush(r);
	}
	r->fd = open(r->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (r->fd < 0)
		return write_error(r->path);
	if (flock(r->fd, LOCK_EX | LOCK_NB)) {
		error("%s: another recorder is at it", r->path);
		return EXIT_FAILED;
	}
	if (fstat(r->fd, &st))
		return write_error(r->path);
	if (!st.st_size) {
		begin_text(r);
		return recording_flush(r);
	}
	rc = read_whole(r->fd, r->path, &bytes, st.st_size);
	if (!rc)
		rc = resume(r, bytes, st.st_size);
	free(bytes);
	return rc;
}

static int rewrite_trace(struct trace *t, void *arg)
{
	gzFile file = arg;
	char note[512];
	size_t i;

	trace_note_print(note, sizeof(note), &t->note);
	if (gzputs(file, note) < 0 || gzputs(file, t->id) < 0)
		return EXIT_FAILED;
	for (i = 0; i < t->nr; i++)
		if (gzprintf(file, ",%u", t->value[i]) < 0)
			return EXIT_FAILED;
	return gzputs(file, "\n") < 0 ? EXIT_FAILED : EXIT_OK;
}

static int rewrite(struct recording *r)
{
	size_t len = strlen(r->path) + 8;
	char *path = malloc(len);
	struct stat st;
	gzFile file;
	int fd, rc;

	if (!path)
		abort();
	snprintf(path, len, "%s.new", r->path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	file = fd < 0 ? NULL : gzdopen(dup(fd), "wb9");
	if (!file || fstat(r->fd, &st) || fchmod(fd, st.st_mode & 07777)) {
		rc = write_error(path);
		goto out;
	}
	begin_text(r);
	rc = gzwrite(file, r->text.s, r->text.len) > 0 ? EXIT_OK : EXIT_FAILED;
	r->text.len = 0;
	if (!rc)
		rc = trace_each(r->path, rewrite_trace, file);
	if (gzclose(file) != Z_OK || fsync(fd))
		rc = write_error(path);
	if (!rc && rename(path, r->path))
		rc = write_error(path);
	if (rc)
		unlink(path);	/* the old one is as good */
out:
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

int recording_close(struct recording *r)
{
	return r->path ? rewrite(r) : EXIT_OK;
}

void recording_free(struct recording *r)
{
	if (r->fd >= 0)
		close(r->fd);
	free(r->marks);
	free(r->text.s);
}
