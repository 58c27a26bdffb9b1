/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KVM: guest entry, guest exit and page faults, as its tracepoints tell.
 */
#ifndef KVMETER_KVM_H
#define KVMETER_KVM_H

#include <linux/types.h>

#include "compat/arch.h"

struct kvm_vcpu;

KVMETER_PROBE_ENTRY(kvmeter_probe_entry);
KVMETER_PROBE_EXIT(kvmeter_probe_vmexit);
KVMETER_PROBE_FAULT(kvmeter_probe_fault);

#endif /* KVMETER_KVM_H */
