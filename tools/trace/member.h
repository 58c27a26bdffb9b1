/* SPDX-License-Identifier: GPL-2.0 */
/* Members of a gzip file: each is complete in itself, and is written at once. */
#ifndef KVMETER_MEMBER_H
#define KVMETER_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct text - bytes, in room that grows */
struct text {
	char *s;
	size_t len, room;
};

/** text_room - make room for @more bytes; where they go */
char *text_room(struct text *t, size_t more);
void text_add(struct text *t, const char *s, size_t len);
void text_add_u32(struct text *t, uint32_t v);	/* a comma before it */

/* Each returns an exit status, after a message that names @path. */
int write_error(const char *path);		/* what errno says; EXIT_FAILED */
int write_all(int fd, const char *path, const void *data, size_t len);
int read_whole(int fd, const char *path, uint8_t **bytes, size_t size);
int append_member(int fd, const char *path, const struct text *t);

/**
 * unpack_member - read one member
 * @in: where it begins
 * @nr: bytes from there on
 * @used: how many of them it takes
 * @text: what it holds
 *
 * Return: false: it is damaged.
 */
bool unpack_member(const uint8_t *in, size_t nr, size_t *used, struct text *text);

#endif /* KVMETER_MEMBER_H */
