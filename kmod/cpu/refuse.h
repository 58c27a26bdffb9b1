/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Refuse: a vCPU that nothing can be withheld from is turned away.
 */
#ifndef KVMETER_REFUSE_H
#define KVMETER_REFUSE_H

struct kvm_vcpu;

/* the event path */
void kvmeter_refuse_entry(const struct kvm_vcpu *vcpu);

#endif /* KVMETER_REFUSE_H */
