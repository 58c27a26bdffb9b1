/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tunables: the detector's parameters by name.
 */
#ifndef DETECT_TUNABLE_H
#define DETECT_TUNABLE_H

#include "detect.h"

enum kind { SCALE, SHIFT, FLAG };

struct tunable {
	const char *name;
	size_t at;
	enum kind kind;
};

extern const struct tunable tunables[];
extern const size_t nr_tunables;

s32 *tunable(struct kmc_detect_params *p, size_t i);

/* Set what the file at @path names, NAME VALUE a line. */
void read_params(struct kmc_detect_params *p, const char *path);

/* A shift that moves by 1 is a rate twice or half as large; by 10 %, the small ones stay */
enum shifts { BY_ONE, BY_TENTH };

/* Move all at random. */
void move_all(const struct kmc_detect_params *from, struct kmc_detect_params *to,
	      enum shifts shifts);

#endif /* DETECT_TUNABLE_H */
