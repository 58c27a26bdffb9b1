/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parts of hostile. hostile.c takes the command; walk.c, fuzz.c, nobody.c, dump.c and pairs.c are
 * the commands. A walk_*.c is one kind of wrong request each. request.c makes requests,
 * verdict.c sends them and judges, settings.c watches that none of them changed anything.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "nl/nl.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* hostile.c */
extern struct nl nl;
extern uint32_t vm_id;		/* of the VM that must not change */

/* verdict.c */
extern unsigned int checks, wrong;

/* fail - "not ok NAME - WHY"; counts it */
__attribute__((format(printf, 2, 3)))
void fail(const char *name, const char *fmt, ...);
/* answers - send the request under construction: it must fail with @err, 0: with any error */
__attribute__((format(printf, 2, 3)))
void answers(int err, const char *fmt, ...);
/* refused - as answers(), and the kernel must say why, and no setting may change */
__attribute__((format(printf, 2, 3)))
void refused(int err, const char *fmt, ...);

/* settings.c */

/* settings_read - remember the host's and the VM's settings; exits when the VM is gone */
void settings_read(void);
/* settings_changed - are they others than settings_read() saw? */
bool settings_changed(void);

/* request.c */
#define BLOB_MAX	24576

/* A good blob, to be spoilt; there is room for a byte more */
struct blob {
	unsigned int len;
	uint8_t bytes[BLOB_MAX];
};

extern struct blob profile, model;

/* blobs_get - @profile of the VM, @model of the file $KVMETER_MODEL */
void blobs_get(void);
/* names_vm - is this the attribute that says which VM is meant? */
bool names_vm(const char *attr);
/* begin_but - a good request of @op, without the attribute @but (NULL: a whole one) */
void begin_but(const struct op *op, bool dump, const char *but);
/* put_value - an integer of the attribute's size */
void put_value(const struct attr *attr, uint64_t value);
/* put_garbage - @len bytes, at most 64, all of them 0xff */
void put_garbage(uint16_t type, unsigned int len);

/* walk_*.c: each sends what is wrong in one way and says what was not refused */

#define PATH_MAX_DEPTH	4

/* An attribute, and the nests that it is in */
struct place {
	const struct op *op;
	bool dump;
	const struct attr *path[PATH_MAX_DEPTH];
	unsigned int depth;	/* nests in path */
	const char *name;	/* of it all, for people */
};

void walk_op(const struct op *op, bool dump);
void walk_attr(const struct place *in, const struct attr *attr);
void walk_value(const struct place *at, const struct attr *attr);
void walk_string(const struct place *at, const struct attr *attr);
void walk_blob(const struct place *at, const struct attr *attr);
void walk_nest(const struct place *at);
void walk_ranges(void);
void walk_refusals(void);
void walk_heads(void);

/* begin_in - a good request but for what is in the first @depth nests of @at, which are open */
void begin_in(const struct place *at, unsigned int depth, const struct attr *attr,
	      struct nlattr **nest);
/* end_in - close these nests */
void end_in(unsigned int depth, struct nlattr **nest);

/* The commands; each returns the exit status */
int walk(void);
int fuzz(unsigned int nr_requests);
int nobody(void);
int dump(double seconds);
int set_pairs(double seconds, unsigned int value);
int watch_pairs(double seconds);

static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

#endif
