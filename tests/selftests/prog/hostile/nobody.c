// SPDX-License-Identifier: GPL-2.0
/*
 * nobody - all commands and groups without privilege: visible, and refused
 */
#define _GNU_SOURCE
#include <grp.h>
#include <unistd.h>

#include "hostile.h"

#define NOBODY	65534

static void try_ops(void)
{
	const struct op *op;

	for (op = nl_ops; op < nl_ops + nl_nr_ops; op++) {
		if (op->has_do) {
			begin_but(op, false, NULL);
			answers(EPERM, "%s", op->name);
		}
		if (op->has_dump) {
			begin_but(op, true, NULL);
			answers(EPERM, "%s (dump)", op->name);
		}
	}
}

static void try_groups(void)
{
	unsigned int i;

	for (i = 0; i < nl.nr_groups; i++) {
		checks++;
		if (!mnl_socket_setsockopt(nl.sock, NETLINK_ADD_MEMBERSHIP, &nl.group[i],
					   sizeof(nl.group[i])))
			fail(nl.group_name[i], "joined");
	}
}

int nobody(void)
{
	if (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)) {
		perror("setuid");
		return 1;
	}
	nl_open(&nl);
	if (nl.down) {
		fail("family", "not visible");
		return 1;
	}
	try_ops();
	try_groups();
	printf("%u checks, %u groups, %u wrong\n", checks, nl.nr_groups, wrong);
	return wrong || !nl.nr_groups;
}
