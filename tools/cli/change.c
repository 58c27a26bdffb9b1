// SPDX-License-Identifier: GPL-2.0
#include "cli/change.h"

#include <stdlib.h>

#include "data/util.h"

static bool same_setting(const struct change *a, const struct change *b)
{
	return a->place == b->place && a->attr == b->attr && a->setting == b->setting;
}

void change_add(struct changes *changes, const struct change *change)
{
	size_t i;

	for (i = 0; i < changes->nr; i++)
		if (same_setting(&changes->c[i], change))
			break;
	if (i == ARRAY_SIZE(changes->c))
		abort();	/* there are not as many settings */
	changes->c[i] = *change;
	if (i == changes->nr)
		changes->nr++;
}

void change_set(struct changes *changes, enum place place, const struct setting *s,
		uint64_t value, const char *typed)
{
	const struct change c = {
		.place = place, .attr = s->attr, .setting = s, .unit = s->unit, .value = value,
		.typed = typed,
	};

	change_add(changes, &c);
}
