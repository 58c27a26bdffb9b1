// SPDX-License-Identifier: GPL-2.0
#include "ipc/open.h"

#include <string.h>

#include <linux/genetlink.h>
#include <linux/kvmeter_nl.h>

#include "ipc/attr.h"
#include "ipc/error.h"
#include "ipc/request.h"

static uint16_t family_id;		/* 0: not found yet */
static uint32_t group_ids[NR_GROUPS];

static void read_groups(const struct nlattr *groups)
{
	const struct nlattr *one;
	size_t g;

	mnl_attr_for_each_nested(one, groups) {
		struct attrs a = parse_nest(one);
		char name[GENL_NAMSIZ];

		get_str(&a, CTRL_ATTR_MCAST_GRP_NAME, name, sizeof(name));
		for (g = 0; g < NR_GROUPS; g++)
			if (!strcmp(name, group_info[g].name))
				group_ids[g] = get_u32(&a, CTRL_ATTR_MCAST_GRP_ID);
	}
}

static int on_family(const struct nlmsghdr *nlh, void *data)
{
	struct attrs a = parse_message(nlh);

	(void)data;
	if (a.tb[CTRL_ATTR_FAMILY_ID])
		family_id = mnl_attr_get_u16(a.tb[CTRL_ATTR_FAMILY_ID]);
	if (a.tb[CTRL_ATTR_MCAST_GROUPS])
		read_groups(a.tb[CTRL_ATTR_MCAST_GROUPS]);
	return EXIT_OK;
}

int ipc_open(void)
{
	struct nlmsghdr *nlh;
	int rc;

	rc = requests_open();
	if (rc || family_id)
		return rc;
	nlh = request_new(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, KVMETER_FAMILY_NAME);
	rc = request(nlh, on_family, NULL);
	if (!rc && family_id)
		return EXIT_OK;
	return ipc_fail(EXIT_NO_MODULE,
			"the kvmeter kernel module is not loaded: modprobe kvmeter");
}

void ipc_close(void)
{
	requests_close();
}

struct nlmsghdr *module_request(uint8_t command, uint16_t flags)
{
	return request_new(family_id, command, flags);
}

bool module_sent(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_type == family_id &&
	       mnl_nlmsg_get_payload_len(nlh) >= sizeof(struct genlmsghdr);
}

uint32_t module_group(enum group group)
{
	return group_ids[group];
}
