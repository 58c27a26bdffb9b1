// SPDX-License-Identifier: GPL-2.0
/*
 * hostile - requests that kvmeter must refuse
 *
 *	hostile walk ID		every wrong thing to every attribute of every command
 *	hostile fuzz ID N	N requests with random damage: nothing may break
 *	hostile nobody ID	all commands and groups without privilege
 *	hostile dump SECONDS	dump all, again and again, while VMs come and go
 *	hostile set ID SECONDS A	set pairs of values that belong together
 *	hostile pairs ID SECONDS	and watch whether any was ever seen apart
 *
 * walk checks of each: the error, that the kernel said why, and that no setting changed. It prints
 * "not ok NAME - WHY" of each that failed, and at the end how many it checked. The exit status is 1
 * when one failed.
 */
#include <stdlib.h>

#include "hostile.h"

struct nl nl;
uint32_t vm_id;

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 3)
		return 2;
	vm_id = strtoul(argv[2], NULL, 0);
	if (!strcmp(argv[1], "nobody"))
		return nobody();
	nl_open(&nl);
	if (nl.down) {
		fputs("hostile: no such family\n", stderr);
		return 1;
	}
	if (!strcmp(argv[1], "walk"))
		return walk();
	if (!strcmp(argv[1], "fuzz") && argc > 3)
		return fuzz(strtoul(argv[3], NULL, 0));
	if (!strcmp(argv[1], "dump"))
		return dump(strtod(argv[2], NULL));
	if (!strcmp(argv[1], "set") && argc > 4)
		return set_pairs(strtod(argv[3], NULL), strtoul(argv[4], NULL, 0));
	if (!strcmp(argv[1], "pairs") && argc > 3)
		return watch_pairs(strtod(argv[3], NULL));
	return 2;
}
