// SPDX-License-Identifier: GPL-2.0
/*
 * Tunables: the detector's parameters by name, for --params, removal and
 * perturbation.
 */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "tool.h"
#include "tunable.h"

const struct tunable tunables[] = {
#define TUNABLE(field, kind)	{ #field, offsetof(struct kmc_detect_params, field), kind }
	TUNABLE(fast_q8, SCALE),
	TUNABLE(slow_shift, SHIFT),
	TUNABLE(bias_shift, SHIFT),
	TUNABLE(day_shift, SHIFT),
	TUNABLE(level_shift, SHIFT),
	TUNABLE(scale_shift, SHIFT),
	TUNABLE(clip_q4, SCALE),
	TUNABLE(often_q4, SCALE),
	TUNABLE(rough_q4, SCALE),
	TUNABLE(dense_shift, SHIFT),
	TUNABLE(high_step_mbit, SCALE),
	TUNABLE(young_step_mbit, SCALE),
	TUNABLE(rare_shift, SHIFT),
	TUNABLE(mean_shift, SHIFT),
	TUNABLE(handicap_mbit[0], SCALE),
	TUNABLE(handicap_mbit[1], SCALE),
	TUNABLE(handicap_mbit[2], SCALE),
	TUNABLE(handicap_mbit[3], SCALE),
	TUNABLE(handicap_mbit[4], SCALE),
	TUNABLE(week, FLAG),
	TUNABLE(quarantine_mbit, SCALE),
	TUNABLE(quarantine, SCALE),
	TUNABLE(tail_min, SCALE),
	TUNABLE(tail_weight, SCALE),
	TUNABLE(surprise_q8, SCALE),
	TUNABLE(growth_q8, SCALE),
	TUNABLE(hold_q8, SCALE),
	TUNABLE(hold_decay_q12, SCALE),
};

const size_t nr_tunables = ARRAY_SIZE(tunables);

s32 *tunable(struct kmc_detect_params *p, size_t i)
{
	return (s32 *)((char *)p + tunables[i].at);
}

void read_params(struct kmc_detect_params *p, const char *path)
{
	FILE *f = fopen(path, "r");
	char name[64];
	size_t i;
	int v;

	if (!f)
		die("no such parameters");
	while (fscanf(f, "%63s %d", name, &v) == 2) {
		for (i = 0; i < nr_tunables; i++)
			if (!strcmp(name, tunables[i].name))
				break;
		if (i == nr_tunables)
			die(name);
		*tunable(p, i) = v;
	}
	fclose(f);
}

void move_all(const struct kmc_detect_params *from, struct kmc_detect_params *to,
	      enum shifts shifts)
{
	*to = *from;
	for (size_t i = 0; i < nr_tunables; i++) {
		s32 *v = tunable(to, i);

		if (tunables[i].kind == SCALE || (tunables[i].kind == SHIFT && shifts == BY_TENTH))
			*v = lround(*v * (0.9 + 0.2 * uniform()));
		else if (tunables[i].kind == SHIFT)
			*v = max(*v + (int)(3 * uniform()) - 1, 0);
	}
}
