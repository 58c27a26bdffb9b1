// SPDX-License-Identifier: GPL-2.0
/*
 * What hostilevmm did, in a page that its child processes share.
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "hostile.h"

static uint64_t *counts;

void counts_init(void)
{
	counts = mmap(NULL, C_NR * sizeof(*counts), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		die("counters: %m");
}

void count(enum count what, uint64_t by)
{
	__atomic_fetch_add(&counts[what], by, __ATOMIC_RELAXED);
}

uint64_t counted(enum count what)
{
	return __atomic_load_n(&counts[what], __ATOMIC_RELAXED);
}
