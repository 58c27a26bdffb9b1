// SPDX-License-Identifier: GPL-2.0
#include "ipc/write.h"

#include <linux/kvmeter_nl.h>

#include "ipc/error.h"
#include "ipc/open.h"
#include "ipc/request.h"

static void put_change(struct nlmsghdr *nlh, const struct change *c)
{
	struct nlattr *cost;

	if (c->str) {
		mnl_attr_put_strz(nlh, c->attr, c->str);
	} else if (c->setting && c->setting->nested) {
		cost = mnl_attr_nest_start(nlh, c->attr);
		mnl_attr_put_u32(nlh, KVMETER_A_COST_RESOURCE, c->setting->resource);
		mnl_attr_put_u64(nlh, KVMETER_A_COST_NCR_H, c->value);
		mnl_attr_nest_end(nlh, cost);
	} else if (c->setting && c->setting->size == sizeof(uint64_t)) {
		mnl_attr_put_u64(nlh, c->attr, c->value);
	} else {
		mnl_attr_put_u32(nlh, c->attr, c->value);
	}
}

/* all changes of @place, in a nest if @nest_type is not 0 */
static void put_changes(struct nlmsghdr *nlh, const struct changes *changes, enum place place,
			uint16_t nest_type)
{
	struct nlattr *nest = NULL;
	size_t i;

	for (i = 0; i < changes->nr; i++) {
		if (changes->c[i].place != place)
			continue;
		if (!nest && nest_type)
			nest = mnl_attr_nest_start(nlh, nest_type);
		put_change(nlh, &changes->c[i]);
	}
	if (nest)
		mnl_attr_nest_end(nlh, nest);
}

static int set(struct nlmsghdr *nlh, const struct changes *changes)
{
	int rc = request(nlh, NULL, NULL);
	char text[256];

	if (rc && changes_explain(changes, ipc_error_said(), text, sizeof(text)))
		ipc_fail(rc, "%s", text);
	return rc;
}

int ipc_vm_set(uint32_t id, const struct changes *changes)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_VM_SET, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_VM_ID, id);
	put_changes(nlh, changes, IN_VM, 0);
	put_changes(nlh, changes, IN_POLICY, KVMETER_A_VM_POLICY);
	put_changes(nlh, changes, IN_TARIFF, KVMETER_A_VM_TARIFF);
	put_changes(nlh, changes, IN_BUDGET, KVMETER_A_VM_BUDGET);
	return set(nlh, changes);
}

int ipc_host_set(const struct changes *changes)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_HOST_SET, 0);

	put_changes(nlh, changes, IN_HOST, 0);
	put_changes(nlh, changes, IN_POLICY, KVMETER_A_HOST_POLICY);
	put_changes(nlh, changes, IN_TARIFF, KVMETER_A_HOST_TARIFF);
	put_changes(nlh, changes, IN_BUDGET, KVMETER_A_HOST_BUDGET);
	return set(nlh, changes);
}
