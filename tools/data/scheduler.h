/* SPDX-License-Identifier: GPL-2.0 */
/* A scheduler that was loaded by BPF: sched_ext. */
#ifndef TOOL_DATA_SCHEDULER_H
#define TOOL_DATA_SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>

#define SCHEDULER_DIR	"/sys/kernel/sched_ext"

bool scheduler_ext(const char *dir, char *name, size_t size);

#endif /* TOOL_DATA_SCHEDULER_H */
