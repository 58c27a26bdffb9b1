/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace: the detector over load without labels, recorded or made.
 */
#ifndef DETECT_BENCH_TRACE_H
#define DETECT_BENCH_TRACE_H

#include "port.h"

/*
 * Is surprise calibrated on real load?  @path has a trace a line, id,v0,v1,...
 * The first tenth of each is for learning.
 */
void trace(const char *path, u32 per_day);

/* @nr samples, for callgrind */
void cost(u32 nr);

#endif /* DETECT_BENCH_TRACE_H */
