// SPDX-License-Identifier: GPL-2.0
#include "verb/vm.h"

#include "cli/error.h"
#include "ipc/ipc.h"

int report(int rc)
{
	if (rc)
		error("%s", ipc_error());
	return rc;
}

int module_open(void)
{
	return report(ipc_open());
}

int vm_open(const char *id_or_name, struct vm *vm)
{
	int rc = module_open();

	return rc ? rc : report(ipc_vm_find(id_or_name, vm));
}
