/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shards: the series of a replay shared out to processes, one a CPU.
 *
 * Series know nothing of each other.  So each process takes every n-th, and the
 * output of all is put together in the order of the input.  They are processes
 * and not threads because nothing is shared, not even by mistake.
 */
#ifndef KVMETER_SHARD_H
#define KVMETER_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * shard_begin - go on in as many processes as there are CPUs
 * @status: the parent's: what to exit with, when all is written
 *
 * Return: true in each process that does a share of the work, false in the
 * parent when they have ended.  Until it is called all is this process' work.
 */
bool shard_begin(int *status);
/** shard_mine - is the next series, counted from 0, for this process? */
bool shard_mine(uint64_t series);
/** shard_write - output of a series of this process; before the first one,
 * a heading, which the first process writes
 */
void shard_write(const void *data, size_t len);
/** shard_series_end - all of a series of this process, or the heading, is written */
void shard_series_end(void);

#endif /* KVMETER_SHARD_H */
