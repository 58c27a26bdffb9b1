// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "data/scheduler.h"

/* the first line of a file below @dir; empty: there is none */
static void first_line(const char *dir, const char *file, char *line, int size)
{
	char path[256];
	FILE *f;

	*line = 0;
	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "r");
	if (!f)
		return;
	if (!fgets(line, size, f))
		*line = 0;
	line[strcspn(line, "\n")] = 0;
	fclose(f);
}

/*
 * Does a scheduler of sched_ext run the host's threads?  @dir: the kernel's folder,
 * SCHEDULER_DIR.  @name: set to what it calls itself; it may be gone already.
 */
bool scheduler_ext(const char *dir, char *name, size_t size)
{
	char state[32];

	first_line(dir, "state", state, sizeof(state));
	first_line(dir, "root/ops", name, size);
	return !strcmp(state, "enabled") || !strcmp(state, "enabling");
}
