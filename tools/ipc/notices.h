/* SPDX-License-Identifier: GPL-2.0 */
/* Notices of the module, as they come. */
#ifndef KVMETER_NOTICES_H
#define KVMETER_NOTICES_H

#include "data/log.h"

/** ipc_watch - join groups, a bit mask of 1 << enum group; an exit status */
int ipc_watch(unsigned int groups);
void ipc_watch_close(void);

/* what ipc_watch_next() can return besides EXIT_FAILED */
enum {
	WATCH_NOTICE = 100,
	WATCH_TIMEOUT,
	WATCH_OVERRUN,	/* the socket overflowed: any group may have lost notices */
};

/** ipc_watch_next - wait for a notice, at most @timeout_ms; -1: for ever */
int ipc_watch_next(struct notice *notice, int timeout_ms);

#endif /* KVMETER_NOTICES_H */
