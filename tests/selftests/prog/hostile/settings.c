// SPDX-License-Identifier: GPL-2.0
/*
 * settings - all that a request can set, as the kernel says it: nothing of it may change
 */
#include <stdlib.h>

#include "hostile.h"

#define SETTINGS_MAX	16384

struct settings {
	size_t len;
	uint8_t bytes[SETTINGS_MAX];
};

static struct settings before;

static const struct set *set_of(uint8_t cmd)
{
	const struct set *set = &nl_sets[0];
	unsigned int i;

	for (i = 0; i < nl_nr_ops; i++)
		if (nl_ops[i].cmd == cmd)
			set = &nl_sets[nl_ops[i].set];
	return set;
}

static void take(const struct nlmsghdr *nlh, void *arg)
{
	static const char *const wanted[] = {
		"name", "image", "policy", "tariff", "budget", "period-ns", "record-ns", "burst-ns",
		"model",
	};
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct set *set = set_of(genl->cmd);
	struct settings *s = arg;
	const struct nlattr *nla;
	unsigned int i;

	mnl_attr_for_each(nla, nlh, sizeof(*genl)) {
		for (i = 0; i < ARRAY_SIZE(wanted); i++) {
			const struct attr *attr = nl_attr(set, wanted[i]);

			if (!attr || attr->id != mnl_attr_get_type(nla) ||
			    s->len + nla->nla_len > SETTINGS_MAX)
				continue;
			memcpy(s->bytes + s->len, nla, nla->nla_len);
			s->len += nla->nla_len;
		}
	}
}

static void read_into(struct settings *s)
{
	struct answer a;

	memset(s, 0, sizeof(*s));
	nl_begin(&nl, KVMETER_CMD_HOST_GET, false);
	nl_ask(&nl, &a, take, s);
	nl_begin(&nl, KVMETER_CMD_VM_GET, false);
	mnl_attr_put_u32(nl.nlh, KVMETER_A_VM_ID, vm_id);
	nl_ask(&nl, &a, take, s);
	if (a.err || !s->len) {
		fprintf(stderr, "hostile: VM %u is gone\n", vm_id);
		exit(1);
	}
}

void settings_read(void)
{
	read_into(&before);
}

bool settings_changed(void)
{
	struct settings now;

	read_into(&now);
	return now.len != before.len || memcmp(now.bytes, before.bytes, now.len);
}
