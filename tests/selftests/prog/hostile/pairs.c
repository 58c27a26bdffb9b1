// SPDX-License-Identifier: GPL-2.0
/*
 * pairs - values that are set together: floor, step and notice say the same number
 */
#include <stdlib.h>

#include "hostile.h"

int set_pairs(double seconds, unsigned int value)
{
	uint64_t end = now_ns() + seconds * 1e9;
	const struct set *set = &nl_sets[nl_op("vm-set")->set];
	unsigned long sets = 0;
	char policy[64], tariff[64];
	struct answer a;

	snprintf(policy, sizeof(policy), "policy.floor-bp=%u,step-bp=%u", value, value);
	snprintf(tariff, sizeof(tariff), "tariff.notice-ms=%u", value);
	while (now_ns() < end) {
		nl_begin(&nl, KVMETER_CMD_VM_SET, false);
		mnl_attr_put_u32(nl.nlh, KVMETER_A_VM_ID, vm_id);
		nl_add(nl.nlh, set, policy);
		nl_add(nl.nlh, set, tariff);
		nl_ask(&nl, &a, NULL, NULL);
		sets++;
		if (a.err) {
			fail("vm-set", "error %d %s", a.err, a.text);
			return 1;
		}
	}
	printf("%lu sets\n", sets);
	return 0;
}

/* What is not there is a number that no other is */
static unsigned int number(const char *text, const char *key, unsigned int none)
{
	const char *at = strstr(text, key);

	return at ? strtoul(at + strlen(key), NULL, 10) : none;
}

static void take_pair(const struct nlmsghdr *nlh, void *arg)
{
	static char text[65536];
	FILE *f = fmemopen(text, sizeof(text), "w");
	unsigned int floor, step, notice;

	nl_print(f, nlh, &nl_sets[nl_op("vm-get")->set], "");
	fputc('\0', f);
	fclose(f);
	text[sizeof(text) - 1] = '\0';
	floor = number(text, " policy0_floor_bp=", 0);
	step = number(text, " policy0_step_bp=", 1);
	notice = number(text, " tariff_notice_ms=", 2);
	(*(unsigned long *)arg)++;
	if (floor != step || step != notice)
		fail("pairs", "floor %u, step %u, notice %u", floor, step, notice);
}

int watch_pairs(double seconds)
{
	uint64_t end = now_ns() + seconds * 1e9;
	unsigned long reads = 0;
	struct answer a;

	while (now_ns() < end) {
		nl_begin(&nl, KVMETER_CMD_VM_GET, false);
		mnl_attr_put_u32(nl.nlh, KVMETER_A_VM_ID, vm_id);
		nl_ask(&nl, &a, take_pair, &reads);
	}
	printf("%lu reads, %u torn\n", reads, wrong);
	return wrong || !reads;
}
