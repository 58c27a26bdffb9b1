// SPDX-License-Identifier: GPL-2.0
/*
 * Trace: the detector over load without labels, recorded or made.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "detect.h"
#include "tool.h"
#include "trace.h"

#define LINE_MAX_BYTES	(1 << 20)

void trace(const char *path, u32 per_day)
{
	char *line = allocate(1, LINE_MAX_BYTES), *at;
	u64 beyond[13] = {}, nr = 0, alerts = 0;
	static struct kmc_detect d;
	int traces = 0;
	gzFile f = gzopen(path, "r");

	if (!f)
		die("no such trace");
	while (gzgets(f, line, LINE_MAX_BYTES)) {
		u64 n = 0, all = 0;

		for (at = line; (at = strchr(at, ',')); at++)
			all++;
		kmc_detect_init(&d, per_day);
		traces++;
		for (at = line; (at = strchr(at, ',')); n++) {
			u64 v = strtoull(++at, NULL, 10);
			const struct kmc_sample s = { v, v };
			u32 mbit = kmc_detect_observe(&d, &s, n * 86400 / per_day, 1).mbit;

			if (n < all / 10)
				continue;
			nr++;
			alerts += kmc_detect_alert(&d) > 0;
			for (int b = 1; b <= 12; b++)
				beyond[b] += mbit > b * 1000;
		}
	}
	printf("%d traces, %llu samples, P(surprise > b) * 2^b, b = 1..12:", traces, nr);
	for (int b = 1; b <= 12; b++)
		printf(" %.2f", ldexp(beyond[b], b) / nr);
	printf("; alerts %.1f per 1000 samples\n", 1000.0 * alerts / nr);
	gzclose(f);
	free(line);
}

void cost(u32 nr)
{
	static struct kmc_detect d;
	u64 sum_mbit = 0;

	kmc_detect_init(&d, 864000);
	for (u32 i = 0; i < nr; i++) {
		struct kmc_sample s = { .demand = i % 500 < 490 ? 1500 + 1500 * uniform() : 9000 };

		sum_mbit += kmc_detect_observe(&d, &s, 1000000 + i / 10, 1).mbit;
	}
	fprintf(stderr, "%llu\n", sum_mbit);
}
