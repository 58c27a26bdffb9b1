// SPDX-License-Identifier: GPL-2.0
/*
 * guest-example - what an application in a guest does to hint at its needs
 *
 *	guest-example [SECONDS]
 *
 * Has a batch job of some seconds to do.  It hints before that it will need
 * twice the CPU, and gives it back after.  While it works it hints again and
 * again, so that the hint does not outlive it by much if it is killed.  It
 * needs no privilege and no driver.  There is no answer; the steal time shows
 * what was withheld.
 */
#include <stdio.h>
#include <stdlib.h>

#include <kvmeter_tenant.h>

#define HINT_MS		2000	/* each hint lasts so long */

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* The job: so many steps as fit */
static unsigned long batch(double until)
{
	double hinted = seconds();
	unsigned long steps = 0;
	int i;

	for (; seconds() < until; steps++) {
		for (i = 0; i < 100000; i++)
			__asm__ volatile("");
		if (seconds() - hinted > HINT_MS / 2000.0) {
			kvmeter_hint(KVMETER_RES_CPU, 20000, HINT_MS);
			hinted = seconds();
		}
	}
	return steps;
}

int main(int argc, char **argv)
{
	if (!kvmeter_hint_possible()) {
		fputs("guest-example: this is no guest of KVM\n", stderr);
		return 1;
	}
	kvmeter_hint(KVMETER_RES_CPU, 20000, HINT_MS);
	printf("batch steps=%lu\n", batch(seconds() + (argc > 1 ? atof(argv[1]) : 5)));
	kvmeter_hint(KVMETER_RES_CPU, 0, 0);
	return 0;
}
