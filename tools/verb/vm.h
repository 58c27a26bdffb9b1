/* SPDX-License-Identifier: GPL-2.0 */
/* What nearly all verbs begin with and end with. */
#ifndef KVMETER_VERB_VM_H
#define KVMETER_VERB_VM_H

#include "data/vm.h"

/**
 * report - say what a call to the module failed with
 * @rc: what the call returned
 *
 * Prints ipc_error(), unless @rc is EXIT_OK.
 *
 * Return: @rc.
 */
int report(int rc);

/** module_open - ipc_open(), and report() */
int module_open(void);

/**
 * vm_open - connect to the module and find a VM
 * @id_or_name: as it was typed
 * @vm: where it goes
 *
 * Return: an exit status, after a message.
 */
int vm_open(const char *id_or_name, struct vm *vm);

#endif /* KVMETER_VERB_VM_H */
