/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What any part of the bench uses: the end, memory, chance.
 */
#ifndef DETECT_TOOL_H
#define DETECT_TOOL_H

#include <stddef.h>

#include "port.h"

/* Say @what and end. */
void die(const char *what);

/* Zeroed memory, or the end. */
void *allocate(size_t nr, size_t bytes);

/* The chance is pseudo-random: the same from the same seed, 1 at the start. */
void uniform_seed(u64 seed);

/* Uniform in [0, 1). */
double uniform(void);

#endif /* DETECT_TOOL_H */
