/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recorded traces: read, whatever their layout.
 */
#ifndef KVMETER_REPLAY_H
#define KVMETER_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct trace - one series
 * @id: its name
 * @value: samples as the core takes them: whole numbers from 0 up
 * @nr: how many
 * @room: how many fit
 * @scale: a recorded value is @value / @scale + @offset
 * @offset: see @scale
 * @timed: @when_s is known
 * @when_s: per value, seconds of a clock without zones
 */
struct trace {
	char *id;
	uint32_t *value;
	size_t nr;
	size_t room;
	uint32_t scale;
	double offset;
	bool timed;
	uint64_t *when_s;
};

/**
 * trace_each - call @each for every series of a file
 * @path: gzip or plain; lines of "id,v0,v1,...", or "timestamp,value" with a
 *        heading, then the file's name is the series
 * @each: called with one series at a time; stops when it returns not 0
 * @arg: handed to @each
 *
 * Return: 0; what @each returned; EXIT_FAILED when the file can not be read,
 * after a message.
 */
int trace_each(const char *path, int (*each)(struct trace *t, void *arg), void *arg);

#endif /* KVMETER_REPLAY_H */
