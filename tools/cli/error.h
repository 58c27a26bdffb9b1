/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_ERROR_H
#define KVMETER_ERROR_H

#include "data/status.h"
#include "data/util.h"

/** error - "kvmeter: ...", a line on standard error, after what was printed so far */
__printf(1, 2) void error(const char *fmt, ...);

#endif /* KVMETER_ERROR_H */
