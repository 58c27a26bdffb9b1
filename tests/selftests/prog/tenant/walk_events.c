// SPDX-License-Identifier: GPL-2.0
/*
 * walk_events - notices by poll and by an eventfd
 */
#include <poll.h>
#include <sys/eventfd.h>

#include "tenant.h"

/* To the brim, though notices come meanwhile */
static bool fill(int efd)
{
	uint64_t n;
	int i;

	for (i = 0; i < 1000; i++) {
		n = UINT64_MAX - 1;
		if (write(efd, &n, sizeof(n)) == sizeof(n))
			return true;
		/* it holds something: empty it */
		if (read(efd, &n, sizeof(n)) < 0 && errno != EAGAIN)
			return false;
	}
	return false;
}

void walk_events(int fd)
{
	int efd = eventfd(0, EFD_NONBLOCK), plain[2];
	struct kvmeter_ioc_get get;

	if (pipe(plain))
		die("pipe");
	want("events to a pipe", kvmeter_eventfd(fd, plain[1], 1), EINVAL);
	want("events to nothing", kvmeter_eventfd(fd, 1000, 1), EBADF);
	want("unknown events", kvmeter_eventfd(fd, efd, 16), EINVAL);
	want("no events", kvmeter_eventfd(fd, efd, 0), EINVAL);
	want("no eventfd for events", kvmeter_eventfd(fd, -1, 1), EINVAL);
	want("an eventfd", kvmeter_eventfd(fd, efd, KVMETER_EVENT_ADJUSTMENT), 0);
	allow(fd);
	kvmeter_get(fd, &get);
	result(!polled(fd, POLLIN, 0), "nothing to tell", "there is");
	kvmeter_suggest(fd, KVMETER_RES_CPU, 14000, 60000, NULL);
	result(polled(fd, POLLIN, 10000), "poll tells", "it does not");
	result(polled(efd, POLLIN, 10000), "the eventfd tells", "it does not");
	kvmeter_get(fd, &get);
	result(get.events & KVMETER_EVENT_ADJUSTMENT && !(get.events & KVMETER_EVENT_GONE),
	       "and get says what", "events %x", get.events);
	result(fill(efd), "fill the eventfd", "not done");
	kvmeter_get(fd, &get);
	kvmeter_suggest(fd, KVMETER_RES_CPU, 16000, 60000, NULL);
	result(polled(fd, POLLIN, 10000), "a full eventfd stops nothing", "poll does not tell");
	kvmeter_suggest(fd, KVMETER_RES_CPU, 0, 0, NULL);
	want("take it away", kvmeter_eventfd(fd, -1, 0), 0);
	close(efd);
}
