/* SPDX-License-Identifier: GPL-2.0 */
/* x86-64: see arch.h. */
#ifndef KVMETER_COMPAT_ARCH_X86_H
#define KVMETER_COMPAT_ARCH_X86_H

#include <linux/kvm_host.h>
#include <linux/types.h>
#include <asm/cpufeature.h>
#include <asm/tsc.h>

/* The time stamp counter, which the scheduler's clock is made of, too. */
static __always_inline u64 kvmeter_arch_counter(void)
{
	return rdtsc();
}

/* The kernel refines it in the first seconds after boot. */
static inline u32 kvmeter_arch_counter_khz(void)
{
	return tsc_khz;
}

static inline bool kvmeter_arch_counter_unstable(void)
{
	return check_tsc_unstable();
}

#define KVMETER_TP_FAULT	"kvm_page_fault"
#define KVMETER_TP_HYPERCALL	"kvm_hypercall"

#define KVMETER_PROBE_ENTRY(name) \
	void name(void *data, struct kvm_vcpu *entered, bool force_immediate_exit)
#define KVMETER_PROBE_EXIT(name) \
	void name(void *data, struct kvm_vcpu *entered, u32 isa)
#define KVMETER_PROBE_FAULT(name) \
	void name(void *data, struct kvm_vcpu *entered, u64 address, u64 why)
#define KVMETER_PROBE_HYPERCALL(name) \
	void name(void *data, unsigned long nr, unsigned long a0, unsigned long a1, \
		  unsigned long a2, unsigned long a3)

#define KVMETER_PROBE_VCPU(ops)	entered
#define KVMETER_PROBE_WHY	why

#define KVMETER_PROBE_HINT_NR	nr	/* rax */
#define KVMETER_PROBE_HINT_A0(vcpu)	a0	/* rbx */
#define KVMETER_PROBE_HINT_A1(vcpu)	a1	/* rcx */
#define KVMETER_PROBE_HINT_A2(vcpu)	a2	/* rdx */

/*
 * AMD says what the guest wanted by a page fault's error code (bit 1 write, bit 4
 * instruction fetch).  Intel with EPT says so by the exit's qualification (bit 0
 * read, bit 1 write, bit 2 fetch).
 */
static __always_inline bool kvmeter_arch_fault_fetch(u64 why)
{
	return why & (boot_cpu_has(X86_FEATURE_VMX) ? BIT_ULL(2) : BIT_ULL(4));
}

static __always_inline bool kvmeter_arch_fault_write(u64 why)
{
	return why & BIT_ULL(1);
}

#define KVMETER_ARCH_EXITS { \
	{ KVMETER_EXIT_IO, KVMETER_STAT(io_exits) }, \
	{ KVMETER_EXIT_MMIO, KVMETER_STAT(mmio_exits) }, \
	{ KVMETER_EXIT_HALT, KVMETER_STAT(halt_exits) }, \
	{ KVMETER_EXIT_IRQ, KVMETER_STAT(irq_exits) }, \
	{ KVMETER_EXIT_WINDOW, KVMETER_STAT(irq_window_exits) }, \
	{ KVMETER_EXIT_WINDOW, KVMETER_STAT(nmi_window_exits) }, \
	{ KVMETER_EXIT_FAULT, KVMETER_STAT(pf_taken) }, \
	{ KVMETER_EXIT_HYPERCALL, KVMETER_STAT(hypercalls) }, \
	{ KVMETER_EXIT_SIGNAL, KVMETER_STAT(signal_exits) }, \
}

#define KVMETER_ARCH_FAULTS { \
	{ KVMETER_FAULT_TAKEN, KVMETER_STAT(pf_taken) }, \
	{ KVMETER_FAULT_FIXED, KVMETER_STAT(pf_fixed) }, \
	{ KVMETER_FAULT_EMULATED, KVMETER_STAT(pf_emulate) }, \
	{ KVMETER_FAULT_SPURIOUS, KVMETER_STAT(pf_spurious) }, \
	{ KVMETER_FAULT_FAST, KVMETER_STAT(pf_fast) }, \
	{ KVMETER_FAULT_MMIO, KVMETER_STAT(pf_mmio_spte_created) }, \
}

#define KVMETER_ARCH_COUNTS_FAULTS	true

/* The guest's clock ran on, its watchdogs did not: as KVM_KVMCLOCK_CTRL does. */
static inline void kvmeter_arch_tell_stopped(struct kvm_vcpu *vcpu)
{
	if (!vcpu->arch.pv_time.active)
		return;
	vcpu->arch.pvclock_set_guest_stopped_request = true;
	kvm_make_request(KVM_REQ_CLOCK_UPDATE, vcpu);
}

#endif /* KVMETER_COMPAT_ARCH_X86_H */
