// SPDX-License-Identifier: GPL-2.0
/* hints: whether a guest may suggest by hypercalls, and what came of them. */
#include "subcommands.h"
#include "tool.h"

static void show(const struct vm *vm, bool json)
{
	if (json) {
		json_open(NULL, '{');
		json_u64("vm_id", vm->id);
		json_hints(vm);
		json_close('}');
	} else {
		print_hints(vm);
	}
}

int hints_main(int argc, char **argv)
{
	struct changes changes = { .nr = 0 };
	bool json = false;
	const struct opt opts[] = {
		OPT_JSON(json),
	};
	struct vm vm;
	int rc, n;

	n = opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 1, 2);
	if (n == 2)
		change_add_switch(&changes, KVMETER_A_VM_HINTS, argv[1]);
	rc = ipc_open();
	if (!rc)
		rc = ipc_vm_find(argv[0], &vm);
	if (!rc && changes.nr)
		rc = ipc_vm_set(vm.id, &changes);
	if (!rc && changes.nr && json)
		rc = ipc_vm_get(vm.id, &vm);
	if (!rc && (!changes.nr || json))
		show(&vm, json);
	return rc;
}
