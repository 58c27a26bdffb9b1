// SPDX-License-Identifier: GPL-2.0
/* Settings are read by their table. */
#include "ipc/read_settings.h"

#include <string.h>

#include <linux/kvmeter_nl.h>

#include "data/names.h"
#include "data/settings.h"
#include "ipc/attr.h"

void read_settings(enum place place, const struct attrs *a, void *to)
{
	const struct setting *s;

	for_each_setting(s, place)
		if (!s->nested)
			setting_put(s, to, s->size == sizeof(uint64_t) ? get_u64(a, s->attr) :
				    get_u32(a, s->attr));
}

void read_policy(const struct nlattr *nest, struct kmc_policy policy[NR_ACT])
{
	struct attrs a = parse_nest(nest);
	uint32_t r = U32(POLICY, RESOURCE);

	if (r < NR_ACT)
		read_settings(IN_POLICY, &a, &policy[r]);
}

void read_tariff(const struct nlattr *nest, struct kmc_tariff *t)
{
	struct attrs a = parse_nest(nest);
	const struct nlattr *attr;

	read_settings(IN_TARIFF, &a, t);
	if (!nest)
		return;
	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) != KVMETER_A_TARIFF_COST)
			continue;
		a = parse_nest(attr);
		if (U32(COST, RESOURCE) < NR_ACT)
			t->cost_ncr_h[U32(COST, RESOURCE)] = U64(COST, NCR_H);
	}
}

void read_budget(const struct nlattr *nest, struct budget *b)
{
	struct attrs a = parse_nest(nest);

	read_settings(IN_BUDGET, &a, &b->conf);
	b->left_ncr = NONE;
}
