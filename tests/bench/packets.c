// SPDX-License-Identifier: GPL-2.0
/*
 * packets - what a packet through a tap costs
 *
 *	packets NAME COUNT
 *
 * Makes the tap NAME, says "ready", and for each line of standard input passes
 * COUNT frames each way and prints "packets LINE COUNT OUT_NS IN_NS".  The frames
 * are of a protocol that nobody takes, so that the way of a frame is short.  In
 * includes that it is sent (packet socket) and read from the tap.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ETH_P_EXPERIMENT	0x88b5

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

int main(int argc, char **argv)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_halen = 6 };
	unsigned char frame[100] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 }, in[2048];
	int tap = open("/dev/net/tun", O_RDWR), sock = socket(AF_PACKET, SOCK_RAW, 0), i, count;
	uint64_t begin, out_ns, in_ns;
	char line[64];

	if (argc != 3)
		errx(2, "usage: packets NAME COUNT");
	count = atoi(argv[2]);
	snprintf(ifr.ifr_name, IFNAMSIZ, "%s", argv[1]);
	if (tap < 0 || sock < 0 || ioctl(tap, TUNSETIFF, &ifr))
		err(1, "%s", argv[1]);
	ifr.ifr_flags = IFF_UP | IFF_NOARP;
	if (ioctl(sock, SIOCSIFFLAGS, &ifr) || ioctl(sock, SIOCGIFINDEX, &ifr))
		err(1, "%s", argv[1]);
	to.sll_ifindex = ifr.ifr_ifindex;
	to.sll_protocol = htons(ETH_P_EXPERIMENT);
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		/* what the stack itself sent to a new device goes first */
		fcntl(tap, F_SETFL, O_NONBLOCK);
		while (read(tap, in, sizeof(in)) > 0)
			;
		fcntl(tap, F_SETFL, 0);
		begin = now_ns();
		for (i = 0; i < count; i++)
			if (write(tap, frame, sizeof(frame)) != sizeof(frame))
				err(1, "write");
		out_ns = now_ns() - begin;
		begin = now_ns();
		for (i = 0; i < count; i++) {
			if (sendto(sock, frame, sizeof(frame), 0, (void *)&to, sizeof(to)) < 0)
				err(1, "send");
			if (read(tap, in, sizeof(in)) < 0)
				err(1, "read");
		}
		in_ns = now_ns() - begin;
		printf("packets %s %d %llu %llu\n", line, count, (unsigned long long)out_ns,
		       (unsigned long long)in_ns);
		fflush(stdout);
	}
	return 0;
}
