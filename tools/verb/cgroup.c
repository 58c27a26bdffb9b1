// SPDX-License-Identifier: GPL-2.0
/* cgroup: hand over a VM's cgroup, let go of it, or show what is done through it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/error.h"
#include "cli/opt.h"
#include "ipc/ipc.h"
#include "show/json_vm.h"
#include "show/table.h"
#include "verb/verb.h"
#include "verb/vm.h"

static const struct column columns[] = {
	{ "FILE", true, 0 }, { "VALUE", true, 0 }, { "BEFORE", true, 0 }, { "STATE", true, 0 },
};

static void print_cgroup(const struct vm *vm)
{
	size_t i;

	if (!*vm->cgroup.path) {
		printf("no cgroup%s%s\n", *vm->cgroup.why ? ": " : "", vm->cgroup.why);
		return;
	}
	printf("%s, number %llu\n", vm->cgroup.path, (unsigned long long)vm->cgroup.id);
	table_begin(columns, ARRAY_SIZE(columns));
	for (i = 0; i < vm->cgroup.nr_knobs; i++) {
		const struct knob *k = &vm->cgroup.knobs[i];

		table_cell("%s", k->name);
		table_cell("%s", *k->value ? k->value : "-");
		table_cell("%s", *k->before ? k->before : "-");
		table_cell("%s%s", k->conflict ? "conflict: " : "",
			   *k->why ? k->why : *k->value ? "set" : "not used");
	}
	table_print();
}

static int hand_over(const struct vm *vm, const char *dir)
{
	int fd = open(dir, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0) {
		error("%s: %s", dir, strerror(errno));
		return EXIT_FAILED;
	}
	rc = report(ipc_cgroup_attach(vm->id, fd));
	close(fd);
	return rc;
}

int cgroup_main(int argc, char **argv)
{
	bool detach = false, json = false;
	const struct opt opts[] = {
		{ "detach", 'd', NULL, "let go of it and restore its values", OPT_FLAG, &detach },
		OPT_JSON(json),
	};
	struct vm vm;
	int rc;

	argc = opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 1, 2);
	if (argc == 2 && (detach || json))
		usage_error("a directory goes with no option");
	rc = vm_open(argv[0], &vm);
	if (rc)
		return rc;
	if (argc == 2)
		return hand_over(&vm, argv[1]);
	if (detach)
		return report(ipc_cgroup_detach(vm.id));
	if (json)
		json_cgroup(NULL, &vm.cgroup);
	else
		print_cgroup(&vm);
	return EXIT_OK;
}
