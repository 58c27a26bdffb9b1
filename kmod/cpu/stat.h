/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stat: KVM's own counters of a vCPU, and where each began for us.
 */
#ifndef KVMETER_STAT_H
#define KVMETER_STAT_H

#include <linux/types.h>

struct kvm_vcpu;
struct kvmeter_slot;

/**
 * enum kvmeter_exit_class - exits by reason class, from KVM's own counters
 * @KVMETER_EXIT_IO: port I/O
 * @KVMETER_EXIT_MMIO: memory-mapped I/O; these are among the faults, too
 * @KVMETER_EXIT_HALT: the guest halted
 * @KVMETER_EXIT_IRQ: a host interrupt came while the guest ran
 * @KVMETER_EXIT_WINDOW: interrupt and NMI windows
 * @KVMETER_EXIT_FAULT: guest page faults (nested paging)
 * @KVMETER_EXIT_HYPERCALL: hypercalls
 * @KVMETER_EXIT_SIGNAL: left KVM_RUN for a signal; this is no VM exit
 * @KVMETER_EXIT_OTHER: the rest of all exits; each class before it is exact
 * @KVMETER_NR_EXITS: how many classes there are
 */
enum kvmeter_exit_class {
	KVMETER_EXIT_IO,
	KVMETER_EXIT_MMIO,
	KVMETER_EXIT_HALT,
	KVMETER_EXIT_IRQ,
	KVMETER_EXIT_WINDOW,
	KVMETER_EXIT_FAULT,
	KVMETER_EXIT_HYPERCALL,
	KVMETER_EXIT_SIGNAL,
	KVMETER_EXIT_OTHER,
	KVMETER_NR_EXITS,
};

/**
 * enum kvmeter_fault_kind - guest page faults: by what came of them, as KVM
 * counts them, and by what the guest wanted
 * @KVMETER_FAULT_TAKEN: all that left the guest
 * @KVMETER_FAULT_FIXED: a page was mapped
 * @KVMETER_FAULT_EMULATED: MMIO and the like
 * @KVMETER_FAULT_SPURIOUS: there was nothing to do any more
 * @KVMETER_FAULT_FAST: fixed without KVM's lock: write protection
 * @KVMETER_FAULT_MMIO: MMIO entries made
 * @KVMETER_NR_KVM_FAULTS: how many kinds KVM counts; we count the kinds from here on
 * @KVMETER_FAULT_READ: the guest wanted to read
 * @KVMETER_FAULT_WRITE: the guest wanted to write
 * @KVMETER_FAULT_EXEC: the guest fetched an instruction
 * @KVMETER_NR_FAULTS: how many kinds there are
 */
enum kvmeter_fault_kind {
	KVMETER_FAULT_TAKEN,
	KVMETER_FAULT_FIXED,
	KVMETER_FAULT_EMULATED,
	KVMETER_FAULT_SPURIOUS,
	KVMETER_FAULT_FAST,
	KVMETER_FAULT_MMIO,
	KVMETER_NR_KVM_FAULTS,
	KVMETER_FAULT_READ = KVMETER_NR_KVM_FAULTS,
	KVMETER_FAULT_WRITE,
	KVMETER_FAULT_EXEC,
	KVMETER_NR_FAULTS,
};

/**
 * struct kvmeter_account - where a thread's meters begin
 * @exec_base_ns: scheduler's account of the thread when first seen, and what it ran
 *                in other slots since; the bucket's lock
 * @exec_ns: scheduler's account at the last reading; the bucket's lock
 * @run_delay_base_ns: run-queue wait when first seen
 * @poll_base_ns: KVM's halt polling when first seen
 * @stat_base: KVM's exits when first seen
 * @fault_base: KVM's faults when first seen
 */
struct kvmeter_account {
	u64 exec_base_ns;
	u64 exec_ns;
	u64 run_delay_base_ns;
	u64 poll_base_ns;
	u64 stat_base[KVMETER_NR_EXITS];
	u64 fault_base[KVMETER_NR_KVM_FAULTS];
};

u64 kvmeter_poll_ns(const struct kvm_vcpu *vcpu);
void kvmeter_stat_exits(const struct kvm_vcpu *vcpu, u64 stat[KVMETER_NR_EXITS]);
void kvmeter_stat_faults(const struct kvm_vcpu *vcpu, u64 fault[KVMETER_NR_KVM_FAULTS]);
void kvmeter_slot_base(struct kvmeter_slot *slot);

#endif /* KVMETER_STAT_H */
