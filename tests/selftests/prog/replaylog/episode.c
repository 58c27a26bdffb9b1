// SPDX-License-Identifier: GPL-2.0
/*
 * episode - how long a grant was not at rest
 */
#include "replaylog.h"

void episode_step(struct episodes *e, const struct visit *v, u32 old_bp, u32 new_bp)
{
	s64 now = (since_ms(v) + period_ms / 2) / period_ms;

	if (!e->open && new_bp > old_bp && e->nr < EPISODES_MAX) {
		e->at[e->nr].from = now;
		e->open = true;
	} else if (e->open && new_bp == KMC_BP) {
		e->at[e->nr++].to = now;
		e->open = false;
	}
}

void episodes_compare(const struct episodes *module, const struct episodes *core)
{
	s64 late = 0;
	u32 i;

	for (i = 0; i < min(module->nr, core->nr); i++) {
		const struct episode *m = &module->at[i], *c = &core->at[i];

		printf("# episode %u: module %lld to %lld, ideal %lld to %lld\n", i, m->from, m->to,
		       c->from, c->to);
		late = max(late, llabs(m->from - c->from));
		late = max(late, llabs(m->to - c->to));
	}
	printf("module_episodes=%u ideal_episodes=%u late_periods=%lld\n", module->nr, core->nr,
	       late);
}
