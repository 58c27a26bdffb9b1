// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: detect table DIR [--params FILE]       all tables, see below
 *        detect write DIR OUT [--params FILE]   OUT/CATEGORY/FILE.csv, anomaly_score
 *        detect trace FILE PER_DAY              surprise over traces: id,v0,v1,...
 *        detect cost SAMPLES                    for callgrind
 *
 * DIR holds the Numenta Anomaly Benchmark or a part of it: data/CATEGORY/FILE
 * (plain or gzip) and labels/combined_windows.json.  Files that are not there
 * are left out.  The score is NAB's: 0 is to say nothing, 100 is perfect, one
 * threshold for all files, the best; "standard" unless said.
 *
 * NAB's values are decimals of any size, the detector's samples integers below
 * 2^24.  The first value that is not zero is made 1024, and the rest follow;
 * nothing is looked up ahead.  Below zero is zero.
 *
 * table prints: ours beside EWMA z-scores, CUSUM, and the tail of a decayed
 * histogram, each with a small grid of settings of which the best is shown;
 * what parts contribute, by removal; all parameters moved at random; each
 * category under a threshold found on the others.
 */
#include <stdlib.h>
#include <string.h>

#include "detect.h"
#include "run.h"
#include "series.h"
#include "table.h"
#include "tool.h"
#include "trace.h"
#include "tunable.h"

int main(int argc, char **argv)
{
	struct kmc_detect_params p = kmc_detect_default;

	if (argc == 3 && !strcmp(argv[1], "cost")) {
		cost(atoi(argv[2]));
		return 0;
	}
	if (argc == 4 && !strcmp(argv[1], "trace")) {
		trace(argv[2], max(atoi(argv[3]), 1));
		return 0;
	}
	if (argc > 4 && !strcmp(argv[argc - 2], "--params")) {
		read_params(&p, argv[argc - 1]);
		argc -= 2;
	}
	if (argc == 4 && !strcmp(argv[1], "write")) {
		read_labels(argv[2]);
		run_ours(&p);
		write_results(argv[3]);
		return 0;
	}
	if (argc != 3 || strcmp(argv[1], "table"))
		die("usage: table DIR | write DIR OUT | trace FILE PER_DAY | cost SAMPLES");
	read_labels(argv[2]);
	print_tables(&p);
	return 0;
}
