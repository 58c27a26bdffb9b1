// SPDX-License-Identifier: GPL-2.0
/*
 * What any part of the bench uses: the end, memory, chance.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tool.h"

static u64 state = 1;

void uniform_seed(u64 seed)
{
	state = seed;
}

double uniform(void)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return ldexp(state >> 11, -53);
}

void die(const char *what)
{
	fprintf(stderr, "detect: %s\n", what);
	exit(1);
}

void *allocate(size_t nr, size_t bytes)
{
	void *p = calloc(nr, bytes);

	if (!p)
		die("out of memory");
	return p;
}
