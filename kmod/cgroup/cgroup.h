/* SPDX-License-Identifier: GPL-2.0 */
/* A cgroup that was handed over, and its control files. */
#ifndef KVMETER_CGROUP_H
#define KVMETER_CGROUP_H

#include <linux/workqueue.h>

#include "kvmeter.h"
#include "base/lease.h"

#define KVMETER_CG_TEXT		96	/* a value with the final 0 */
#define KVMETER_CG_PATH		256
#define KVMETER_CG_READ_SIZE	4096	/* of any file that is read */

/** enum kvmeter_cg_knob - control files that are written */
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
 * struct kvmeter_cg_want - what a control file shall hold
 * @text: this; for a file of several lines, one line, whose first word says which
 * @scale_bp: or so much of what it held before; 0 with an empty @text: leave it alone
 */
struct kvmeter_cg_want {
	char text[KVMETER_CG_TEXT];
	u32 scale_bp;
};

/**
 * struct kvmeter_cg_file - one control file
 * @work: all reading and writing of it; see cgroup_knob.c
 * @cg: whose
 * @want: what it shall hold; below here, all but @written_ns is under cg->lock
 * @done: the want that @value stands for
 * @value: the line as it read right after we wrote it
 * @before: the line as it read before we first did
 * @number: of @value, its last word; U64_MAX: max, or no number
 * @why: what keeps us from it; NULL: nothing
 * @held: it holds what we wrote
 * @conflict: it did, until someone else wrote: theirs stays
 * @written_ns: last write; the work's own
 */
struct kvmeter_cg_file {
	struct delayed_work work;
	struct kvmeter_cgroup *cg;
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
 * struct kvmeter_squeeze - memory.high on its way to where a grant wants it
 * @work: one step; see act_memory.c
 * @cap_kib: what the grant allows, 0: no limit; down to @why under cg->lock
 * @boost: the grant is more than nominal: protect that much, too
 * @fed_kib: working set as userspace measured it ...
 * @fed_until_ns: ... believed until then
 * @found_kib: size below which pressing brought pages back ...
 * @found_until_ns: ... believed until then
 * @current_kib: memory.current at the last step
 * @full_bp: share of the last step's time in which all tasks waited for memory
 * @sensed: the two above are known
 * @why: what keeps the limit from the cap; NULL: nothing
 * @at_ns: last step; from here on the work's own
 * @refaults: pages that came back, cumulative
 * @full_us: time in which all tasks waited for memory, cumulative
 * @asked_kib: memory.high asked for
 * @based: @refaults and @full_us are known
 */
struct kvmeter_squeeze {
	struct delayed_work work;
	u64 cap_kib;
	bool boost;
	u64 fed_kib;
	u64 fed_until_ns;
	u64 found_kib;
	u64 found_until_ns;
	u64 current_kib;
	u32 full_bp;
	bool sensed;
	const char *why;
	u64 at_ns;
	u64 refaults;
	u64 full_us;
	u64 asked_kib;
	bool based;
};

/**
 * struct kvmeter_cgroup - a VM's cgroup, from attach to detach
 * @node: list of all, those that are being given back included
 * @vm_id: whose
 * @dir: the directory, as it was handed over; referenced
 * @cgrp: the cgroup; referenced
 * @path: from the root of all cgroups
 * @lock: see below
 * @lease: of all wants
 * @gone: the cgroup was removed
 * @end: gives all back and frees
 */
struct kvmeter_cgroup {
	struct list_head node;
	u32 vm_id;
	struct file *dir;
	struct cgroup *cgrp;
	char path[KVMETER_CG_PATH];
	spinlock_t lock;		/* the wants and what became of them; leaf */
	struct kvmeter_lease lease;
	bool gone;
	struct kvmeter_cg_file file[KVMETER_NR_CG_KNOBS];
	struct kvmeter_squeeze squeeze;
	struct work_struct end;
};

extern struct workqueue_struct *kvmeter_cg_wq;

/* cgroup_knob.c */
const char *kvmeter_cg_name(enum kvmeter_cg_knob knob);
void kvmeter_cg_file_init(struct kvmeter_cgroup *cg);
void kvmeter_cg_file_end(struct kvmeter_cgroup *cg);
void kvmeter_cg_file_look(struct kvmeter_cgroup *cg);
int kvmeter_cg_read(struct kvmeter_cgroup *cg, const char *name, char *buf);
bool kvmeter_cg_removed(struct kvmeter_cgroup *cg);
void kvmeter_cg_want(struct kvmeter_cgroup *cg, enum kvmeter_cg_knob knob, const char *text,
		     u32 scale_bp);

/* act_memory.c */
void kvmeter_squeeze_init(struct kvmeter_cgroup *cg);
void kvmeter_squeeze_end(struct kvmeter_cgroup *cg);
void kvmeter_squeeze_look(struct kvmeter_cgroup *cg);

/* cgroup.c; under kvmeter_lock unless said otherwise */
int kvmeter_cgroup_init(void);
void kvmeter_cgroup_exit(void);		/* without */
int kvmeter_cgroup_attach(struct kvmeter_vm *vm, int fd, const char **why);
void kvmeter_cgroup_detach(struct kvmeter_vm *vm, const char *why);
int kvmeter_cgroup_settled(u32 vm_id);	/* without */
void kvmeter_cgroup_check(struct kvmeter_vm *vm);
int kvmeter_cgroup_set(struct kvmeter_vm *vm, enum kvmeter_cg_knob knob, const char *text);
int kvmeter_cgroup_scale(struct kvmeter_vm *vm, enum kvmeter_cg_knob knob, u32 scale_bp);
void kvmeter_cgroup_unset(struct kvmeter_vm *vm, enum kvmeter_cg_knob knob);
const char *kvmeter_cgroup_why(const struct kvmeter_vm *vm, enum kvmeter_cg_knob knob);
bool kvmeter_cgroup_in_force(const struct kvmeter_vm *vm, enum kvmeter_cg_knob knob);

#endif /* KVMETER_CGROUP_H */
