// SPDX-License-Identifier: GPL-2.0
/*
 * Each track has room for twice what is kept.  When the room is full the newer
 * half moves to the front.  So a track is always one piece of memory and a
 * point is moved once.
 */
#include "top/track.h"

#include <stdlib.h>
#include <string.h>

/* Where the VM's track is, or belongs */
static size_t place(const struct tracks *ts, uint32_t vm_id)
{
	size_t low = 0, high = ts->nr;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (ts->track[mid].vm_id < vm_id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct track *tracks_find(const struct tracks *ts, uint32_t vm_id)
{
	size_t at = place(ts, vm_id);

	return at < ts->nr && ts->track[at].vm_id == vm_id ? &ts->track[at] : NULL;
}

static struct track *track_new(struct tracks *ts, uint32_t vm_id)
{
	size_t at = place(ts, vm_id);
	struct track *t;

	ts->track = reallocarray(ts->track, ts->nr + 1, sizeof(*ts->track));
	if (!ts->track)
		abort();
	t = &ts->track[at];
	memmove(t + 1, t, (ts->nr - at) * sizeof(*t));
	ts->nr++;
	*t = (struct track){ .vm_id = vm_id };
	t->ring = calloc(2 * TRACK_POINTS, sizeof(*t->ring));
	if (!t->ring)
		abort();
	t->point = t->ring;
	return t;
}

const struct track *tracks_add(struct tracks *ts, uint32_t vm_id, const struct point *p)
{
	struct track *t = (struct track *)tracks_find(ts, vm_id);

	if (!t)
		t = track_new(ts, vm_id);
	if (t->nr == TRACK_POINTS) {
		t->point++;
		t->nr--;
	}
	if (t->point + t->nr == t->ring + 2 * TRACK_POINTS) {
		memcpy(t->ring, t->point, t->nr * sizeof(*t->ring));
		t->point = t->ring;
	}
	t->point[t->nr++] = *p;
	t->kept = true;
	return t;
}

void tracks_sweep(struct tracks *ts)
{
	size_t i, nr = 0;

	for (i = 0; i < ts->nr; i++) {
		struct track t = ts->track[i];

		if (!t.kept) {
			free(t.ring);
			continue;
		}
		t.kept = false;
		ts->track[nr++] = t;
	}
	ts->nr = nr;
}

void tracks_free(struct tracks *ts)
{
	size_t i;

	for (i = 0; i < ts->nr; i++)
		free(ts->track[i].ring);
	free(ts->track);
	*ts = (struct tracks){ 0 };
}
