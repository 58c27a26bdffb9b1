// SPDX-License-Identifier: GPL-2.0
#include "verb/switch.h"

#include "cli/opt.h"
#include "ipc/ipc.h"
#include "verb/vm.h"

static void take_word(struct changes *changes, const struct setting *s, const char *word)
{
	const char *why;
	uint64_t on;

	why = unit_parse(s->unit, word, &on);
	if (why)
		usage_error("%s: %s", word, why);
	change_set(changes, IN_VM, s, on, word);
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
		take_word(&changes, setting_by_attr(IN_VM, attr, 0), argv[1]);
	rc = vm_open(argv[0], &vm);
	if (rc)
		return rc;
	if (changes.nr) {
		rc = ipc_vm_set(vm.id, &changes);
		if (!rc && json)
			rc = ipc_vm_get(vm.id, &vm);
		if (rc || !json)
			return report(rc);
	}
	return show(&vm, json);
}
