// SPDX-License-Identifier: GPL-2.0
#include "ipc/ack.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <linux/genetlink.h>

#include "ipc/error.h"
#include "ipc/names.h"

struct ext_ack {
	const char *msg;
	uint32_t offset;	/* 0: no attribute is blamed */
	bool range;
	uint64_t min, max;
	uint32_t max_len;	/* 0: none told */
};

static const struct attr_name *find_name(const struct attr_set *set, uint16_t type)
{
	const struct attr_name *e;

	for (e = set->attrs; e < set->attrs + set->nr; e++)
		if (e->type == type)
			return e;
	return NULL;
}

/* the name of the request's attribute at @offset, "budget.pace"; empty: not known */
static void blame(const struct nlmsghdr *req, uint32_t offset, char *name, size_t size)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(req);
	const char *pos = (const char *)mnl_nlmsg_get_payload_offset(req, sizeof(*genl));
	const char *end = mnl_nlmsg_get_payload_tail(req);
	const struct attr_set *set = attr_set_of(genl->cmd);
	size_t len = 0;

	name[0] = 0;
	while (set && mnl_attr_ok((const struct nlattr *)pos, end - pos)) {
		const struct nlattr *attr = (const struct nlattr *)pos;
		const char *next = pos + MNL_ALIGN(attr->nla_len);
		uint32_t at = pos - (const char *)req;
		const struct attr_name *e = find_name(set, mnl_attr_get_type(attr));

		if (offset >= at + MNL_ALIGN(attr->nla_len)) {
			pos = next;
			continue;
		}
		if (!e)
			return;
		len += snprintf(name + len, size - len, "%s%s", len ? "." : "", e->name);
		if (offset == at || len >= size)
			return;
		set = e->nested;
		pos = mnl_attr_get_payload(attr);
		end = next;
	}
}

static void parse_ext_policy(const struct nlattr *nest, struct ext_ack *ack)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == NL_POLICY_TYPE_ATTR_MAX_LENGTH &&
		    mnl_attr_get_payload_len(attr) == sizeof(uint32_t))
			ack->max_len = mnl_attr_get_u32(attr);
		if (mnl_attr_get_payload_len(attr) != sizeof(uint64_t))
			continue;
		if (mnl_attr_get_type(attr) == NL_POLICY_TYPE_ATTR_MIN_VALUE_U)
			ack->min = mnl_attr_get_u64(attr);
		if (mnl_attr_get_type(attr) == NL_POLICY_TYPE_ATTR_MAX_VALUE_U) {
			ack->max = mnl_attr_get_u64(attr);
			ack->range = true;
		}
	}
}

/* the attributes after an error or a dump's end, from @offset in the payload */
static void parse_ext_ack(const struct nlmsghdr *nlh, size_t offset, struct ext_ack *ack)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, nlh, offset) {
		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			if (!mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
				ack->msg = mnl_attr_get_str(attr);
			break;
		case NLMSGERR_ATTR_OFFS:
			if (!mnl_attr_validate(attr, MNL_TYPE_U32))
				ack->offset = mnl_attr_get_u32(attr);
			break;
		case NLMSGERR_ATTR_POLICY:
			parse_ext_policy(attr, ack);
			break;
		}
	}
}

int ack_fail(const struct nlmsghdr *req, const struct nlmsghdr *nlh, size_t offset, int code)
{
	char name[64] = "", range[80] = "";
	struct ext_ack ack = { 0 };

	if (nlh)
		parse_ext_ack(nlh, offset, &ack);
	if (code == EPERM && !ack.msg)
		return ipc_fail(EXIT_FAILED, "not permitted: needs CAP_NET_ADMIN: run as root");
	if (ack.offset)
		blame(req, ack.offset, name, sizeof(name));
	if (ack.range)
		snprintf(range, sizeof(range), ": allowed are %llu to %llu",
			 (unsigned long long)ack.min, (unsigned long long)ack.max);
	else if (ack.max_len)
		snprintf(range, sizeof(range), ": at most %u characters", ack.max_len);
	return ipc_fail_said(code == ENOENT ? EXIT_NOT_FOUND : EXIT_FAILED,
			     ack.msg ? ack.msg : "", "%s%s%s%s%s",
			     ack.msg ? ack.msg : strerror(code), range,
			     *name ? " (attribute " : "", name, *name ? ")" : "");
}
