// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's memory: so much owned and dirty
 *
 * Done beside the console, as the host may let it wait for each page.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "init.h"

#define PAGE	4096

static struct job touching = { .name = "touch" };
static char *touched;
static size_t wanted_mb, touched_mb;
static unsigned long dirtied_mb;	/* since it was told to touch */
static bool over_and_over;

static bool stopped(void)
{
	return __atomic_load_n(&touching.stop, __ATOMIC_RELAXED);
}

static void *fill(void *arg)
{
	size_t i;

	(void)arg;
	do {
		for (i = 0; i < wanted_mb << 20 && !stopped(); i += PAGE) {
			touched[i]++;
			touching.bytes = i + PAGE;
			dirtied_mb += !(touching.bytes & ((1 << 20) - 1));
		}
		usleep(20000);
	} while (over_and_over && !stopped());
	job_done(&touching);
	return NULL;
}

/* What is owned already stays where it is, and is dirtied anew; @again: until the next touch. */
void touch(size_t mb, bool again)
{
	void *p = NULL;

	job_stop(&touching);
	if (!touched && mb)
		p = mmap(NULL, mb << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	else if (touched && mb)
		p = mremap(touched, touched_mb << 20, mb << 20, MREMAP_MAYMOVE);
	else if (touched)
		munmap(touched, touched_mb << 20);
	if (p == MAP_FAILED) {
		printf("error: no memory\n");
		return;
	}
	touched = p;
	touched_mb = mb;
	wanted_mb = mb;
	touching.bytes = 0;
	dirtied_mb = 0;
	over_and_over = again;
	if (mb)
		job_start(&touching, fill);
}

void memory_report(void)
{
	unsigned long long total = 0, available = 0;
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];

	while (f && fgets(line, sizeof(line), f)) {
		sscanf(line, "MemTotal: %llu", &total);
		sscanf(line, "MemAvailable: %llu", &available);
	}
	if (f)
		fclose(f);
	printf(" mem_total_kb=%llu mem_available_kb=%llu touched_mb=%llu touching=%d dirtied_mb=%lu",
	       total, available, (unsigned long long)touching.bytes >> 20, touching.running,
	       dirtied_mb);
}
