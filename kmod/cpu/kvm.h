/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KVM: guest entry, guest exit and page faults, as its tracepoints tell.
 */
#ifndef KVMETER_KVM_H
#define KVMETER_KVM_H

#include <linux/types.h>

struct kvm_vcpu;

void kvmeter_probe_entry(void *data, struct kvm_vcpu *vcpu, bool force_immediate_exit);
void kvmeter_probe_vmexit(void *data, struct kvm_vcpu *vcpu, u32 isa);
void kvmeter_probe_fault(void *data, struct kvm_vcpu *vcpu, u64 address, u64 why);

#endif /* KVMETER_KVM_H */
