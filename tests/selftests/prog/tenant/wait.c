// SPDX-License-Identifier: GPL-2.0
/*
 * wait - time, and what comes by it
 */
#include <poll.h>

#include "tenant.h"

uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

void wait_ms(unsigned int ms)
{
	usleep(ms * 1000);
}

bool polled(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0 && (p.revents & events) == events;
}
