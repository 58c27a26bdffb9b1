// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's network: up to two interfaces, TCP to and from tests/guests/netpeer
 *
 * A connection begins with the guest's line: "send", or "recv RATE" for what the peer is to do.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "init.h"

#define INTERFACES	2
#define FULL		1448	/* bytes of payload in a packet */

static struct transfer {
	struct job		job;
	struct sockaddr_in	to;
	uint64_t		rate, seconds;
} sending = { .job.name = "net send" }, receiving = { .job.name = "net recv" };

static void set_address(struct sockaddr *sa, in_addr_t address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = address };

	memcpy(sa, &in, sizeof(in));
}

static void net_up_one(const char *name, const char *address)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq r = { 0 };
	unsigned int bits = 24;
	char text[16] = "";
	struct in_addr in;

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	sscanf(address, "%15[^/]/%u", text, &bits);
	if (!inet_aton(text, &in) || bits < 1 || bits > 32) {
		printf("error: not an address: %s\n", address);
		return;
	}
	set_address(&r.ifr_addr, in.s_addr);
	if (ioctl(fd, SIOCSIFADDR, &r)) {
		printf("error: address of %s: %s\n", name, strerror(errno));
		return;
	}
	set_address(&r.ifr_netmask, htonl(~0u << (32 - bits)));
	ioctl(fd, SIOCSIFNETMASK, &r);
	ioctl(fd, SIOCGIFFLAGS, &r);
	r.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &r))
		printf("error: %s up: %s\n", name, strerror(errno));
	close(fd);
}

/* ADDRESS/BITS for each interface, separated by commas; "-": none */
void net_up(char *addresses)
{
	char name[] = "eth0", *save, *one;

	for (one = strtok_r(addresses, ",", &save); one && name[3] < '0' + INTERFACES;
	     one = strtok_r(NULL, ",", &save), name[3]++)
		if (strcmp(one, "-"))
			net_up_one(name, one);
}

static int dial(const struct transfer *t)
{
	/* Nothing waits longer than this for a peer that says nothing, so that a job can be stopped. */
	struct timeval patience = { .tv_usec = 200000 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&t->to, sizeof(t->to))) {
		close(fd);
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return fd;
}

static void *transfer(void *arg)
{
	struct transfer *t = arg;
	struct pace pace = { .rate = t == &sending ? t->rate : 0 };
	uint64_t end = now_ns() + t->seconds * NSEC_PER_SEC;
	static __thread char buf[65536];
	size_t chunk = sizeof(buf);
	ssize_t n;
	int fd;

	/* 100 pieces a second, or it would be bursts; but no packets less than full */
	if (pace.rate && pace.rate / 100 < chunk)
		chunk = pace.rate / 100 > FULL ? pace.rate / 100 : FULL;
	fd = dial(t);
	if (fd < 0) {
		t->job.error = errno;
		job_done(&t->job);
		return NULL;
	}
	if (t == &sending)
		n = snprintf(buf, sizeof(buf), "send\n");
	else
		n = snprintf(buf, sizeof(buf), "recv %llu\n", (unsigned long long)t->rate);
	if (write(fd, buf, n) != n)
		t->job.error = errno;
	while (!t->job.error && now_ns() < end &&
	       !__atomic_load_n(&t->job.stop, __ATOMIC_RELAXED)) {
		if (t == &sending) {
			pace_wait(&pace, chunk);
			n = send(fd, buf, chunk, MSG_NOSIGNAL);
		} else {
			n = recv(fd, buf, sizeof(buf), 0);
		}
		if (n > 0)
			__atomic_fetch_add(&t->job.bytes, n, __ATOMIC_RELAXED);
		else if (!n)
			break;
		else if (errno != EAGAIN && errno != EINTR)
			t->job.error = errno;
	}
	close(fd);
	job_done(&t->job);
	return NULL;
}

/* send|recv HOST-IP PORT RATE|bulk SECONDS; stop */
bool net_command(int nr, char **words)
{
	struct transfer *t;

	if (nr == 1 && !strcmp(words[0], "stop")) {
		job_stop(&sending.job);
		job_stop(&receiving.job);
		return true;
	}
	if (nr != 5)
		return false;
	if (!strcmp(words[0], "send"))
		t = &sending;
	else if (!strcmp(words[0], "recv"))
		t = &receiving;
	else
		return false;
	job_stop(&t->job);
	memset(&t->to, 0, sizeof(t->to));
	t->to.sin_family = AF_INET;
	t->to.sin_port = htons(atoi(words[2]));
	if (!inet_aton(words[1], &t->to.sin_addr))
		return false;
	if (!strcmp(words[3], "bulk"))
		t->rate = 0;
	else if (!parse_size(words[3], &t->rate) || !t->rate)
		return false;
	t->seconds = strtoull(words[4], NULL, 10);
	return job_start(&t->job, transfer);
}

void net_report(void)
{
	unsigned long long rx[INTERFACES][2] = { 0 }, tx[INTERFACES][2] = { 0 };
	FILE *f = fopen("/proc/net/dev", "r");
	char line[256], *p;
	unsigned int i;

	while (f && fgets(line, sizeof(line), f)) {
		p = strstr(line, "eth");
		i = p ? p[3] - '0' : INTERFACES;
		if (i < INTERFACES && p[4] == ':')
			sscanf(p + 5, "%llu %llu %*u %*u %*u %*u %*u %*u %llu %llu",
			       &rx[i][0], &rx[i][1], &tx[i][0], &tx[i][1]);
	}
	if (f)
		fclose(f);
	/* the first is "net", the second "net1" */
	for (i = 0; i < INTERFACES; i++) {
		const char *nr = i ? "1" : "";

		printf(" net%s_rx_bytes=%llu net%s_rx_packets=%llu net%s_tx_bytes=%llu"
		       " net%s_tx_packets=%llu", nr, rx[i][0], nr, rx[i][1], nr, tx[i][0], nr,
		       tx[i][1]);
	}
	printf(" sent=%llu received=%llu sending=%d receiving=%d",
	       (unsigned long long)sending.job.bytes, (unsigned long long)receiving.job.bytes,
	       sending.job.running, receiving.job.running);
}
