// SPDX-License-Identifier: GPL-2.0
/*
 * dump - all that can be dumped, again and again, while VMs come and go
 */
#include "hostile.h"

int dump(double seconds)
{
	uint64_t end = now_ns() + seconds * 1e9;
	unsigned long dumps = 0, messages = 0;
	struct answer a;
	unsigned int i;

	while (now_ns() < end) {
		for (i = 0; i < nl_nr_ops; i++) {
			if (!nl_ops[i].has_dump)
				continue;
			nl_begin(&nl, nl_ops[i].cmd, true);
			nl_ask(&nl, &a, NULL, NULL);
			dumps++;
			messages += a.messages;
			if (a.err)
				fail(nl_ops[i].name, "error %d %s", a.err, a.text);
		}
	}
	printf("%lu dumps, %lu messages, %u wrong\n", dumps, messages, wrong);
	return !!wrong;
}
