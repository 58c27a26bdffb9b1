/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of the detector share. */
#ifndef DETECT_UNIT_H
#define DETECT_UNIT_H

#include "unit.h"

#define DAY_S		86400
#define PER_DAY		288		/* 5 min */
#define PERIOD_S	(DAY_S / PER_DAY)
#define FINE_PER_DAY	864000		/* 100 ms */
#define MONDAY_S	(4ULL * DAY_S)	/* 1970-01-05 */

static inline struct kmc_surprise see(struct kmc_detect *d, u64 demand, u64 when_s, u32 repeat)
{
	const struct kmc_sample s = { demand, demand, false };

	return kmc_detect_observe(d, &s, when_s, repeat);
}

/* Stationary input of some shape */
struct source {
	u64 seed;
	u32 left;
	bool on;
	double last;
};

/* Quiet and busy spells, 30 periods in the mean, a fifth of them 20 times as busy */
static inline double source_bursty(struct source *g)
{
	if (!g->left--) {
		g->left = -30 * log(unit_uniform(&g->seed));
		g->on = unit_uniform(&g->seed) < 0.2;
	}
	return (g->on ? 4000 : 200) * -log(unit_uniform(&g->seed));
}

#endif /* DETECT_UNIT_H */
