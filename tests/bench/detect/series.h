/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Series: the benchmark's files, as read, labelled and scored.
 */
#ifndef DETECT_SERIES_H
#define DETECT_SERIES_H

#include "port.h"

#define FILES_MAX	128
#define WINDOWS_MAX	64

struct series {
	char name[128];
	int nr;
	int nr_windows;		/* as labelled */
	int first;		/* row that counts */
	u32 per_day;
	u64 *when_s;
	u64 *demand;
	char (*stamp)[20];
	double *gain;		/* of a detection here, at unit weight */
	int *window;		/* -1: none */
	double *score;
};

extern struct series series[FILES_MAX];
extern int nr_series;

/* Read the files that labels/combined_windows.json of @dir names and that are there. */
void read_labels(const char *dir);

/* Write each series' scores to @out/CATEGORY/FILE.csv. */
void write_results(const char *out);

#endif /* DETECT_SERIES_H */
