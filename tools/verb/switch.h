/* SPDX-License-Identifier: GPL-2.0 */
/* Verbs that show one thing of a VM, or turn it on or off. */
#ifndef KVMETER_SWITCH_H
#define KVMETER_SWITCH_H

#include <stdbool.h>
#include <stdint.h>

#include "data/vm.h"

/**
 * switch_run - a verb with operands VM [on|off]
 * @argc: as main() has it
 * @argv: as main() has it
 * @attr: of the VM's setting that is turned
 * @show: prints it; an exit status
 *
 * Return: an exit status.
 */
int switch_run(int argc, char **argv, uint16_t attr, int (*show)(const struct vm *vm, bool json));

#endif /* KVMETER_SWITCH_H */
