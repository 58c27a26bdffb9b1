// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's disk: reads and writes of /dev/vda, no file system between
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/fs.h>
#include <unistd.h>

#include "init.h"

#define DISK		"/dev/vda"
#define MAX_BLOCK	(4u << 20)

static struct disk_io {
	struct job	job;
	uint64_t	bytes, block, rate;
	bool		write, direct, random;
} io = { .job.name = "disk" };

static void *disk_io(void *arg)
{
	struct pace pace = { .rate = io.rate };
	uint64_t size = 0, blocks, at = 0, seed = 88172645463325252ull;
	void *buf = NULL;
	ssize_t n;
	int fd;

	(void)arg;
	fd = open(DISK, O_RDWR | (io.direct ? O_DIRECT : 0));
	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &size) ||
	    posix_memalign(&buf, 4096, io.block)) {
		io.job.error = errno ? errno : ENOMEM;
		goto out;
	}
	blocks = size / io.block;
	if (!blocks) {
		io.job.error = ENOSPC;
		goto out;
	}
	memset(buf, 0x5a, io.block);
	while (io.job.bytes < io.bytes && !__atomic_load_n(&io.job.stop, __ATOMIC_RELAXED)) {
		if (io.random) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			at = seed;
		}
		pace_wait(&pace, io.block);
		if (io.write)
			n = pwrite(fd, buf, io.block, at % blocks * io.block);
		else
			n = pread(fd, buf, io.block, at % blocks * io.block);
		if (n < 0) {
			io.job.error = errno;
			break;
		}
		at++;
		__atomic_fetch_add(&io.job.bytes, n, __ATOMIC_RELAXED);
	}
	/* Not done before the disk has it */
	if (io.write && fdatasync(fd) && !io.job.error)
		io.job.error = errno;
	/* So that the next read is one */
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
out:
	free(buf);
	if (fd >= 0)
		close(fd);
	job_done(&io.job);
	return NULL;
}

/* write|read MB [direct|buffered] [random] [BLOCK-SIZE] [rate=BYTES-PER-SECOND]; stop */
bool disk_command(int nr, char **words)
{
	uint64_t mb, block = 65536, rate = 0;
	bool direct = false, random = false;
	int i;

	if (nr == 1 && !strcmp(words[0], "stop")) {
		job_stop(&io.job);
		return true;
	}
	if (nr < 2 || (strcmp(words[0], "write") && strcmp(words[0], "read")))
		return false;
	mb = strtoull(words[1], NULL, 10);
	for (i = 2; i < nr; i++) {
		if (!strcmp(words[i], "direct"))
			direct = true;
		else if (!strcmp(words[i], "buffered"))
			direct = false;
		else if (!strcmp(words[i], "random"))
			random = true;
		else if (!strncmp(words[i], "rate=", 5)) {
			if (!parse_size(words[i] + 5, &rate))
				return false;
		} else if (!parse_size(words[i], &block)) {
			return false;
		}
	}
	if (!block || block > MAX_BLOCK || block % 512)
		return false;
	job_stop(&io.job);
	io.bytes = mb << 20;
	io.block = block;
	io.rate = rate;
	io.write = words[0][0] == 'w';
	io.direct = direct;
	io.random = random;
	return job_start(&io.job, disk_io);
}

void disk_report(void)
{
	unsigned long long rd[2] = { 0 }, wr[2] = { 0 };
	FILE *f = fopen("/proc/diskstats", "r");
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, " vda "))
			sscanf(line, "%*u %*u %*s %llu %*u %llu %*u %llu %*u %llu", &rd[0], &rd[1],
			       &wr[0], &wr[1]);
	if (f)
		fclose(f);
	printf(" disk_reads=%llu disk_read_bytes=%llu disk_writes=%llu disk_write_bytes=%llu"
	       " disk_moved=%llu disk_busy=%d", rd[0], rd[1] * 512, wr[0], wr[1] * 512,
	       (unsigned long long)io.job.bytes, io.job.running);
}
