/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Talking to the module: all that verbs need of it.  Nothing here prints: a
 * call that fails leaves its text in ipc_error().
 */
#ifndef KVMETER_IPC_H
#define KVMETER_IPC_H

#include "ipc/calls.h"
#include "ipc/error.h"
#include "ipc/learned.h"
#include "ipc/notices.h"
#include "ipc/open.h"
#include "ipc/write.h"

#endif /* KVMETER_IPC_H */
