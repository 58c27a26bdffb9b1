/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parts of replaylog. replaylog.c takes settings, trace.c reads the module's trace, replay.c
 * decides again and compares. episode.c and ideal.c do so on what a meter without noise would have
 * shown.
 */
#ifndef REPLAYLOG_H
#define REPLAYLOG_H

#include <stdlib.h>

#include "pipeline.h"

/* replaylog.c */
extern struct kmc_policy policy[KMC_NR_ACT];
extern struct kmc_tariff tariff;
extern struct kmc_budget_conf budget;
extern u64 period_ms, step_ms;

/* die - "replaylog: WHAT", status 2 */
__attribute__((noreturn))
void die(const char *what);

/* trace.c */

/* One visit of a period at the VM: its samples, and what the module made of them */
struct visit {
	struct kmc_plan_in in;
	u64 at_ns;
	u32 surprise_mbit[KMC_NR_RES];
	u64 next[KMC_NR_RES];
	u64 next_p99[KMC_NR_RES];
	u32 old_bp, new_bp;	/* of cpu, as the module adjusted */
	u8 reason;
};

extern struct visit visits[];
extern u32 nr_visits, nr_early, nr_adjusted;

/* read_trace - the trace of standard input, into visits */
void read_trace(void);
/* since_ms - of a visit since the first */
u64 since_ms(const struct visit *v);

/* replay.c */
extern u32 nr_wrong;

/* vm_new - the VM as it was born; there is one at a time */
struct kmc_vm *vm_new(void);
/* step - one period of a VM without a machine: what is decided is in force */
void step(struct kmc_vm *vm, const struct kmc_plan_in *in, struct kmc_plan *plan, u64 at_ns);
/* replay - decide again by the samples; what is not as the module's is counted */
void replay(void);

/* episode.c */
#define EPISODES_MAX	64

/* From the first rise to the return to rest */
struct episode {
	s64 from, to;	/* periods since the first visit */
};

struct episodes {
	struct episode at[EPISODES_MAX];
	u32 nr;
	bool open;	/* the last is not over */
};

/* episode_step - cpu's grant changed in this visit, or did not */
void episode_step(struct episodes *e, const struct visit *v, u32 old_bp, u32 new_bp);
/* episodes_compare - print both, and by how many periods they are apart at most */
void episodes_compare(const struct episodes *module, const struct episodes *core);

/* ideal.c */

/* compare_ideal - replay what the guest was told to do, a line of bp per step-ms in that file */
void compare_ideal(const char *path);

#endif
