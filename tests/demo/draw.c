// SPDX-License-Identifier: GPL-2.0
/*
 * draw - the time line of the demonstration as a picture
 *
 *   draw SAMPLES.csv LOG.csv >timeline.svg
 *
 * SAMPLES is what sample wrote, LOG is "kvmeter log --csv". There is a lane for each resource of a
 * VM that was adjusted: what it used, what was forecast, what it was granted, its price, and why
 * that changed.
 */
#include <stdio.h>

#include "picture.h"
#include "timeline.h"

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("Usage: draw SAMPLES.csv LOG.csv >timeline.svg\n", stderr);
		return 2;
	}
	if (!read_samples(argv[1]) || !read_log(argv[2]))
		return 1;
	keep_adjusted();
	if (!timeline.nr_lanes || timeline.last_ms <= timeline.first_ms ||
	    timeline.price_max <= 0) {
		fprintf(stderr, "draw: %s: too little to draw\n", argv[1]);
		return 1;
	}
	draw_picture();
	return 0;
}
