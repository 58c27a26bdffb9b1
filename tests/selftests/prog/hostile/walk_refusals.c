// SPDX-License-Identifier: GPL-2.0
/*
 * walk_refusals - requests of good parts that do not belong together, or not now
 */
#include "hostile.h"

static const struct {
	const char *name, *op;
	bool dump;
	bool whole;		/* a good request but for what comes ... */
	const char *but;	/* ... without this attribute; else an empty one */
	const char *add[4];	/* "id" and "vm-id" are the VM's */
	int err;		/* 0: any */
} bad[] = {
	/* a good part does not save a bad one, in whichever order */
	{ "vm-set half good", "vm-set",
	  .add = { "name=changed", "policy.floor-bp=3000", "budget.action=1,period-s=31622401",
		   "id" } },
	{ "host-set half good", "host-set",
	  .add = { "period-ns=50000000", "policy.floor-bp=3000", "tariff.notice-ms=3600001" } },

	{ "suggest exits", "suggest",
	  .add = { "resource=4", "grant-bp=10000", "duration-ms=1000", "vm-id" },
	  .err = EOPNOTSUPP },
	{ "suggest under observe", "suggest", .whole = true, .err = EPERM },
	{ "ledger-ack of the future", "ledger-ack", .whole = true, .but = "seq",
	  .add = { "seq=1000000000" } },
	{ "adjustment 0", "adjustment-get", .whole = true, .but = "seq", .add = { "seq=0" } },
	{ "adjustment of the future", "adjustment-get", .whole = true, .but = "seq",
	  .add = { "seq=1000000000" }, .err = ENOENT },

	/* whose profile? */
	{ "profile-reset of a VM and an image", "profile-reset", .whole = true,
	  .add = { "image=img" }, .err = EINVAL },
	{ "profile-reset of nothing", "profile-reset", .whole = true, .but = "vm-id",
	  .err = EINVAL },
	{ "profile-import to an image without a name", "profile-import", .whole = true,
	  .but = "vm-id", .add = { "image=" }, .err = EINVAL },
	{ "profile-export of an unknown image", "profile-export", .whole = true, .but = "vm-id",
	  .add = { "image=nobody's" }, .err = ENOENT },
	{ "model-del of what is not there", "model-del", .whole = true, .err = ENOENT },

	{ "price-get since without a VM", "price-get", .dump = true, .add = { "since-seq=1" } },
	{ "ledger-get since without a VM", "ledger-get", .dump = true, .add = { "since-seq=1" } },
};

static void add(const struct set *set, const char *text)
{
	if (names_vm(text))
		mnl_attr_put_u32(nl.nlh, nl_attr(set, text)->id, vm_id);
	else
		nl_add(nl.nlh, set, text);
}

void walk_refusals(void)
{
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		const struct op *op = nl_op(bad[i].op);

		if (bad[i].whole)
			begin_but(op, bad[i].dump, bad[i].but);
		else
			nl_begin(&nl, op->cmd, bad[i].dump);
		for (k = 0; k < ARRAY_SIZE(bad[i].add) && bad[i].add[k]; k++)
			add(&nl_sets[op->set], bad[i].add[k]);
		refused(bad[i].err, "%s", bad[i].name);
	}
}
