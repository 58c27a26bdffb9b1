// SPDX-License-Identifier: GPL-2.0
/* hints: whether a guest may suggest by hypercalls, and what came of them. */
#include "show/json.h"
#include "show/json_vm.h"
#include "show/print.h"
#include "verb/switch.h"
#include "verb/verb.h"

static int show(const struct vm *vm, bool json)
{
	if (json) {
		json_open(NULL, '{');
		json_u64("vm_id", vm->id);
		json_hints(vm);
		json_close('}');
	} else {
		print_hints(vm);
	}
	return EXIT_OK;
}

int hints_main(int argc, char **argv)
{
	return switch_run(argc, argv, KVMETER_A_VM_HINTS, show);
}
