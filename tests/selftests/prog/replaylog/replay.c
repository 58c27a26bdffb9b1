// SPDX-License-Identifier: GPL-2.0
/*
 * replay - decide again by the samples of the trace
 */
#include "replaylog.h"

#define RING	8

u32 nr_wrong;

static void wrong(const struct visit *v, const char *what, u64 module, u64 core)
{
	if (nr_wrong++ < 10)
		fprintf(stderr, "visit %td, %s: module %llu, core %llu\n", v - visits, what,
			module, core);
}

void step(struct kmc_vm *vm, const struct kmc_plan_in *in, struct kmc_plan *plan, u64 at_ns)
{
	const struct kmc_now now = { .at_ns = at_ns, .real_ns = at_ns };
	const struct kmc_used used = {};
	struct kmc_notice notice;
	u32 effect_bp[KMC_NR_ACT];
	u32 r;

	kmc_plan(vm, in, plan, &now);
	for (r = 0; r < KMC_NR_ACT; r++)
		effect_bp[r] = vm->decide[r].grant_bp;
	kmc_settle(vm, effect_bp, &used, &notice, &now);
}

struct kmc_vm *vm_new(void)
{
	static struct kmc_record ring[RING];
	static struct kmc_vm vm;
	const struct kmc_now now = { .at_ns = visits[0].at_ns, .real_ns = visits[0].at_ns };

	kmc_vm_init(&vm, policy, &tariff, &budget, period_ms * KMC_NS_PER_MS, ring, RING, &now);
	return &vm;
}

void replay(void)
{
	struct kmc_vm *vm = vm_new();
	struct kmc_plan plan;
	struct visit *v;
	u32 r;

	for (v = visits; v < visits + nr_visits; v++) {
		const struct kmc_verdict *got = &plan.verdict[KMC_RES_CPU];
		bool moved;

		step(vm, &v->in, &plan, v->at_ns);
		for (r = 0; r < KMC_NR_RES; r++) {
			if (vm->surprise[r].mbit != v->surprise_mbit[r])
				wrong(v, "surprise", v->surprise_mbit[r], vm->surprise[r].mbit);
			if (vm->predict[r].next.mean != v->next[r])
				wrong(v, "forecast", v->next[r], vm->predict[r].next.mean);
			if (vm->predict[r].next.p99 != v->next_p99[r])
				wrong(v, "p99", v->next_p99[r], vm->predict[r].next.p99);
		}
		moved = got->new_bp != got->old_bp;
		if (moved != !!v->new_bp)
			wrong(v, "adjusted", !!v->new_bp, moved);
		else if (moved && (got->new_bp != v->new_bp || got->old_bp != v->old_bp ||
				   got->reason != v->reason))
			wrong(v, "new grant", v->new_bp, got->new_bp);
	}
}
