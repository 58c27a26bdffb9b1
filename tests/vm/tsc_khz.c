// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the frequency of this CPU's time stamp counter in kHz. The emulated
 * counter is this one, and a slow guest kernel may fail to measure it.
 */

#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The clock and the counter at one moment: the closest of some pairs */
static uint64_t read_both(uint64_t *tsc)
{
	uint64_t best = UINT64_MAX, at = 0;

	for (int i = 0; i < 50; i++) {
		uint64_t before = __rdtsc();
		uint64_t ns = now_ns();
		uint64_t took = __rdtsc() - before;

		if (took < best) {
			best = took;
			at = ns;
			*tsc = before + took / 2;
		}
	}
	return at;
}

int main(void)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	uint64_t tsc0, tsc1, ns0, ns1;

	ns0 = read_both(&tsc0);
	nanosleep(&pause, NULL);
	ns1 = read_both(&tsc1);
	printf("%.0f\n", (double)(tsc1 - tsc0) * 1e6 / (ns1 - ns0));
}
