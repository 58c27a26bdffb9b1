// SPDX-License-Identifier: GPL-2.0
/*
 * walk_budget - a budget of one's own: refused, set, taken away
 */
#include "tenant.h"

void walk_budget(int fd)
{
	struct kvmeter_ioc_get get;

	want("a cap beyond all", kvmeter_budget(fd, 1000000000000001ull, 0, 0, 0), EINVAL);
	want("an unknown action", kvmeter_budget(fd, 1000, 0, 2, 0), EINVAL);
	want("pace without end", kvmeter_budget(fd, 1000, 0, 0, KVMETER_BUDGET_PACE), EINVAL);
	want("367 days", kvmeter_budget(fd, 1000, 367 * 86400, 0, 0), EINVAL);
	kvmeter_get(fd, &get);
	result(get.cap_ncr == KVMETER_NCR_NONE, "what is refused changes nothing", "cap %llu",
	       get.cap_ncr);
	want("a budget", kvmeter_budget(fd, 999999999999999ull, 3600, 1, KVMETER_BUDGET_PACE), 0);
	kvmeter_get(fd, &get);
	result(get.cap_ncr == 999999999999999ull && get.budget_period_s == 3600 &&
	       get.budget_action == 1 && get.budget_flags == (KVMETER_GET_PACE | KVMETER_GET_OWN) &&
	       get.left_ncr <= get.cap_ncr && get.renews_at_ns > get.at_ns,
	       "the budget is there", "cap %llu period %u action %u flags %u", get.cap_ncr,
	       get.budget_period_s, get.budget_action, get.budget_flags);
	want("no budget", kvmeter_budget(fd, KVMETER_NCR_NONE, 0, 0, 0), 0);
}
