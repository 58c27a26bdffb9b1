/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs: a detector over the series; each leaves its scores there.
 */
#ifndef DETECT_BENCH_RUN_H
#define DETECT_BENCH_RUN_H

#include <stdbool.h>

struct kmc_detect_params;
struct series;

/* For ablation: always the same moment, so that no slot is ever left */
extern bool no_clock;

/* Ours, over all series */
void run_ours(const struct kmc_detect_params *p);

/* The baselines, over one: @share is the weight of a new value in mean and variance. */
void run_ewma(struct series *s, double share, double unused);
void run_cusum(struct series *s, double share, double slack);

/* Tail of the step's size, or (share) of the distance from a mean */
void run_tail(struct series *s, double share, double half_life);

#endif /* DETECT_BENCH_RUN_H */
