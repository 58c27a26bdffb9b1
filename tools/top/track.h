/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last moments of each VM, for its chart.
 */
#ifndef KVMETER_TRACK_H
#define KVMETER_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/names.h"
#include "data/vm.h"

#define TRACK_POINTS	600	/* kept per VM: ten minutes at a reading per second */

/**
 * struct level - one resource at one moment, in its sample unit; NAN: not known
 * @usage: mean since the moment before, or of the last period
 * @predicted: forecast of the next period
 * @p95: 95 % of periods stay at or below
 * @p99: 99 % of periods stay at or below
 */
struct level {
	float usage;
	float predicted;
	float p95;
	float p99;
};

/**
 * struct point - a VM at one moment
 * @level: per resource
 * @surprise_mbit: of CPU
 * @surprise_dir: enum kvmeter_surprise_dir of that
 * @grant_bp: per resource that is adjusted
 * @price_ncr_h: price of the VM
 */
struct point {
	struct level level[NR_RESOURCES];
	uint32_t surprise_mbit;
	uint32_t surprise_dir;
	uint32_t grant_bp[NR_ACT];
	uint64_t price_ncr_h;
};

/**
 * struct track - a VM's moments, in order
 * @vm_id: the VM
 * @point: the last @nr of them, the oldest first
 * @nr: TRACK_POINTS at most
 * @kept: still there; see tracks_sweep()
 */
struct track {
	uint32_t vm_id;
	struct point *point;
	size_t nr;
	/* private: */
	struct point *ring;
	bool kept;
};

/** struct tracks - those of all VMs, by id */
struct tracks {
	struct track *track;
	size_t nr;
};

/** tracks_add - keep a moment of a VM; return its track, valid until the next call */
const struct track *tracks_add(struct tracks *ts, uint32_t vm_id, const struct point *p);
/** tracks_find - the track of a VM, NULL: there is none */
const struct track *tracks_find(const struct tracks *ts, uint32_t vm_id);
/** tracks_sweep - forget VMs to which nothing was added since the last sweep */
void tracks_sweep(struct tracks *ts);
void tracks_free(struct tracks *ts);

#endif /* KVMETER_TRACK_H */
