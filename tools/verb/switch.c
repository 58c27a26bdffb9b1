// SPDX-License-Identifier: GPL-2.0
/* Verbs that show one thing of a VM, or turn it on or off. */
#include <string.h>

#include "show/print.h"

static void take_word(struct changes *changes, uint16_t attr, const char *word)
{
	bool on = !strcmp(word, "on");

	if (!on && strcmp(word, "off"))
		usage_error("%s: must be on or off", word);
	change_add(changes, TO_TOP, attr, CHANGE_U32, on, NULL);
}

int switch_run(int argc, char **argv, uint16_t attr, int (*show)(const struct vm *vm, bool json))
{
	struct changes changes = { .nr = 0 };
	bool json = false;
	const struct opt opts[] = {
		OPT_JSON(json),
	};
	struct vm vm;
	int rc;

	if (opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 1, 2) == 2)
		take_word(&changes, attr, argv[1]);
	rc = ipc_open();
	if (!rc)
		rc = ipc_vm_find(argv[0], &vm);
	if (!rc && changes.nr)
		rc = ipc_vm_set(vm.id, &changes);
	if (rc || (changes.nr && !json))
		return rc;
	if (changes.nr)
		rc = ipc_vm_get(vm.id, &vm);
	return rc ? rc : show(&vm, json);
}
