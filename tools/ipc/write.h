/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Settings, written.  Each returns an exit status; when it is not EXIT_OK,
 * ipc_error() has the reason, in the units and names that were typed.
 */
#ifndef KVMETER_WRITE_H
#define KVMETER_WRITE_H

#include <stdint.h>

#include "cli/change.h"

int ipc_vm_set(uint32_t id, const struct changes *changes);
int ipc_host_set(const struct changes *changes);

#endif /* KVMETER_WRITE_H */
