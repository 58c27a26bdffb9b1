// SPDX-License-Identifier: GPL-2.0
/* name and image: two labels, set alike; an empty one clears. */
#include <string.h>

#include "cli/opt.h"
#include "ipc/ipc.h"
#include "verb/verb.h"
#include "verb/vm.h"

int label_main(int argc, char **argv)
{
	struct changes changes = { .nr = 0 };
	struct change label = { .place = IN_VM };
	struct vm vm;
	int rc;

	opts_parse(argc, argv, NULL, 0, NULL, 2, 2);
	label.attr = !strcmp(verb->name, "name") ? KVMETER_A_VM_NAME : KVMETER_A_VM_IMAGE;
	label.str = argv[1];
	change_add(&changes, &label);
	rc = vm_open(argv[0], &vm);
	return rc ? rc : report(ipc_vm_set(vm.id, &changes));
}
