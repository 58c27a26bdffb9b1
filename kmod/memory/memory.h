/* SPDX-License-Identifier: GPL-2.0 */
/* Memory: the meter. */
#ifndef KVMETER_MEMORY_H
#define KVMETER_MEMORY_H

#include <linux/types.h>

struct kmc_sample;
struct kvmeter_vm;

/**
 * struct kvmeter_memory - a VM's memory; all under kvmeter_lock
 * @at_ns: up to when it is metered, CLOCK_MONOTONIC; 0: not begun
 * @read_ns: when @resident_kib was read
 * @exact_ns: when its pages were summed over all CPUs
 * @held_pages: what single CPUs held back then: exact less about
 * @resident_kib: resident memory of the VMM, the guest's and its own
 * @used_mib_ms: sum of resident memory times time, cumulative
 * @rem: remainder of that
 * @minor_faults: of the VMM, cumulative
 * @major_faults: of the VMM, from storage, cumulative
 * @minor_base: the group's minor faults when the VM was first read
 * @major_base: the group's major faults when the VM was first read
 * @fed_kib: working set as userspace measured it (wset.c)
 * @fed_until_ns: @fed_kib is believed until then
 */
struct kvmeter_memory {
	u64 at_ns;
	u64 read_ns;
	u64 exact_ns;
	s64 held_pages;
	u64 resident_kib;
	u64 used_mib_ms;
	u64 rem;
	u64 minor_faults;
	u64 major_faults;
	u64 minor_base;
	u64 major_base;
	u64 fed_kib;
	u64 fed_until_ns;
};

void kvmeter_memory_read(struct kvmeter_vm *vm, u64 now_ns);
u64 kvmeter_memory_used(const struct kvmeter_vm *vm);
void kvmeter_memory_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns);

#endif /* KVMETER_MEMORY_H */
