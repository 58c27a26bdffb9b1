// SPDX-License-Identifier: GPL-2.0
#include "ipc/attr.h"

#include <string.h>

#include <linux/genetlink.h>

static void take_attr(struct attrs *a, const struct nlattr *attr)
{
	if (mnl_attr_get_type(attr) < MAX_ATTR)
		a->tb[mnl_attr_get_type(attr)] = attr;
}

struct attrs parse_message(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	struct attrs a = { 0 };

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		take_attr(&a, attr);
	return a;
}

struct attrs parse_nest(const struct nlattr *nest)
{
	const struct nlattr *attr;
	struct attrs a = { 0 };

	if (nest)
		mnl_attr_for_each_nested(attr, nest)
			take_attr(&a, attr);
	return a;
}

uint32_t get_u32(const struct attrs *a, int type)
{
	const struct nlattr *attr = a->tb[type];

	return attr && mnl_attr_get_payload_len(attr) >= 4 ? mnl_attr_get_u32(attr) : 0;
}

uint64_t get_u64(const struct attrs *a, int type)
{
	const struct nlattr *attr = a->tb[type];

	return attr && mnl_attr_get_payload_len(attr) >= 8 ? mnl_attr_get_u64(attr) : 0;
}

uint64_t get_u64_or_none(const struct attrs *a, int type)
{
	return a->tb[type] ? get_u64(a, type) : UINT64_MAX;
}

void get_str(const struct attrs *a, int type, char *s, size_t size)
{
	const struct nlattr *attr = a->tb[type];
	size_t len = attr ? mnl_attr_get_payload_len(attr) : 0;

	if (len >= size)
		len = size - 1;
	if (len)
		memcpy(s, mnl_attr_get_payload(attr), len);
	s[len] = 0;
}
