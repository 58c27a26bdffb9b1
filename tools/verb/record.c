// SPDX-License-Identifier: GPL-2.0
/*
 * Recording: every period of the VMs, from the module into a file.
 *
 * The module keeps the last 128 periods of each VM and numbers them; this asks
 * for what came since the last number that it has, often enough that none is
 * lost.  Where some are (it was stopped for longer), the series ends there and
 * another begins: "vm3.cpu" is followed by "vm3.cpu+1", so that a gap is never
 * taken for a value.  So it is when the period's length changes, or the module
 * is loaded anew.
 *
 * Each poll is appended as a whole gzip member, in one write.  A recorder that
 * is killed leaves at most one that is damaged; the next one cuts it off, reads
 * in the notes how far each series came and goes on from there.  At its end the
 * file is written anew with one line per series, and put in place of the old
 * one.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "verb/verb.h"
#include "show/print.h"
#include "trace/trace.h"

#define POLL_MAX_NS	2000000000ULL
#define POLL_MIN_NS	20000000ULL
#define POLL_SHARE	4	/* polls while the module keeps a period */
#define KEPT		128	/* periods that it keeps */
#define TTY_S		1	/* progress, on a terminal */
#define FILE_S		60	/* and elsewhere */
#define GZIP		(15 + 16)

/* how far a series came */
struct place {
	uint32_t vm_id;
	uint32_t resource;
	uint64_t epoch;
	uint64_t seq;		/* of the last period */
	uint64_t period_ns;
	unsigned int part;
};

struct text {
	char *s;
	size_t len, room;
};

struct recorder {
	int fd;			/* -1: standard output */
	const char *path;
	bool one_vm;
	uint32_t vm_id;		/* if @one_vm */
	int resource;		/* -1: all */
	struct place *places;
	size_t nr_places;
	struct vm *vms;		/* at the last poll */
	size_t nr_vms;
	uint32_t highest_id;	/* of a VM that was seen */
	struct text text;	/* of this poll */
	uint64_t nr_samples, nr_gaps, nr_lost;
	bool over;		/* the VM is gone and all is written */
	sigset_t stop;		/* blocked signals that end it between two polls */
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static char *text_room(struct text *t, size_t more)
{
	if (t->room - t->len < more) {
		t->room = 2 * (t->len + more);
		t->s = realloc(t->s, t->room);
		if (!t->s)
			abort();
	}
	return t->s + t->len;
}

static void text_add(struct text *t, const char *s, size_t len)
{
	memcpy(text_room(t, len), s, len);
	t->len += len;
}

static void text_add_u32(struct text *t, uint32_t v)
{
	t->len += sprintf(text_room(t, 16), ",%u", v);
}

/*
 * Files.
 */

static int write_error(const char *path)
{
	error("%s: %s", path, strerror(errno));
	return EXIT_FAILED;
}

static int write_all(int fd, const char *path, const void *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return write_error(path);
		data = (const char *)data + n;
		len -= n;
	}
	return EXIT_OK;
}

/* One gzip member, complete in itself */
static int append_member(int fd, const char *path, const struct text *t)
{
	z_stream z = { 0 };
	size_t room;
	void *out;
	int rc;

	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	room = deflateBound(&z, t->len);
	out = malloc(room);
	if (!out)
		abort();
	z.next_in = (Bytef *)t->s;
	z.avail_in = t->len;
	z.next_out = out;
	z.avail_out = room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	rc = write_all(fd, path, out, z.total_out);
	deflateEnd(&z);
	free(out);
	return rc;
}

static int flush(struct recorder *r)
{
	int rc = EXIT_OK;

	if (r->text.len && r->fd >= 0)
		rc = append_member(r->fd, r->path, &r->text);
	else if (r->text.len)
		rc = write_all(STDOUT_FILENO, "standard output", r->text.s, r->text.len);
	r->text.len = 0;
	return rc;
}

static struct place *place_of(struct recorder *r, uint32_t vm_id, uint32_t resource)
{
	struct place *p;
	size_t i;

	for (i = 0; i < r->nr_places; i++)
		if (r->places[i].vm_id == vm_id && r->places[i].resource == resource)
			return &r->places[i];
	r->places = realloc(r->places, (r->nr_places + 1) * sizeof(*r->places));
	if (!r->places)
		abort();
	p = &r->places[r->nr_places++];
	*p = (struct place){ .vm_id = vm_id, .resource = resource };
	return p;
}

/* A note and the id after it, in a recording that is gone on with */
static void take_note(struct recorder *r, const struct trace_note *note, const char *id)
{
	int resource = resource_by_name(note->resource);
	const char *plus = strchr(id, '+');
	struct place *p;

	if (resource < 0)
		return;
	p = place_of(r, note->vm_id, resource);
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

static void scan_line(struct recorder *r, struct scan *s)
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

static void scan_bytes(struct recorder *r, struct scan *s, const char *bytes, size_t nr)
{
	for (; nr; nr--, bytes++) {
		if (*bytes == '\n')
			scan_line(r, s);
		else if (s->len < sizeof(s->line) - 1)
			s->line[s->len++] = *bytes;
	}
}

/* One member of @in; false: it is damaged.  @text: what it holds */
static bool unpack_member(const uint8_t *in, size_t nr, size_t *used, struct text *text)
{
	z_stream z = { .next_in = (Bytef *)in, .avail_in = nr };
	int rc = Z_OK;

	text->len = 0;
	if (inflateInit2(&z, GZIP) != Z_OK)
		abort();
	while (rc == Z_OK) {
		z.next_out = (Bytef *)text_room(text, 65536);
		z.avail_out = 65536;
		rc = inflate(&z, Z_NO_FLUSH);
		text->len += 65536 - z.avail_out;
		if (rc == Z_OK && !z.avail_in && z.avail_out)
			break;
	}
	*used = nr - z.avail_in;
	inflateEnd(&z);
	return rc == Z_STREAM_END;
}

/* Take up a recording: what is whole is kept, what is not is cut off */
static int resume(struct recorder *r, const uint8_t *bytes, size_t size)
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

static int read_whole(int fd, const char *path, uint8_t **bytes, size_t size)
{
	size_t at = 0;

	*bytes = malloc(size ? size : 1);
	if (!*bytes)
		abort();
	while (at < size) {
		ssize_t n = read(fd, *bytes + at, size - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return write_error(path);
		at += n;
	}
	return EXIT_OK;
}

static void begin_text(struct recorder *r)
{
	static const char head[] = TRACE_HEAD ": id,v0,v1,...; lines of one id belong together\n"
		"# cpu: 1/10000 of the vCPUs' time; a note says more before each line\n";

	text_add(&r->text, head, sizeof(head) - 1);
}

static int open_file(struct recorder *r)
{
	uint8_t *bytes;
	struct stat st;
	int rc;

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
		return flush(r);
	}
	rc = read_whole(r->fd, r->path, &bytes, st.st_size);
	if (!rc)
		rc = resume(r, bytes, st.st_size);
	free(bytes);
	return rc;
}

/* One line per series, in a file that takes the old one's place */
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

static int rewrite(struct recorder *r)
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

/*
 * Polls.
 */

static void put_series(struct recorder *r, const struct vm *vm, const struct samples *s,
		       uint32_t resource, struct place *p)
{
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
	if (p->seq && (p->epoch != s->epoch || p->seq + 1 != first ||
		       p->period_ns != s->period_ns)) {
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

/* What came since the last poll; of one that is gone, the rest */
static int poll_vm(struct recorder *r, const struct vm *vm)
{
	static struct samples s;
	uint64_t since = UINT64_MAX;
	uint32_t i;
	int rc;

	for (i = 0; i < NR_RESOURCES; i++) {
		const struct place *p = place_of(r, vm->id, i);

		if (r->resource < 0 || r->resource == (int)i)
			since = p->epoch == vm->epoch && p->seq < since ? p->seq :
				p->epoch != vm->epoch ? 0 : since;
	}
	rc = ipc_samples(vm->id, since, &s);
	if (rc)
		return rc;
	for (i = 0; i < NR_RESOURCES; i++)
		if (r->resource < 0 || r->resource == (int)i)
			put_series(r, vm, &s, i, place_of(r, vm->id, i));
	return EXIT_OK;
}

static bool among(const struct vm *vms, size_t nr, uint32_t id)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (vms[i].id == id)
			return true;
	return false;
}

/* Those that went since the last poll, or came and went: the module still knows them */
static void poll_gone(struct recorder *r, const struct vm *vms, size_t nr)
{
	uint32_t highest = r->highest_id, id;
	struct vm vm;
	size_t i;

	for (i = 0; i < nr; i++)
		if (vms[i].id > highest)
			highest = vms[i].id;
	error_silent(true);
	for (i = 0; i < r->nr_vms; i++)
		if (!among(vms, nr, r->vms[i].id))
			poll_vm(r, &r->vms[i]);
	for (id = r->highest_id + 1; id && id <= highest; id++)
		if (!among(vms, nr, id) && !ipc_vm_get(id, &vm))
			poll_vm(r, &vm);
	error_silent(false);
	r->highest_id = highest;
}

static int poll_all(struct recorder *r)
{
	struct vm *vms;
	size_t nr, i;
	int rc = ipc_vm_list(&vms, &nr);

	if (rc)
		return rc;
	poll_gone(r, vms, nr);
	for (i = 0; i < nr; i++) {
		/* it may go at any moment: then the next poll has the rest */
		error_silent(true);
		poll_vm(r, &vms[i]);
		error_silent(false);
	}
	free(r->vms);
	r->vms = vms;
	r->nr_vms = nr;
	return EXIT_OK;
}

static int poll_one(struct recorder *r)
{
	struct vm vm;
	int rc = ipc_vm_get(r->vm_id, &vm);

	if (!rc)
		rc = poll_vm(r, &vm);
	r->over = !rc && vm.gone;
	return rc;
}

static uint64_t poll_ns(void)
{
	struct host host;
	uint64_t ns = POLL_MIN_NS;

	if (!ipc_host_get(&host))
		ns = host.period_ns * KEPT / POLL_SHARE;
	return ns < POLL_MIN_NS ? POLL_MIN_NS : ns > POLL_MAX_NS ? POLL_MAX_NS : ns;
}

static void progress(const struct recorder *r, uint64_t since_ns, bool tty)
{
	char buf[FMT_LEN];

	fprintf(stderr, "%s%s: %llu samples of %zu series, %llu gaps, %llu periods lost%s",
		tty ? "\r" : "kvmeter: ", fmt_duration(buf, since_ns / 1000000000 * 1000000000),
		(unsigned long long)r->nr_samples, r->nr_places, (unsigned long long)r->nr_gaps,
		(unsigned long long)r->nr_lost, tty ? "\033[K" : "\n");
}

static int record(struct recorder *r, uint64_t duration_ns)
{
	uint64_t begin = now_ns(), now = begin, told = begin, wait_ns;
	bool tty = isatty(STDERR_FILENO);
	struct timespec ts;
	bool stopped = false;
	int rc;

	for (;;) {
		rc = r->one_vm ? poll_one(r) : poll_all(r);
		if (!rc)
			rc = flush(r);
		now = now_ns();
		if (now - told >= (tty ? TTY_S : FILE_S) * 1000000000ULL) {
			progress(r, now - begin, tty);
			told = now;
		}
		if (rc || stopped || r->over || (duration_ns && now - begin >= duration_ns))
			break;
		wait_ns = poll_ns();
		if (duration_ns && duration_ns - (now - begin) < wait_ns)
			wait_ns = duration_ns - (now - begin);
		ts.tv_sec = wait_ns / 1000000000;
		ts.tv_nsec = wait_ns % 1000000000;
		/* after a signal it looks once more */
		stopped = sigtimedwait(&r->stop, NULL, &ts) > 0;
	}
	progress(r, now - begin, tty);
	if (tty)
		fputc('\n', stderr);
	return rc;
}

int record_main(int argc, char **argv)
{
	struct recorder r = { .fd = -1, .resource = -1 };
	const char *vm_name = NULL, *resource = NULL;
	uint64_t duration_ns = 0;
	const struct opt opts[] = {
		{ "vm", 0, "VM", "only this VM, all if not given; ends when it is gone", OPT_STR,
		  &vm_name, 0, 0 },
		{ "resource", 'r', "NAME", "only this resource, all if not given", OPT_STR,
		  &resource, 0, 0 },
		{ "out", 'o', "FILE", "gzip; gone on with if it is there; else standard output",
		  OPT_STR, &r.path, 0, 0 },
		{ "duration", 'd', "TIME", "for so long, until a signal if not given", OPT_NS,
		  &duration_ns, 0, 0 },
	};
	struct vm vm;
	int rc, end;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 0, 0);
	if (resource)
		r.resource = resource_by_name(resource);
	if (resource && r.resource < 0)
		usage_error("--resource %s: no such resource", resource);
	rc = ipc_open();
	if (!rc && vm_name)
		rc = ipc_vm_find(vm_name, &vm);
	if (!rc && vm_name) {
		r.one_vm = true;
		r.vm_id = vm.id;
	}
	/* those that were gone before are not asked for */
	if (!rc && !vm_name)
		rc = ipc_vm_list(&r.vms, &r.nr_vms);
	for (size_t i = 0; !rc && i < r.nr_vms; i++)
		if (r.vms[i].id > r.highest_id)
			r.highest_id = r.vms[i].id;
	if (rc)
		return rc;
	sigemptyset(&r.stop);
	sigaddset(&r.stop, SIGINT);
	sigaddset(&r.stop, SIGTERM);
	sigaddset(&r.stop, SIGHUP);
	sigprocmask(SIG_BLOCK, &r.stop, NULL);
	if (r.path) {
		rc = open_file(&r);
	} else {
		begin_text(&r);
		rc = flush(&r);
	}
	if (!rc) {
		rc = record(&r, duration_ns);
		end = r.path ? rewrite(&r) : EXIT_OK;
		rc = rc ? rc : end;
	}
	if (r.fd >= 0)
		close(r.fd);
	free(r.places);
	free(r.vms);
	free(r.text.s);
	return rc;
}
