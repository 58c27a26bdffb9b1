// SPDX-License-Identifier: GPL-2.0
/*
 * walk_heads - messages that are wrong before their first attribute
 */
#include "hostile.h"

void walk_heads(void)
{
	static const struct {
		const char *name;
		uint8_t cmd;
	} none[] = {
		{ "command 0", 0 },
		{ "command 255", 255 },
		{ "a notice as a command", KVMETER_CMD_VM_NEW_NTF },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(none); i++) {
		nl_begin(&nl, none[i].cmd, false);
		answers(EOPNOTSUPP, "%s", none[i].name);
	}
	/* too short for its own head */
	nl_begin(&nl, KVMETER_CMD_VM_GET, false);
	nl.nlh->nlmsg_len = NLMSG_HDRLEN + 2;
	answers(0, "a cut head");
	/* an attribute that reaches beyond the message */
	nl_begin(&nl, KVMETER_CMD_VM_GET, false);
	mnl_attr_put_u32(nl.nlh, KVMETER_A_VM_ID, vm_id);
	((struct nlattr *)mnl_nlmsg_get_payload_offset(nl.nlh, 4))->nla_len = 200;
	answers(0, "an attribute beyond the end");
}
