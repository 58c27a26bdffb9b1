// SPDX-License-Identifier: GPL-2.0
/* A replay in many processes says what one says: test_shards beside the tool. */
#include <libgen.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char dir[32];

static const char *put_file(const char *text)
{
	static char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/shards.csv", dir);
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file))
		abort();
	return path;
}

/* The tool's exit status; what it prints goes to dir/NAME.out and NAME.err */
static int run_replay(const char *tool, const char *name, const char *args)
{
	char cmd[1024];

	snprintf(cmd, sizeof(cmd), "%s replay %s >%s/%s.out 2>%s/%s.err", tool, args, dir, name,
		 dir, name);
	return system(cmd);
}

static bool same(const char *a, const char *b)
{
	char cmd[256];

	snprintf(cmd, sizeof(cmd), "cd %s && cmp -s %s.out %s.out && cmp -s %s.err %s.err", dir,
		 a, b, a, b);
	return !system(cmd);
}

/* On one CPU it is one process, and what that says is right */
static void test_shards(char *self)
{
	static const struct {
		const char *options;
		const char *more;	/* lines of the file */
		bool fine;
	} runs[] = {
		{ "", "", true },
		{ "", "bad,1,x\ns9,1,2\n", false },
		{ "--json", "", true },
		{ "--decide", "", true },
		{ "--decide --json", "", true },
		{ "--series s3", "", true },
		{ "--series none", "", false },
	};
	char tool[256], args[256], text[8192];
	size_t len = 0, i, n;
	cpu_set_t all, one;
	int want;

	snprintf(tool, sizeof(tool), "%s/kvmeter", dirname(self));
	if (sched_getaffinity(0, sizeof(all), &all) || CPU_COUNT(&all) < 2) {
		puts("one CPU: nothing to compare");
		return;
	}
	CPU_ZERO(&one);
	for (i = 0; !CPU_ISSET(i, &all); i++)
		;
	CPU_SET(i, &one);
	for (n = 0; n < 7; n++) {
		len += snprintf(text + len, sizeof(text) - len, "s%zu", n);
		for (i = 0; i <= n * 13; i++)
			len += snprintf(text + len, sizeof(text) - len, ",%zu", i * 7919 % 9000);
		len += snprintf(text + len, sizeof(text) - len, "\n");
	}
	for (n = 0; n < sizeof(runs) / sizeof(*runs); n++) {
		snprintf(text + len, sizeof(text) - len, "%s", runs[n].more);
		snprintf(args, sizeof(args), "%s %s", runs[n].options, put_file(text));
		sched_setaffinity(0, sizeof(one), &one);
		want = run_replay(tool, "one", args);
		sched_setaffinity(0, sizeof(all), &all);
		check(run_replay(tool, "all", args) == want && same("one", "all"), "all say it",
		      args, "something else");
		check(!want == runs[n].fine, "exit status", args, "another");
	}
	/* what can be read once only has one reader */
	text[len] = 0;
	put_file(text);
	snprintf(args, sizeof(args), "%s/shards.csv", dir);
	check(!run_replay(tool, "one", args), "replay", "a file", "an error");
	snprintf(text, sizeof(text), "%s/fifo", dir);
	check(!mkfifo(text, 0600), "mkfifo", text, "an error");
	snprintf(args, sizeof(args), "%s/fifo", dir);
	snprintf(text, sizeof(text), "cat %s/shards.csv >%s/fifo &", dir, dir);
	check(!system(text) && !run_replay(tool, "all", args) && same("one", "all"), "replay",
	      "a pipe", "something else");
}

int main(int argc, char **argv)
{
	char cmd[64];

	(void)argc;
	snprintf(dir, sizeof(dir), "/tmp/test_shards.XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	test_shards(argv[0]);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	check(!system(cmd), "rm", dir, "an error");
	return check_end();
}
