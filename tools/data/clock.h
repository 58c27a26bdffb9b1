/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_CLOCK_H
#define KVMETER_CLOCK_H

#include <stdint.h>
#include <time.h>

/** clock_ns - what a clock shows, CLOCK_MONOTONIC or CLOCK_REALTIME, in ns */
static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/** clock_ms - CLOCK_MONOTONIC in ms, signed: time left may be below 0 */
static inline int64_t clock_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

#endif /* KVMETER_CLOCK_H */
