// SPDX-License-Identifier: GPL-2.0
/*
 * guide - cases that did what none before did are kept, and changed to make others
 *
 * What a case did is, on a kernel with KCOV, which of the module's code it reached (the module must
 * be built with KCOV_INSTRUMENT := y). On another it is what the kernel answered: operation, error
 * and words. That is less: two ways to one answer look alike.
 */
#include <fcntl.h>
#include <linux/kcov.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "fuzz.h"

#define COVER_WORDS	65536
#define SEEN_BITS	(1u << 20)
#define KEPT_MAX	4096

static uint64_t *cover;		/* NULL: no KCOV */
static uint64_t module_from, module_to;
static uint8_t seen[SEEN_BITS / 8];
static struct name kept[KEPT_MAX];
static unsigned int nr_kept, nr_sites;

/* Where the module's code is: a kernel may report all of its own as well */
static void find_module(void)
{
	char line[512], name[64];
	unsigned long long size, at;
	FILE *f = fopen("/proc/modules", "r");

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%63s %llu %*s %*s %*s %llx", name, &size, &at) != 3 ||
		    strcmp(name, "kvmeter"))
			continue;
		module_from = at;
		module_to = at + size;
	}
	if (f)
		fclose(f);
}

void guide_open(void)
{
	int fd;

	memset(seen, 0, sizeof(seen));
	nr_kept = 0;
	nr_sites = 0;
	find_module();
	fd = opt.blind ? -1 : open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	if (ioctl(fd, KCOV_INIT_TRACE, COVER_WORDS))
		return;
	cover = mmap(NULL, COVER_WORDS * sizeof(*cover), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (cover == MAP_FAILED || ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC))
		cover = NULL;
}

static bool see(uint64_t what)
{
	uint32_t bit = (what * 0x9e3779b97f4a7c15ull) >> 44;

	if (seen[bit / 8] & 1 << bit % 8)
		return false;
	seen[bit / 8] |= 1 << bit % 8;
	nr_sites++;
	return true;
}

void guide_start(void)
{
	if (cover)
		__atomic_store_n(cover, 0, __ATOMIC_RELAXED);
}

bool guide_new(const struct outcome *o)
{
	uint64_t i, n = cover ? __atomic_load_n(cover, __ATOMIC_RELAXED) : 0, at;
	bool fresh = false;
	const char *c;

	for (i = 1; i <= n && i < COVER_WORDS; i++)
		if (cover[i] >= module_from && cover[i] < module_to)
			fresh |= see(cover[i]);
	if (cover)
		return fresh;
	at = (uint64_t)o->err << 32 | o->words;
	for (c = o->what; *c; c++)
		at = at * 31 + *c;
	return see(at);
}

void guide_keep(const struct name *name)
{
	if (!opt.blind && nr_kept < KEPT_MAX && name->nr < NAME_PARTS)
		kept[nr_kept++] = *name;
}

void guide_name(struct name *name, uint64_t nth)
{
	memset(name, 0, sizeof(*name));
	if (nr_kept && nth % 3)
		*name = kept[nth * 2654435761u % nr_kept];
	name->part[name->nr++] = nth;
}

void guide_report(void)
{
	printf("# guided by %s: %u of them, %u cases kept\n",
	       opt.blind ? "nothing" : cover ? "the module's code (KCOV)" :
	       "answers, as the kernel has no KCOV", nr_sites, nr_kept);
}
