/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that differs between the architectures kvmeter runs on: their counter,
 * the arguments of KVM's tracepoints, and what KVM counts.  Nothing else names one.
 *
 * Each header gives:
 *
 * - kvmeter_arch_counter(), _counter_khz(), _counter_unstable(): the event path's
 *   clock.  Bit 0 of a reading is left to the caller.
 * - KVMETER_TP_FAULT, _HYPERCALL: names of tracepoints.
 * - KVMETER_PROBE_ENTRY, _EXIT, _FAULT, _HYPERCALL(name): a probe's prototype,
 *   with exactly the arguments that its tracepoint has.
 * - KVMETER_PROBE_VCPU(ops): inside of a probe, the vCPU that current runs.  @ops
 *   are those of our own preempt notifiers.
 * - KVMETER_PROBE_WHY: inside of a probe of faults, what the guest wanted, for
 *   kvmeter_arch_fault_fetch() and _write().
 * - KVMETER_PROBE_HINT_NR, _A0 ... _A2(vcpu): inside of a probe of hypercalls, its
 *   number and the arguments.
 * - KVMETER_ARCH_EXITS, _FAULTS: tables of struct kvmeter_stat_field, one for each
 *   field of struct kvm_vcpu_stat that counts exits of a class, or faults of a kind.
 * - KVMETER_ARCH_COUNTS_FAULTS: KVM counts page faults at all.
 */
#ifndef KVMETER_COMPAT_ARCH_H
#define KVMETER_COMPAT_ARCH_H

#include <linux/stddef.h>
#include <linux/types.h>

/**
 * struct kvmeter_stat_field - what KVM counts of a vCPU, in a u64
 * @what: the class or kind that it is of; several fields may be of one
 * @offset: in struct kvm_vcpu_stat
 */
struct kvmeter_stat_field {
	u16 what;
	u16 offset;
};

#define KVMETER_STAT(field)	offsetof(struct kvm_vcpu_stat, field)

#if IS_ENABLED(CONFIG_X86_64)
#include "compat/arch_x86.h"
#elif IS_ENABLED(CONFIG_ARM64)
#include "compat/arch_arm64.h"
#endif

#endif /* KVMETER_COMPAT_ARCH_H */
