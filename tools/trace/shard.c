// SPDX-License-Identifier: GPL-2.0
/*
 * What a process writes goes through a pipe in blocks, a length before each; a
 * block of length 0 ends a series.  The parent reads a series of each process by
 * turns.  A pipe holds as much as the kernel allows, so that processes whose
 * turn it is not go on meanwhile.
 */
#include "trace/shard.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/error.h"

#define SHARDS_MAX	64
#define PIPE_BYTES	(1 << 20)

static struct {
	int pid;
	FILE *from;
} shards[SHARDS_MAX];
static unsigned int nr_shards, shard;
static FILE *to;

static unsigned int nr_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return 1;
	return CPU_COUNT(&set) < SHARDS_MAX ? CPU_COUNT(&set) : SHARDS_MAX;
}

bool shard_mine(uint64_t series)
{
	return nr_shards < 2 || series % nr_shards == shard;
}

static void block(const void *data, uint32_t len)
{
	if (fwrite(&len, sizeof(len), 1, to) != 1 || (len && fwrite(data, len, 1, to) != 1))
		_exit(EXIT_FAILED);	/* the parent is gone */
}

void shard_write(const void *data, size_t len)
{
	if (!to)
		fwrite(data, len, 1, stdout);
	else if (len)
		block(data, len);
}

void shard_series_end(void)
{
	if (to)
		block("", 0);
}

static bool start(unsigned int i)
{
	int fds[2];

	fflush(NULL);
	if (pipe2(fds, O_CLOEXEC))
		return false;
	fcntl(fds[1], F_SETPIPE_SZ, PIPE_BYTES);	/* less will do */
	shards[i].pid = fork();
	if (shards[i].pid) {
		close(fds[1]);
		shards[i].from = shards[i].pid > 0 ? fdopen(fds[0], "r") : NULL;
		return shards[i].from;
	}
	while (i--)
		fclose(shards[i].from);
	close(fds[0]);
	to = fdopen(fds[1], "w");
	if (!to)
		_exit(EXIT_FAILED);
	return true;
}

/* A series from a process to the output; false: it has no more */
static bool copy_series(FILE *from)
{
	static char data[1 << 16];
	uint32_t len;

	while (fread(&len, sizeof(len), 1, from) == 1) {
		if (!len)
			return true;
		while (len) {
			size_t part = len < sizeof(data) ? len : sizeof(data);

			if (fread(data, part, 1, from) != 1)
				return false;
			fwrite(data, part, 1, stdout);
			len -= part;
		}
	}
	return false;
}

static int wait_for(int pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return EXIT_FAILED;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	/* but for those that we stopped reading from */
	if (WTERMSIG(status) != SIGPIPE)
		error("process %d was killed by signal %d", pid, WTERMSIG(status));
	return EXIT_FAILED;
}

static int merge(void)
{
	uint64_t series = 0;
	int status = 0;
	unsigned int i;

	/* the heading, then series in their order */
	if (copy_series(shards[0].from))
		while (copy_series(shards[series % nr_shards].from))
			series++;
	/* a process that still writes, after one that failed, need not */
	for (i = 0; i < nr_shards; i++)
		fclose(shards[i].from);
	for (i = 0; i < nr_shards; i++) {
		int s = wait_for(shards[i].pid);

		/* the first one's word counts: the others fail where it does, or by it */
		if (!status)
			status = s;
	}
	return status;
}

bool shard_begin(int *status)
{
	nr_shards = nr_cpus();
	if (nr_shards < 2)
		return true;
	for (shard = 0; shard < nr_shards; shard++) {
		if (!start(shard)) {
			error("cannot start a process: %s", strerror(errno));
			exit(EXIT_FAILED);
		}
		if (to) {
			/* all read the same files: one complains */
			if (shard && !freopen("/dev/null", "w", stderr))
				_exit(EXIT_FAILED);
			return true;
		}
	}
	*status = merge();
	return false;
}
