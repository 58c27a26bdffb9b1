/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording as it is made.
 *
 * Each poll is appended as a whole gzip member, in one write.  A recorder that
 * is killed leaves at most one damaged member.  The next recorder cuts that off.
 * It reads in the notes how far each series came, and goes on from there.  At its
 * end the file is written anew with one line per series, and put in place of the
 * old one.
 *
 * A gap is never taken for a value: where periods are missing the series ends and
 * another begins.  "vm3.cpu" is followed by "vm3.cpu+1".  A change of the period's
 * length ends a series, too, and so does another load of the module.
 */
#ifndef KVMETER_RECORDING_H
#define KVMETER_RECORDING_H

#include "data/learned.h"
#include "data/vm.h"
#include "trace/member.h"

/* how far a series came */
struct mark {
	uint32_t vm_id;
	uint32_t resource;
	uint64_t epoch;
	uint64_t seq;		/* of the last period */
	uint64_t period_ns;
	unsigned int part;
};

/**
 * struct recording - where samples go
 * @path: the file; NULL: standard output, and not compressed
 * @fd: of the file; -1: none
 * @marks: how far each series came
 * @nr_marks: how many there are
 * @text: what was put since the last flush
 * @nr_samples: written so far
 * @nr_gaps: series that were broken off
 * @nr_lost: periods in the gaps, as far as they are known
 */
struct recording {
	const char *path;
	int fd;
	struct mark *marks;
	size_t nr_marks;
	struct text text;
	uint64_t nr_samples, nr_gaps, nr_lost;
};

/** recording_open - begin @r->path, or take it up where it ends; an exit status */
int recording_open(struct recording *r);
/** recording_mark - how far a series came; it may be a new one */
struct mark *recording_mark(struct recording *r, uint32_t vm_id, uint32_t resource);
/** recording_put - the periods of @s that the series does not have yet */
void recording_put(struct recording *r, const struct vm *vm, const struct samples *s,
		   uint32_t resource);
/** recording_flush - write what was put; an exit status */
int recording_flush(struct recording *r);
/** recording_close - one line per series, in a file that takes the old one's place */
int recording_close(struct recording *r);
void recording_free(struct recording *r);

#endif /* KVMETER_RECORDING_H */
