/* SPDX-License-Identifier: GPL-2.0 */
/* Why the last call failed.  Nothing in this folder prints. */
#ifndef KVMETER_IPC_ERROR_H
#define KVMETER_IPC_ERROR_H

#include "data/status.h"
#include "data/util.h"

/**
 * ipc_error - the text of the last call that failed
 *
 * Return: a sentence for people, without an end; empty: none failed yet.
 */
const char *ipc_error(void);

/** ipc_error_said - the module's own words in that; empty: it said nothing */
const char *ipc_error_said(void);

/**
 * ipc_fail - leave a text for ipc_error()
 * @status: enum status
 * @fmt: the text
 *
 * Return: @status.
 */
__printf(2, 3) int ipc_fail(int status, const char *fmt, ...);

/** ipc_fail_said - the same, and the module's words for ipc_error_said() */
__printf(3, 4) int ipc_fail_said(int status, const char *said, const char *fmt, ...);

#endif /* KVMETER_IPC_ERROR_H */
