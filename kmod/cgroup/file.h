/* SPDX-License-Identifier: GPL-2.0 */
/* Control files of a cgroup: what each should hold, and what became of that. */
#ifndef KVMETER_CGROUP_FILE_H
#define KVMETER_CGROUP_FILE_H

#include <linux/workqueue.h>

#include "cgroup/line.h"

struct kvmeter_cg_spec;
struct kvmeter_cgroup;

/**
 * enum kvmeter_cg_knob - control files that are written
 * @KVMETER_CG_MEMORY_HIGH: memory.high, bytes
 * @KVMETER_CG_MEMORY_LOW: memory.low, bytes
 * @KVMETER_CG_CPU_WEIGHT: cpu.weight, 1 .. 10 000
 * @KVMETER_CG_CPU_BURST: cpu.max.burst, us per period of cpu.max
 * @KVMETER_CG_IO_WEIGHT: io.weight, the default line, 1 .. 10 000
 * @KVMETER_CG_IO_MAX: io.max, one line, of one disk
 * @KVMETER_NR_CG_KNOBS: how many there are
 */
enum kvmeter_cg_knob {
	KVMETER_CG_MEMORY_HIGH,
	KVMETER_CG_MEMORY_LOW,
	KVMETER_CG_CPU_WEIGHT,
	KVMETER_CG_CPU_BURST,
	KVMETER_CG_IO_WEIGHT,
	KVMETER_CG_IO_MAX,
	KVMETER_NR_CG_KNOBS,
};

/**
 * struct kvmeter_cg_want - what a control file should hold
 * @text: this; for a file of several lines, one line, whose first word says which
 * @scale_bp: or so much of what it held before, 10 000: as much; 0 with an empty
 *            @text: leave it alone
 */
struct kvmeter_cg_want {
	char text[KVMETER_CG_TEXT];
	u32 scale_bp;
};

/**
 * struct kvmeter_cg_file - one control file
 * @work: all reading and writing of it
 * @cg: whose; fixed
 * @spec: which; fixed
 * @want: the value that we want in it; cg->lock
 * @done: the want that @value stands for; cg->lock, written by @work alone
 * @value: the line as it read right after we wrote it; as @done
 * @before: the line as it read before we first did; as @done
 * @number: of @value, its last word; U64_MAX: max, or not a number; as @done
 * @why: what keeps us from it; NULL: nothing does; as @done
 * @held: it holds what we wrote; as @done
 * @conflict: it did, until someone else wrote: theirs stays; as @done
 * @written_ns: last write, CLOCK_MONOTONIC; only @work uses it
 */
struct kvmeter_cg_file {
	struct delayed_work work;
	struct kvmeter_cgroup *cg;
	const struct kvmeter_cg_spec *spec;
	struct kvmeter_cg_want want;
	struct kvmeter_cg_want done;
	char value[KVMETER_CG_TEXT];
	char before[KVMETER_CG_TEXT];
	u64 number;
	const char *why;
	bool held;
	bool conflict;
	u64 written_ns;
};

/**
 * struct kvmeter_cg_state - what became of a want, as last read back
 * @held: the file holds what we wrote
 * @conflict: it did, until someone else wrote
 * @settled: what we wrote is what is wanted now
 * @number: the last word of what we wrote; U64_MAX: max, or not a number
 * @why: what keeps us from it; NULL: nothing does
 */
struct kvmeter_cg_state {
	bool held;
	bool conflict;
	bool settled;
	u64 number;
	const char *why;
};

/* all works on cgroups; set at load, until unload */
extern struct workqueue_struct *kvmeter_cg_wq;

const char *kvmeter_cg_name(enum kvmeter_cg_knob knob);
void kvmeter_cg_want(struct kvmeter_cgroup *cg, enum kvmeter_cg_knob knob, const char *text,
		     u32 scale_bp);
struct kvmeter_cg_state kvmeter_cg_state(struct kvmeter_cgroup *cg, enum kvmeter_cg_knob knob);
void kvmeter_cg_file_init(struct kvmeter_cgroup *cg);
void kvmeter_cg_file_end(struct kvmeter_cgroup *cg);
void kvmeter_cg_file_look(struct kvmeter_cgroup *cg);

#endif /* KVMETER_CGROUP_FILE_H */
