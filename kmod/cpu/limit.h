/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limit: a grant of CPU time in force, on vCPUs and on all else of their VMM.
 */
#ifndef KVMETER_LIMIT_H
#define KVMETER_LIMIT_H

#include <linux/types.h>

struct kvmeter_vm;

u32 kvmeter_limit_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);

#endif /* KVMETER_LIMIT_H */
