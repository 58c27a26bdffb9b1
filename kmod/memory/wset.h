/* SPDX-License-Identifier: GPL-2.0 */
/* The working set: how much of its memory a guest would miss. */
#ifndef KVMETER_MEMORY_WSET_H
#define KVMETER_MEMORY_WSET_H

#include <linux/types.h>

struct kvmeter_vm;

/**
 * enum kvmeter_wset_source - how a working set is known
 * @KVMETER_WSET_BOUND: not at all: it is at most what is resident
 * @KVMETER_WSET_FOUND: memory.high was pressed below it, and pages came back
 * @KVMETER_WSET_FED: userspace measured it
 */
enum kvmeter_wset_source {
	KVMETER_WSET_BOUND,
	KVMETER_WSET_FOUND,
	KVMETER_WSET_FED,
};

void kvmeter_memory_feed(struct kvmeter_vm *vm, u64 kib, u64 now_ns);
u64 kvmeter_memory_wset_kib(const struct kvmeter_vm *vm, u64 now_ns,
			    enum kvmeter_wset_source *source);

#endif /* KVMETER_MEMORY_WSET_H */
