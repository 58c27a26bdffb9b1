// SPDX-License-Identifier: GPL-2.0
/*
 * bulk - one TCP flow, as fast as it goes
 *
 *	bulk sink PORT SKIP_MS MS	takes one flow; prints "BYTES NS" for MS
 *					from SKIP_MS after its begin
 *	bulk send ADDRESS PORT		until the other side ends
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char buf[1 << 16];

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static void sink(int port, uint64_t skip_ms, uint64_t ms)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, c;
	uint64_t begin, from, now, bytes = 0;
	ssize_t n;

	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(s, (void *)&a, sizeof(a)) || listen(s, 1))
		err(1, "port %d", port);
	puts("listening");
	fflush(stdout);
	c = accept(s, NULL, NULL);
	if (c < 0)
		err(1, "accept");
	begin = now_ns();
	from = 0;
	while ((n = read(c, buf, sizeof(buf))) > 0) {
		now = now_ns();
		if (from)
			bytes += n;
		else if (now - begin >= skip_ms * 1000000)
			from = now;
		if (from && now - from >= ms * 1000000) {
			printf("%llu %llu\n", (unsigned long long)bytes,
			       (unsigned long long)(now - from));
			exit(0);
		}
	}
	errx(1, "the flow ended early");
}

static void send_to(const char *address, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), tries = 200;

	inet_pton(AF_INET, address, &a.sin_addr);
	while (connect(s, (void *)&a, sizeof(a))) {
		if (!tries-- || errno != ECONNREFUSED)
			err(1, "%s", address);
		usleep(50000);
	}
	signal(SIGPIPE, SIG_IGN);
	while (write(s, buf, sizeof(buf)) > 0)
		;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "sink"))
		sink(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	else if (argc == 4 && !strcmp(argv[1], "send"))
		send_to(argv[2], atoi(argv[3]));
	else
		errx(2, "usage: bulk sink PORT SKIP_MS MS | bulk send ADDRESS PORT");
	return 0;
}
