// SPDX-License-Identifier: GPL-2.0
/* A scheduler of sched_ext, as the kernel's folder tells: there, gone, unknown. */
#include "data/scheduler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char dir[64];

static void put(const char *file, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	fputs(text, f);
	fclose(f);
}

static void expect(const char *what, bool on, const char *ops)
{
	char name[64] = "?";
	bool is = scheduler_ext(dir, name, sizeof(name));

	check(is == on && !strcmp(name, ops), "scheduler_ext", what, is ? name : "off");
}

static void drop(const char *file)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	remove(path);
}

int main(void)
{
	char root[128];

	snprintf(dir, sizeof(dir), "/tmp/kvmeter-scheduler-XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	expect("a kernel without", false, "");
	snprintf(root, sizeof(root), "%s/root", dir);
	mkdir(root, 0700);
	put("state", "disabled\n");
	expect("none loaded", false, "");
	put("state", "enabled\n");
	put("root/ops", "scx_lavd_1.0.13\n");
	expect("one that runs", true, "scx_lavd_1.0.13");
	put("root/ops", "");
	expect("one on its way out", true, "");
	put("state", "disabling\n");
	expect("one that ends", false, "");
	drop("root/ops");
	drop("root");
	drop("state");
	rmdir(dir);
	return check_end();
}
