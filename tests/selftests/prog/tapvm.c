// SPDX-License-Identifier: GPL-2.0
/*
 * tapvm - run a VMM that holds a tap, with a network stack behind it
 *
 *	tapvm [--gso] [--pid FILE] NAME -- COMMAND...
 *
 * Opens the tap NAME and becomes COMMAND, which inherits its file, as QEMU
 * does from who starts it.  What a guest's driver and stack would do is done by
 * a child: it has a network namespace of its own with a tap eth0, and carries
 * frames between the two.  --gso: with offloads, so that both sides pass large
 * segments.  FILE gets the child's process id, for nsenter.
 *
 * On SIGUSR1 the child of a --gso sends what a hostile guest would: to everybody,
 * frames of 8000 bytes whose transport header is said to begin in their middle, in
 * segments of one byte.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#define LIE_LEN		8000
#define LIE_START	4096	/* where the transport header is said to be */

static bool gso;
static volatile sig_atomic_t lies_wanted;

static void on_usr1(__attribute__((unused)) int sig)
{
	lies_wanted = 1;
}

static int tap_open(const char *name, int flags)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | (gso ? IFF_VNET_HDR : 0) };
	int fd = open("/dev/net/tun", O_RDWR | flags);

	if (fd < 0)
		err(1, "/dev/net/tun");
	snprintf(ifr.ifr_name, IFNAMSIZ, "%s", name);
	if (ioctl(fd, TUNSETIFF, &ifr))
		err(1, "%s", name);
	if (gso && ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6))
		err(1, "offloads of %s", name);
	return fd;
}

static void carry(int from, int to)
{
	static char frame[1 << 17];
	ssize_t n;
	int left;

	/* by turns, so that neither direction waits for the other to end */
	for (left = 64; left && (n = read(from, frame, sizeof(frame))) > 0; left--)
		if (write(to, frame, n) < 0 && getenv("TAPVM_DEBUG"))
			warn("write");	/* a device that is down takes none */
}

/* A frame to everybody that says of itself what is not so */
static void lie(int tap, __u8 gso_type, __u8 protocol, __u16 csum_offset)
{
	static struct {
		struct virtio_net_hdr vnet;
		unsigned char frame[LIE_LEN];
	} __attribute__((packed)) lie;

	memset(&lie, 0, sizeof(lie));
	lie.vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	lie.vnet.gso_type = gso_type;
	lie.vnet.gso_size = 1;
	lie.vnet.hdr_len = LIE_START + 32;
	lie.vnet.csum_start = LIE_START;
	lie.vnet.csum_offset = csum_offset;
	memset(lie.frame, 0xff, 6);
	lie.frame[6] = 2;	/* from a local address */
	lie.frame[12] = 8;	/* IPv4 ... */
	lie.frame[14] = 0x45;
	lie.frame[16] = (LIE_LEN - 14) >> 8;
	lie.frame[17] = (LIE_LEN - 14) & 0xff;
	lie.frame[22] = 64;
	lie.frame[23] = protocol;
	if (write(tap, &lie, sizeof(lie)) != sizeof(lie))
		warn("the driver refuses a lie");
}

static void relay(int tap, int eth)
{
	struct pollfd fds[2] = {
		{ .fd = tap, .events = POLLIN },
		{ .fd = eth, .events = POLLIN },
	};

	for (;;) {
		if (lies_wanted) {
			lies_wanted = 0;
			lie(tap, VIRTIO_NET_HDR_GSO_UDP, 17, 6);
			lie(tap, VIRTIO_NET_HDR_GSO_TCPV4, 6, 16);
		}
		if (poll(fds, 2, -1) < 0 && errno == EINTR)
			continue;
		carry(tap, eth);
		carry(eth, tap);
		if ((fds[0].revents | fds[1].revents) & (POLLERR | POLLHUP))
			usleep(1000);	/* a device is gone or down */
	}
}

int main(int argc, char **argv)
{
	const char *pid_file = NULL;
	pid_t parent = getpid();
	int tap, i = 1;
	FILE *f;

	for (; i < argc && !strncmp(argv[i], "--", 2); i++) {
		if (!strcmp(argv[i], "--gso"))
			gso = true;
		else if (!strcmp(argv[i], "--pid") && i + 1 < argc)
			pid_file = argv[++i];
		else
			errx(2, "%s?", argv[i]);
	}
	if (argc - i < 3 || strcmp(argv[i + 1], "--"))
		errx(2, "usage: tapvm [--gso] [--pid FILE] NAME -- COMMAND...");
	tap = tap_open(argv[i], O_NONBLOCK);
	if (!fork()) {
		int eth;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGUSR1, on_usr1);
		if (getppid() != parent)
			return 1;
		if (unshare(CLONE_NEWNET))
			err(1, "unshare");
		eth = tap_open("eth0", O_NONBLOCK);
		if (pid_file) {
			f = fopen(pid_file, "w");
			if (!f || fprintf(f, "%d\n", getpid()) < 0 || fclose(f))
				err(1, "%s", pid_file);
		}
		relay(tap, eth);
	}
	execvp(argv[i + 2], argv + i + 2);
	err(1, "%s", argv[i + 2]);
}
