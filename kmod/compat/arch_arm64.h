/* SPDX-License-Identifier: GPL-2.0 */
/*
 * arm64: see arch.h.
 *
 * KVM is built in there, and its tracepoints do not say which vCPU.  But KVM
 * itself has a preempt notifier on the thread's list from KVM_RUN's begin to its
 * end, and the notifier is a part of the vCPU.  The list has two entries, KVM's
 * and ours, so the walk is one or two steps.
 */
#ifndef KVMETER_COMPAT_ARCH_ARM64_H
#define KVMETER_COMPAT_ARCH_ARM64_H

#include <linux/kvm_host.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <asm/arch_timer.h>
#include <asm/esr.h>

/*
 * The virtual counter, as the kernel reads it on this machine, twice over: it
 * has some 25 MHz on many, and bit 0 is not to be lost.  The scheduler's clock is
 * the same counter.
 */
static __always_inline u64 kvmeter_arch_counter(void)
{
	return arch_timer_read_counter() << 1;
}

static inline u32 kvmeter_arch_counter_khz(void)
{
	return arch_timer_get_cntfrq() / 500;
}

/* The architecture says that it never stops, and is one for all CPUs. */
static inline bool kvmeter_arch_counter_unstable(void)
{
	return false;
}

#define KVMETER_TP_FAULT	"kvm_guest_fault"
#define KVMETER_TP_HYPERCALL	"kvm_hvc_arm64"

#define KVMETER_PROBE_ENTRY(name) \
	void name(void *data, unsigned long pc)
#define KVMETER_PROBE_EXIT(name) \
	void name(void *data, int ret, unsigned int esr_ec, unsigned long pc)
#define KVMETER_PROBE_FAULT(name) \
	void name(void *data, unsigned long pc, unsigned long hsr, unsigned long hxfar, \
		  unsigned long long ipa)
#define KVMETER_PROBE_HYPERCALL(name) \
	void name(void *data, unsigned long pc, unsigned long r0, unsigned long imm)

/**
 * kvmeter_arch_vcpu - the vCPU that current runs
 * @ours: operations of our own notifiers
 *
 * Unload takes ours off the list when no CPU is here, so the walk is not preempted.
 *
 * Context: inside of KVM_RUN.
 * Return: the vCPU; NULL: KVM has no notifier there, so no tracepoint of it fires.
 */
static __always_inline struct kvm_vcpu *kvmeter_arch_vcpu(const struct preempt_ops *ours)
{
	struct preempt_notifier *notifier;
	struct kvm_vcpu *vcpu = NULL;

	preempt_disable_notrace();
	hlist_for_each_entry(notifier, &current->preempt_notifiers, link) {
		if (notifier->ops == ours)
			continue;
		vcpu = container_of(notifier, struct kvm_vcpu, preempt_notifier);
		break;
	}
	preempt_enable_notrace();
	return vcpu;
}

#define KVMETER_PROBE_VCPU(ops)	kvmeter_arch_vcpu(ops)
#define KVMETER_PROBE_WHY	hsr

/* The calling convention of hypercalls (SMCCC): x0 the function, x1 ... arguments. */
static __always_inline unsigned long kvmeter_arch_reg(const struct kvm_vcpu *vcpu, int nr)
{
	return vcpu->arch.ctxt.regs.regs[nr];
}

#define KVMETER_PROBE_HINT_NR	r0
#define KVMETER_PROBE_HINT_A0(vcpu)	kvmeter_arch_reg(vcpu, 1)
#define KVMETER_PROBE_HINT_A1(vcpu)	kvmeter_arch_reg(vcpu, 2)
#define KVMETER_PROBE_HINT_A2(vcpu)	kvmeter_arch_reg(vcpu, 3)

/* What the guest wanted, by the syndrome of an abort. */
static __always_inline bool kvmeter_arch_fault_fetch(u64 why)
{
	return ESR_ELx_EC(why) == ESR_ELx_EC_IABT_LOW;
}

/* Maintenance of a cache says "write", and is none. */
static __always_inline bool kvmeter_arch_fault_write(u64 why)
{
	return (why & (ESR_ELx_WNR | ESR_ELx_CM)) == ESR_ELx_WNR;
}

#define KVMETER_ARCH_EXITS { \
	{ KVMETER_EXIT_MMIO, KVMETER_STAT(mmio_exit_user) }, \
	{ KVMETER_EXIT_MMIO, KVMETER_STAT(mmio_exit_kernel) }, \
	{ KVMETER_EXIT_HALT, KVMETER_STAT(wfi_exit_stat) }, \
	{ KVMETER_EXIT_HYPERCALL, KVMETER_STAT(hvc_exit_stat) }, \
	{ KVMETER_EXIT_SIGNAL, KVMETER_STAT(signal_exits) }, \
}

#define KVMETER_ARCH_FAULTS	{}	/* what the guest wanted is all that is known */

#define KVMETER_ARCH_COUNTS_FAULTS	false

/* There is no way to tell a guest that it was stopped. */
static inline void kvmeter_arch_tell_stopped(struct kvm_vcpu *vcpu)
{
}

#endif /* KVMETER_COMPAT_ARCH_ARM64_H */
