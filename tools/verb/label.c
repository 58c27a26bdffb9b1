// SPDX-License-Identifier: GPL-2.0
/* name and image: two labels, set alike; an empty one clears. */
#include <string.h>

#include "verb/verb.h"
#include "show/print.h"

int label_main(int argc, char **argv)
{
	struct changes changes = { .nr = 0 };
	struct vm vm;
	int rc;

	opts_parse(argc, argv, NULL, 0, NULL, 2, 2);
	change_add(&changes, TO_TOP,
		   !strcmp(verb->name, "name") ? KVMETER_A_VM_NAME : KVMETER_A_VM_IMAGE,
		   CHANGE_STR, 0, argv[1]);
	rc = ipc_open();
	if (!rc)
		rc = ipc_vm_find(argv[0], &vm);
	if (!rc)
		rc = ipc_vm_set(vm.id, &changes);
	return rc;
}
