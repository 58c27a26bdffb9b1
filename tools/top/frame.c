// SPDX-License-Identifier: GPL-2.0
/* The rows of a moment: put in an order, chosen by a word. */
#include "top/frame.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char * const sort_names[NR_SORT_KEYS] = {
	[SORT_CPU] = "cpu",
	[SORT_SURPRISE] = "surprise",
	[SORT_GRANT] = "grant",
	[SORT_PRICE] = "price",
	[SORT_MEMORY] = "memory",
	[SORT_NETWORK] = "network",
	[SORT_DISK] = "disk",
	[SORT_EXITS] = "exits",
	[SORT_NAME] = "name",
	[SORT_ID] = "id",
};

/* How far up a VM stands by a number; one that is not known is last */
static double weight(const struct seen *s, enum sort_key key)
{
	double v = 0;

	switch (key) {
	case SORT_CPU:
		v = s->cpu * s->nr_vcpus;
		break;
	case SORT_SURPRISE:
		v = s->now.surprise_mbit;
		break;
	case SORT_GRANT:
		v = s->now.grant_bp[KVMETER_RESOURCE_CPU];
		break;
	case SORT_PRICE:
		v = s->now.price_ncr_h;
		break;
	case SORT_MEMORY:
		v = s->now.level[KVMETER_RESOURCE_MEMORY].usage;
		break;
	case SORT_NETWORK:
		v = s->now.level[KVMETER_RESOURCE_NETWORK].usage;
		break;
	case SORT_DISK:
		v = s->now.level[KVMETER_RESOURCE_DISK].usage;
		break;
	case SORT_EXITS:
		v = s->exits_s;
		break;
	default:
		break;
	}
	return isnan(v) ? -1 : v;
}

static int compare(const void *x, const void *y, void *arg)
{
	const struct seen *a = x, *b = y;
	const int *order = arg;		/* the key, and 1 or -1 */
	double more = weight(b, order[0]) - weight(a, order[0]);
	int by_name = order[0] == SORT_NAME ? strcmp(a->name, b->name) : 0;

	if (more)
		return more > 0 ? order[1] : -order[1];
	if (by_name)
		return by_name * order[1];
	/* what is equal keeps its place from frame to frame */
	return (a->id > b->id ? 1 : -(a->id < b->id)) * (order[0] == SORT_ID ? order[1] : 1);
}

void frame_sort(struct frame *f, enum sort_key key, bool reverse)
{
	int order[] = { key, reverse ? -1 : 1 };

	if (f->nr)
		qsort_r(f->seen, f->nr, sizeof(*f->seen), compare, order);
}

static bool matches(const struct seen *s, const char *text)
{
	char id[16];

	snprintf(id, sizeof(id), "%u", s->id);
	return !strcmp(id, text) || strcasestr(s->name, text) || strcasestr(s->image, text) ||
	       strcasestr(s->policy, text);
}

void frame_filter(struct frame *f, const char *text)
{
	size_t i, nr = 0;

	for (i = 0; i < f->nr; i++)
		if (!*text || matches(&f->seen[i], text))
			f->seen[nr++] = f->seen[i];
	f->nr = nr;
}

size_t frame_find(const struct frame *f, uint32_t id)
{
	size_t i;

	for (i = 0; i < f->nr && f->seen[i].id != id; i++)
		;
	return i;
}

void frame_free(struct frame *f)
{
	free(f->seen);
	*f = (struct frame){ 0 };
}
