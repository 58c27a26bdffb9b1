// SPDX-License-Identifier: GPL-2.0
/*
 * Runs: our detector over the series, and the baselines beside it.
 */
#include <math.h>

#include "detect.h"
#include "hist.h"
#include "run.h"
#include "series.h"

bool no_clock;

void run_ours(const struct kmc_detect_params *p)
{
	static struct kmc_detect d;

	for (int k = 0; k < nr_series; k++) {
		struct series *s = &series[k];

		kmc_detect_init(&d, s->per_day);
		for (int i = 0; i < s->nr; i++) {
			const struct kmc_sample sample = { s->demand[i], s->demand[i] };

			kmc_detect_observe_with(&d, p, &sample, no_clock ? 0 : s->when_s[i], 1);
			s->score[i] = kmc_detect_alert(&d);
		}
	}
}

/* What the baselines share: an alert must pass 1.25 times the held peak */
static double hold(double *held, double score)
{
	*held *= 1 - 0.004;
	if (score <= 1.25 * *held)
		return 0;
	*held = score;
	return score;
}

void run_ewma(struct series *s, double share, double unused)
{
	double mean = s->demand[0], var = 0, held = 0;

	(void)unused;
	for (int i = 0; i < s->nr; i++) {
		double a = fmax(share, 1.0 / (i + 1)), off = s->demand[i] - mean;

		s->score[i] = hold(&held, fabs(off) / (sqrt(var) + 1));
		mean += a * off;
		var = (1 - a) * (var + a * off * off);
	}
}

void run_cusum(struct series *s, double share, double slack)
{
	double mean = s->demand[0], var = 0, held = 0, up = 0, down = 0;

	for (int i = 0; i < s->nr; i++) {
		double a = fmax(share, 1.0 / (i + 1)), off = s->demand[i] - mean;
		double z = off / (sqrt(var) + 1);

		up = fmax(0, up + z - slack);
		down = fmax(0, down - z - slack);
		s->score[i] = hold(&held, fmax(up, down));
		mean += a * off;
		var = (1 - a) * (var + a * off * off);
	}
}

void run_tail(struct series *s, double share, double half_life)
{
	double mean = s->demand[0], held = 0;
	struct kmc_hist h;

	kmc_hist_init(&h, half_life);
	for (int i = 0; i < s->nr; i++) {
		double off = fabs(s->demand[i] - mean);

		s->score[i] = hold(&held, kmc_hist_tail_mbit(&h, off, true));
		kmc_hist_add_bin(&h, kmc_hist_bin(off));
		mean += share * (s->demand[i] - mean);
	}
}
