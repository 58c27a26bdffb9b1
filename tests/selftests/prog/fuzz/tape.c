// SPDX-License-Identifier: GPL-2.0
/*
 * tape - numbers from a seed and a name, the same each time
 */
#include <stdlib.h>

#include "fuzz.h"

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

static void change(struct tape *t, uint64_t *state)
{
	unsigned int n = 1 + mix(*state) % 6, at;

	while (n--) {
		*state = mix(*state);
		/* what comes first decides most */
		at = *state % (*state >> 40 & 1 ? 16 : TAPE_WORDS);
		*state = mix(*state);
		t->words[at] = *state;
	}
}

void tape_fill(struct tape *t, const struct name *name)
{
	uint64_t state = mix(opt.seed) ^ name->part[0];
	unsigned int i;

	t->name = *name;
	t->at = 0;
	for (i = 0; i < TAPE_WORDS; i++) {
		state = mix(state);
		t->words[i] = state;
	}
	for (i = 1; i < name->nr; i++) {
		state = mix(opt.seed) ^ name->part[i];
		change(t, &state);
	}
}

uint32_t draw(struct tape *t)
{
	return t->words[t->at++ % TAPE_WORDS];
}

uint32_t below(struct tape *t, uint32_t n)
{
	return (uint64_t)draw(t) * n >> 32;
}

bool one_in(struct tape *t, uint32_t n)
{
	return !below(t, n);
}

uint64_t odd_value(struct tape *t)
{
	static const uint64_t limits[] = {
		0, 1, 2, 3, 100, 1000, 9999, 10000, 10001, 20000, 100000, 1000000, 10000000,
		100000000, 1000000000, 10000000000ull, 3600000000000ull, INT32_MAX, UINT32_MAX,
		INT64_MAX, UINT64_MAX,
	};
	uint64_t value;

	switch (below(t, 6)) {
	case 0:
		return below(t, 8);
	case 1:
		return (1ull << below(t, 64)) + below(t, 3) - 1;
	case 2:
		value = limits[below(t, ARRAY_SIZE(limits))];
		return value + below(t, 3) - 1;
	case 3:
		return below(t, 30000);
	case 4:
		return draw(t);
	default:
		value = draw(t);
		return value << 32 | draw(t);
	}
}

const char *name_print(const struct name *name)
{
	static char text[8][16 * NAME_PARTS];
	static unsigned int nth;
	char *s = text[nth++ % 8];
	unsigned int i, len = 0;

	for (i = 0; i < name->nr; i++)
		len += sprintf(s + len, "%s%u", i ? "." : "", name->part[i]);
	return s;
}

bool name_parse(struct name *name, const char **text)
{
	char *end;

	for (name->nr = 0; name->nr < NAME_PARTS; *text = end + 1) {
		name->part[name->nr] = strtoul(*text, &end, 10);
		if (end == *text)
			return false;
		name->nr++;
		if (*end == '.')
			continue;
		*text = end + (*end == ',');
		return true;
	}
	return false;
}
