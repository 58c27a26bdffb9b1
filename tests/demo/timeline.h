/* SPDX-License-Identifier: GPL-2.0 */
/*
 * timeline - what is known of the demonstration: samples and adjustments, by resource of a VM
 */
#ifndef DEMO_TIMELINE_H
#define DEMO_TIMELINE_H

#include <stdbool.h>

#define MAX_LANES	16
#define MAX_MARKS	512

/* A metered resource, and how its left axis is labelled */
struct resource {
	const char	*name, *unit;
	double		scale;		/* of the axis' unit, in the samples' */
	double		max;		/* of the axis; 0: by what there is */
};

struct sample {
	double		ms;
	double		usage, predicted, p99, grant;	/* in the axis' unit */
	double		price;		/* credits per hour */
};

/* A resource of a VM */
struct lane {
	const struct resource *resource;
	unsigned int	vm_id;
	char		name[64];
	struct sample	*samples;
	int		nr;
	double		max, tick;	/* of its left axis */
};

/* Adjustments that belong together */
struct mark {
	const struct resource *resource;
	unsigned int	vm_id;
	double		from_ms, to_ms;
	char		reason[32];
	double		grant;		/* percent of nominal at the end */
};

struct timeline {
	struct lane	lanes[MAX_LANES];
	int		nr_lanes;
	struct mark	marks[MAX_MARKS];
	int		nr_marks;
	double		first_ms, last_ms;
	double		price_max;	/* of all lanes, credits per hour */
};

/* There is one in a picture. */
extern struct timeline timeline;

/* read_samples - what tests/demo/sample wrote; false and a word of it: no such file */
bool read_samples(const char *path);
/* read_log - "kvmeter log --csv": adjustments become marks; false as read_samples() */
bool read_log(const char *path);
/* keep_adjusted - only lanes with a mark stay, smoothed, with their axes, CPU first */
void keep_adjusted(void);

#endif
