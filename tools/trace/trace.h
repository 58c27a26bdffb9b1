/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recorded traces: read, whatever their layout.
 */
#ifndef KVMETER_TRACE_H
#define KVMETER_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/kvmeter_nl.h>

/*
 * A recording ("kvmeter record") is gzip text whose first line begins with
 * TRACE_HEAD.  Lines with values are
 *
 *	id,v0,v1,...
 *
 * and lines of one id belong together, in their order, so that a recording can
 * be appended to.  Before each stands a note of what it is:
 *
 *	#= resource=cpu period_ns=100000000 vm=3 vcpus=2 epoch=... first=1 nr=32
 *	   end_ns=... throttled=0 name=web 1
 *
 * (on one line).  Without that head each line is a series of its own.
 */
#define TRACE_HEAD	"# kvmeter trace 1"
#define TRACE_NOTE	"#= "
#define TRACE_RESOURCE	16
#define TRACE_ID	64

/**
 * struct trace_note - what a recording says of a series, or of a part of it
 * @resource: name; empty: not told
 * @period_ns: 0: not told
 * @vm_id: id in the module
 * @nr_vcpus: of the VM
 * @epoch: load of the module
 * @first: number of the first period
 * @nr: periods
 * @end_ns: when the last one ended
 * @throttled: how many of them were throttled
 * @name: of the VM
 */
struct trace_note {
	char resource[TRACE_RESOURCE];
	uint64_t period_ns;
	uint32_t vm_id;
	uint32_t nr_vcpus;
	uint64_t epoch;
	uint64_t first;
	uint64_t nr;
	uint64_t end_ns;
	uint64_t throttled;
	char name[KVMETER_NAME_LEN + 1];
};

/* a line that begins with TRACE_NOTE; false: it is damaged */
bool trace_note_parse(const char *line, struct trace_note *note);
int trace_note_print(char *buf, size_t size, const struct trace_note *note);

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
 * @note: what the recording says
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
	struct trace_note note;
};

/**
 * trace_each - call @each for every series of a file
 * @path: gzip or plain; lines of "id,v0,v1,...", or "timestamp,value" with a
 *        heading, then the file's name is the series
 * @each: called with one series at a time; stops when it returns not 0
 * @arg: handed to @each
 *
 * Return: 0; what @each returned; EXIT_FAILED when the file cannot be read,
 * after a message.
 */
int trace_each(const char *path, int (*each)(struct trace *t, void *arg), void *arg);

#endif /* KVMETER_TRACE_H */
