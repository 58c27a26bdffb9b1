// SPDX-License-Identifier: GPL-2.0
/*
 * netpeer - the other end of the Linux test guest's network
 *
 *   netpeer PORT
 *
 * Each connection begins with a line: "send", to take what comes; "recv RATE", to give RATE bytes
 * a second, or with 0 what goes. Says "ready", then one line for each connection that has ended:
 * "took N" or "gave N" bytes. Ends with its parent.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NSEC_PER_SEC	1000000000ull

static void pause_ns(uint64_t ns)
{
	struct timespec ts = { ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };

	nanosleep(&ts, NULL);
}

static void *serve(void *arg)
{
	unsigned long long rate = 0, bytes = 0;
	static __thread char buf[65536];
	int fd = (int)(intptr_t)arg;
	size_t chunk = sizeof(buf);
	char line[64] = "";
	size_t len = 0;
	ssize_t n = 1;

	while (len < sizeof(line) - 1 && (n = read(fd, line + len, 1)) == 1 && line[len] != '\n')
		len++;
	if (n == 1 && sscanf(line, "recv %llu", &rate) == 1) {
		/* Pauses are added, not reckoned: what was kept back is not made up for */
		if (rate && rate / 100 < chunk)
			chunk = rate / 100 ? rate / 100 : 1;
		while ((n = send(fd, buf, chunk, MSG_NOSIGNAL)) > 0) {
			bytes += n;
			if (rate)
				pause_ns(n * NSEC_PER_SEC / rate);
		}
		printf("gave %llu\n", bytes);
	} else if (n == 1 && !strncmp(line, "send", 4)) {
		while ((n = read(fd, buf, sizeof(buf))) > 0)
			bytes += n;
		printf("took %llu\n", bytes);
	}
	close(fd);
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int s = socket(AF_INET, SOCK_STREAM, 0), fd, one = 1;
	pthread_t t;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc != 2) {
		fprintf(stderr, "Usage: netpeer PORT\n");
		return 2;
	}
	in.sin_port = htons(atoi(argv[1]));
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(s, (struct sockaddr *)&in, sizeof(in)) || listen(s, 16)) {
		perror("netpeer");
		return 1;
	}
	puts("ready");
	while ((fd = accept(s, NULL, NULL)) >= 0) {
		if (pthread_create(&t, NULL, serve, (void *)(intptr_t)fd))
			close(fd);
		else
			pthread_detach(t);
	}
	return 1;
}
