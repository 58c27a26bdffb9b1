// SPDX-License-Identifier: GPL-2.0
#include "trace/member.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "cli/error.h"

#define GZIP		(15 + 16)

char *text_room(struct text *t, size_t more)
{
	if (t->room - t->len < more) {
		t->room = 2 * (t->len + more);
		t->s = realloc(t->s, t->room);
		if (!t->s)
			abort();
	}
	return t->s + t->len;
}

void text_add(struct text *t, const char *s, size_t len)
{
	memcpy(text_room(t, len), s, len);
	t->len += len;
}

void text_add_u32(struct text *t, uint32_t v)
{
	t->len += sprintf(text_room(t, 16), ",%u", v);
}

int write_error(const char *path)
{
	error("%s: %s", path, strerror(errno));
	return EXIT_FAILED;
}

int write_all(int fd, const char *path, const void *data, size_t len)
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

int read_whole(int fd, const char *path, uint8_t **bytes, size_t size)
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

int append_member(int fd, const char *path, const struct text *t)
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

bool unpack_member(const uint8_t *in, size_t nr, size_t *used, struct text *text)
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
