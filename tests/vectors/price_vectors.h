/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Price targets and price movements, for KUnit and userspace alike.
 *
 * The tariff: base 1000, floor 400, ceiling 3000, 1000 per whole of CPU.
 */
#ifndef KMC_VECTORS_PRICE_H
#define KMC_VECTORS_PRICE_H

#include "cpu_only.h"

static inline void price_vector_tariff(struct kmc_tariff *t)
{
	memset(t, 0, sizeof(*t));
	t->base_ncr_h = 1000;
	t->floor_ncr_h = 400;
	t->ceiling_ncr_h = 3000;
	t->cost_ncr_h[KMC_RES_CPU] = 1000;
}

static const struct price_target_vector {
	u32 cpu_bp;
	u64 want_ncr_h;
} price_target_vectors[] = {
	{ 10000, 1000 },
	{ 17500, 1750 },
	{ 10009, 1000 },	/* 0.9 more: down to the base */
	{ 9991, 1000 },		/* 0.9 less: up to the base */
	{ 9990, 999 },
	{ 5000, 500 },
	{ 4000, 400 },
	{ 0, 400 },
	{ 30000, 3000 },
	{ 100000, 3000 },
};

#define PRICE_STEPS_MAX		10

static const struct price_move_vector {
	const char *name;
	u64 slew_ncr_h_min;
	u32 notice_ms;
	struct {
		u32 at_ms;
		u32 cpu_bp;
		u64 want_now, want_pending;	/* pending 0: nothing */
		u32 pending_at_ms;
	} step[PRICE_STEPS_MAX];
} price_move_vectors[] = {
	{
		.name = "at once",
		.step = {
			{ 100, 15000, 1500 },
			{ 200, 20000, 2000 },
			{ 300, 10000, 1000 },
		},
	}, {
		.name = "a rise has notice, a fall has none",
		.notice_ms = 1000,
		.step = {
			{ 100, 15000, 1000, 1500, 1100 },
			{ 1099, 15000, 1000, 1500, 1100 },
			{ 1100, 15000, 1500 },
			{ 1200, 10000, 1000 },
		},
	}, {
		.name = "a further rise waits and has its own notice",
		.notice_ms = 1000,
		.step = {
			{ 100, 15000, 1000, 1500, 1100 },
			{ 600, 20000, 1000, 1500, 1100 },
			{ 1100, 20000, 1500, 2000, 2100 },
			{ 2100, 20000, 2000 },
		},
	}, {
		.name = "a pending rise is lowered, then cancelled, at once",
		.notice_ms = 1000,
		.step = {
			{ 100, 20000, 1000, 2000, 1100 },
			{ 200, 15000, 1000, 1500, 1100 },
			{ 300, 10000, 1000 },
			{ 400, 8000, 800 },
		},
	}, {
		.name = "slew: one minute's worth in a minute, no more saved up",
		.slew_ncr_h_min = 600,
		.step = {
			{ 0, 20000, 1000 },
			{ 30000, 20000, 1300 },
			{ 60000, 20000, 1600 },
			{ 300000, 30000, 2200 },
			{ 300001, 30000, 2200 },
			{ 420000, 10000, 1600 },	/* falls slew, too */
		},
	},
};

static inline bool price_vector_run(const struct price_move_vector *v, u32 i, struct kmc_price *p,
				    const struct kmc_tariff *t)
{
	const u32 grant_bp[KMC_NR_RES] = { v->step[i].cpu_bp, KMC_BP };
	struct kmc_now now = { .at_ns = v->step[i].at_ms * KMC_NS_PER_MS };
	u64 before = kmc_price_announced(p), version = p->version;
	bool moved;

	cpu_accrue(p, t, 0, &now);
	moved = kmc_price_move(p, t, grant_bp, &now);
	return p->now_ncr_h == v->step[i].want_now &&
	       p->pending_ncr_h == v->step[i].want_pending &&
	       p->pending_at_ns == v->step[i].pending_at_ms * KMC_NS_PER_MS &&
	       moved == (before != kmc_price_announced(p)) && p->version == version + moved;
}

#endif /* KMC_VECTORS_PRICE_H */
