/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is to be seen at one moment: all VMs, in an order, maybe not all of them.
 */
#ifndef KVMETER_FRAME_H
#define KVMETER_FRAME_H

#include "top/track.h"

/**
 * struct seen - one VM in a frame; NAN: not known
 * @id: its number
 * @nr_vcpus: its vCPUs
 * @name: what it is called; may be empty
 * @image: its image; may be empty
 * @policy: the word for what may be done to it
 * @cpu: share of its vCPUs' time that it used, percent; the next four are parts
 * @guest: in the guest
 * @host: outside of it
 * @wait: runnable, without a CPU
 * @throttled: withheld
 * @exits_s: VM exits per second
 * @spent_ncr: in this budget period; NONE: not known
 * @adjustment_seq: its last adjustment, 0: none; NONE: not known
 * @now: what its chart shows last
 * @track: the points of its chart that end with @now
 * @nr_track: how many
 */
struct seen {
	uint32_t id;
	uint32_t nr_vcpus;
	const char *name;
	const char *image;
	const char *policy;
	double cpu;
	double guest;
	double host;
	double wait;
	double throttled;
	double exits_s;
	uint64_t spent_ncr;
	uint64_t adjustment_seq;
	struct point now;
	const struct point *track;
	size_t nr_track;
};

/**
 * struct frame - the VMs of one moment
 * @seen: in the order in which they are shown
 * @nr: of them
 * @nr_all: of them, before a filter
 * @real_ns: when that was
 */
struct frame {
	struct seen *seen;
	size_t nr;
	size_t nr_all;
	uint64_t real_ns;
};

enum sort_key {
	SORT_CPU,
	SORT_SURPRISE,
	SORT_GRANT,
	SORT_PRICE,
	SORT_MEMORY,
	SORT_NETWORK,
	SORT_DISK,
	SORT_EXITS,
	SORT_NAME,
	SORT_ID,
	NR_SORT_KEYS,
};

extern const char * const sort_names[NR_SORT_KEYS];

/** frame_sort - most first, names and ids from the first; @reverse: the other way round */
void frame_sort(struct frame *f, enum sort_key key, bool reverse);
/** frame_filter - leave VMs whose name, image or policy has @text in it, or whose id it is */
void frame_filter(struct frame *f, const char *text);
/** frame_find - the row of a VM; nr: it is not there */
size_t frame_find(const struct frame *f, uint32_t id);
void frame_free(struct frame *f);

#endif /* KVMETER_FRAME_H */
