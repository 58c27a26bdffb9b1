// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual machine on x86: memory, interrupt controller, and vCPUs about to run guest_code_x86.S.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "kvmguest.h"

#define MAX_CPUID	256

/* Guest-physical memory: 2 MiB, mapped by one large page at the same address. */
#define GPA_GDT		0x1000
#define GPA_IDT		0x2000
#define GPA_PML4	0x3000
#define GPA_PDPT	0x4000
#define GPA_PD		0x5000
#define GPA_CODE	0x10000
#define GPA_PAGE(i)	(0x20000 + 0x1000 * (i))	/* shared page; the stack is at its end */

#define SEL_CODE	0x08
#define SEL_DATA	0x10

static void put64(uint64_t gpa, uint64_t value)
{
	memcpy(mem + gpa, &value, sizeof(value));
}

void create_vm(void)
{
	uint64_t irq = GPA_CODE + (guest_irq - guest_begin);
	int i;

	open_vm();
	if (ioctl(vm_fd, KVM_SET_TSS_ADDR, 0xfffbd000ul) < 0)
		die("KVM_SET_TSS_ADDR: %m");
	if (ioctl(vm_fd, KVM_CREATE_IRQCHIP, 0) < 0)
		die("KVM_CREATE_IRQCHIP: %m");

	give_memory();

	memcpy(mem + GPA_CODE, guest_begin, guest_end - guest_begin);
	put64(GPA_GDT + SEL_CODE, 0x00af9b000000ffff);
	put64(GPA_GDT + SEL_DATA, 0x00cf93000000ffff);
	for (i = VECTOR_TIMER; i <= VECTOR_WAKE; i++)	/* present interrupt gates, below 4 GiB */
		put64(GPA_IDT + 16 * i,
		      (irq & 0xffff) | SEL_CODE << 16 | 0x8eull << 40 | (irq >> 16) << 48);
	put64(GPA_PML4, GPA_PDPT | 3);
	put64(GPA_PDPT, GPA_PD | 3);
	put64(GPA_PD, 0x83);
}

static void set_cpuid(struct vcpu *v)
{
	static union {
		struct kvm_cpuid2 head;
		uint8_t room[sizeof(struct kvm_cpuid2) +
			     MAX_CPUID * sizeof(struct kvm_cpuid_entry2)];
	} cpuid;
	unsigned int i;

	cpuid.head.nent = MAX_CPUID;
	if (ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, &cpuid) < 0)
		die("KVM_GET_SUPPORTED_CPUID: %m");
	for (i = 0; i < cpuid.head.nent; i++) {
		struct kvm_cpuid_entry2 *e = &cpuid.head.entries[i];

		if (e->function == 1) {
			e->ebx = (e->ebx & 0x00ffffff) | v->index << 24;
			e->ecx |= 1u << 24 | 1u << 21;	/* TSC-deadline timer, x2APIC */
		} else if (e->function == 0xb) {
			e->edx = v->index;
		}
	}
	if (ioctl(v->fd, KVM_SET_CPUID2, &cpuid) < 0)
		die("KVM_SET_CPUID2: %m");
}

static void set_registers(struct vcpu *v)
{
	struct kvm_segment code = {
		.limit = 0xffffffff, .selector = SEL_CODE, .type = 11, .present = 1, .s = 1,
		.l = 1, .g = 1,
	};
	struct kvm_segment data = {
		.limit = 0xffffffff, .selector = SEL_DATA, .type = 3, .present = 1, .s = 1,
		.db = 1, .g = 1,
	};
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };
	struct kvm_regs regs = {
		.rip = GPA_CODE,
		.rsp = GPA_PAGE(v->index + 1),
		.r15 = GPA_PAGE(v->index),
		.rflags = 2,
	};
	struct kvm_sregs s;

	if (ioctl(v->fd, KVM_GET_SREGS, &s) < 0)
		die("KVM_GET_SREGS: %m");
	s.cs = code;
	s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.gdt.base = GPA_GDT;
	s.gdt.limit = 0x17;
	s.idt.base = GPA_IDT;
	s.idt.limit = 0xfff;
	s.cr0 = 0x80000011;		/* paging, protected mode */
	s.cr3 = GPA_PML4;
	s.cr4 = 0x20;			/* PAE */
	s.efer |= 0x500;		/* long mode, enabled and active */
	s.apic_base |= 0xc00;		/* x2APIC */
	if (ioctl(v->fd, KVM_SET_SREGS, &s) < 0)
		die("KVM_SET_SREGS: %m");
	if (ioctl(v->fd, KVM_SET_REGS, &regs) < 0)
		die("KVM_SET_REGS: %m");
	if (ioctl(v->fd, KVM_SET_MP_STATE, &state) < 0)
		die("KVM_SET_MP_STATE: %m");
}

/* Steal time is asked for as a guest does. A host without it fails the write, and none is seen. */
static void set_steal_time(struct vcpu *v)
{
	union {
		struct kvm_msrs head;
		uint8_t room[sizeof(struct kvm_msrs) + sizeof(struct kvm_msr_entry)];
	} msrs = { .head.nmsrs = 1 };

	msrs.head.entries[0].index = MSR_KVM_STEAL_TIME;
	msrs.head.entries[0].data = (GPA_PAGE(v->index) + STEAL_OFFSET) | KVM_MSR_ENABLED;

	if (ioctl(v->fd, KVM_SET_MSRS, &msrs) != 1)
		fprintf(stderr, "kvmguest: vcpu%u: this host reports no steal time\n", v->index);
}

void create_vcpu(struct vcpu *v)
{
	unsigned int eax, ebx, ecx, edx;
	int khz;

	open_vcpu(v);
	khz = ioctl(v->fd, KVM_GET_TSC_KHZ, 0);
	if (khz <= 0)
		die("KVM_GET_TSC_KHZ: %m");
	tsc_khz = khz;

	set_cpuid(v);
	set_registers(v);
	set_steal_time(v);

	v->page = (uint64_t *)(mem + GPA_PAGE(v->index));
	init_page(v);
	__cpuid(0, eax, ebx, ecx, edx);
	set(v, PG_IS_INTEL, ebx == signature_INTEL_ebx && ecx == signature_INTEL_ecx &&
			    edx == signature_INTEL_edx && eax);
}

void finish_vm(void)
{
}

/* A halted vCPU wakes up, one that is busy keeps it for its next halt. */
void interrupt_vcpu(const struct vcpu *v)
{
	struct kvm_msi msi = {
		.address_lo = 0xfee00000 | v->index << 12,
		.data = VECTOR_WAKE,
	};

	if (ioctl(vm_fd, KVM_SIGNAL_MSI, &msi) < 0)
		die("KVM_SIGNAL_MSI: %m");
}

int port_written(const struct kvm_run *run)
{
	return run->exit_reason == KVM_EXIT_IO ? run->io.port : -1;
}

uint64_t steal_ns(const struct vcpu *v)
{
	return ((const struct kvm_steal_time *)((const uint8_t *)v->page + STEAL_OFFSET))->steal;
}
