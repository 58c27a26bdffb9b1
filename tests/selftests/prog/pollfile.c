// SPDX-License-Identifier: GPL-2.0
/*
 * pollfile - wait for a sysfs file to change
 *
 *	pollfile FILE MS [COUNT]	print each value after poll(2) woke up
 *	pollfile -h FILE MS		hold FILE open for MS, then read it again
 *	pollfile -g FILE		write garbage to it, each by one write(2)
 *	pollfile -n FILE		the same for a file that takes names
 *
 * Exit status 1: it did not wake up in time, or the second read failed, which
 * is printed as "error ERRNO"; or garbage was taken, which is printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fd;

static int value(void)
{
	char buf[4096];
	ssize_t len = pread(fd, buf, sizeof(buf) - 1, 0);

	if (len < 0) {
		printf("error %d\n", errno);
		fflush(stdout);
		return 1;
	}
	buf[len] = '\0';
	fputs(buf, stdout);
	fflush(stdout);
	return 0;
}

static const struct garbage {
	const char *bytes;
	size_t len;
} numbers[] = {
#define G(s) { s, sizeof(s) - 1 }
	G(""), G("\n"), G(" "), G("-1"), G("--1"), G("1 2"), G("1\n2"), G("0x"),
	G("99999999999999999999999"), G("18446744073709551615"), G("18446744073709551614"),
	G("1000000000000001"), G("garbage"), G("observe,elastic"), G("1\0002"), G("\0"), G("\0001"),
	G("\1\377\376"), G("%s%n"), G("1e9"), G("+"), G("1.5"), G("none1"), G("observe1"),
	{ NULL, 4000 }, { NULL, 5000 }, { NULL, 100000 },
	{ NULL, 0 },
}, names[] = {
	G("a/b"), G("a\nb"), G("\033[2J"), G("\303\244"), G("a\0b"), G("a\0"), G("\177"),
	{ NULL, 64 }, { NULL, 4000 }, { NULL, 5000 }, { NULL, 100000 },
	{ NULL, 0 },
};

static size_t read_value(const char *path, char *buf, size_t size)
{
	int file = open(path, O_RDONLY);
	ssize_t len = read(file, buf, size - 1);

	close(file);
	buf[len > 0 ? len : 0] = '\0';
	return strlen(buf);
}

static int try_garbage(const char *path, const struct garbage *g)
{
	static char nines[100000], before[4096], now[4096];
	int status = 0, file;
	ssize_t done;
	size_t len;

	memset(nines, '9', sizeof(nines));
	len = read_value(path, before, sizeof(before));
	for (; g->bytes || g->len; g++) {
		file = open(path, O_WRONLY);
		done = file < 0 ? -1 : write(file, g->bytes ? g->bytes : nines, g->len);
		if (file >= 0)
			close(file);
		read_value(path, now, sizeof(now));
		/* a write of nothing does nothing */
		if (!strcmp(now, before) && (done < 0 || !g->len))
			continue;
		status = 1;
		printf("'%.20s' (%zu bytes) is taken, now %s", g->bytes ? g->bytes : nines, g->len,
		       now);
		file = open(path, O_WRONLY);
		if (write(file, before, len) < 0)
			perror(path);
		close(file);
	}
	return status;
}

int main(int argc, char **argv)
{
	int hold = argc > 1 && !strcmp(argv[1], "-h");
	int count;

	if (argc == 3 && !strcmp(argv[1], "-g"))
		return try_garbage(argv[2], numbers);
	if (argc == 3 && !strcmp(argv[1], "-n"))
		return try_garbage(argv[2], names);
	argv += hold;
	argc -= hold;
	if (argc < 3)
		return 2;
	fd = open(argv[1], O_RDONLY);
	if (fd < 0 || value())
		return 1;
	if (hold) {
		usleep(atoi(argv[2]) * 1000);
		return value();
	}
	for (count = argc > 3 ? atoi(argv[3]) : 1; count; count--) {
		struct pollfd p = { fd, POLLPRI | POLLERR, 0 };

		if (poll(&p, 1, atoi(argv[2])) <= 0)
			return 1;
		if (value())
			return 1;
	}
	return 0;
}
