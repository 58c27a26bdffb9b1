// SPDX-License-Identifier: GPL-2.0
/*
 * walk_ranges - each limit that Documentation/netlink/specs/kvmeter.yaml states, passed by one
 */
#include "hostile.h"

static const struct {
	const char *op, *text;
} bad[] = {
	{ "vm-set", "policy.mode=3" }, { "vm-set", "policy.shadow=3" },
	{ "vm-set", "policy.contended-only=2" },
	{ "vm-set", "policy.nominal-bp=99" }, { "vm-set", "policy.nominal-bp=10001" },
	{ "vm-set", "policy.threshold-mbit=999" },
	{ "vm-set", "policy.threshold-mbit=30001" },
	{ "vm-set", "policy.sensitivity-mbit=99" },
	{ "vm-set", "policy.sensitivity-mbit=1000001" },
	{ "vm-set", "policy.floor-bp=99" }, { "vm-set", "policy.floor-bp=10001" },
	{ "vm-set", "policy.ceiling-bp=9999" }, { "vm-set", "policy.ceiling-bp=100001" },
	{ "vm-set", "policy.step-bp=100001" },
	{ "vm-set", "policy.step-bp=400,dead-band-bp=500" },
	{ "vm-set", "policy.dead-band-bp=10001,step-bp=20000" },
	{ "vm-set", "policy.dwell-ms=3600001" },
	{ "vm-set", "policy.half-life-s=0" }, { "vm-set", "policy.half-life-s=2592001" },
	{ "vm-set", "tariff.ceiling-ncr-h=1000000000000001" },
	{ "vm-set", "tariff.base-ncr-h=5,ceiling-ncr-h=4,floor-ncr-h=0" },
	{ "vm-set", "tariff.base-ncr-h=5,floor-ncr-h=6" },
	{ "vm-set", "tariff.slew-ncr-h-min=1000000000000001" },
	{ "vm-set", "tariff.notice-ms=3600001" },
	{ "vm-set", "tariff.cpu-ncr-h=1000000000000001" },
	{ "vm-set", "tariff.cost.resource=4+ncr-h=1" },
	{ "vm-set", "tariff.cost.resource=5+ncr-h=1" },
	{ "vm-set", "tariff.memory-ncr-gib-h=1000000000000001" },
	{ "vm-set", "tariff.network-ncr-gib=1000000000000001" },
	{ "vm-set", "tariff.disk-ncr-gib=1000000000000001" },
	{ "vm-set", "policy.nominal=1" }, { "vm-set", "policy.nominal=1,resource=0" },
	{ "vm-set", "policy.nominal=16777217,resource=1" },
	{ "vm-set", "policy.nominal-bp=5000,resource=1" },
	{ "vm-set", "policy.mode=1,resource=4" }, { "vm-set", "policy.mode=1,resource=5" },
	{ "vm-set", "policy.follow=32" },
	{ "vm-set", "tariff.cost.resource=0" }, { "vm-set", "tariff.cost.ncr-h=1" },
	{ "vm-set", "tariff.cost.resource=0+ncr-h=1000000000000001" },
	{ "vm-set", "budget.cap-ncr=1000000000000001" },
	{ "vm-set", "budget.cap-ncr=18446744073709551614" },
	{ "vm-set", "budget.period-s=31622401" },
	{ "vm-set", "budget.action=2" }, { "vm-set", "budget.pace=2" },
	{ "vm-set", "budget.pace=1,cap-ncr=18446744073709551615" },
	{ "vm-set", "budget.pace=1,cap-ncr=5,period-s=0" },
	{ "host-set", "period-ns=9999999" }, { "host-set", "period-ns=10000000001" },
	{ "host-set", "record-ns=99999999" }, { "host-set", "record-ns=3600000000001" },
	{ "host-set", "burst-ns=10000000001" },
	{ "host-set", "policy.mode=3" }, { "host-set", "tariff.notice-ms=3600001" },
	{ "host-set", "budget.action=2" },
};

void walk_ranges(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct op *op = nl_op(bad[i].op);

		nl_begin(&nl, op->cmd, false);
		if (!strcmp(op->name, "vm-set"))
			mnl_attr_put_u32(nl.nlh, KVMETER_A_VM_ID, vm_id);
		nl_add(nl.nlh, &nl_sets[op->set], bad[i].text);
		refused(0, "%s %s", bad[i].op, bad[i].text);
	}
}
