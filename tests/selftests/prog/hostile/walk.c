// SPDX-License-Identifier: GPL-2.0
/*
 * walk - every wrong thing to every attribute of every command, one at a time
 */
#include "hostile.h"

int walk(void)
{
	unsigned int i;

	blobs_get();
	settings_read();
	for (i = 0; i < nl_nr_ops; i++) {
		if (nl_ops[i].has_do)
			walk_op(&nl_ops[i], false);
		if (nl_ops[i].has_dump)
			walk_op(&nl_ops[i], true);
	}
	walk_ranges();
	walk_refusals();
	walk_heads();
	printf("%u checks, %u wrong\n", checks, wrong);
	return !!wrong;
}
