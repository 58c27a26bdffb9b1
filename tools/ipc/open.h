/* SPDX-License-Identifier: GPL-2.0 */
/* The connection: which number the module's family has. */
#ifndef KVMETER_OPEN_H
#define KVMETER_OPEN_H

#include <stdbool.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

#include "data/names.h"

/** ipc_open - find the module; an exit status.  It may be called again. */
int ipc_open(void);
/** ipc_close - end requests; sockets of notices are ipc_watch_close()'s */
void ipc_close(void);

/** module_request - begin a request to the module: see request_new() */
struct nlmsghdr *module_request(uint8_t command, uint16_t flags);
/** module_sent - is a message of the module's family? */
bool module_sent(const struct nlmsghdr *nlh);
/** module_group - the number of a group of notices, 0: the module has none */
uint32_t module_group(enum group group);

#endif /* KVMETER_OPEN_H */
