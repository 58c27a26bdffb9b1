// SPDX-License-Identifier: GPL-2.0
/*
 * tenant - what may and what may not be done with /dev/kvmeter
 *
 *	tenant walk		every wrong size, flag, field and descriptor; limits; lives
 *	tenant storm SECONDS	threads that call and attach while VMs end
 *
 * Makes VMs of its own: one vCPU each, which halts all the time.  Settings of
 * the operator are made by "kv ask".  Prints "ok NAME" and "not ok NAME - WHY";
 * the exit status is 1 when there was one of these.
 */
#include "tenant.h"

size_t page_size;

static void walk(void)
{
	struct vm vm, other, young;
	int fd, other_fd;

	vm_make(&vm, true);
	vm_make(&other, true);
	vm_make(&young, false);
	fd = attached(vm.fd);
	other_fd = attached(other.fd);
	walk_descriptors(&vm, &young);
	walk_structs(&vm);
	walk_attach(&vm, &other);
	walk_budget(fd);
	walk_suggest(fd, other_fd);
	walk_quote(fd, kvmeter_page_map(fd));
	walk_events(fd);
	walk_agent(vm.fd, fd);
	walk_page(&vm, fd);
	walk_passing(&vm, fd);
	walk_rates(fd);
	walk_close();
	walk_kill();
	vm_end(&vm);
	vm_end(&other);
	vm_end(&young);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	page_size = sysconf(_SC_PAGESIZE);
	if (argc == 2 && !strcmp(argv[1], "walk"))
		walk();
	else if (argc == 3 && !strcmp(argv[1], "storm"))
		storm(atoi(argv[2]));
	else
		return 2;
	printf("%u checks, %u wrong\n", checks, wrong);
	return wrong > 0;
}
