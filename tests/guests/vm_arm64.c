// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual machine on arm64: memory, interrupt controller (GICv3), and vCPUs about to run
 * guest_code_arm64.S.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "kvmguest.h"

/* Guest-physical memory: 2 MiB, mapped by one large block at the same address. */
#define GPA_TABLE	0x1000
#define GPA_CODE	0x10000
#define GPA_PAGE(i)	(0x20000 + 0x1000 * (i))
#define GPA_PORTS	0x40000000ul	/* nothing is there: an access is ours */
#define GPA_GICD	0x80000000ul
#define GPA_GICR	0x80010000ul

#define BLOCK_NORMAL	0x701ul			/* accessed, shared by all CPUs, attribute 0 */
#define BLOCK_DEVICE	(0x60000000000405ul | GPA_PORTS)	/* never executed, attribute 1 */

/* Of the interrupt controller: its registers, and the two interrupts that a vCPU gets */
#define GICD_CTLR	0x0000
#define GICD_IGROUPR	0x0080
#define GICD_ISENABLER	0x0100
#define GICD_ICFGR	0x0c00
#define GICD_IROUTER	0x6000
#define GICR_SGI	0x10000		/* the same names are in this frame, for a vCPU's own */
#define NR_IRQS		64
#define IRQ_TIMER	27
#define IRQ_WAKE	32		/* of vCPU 0; the next of the next */

#define CORE_REG(name)	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | \
			 KVM_REG_ARM_CORE_REG(name))

struct steal {			/* as the guest is shown it */
	uint32_t revision, attributes;
	uint64_t ns;
};

static int gic_fd;

static void set_attribute(int fd, uint32_t group, uint64_t attribute, const void *value)
{
	struct kvm_device_attr attr = {
		.group = group, .attr = attribute, .addr = (uintptr_t)value,
	};

	if (ioctl(fd, KVM_SET_DEVICE_ATTR, &attr) < 0)
		die("KVM_SET_DEVICE_ATTR %u 0x%llx: %m", group, (unsigned long long)attribute);
}

static void create_gic(void)
{
	struct kvm_create_device gic = { .type = KVM_DEV_TYPE_ARM_VGIC_V3 };
	uint64_t distributor = GPA_GICD, redistributors = GPA_GICR;
	uint32_t nr_irqs = NR_IRQS;

	if (ioctl(vm_fd, KVM_CREATE_DEVICE, &gic) < 0)
		die("KVM_CREATE_DEVICE: no GICv3: %m");
	gic_fd = gic.fd;
	set_attribute(gic_fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &nr_irqs);
	set_attribute(gic_fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &distributor);
	set_attribute(gic_fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST,
		      &redistributors);
}

void create_vm(void)
{
	uint64_t table[2] = { BLOCK_NORMAL, BLOCK_DEVICE };	/* of 1 GiB each */

	open_vm();
	create_gic();

	give_memory();
	memcpy(mem + GPA_CODE, guest_begin, guest_end - guest_begin);
	memcpy(mem + GPA_TABLE, table, sizeof(table));
	__builtin___clear_cache((char *)mem, (char *)mem + MEM_SIZE);
}

static void set_register(struct vcpu *v, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	if (ioctl(v->fd, KVM_SET_ONE_REG, &reg) < 0)
		die("KVM_SET_ONE_REG 0x%llx: %m", (unsigned long long)id);
}

/* Steal time is asked for as a guest does. A host without it refuses, and none is seen. */
static void set_steal_time(struct vcpu *v)
{
	uint64_t gpa = GPA_PAGE(v->index) + STEAL_OFFSET;
	struct kvm_device_attr attr = {
		.group = KVM_ARM_VCPU_PVTIME_CTRL, .attr = KVM_ARM_VCPU_PVTIME_IPA,
		.addr = (uintptr_t)&gpa,
	};

	if (ioctl(v->fd, KVM_SET_DEVICE_ATTR, &attr) < 0)
		fprintf(stderr, "kvmguest: vcpu%u: this host reports no steal time\n", v->index);
}

void create_vcpu(struct vcpu *v)
{
	struct kvm_vcpu_init init;
	uint64_t hz;

	open_vcpu(v);
	if (ioctl(vm_fd, KVM_ARM_PREFERRED_TARGET, &init) < 0 ||
	    ioctl(v->fd, KVM_ARM_VCPU_INIT, &init) < 0)
		die("KVM_ARM_VCPU_INIT: %m");
	asm("mrs %0, cntfrq_el0" : "=r"(hz));
	tsc_khz = hz / 1000;

	set_register(v, CORE_REG(regs.pc), GPA_CODE);
	set_register(v, CORE_REG(regs.regs[0]), GPA_TABLE);
	set_register(v, CORE_REG(regs.regs[19]), GPA_PAGE(v->index));
	set_register(v, CORE_REG(regs.regs[24]), GPA_PORTS);
	set_steal_time(v);

	v->page = (uint64_t *)(mem + GPA_PAGE(v->index));
	init_page(v);
}

static void set_distributor(uint64_t offset, uint32_t value)
{
	set_attribute(gic_fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, offset, &value);
}

static void set_redistributor(const struct vcpu *v, uint64_t offset, uint32_t value)
{
	set_attribute(gic_fd, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS,
		      (uint64_t)v->index << KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT | offset, &value);
}

/* All vCPUs are there: each has its timer's interrupt, and one for us to wake it, by an edge. */
void finish_vm(void)
{
	struct vcpu *v;

	set_attribute(gic_fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
	set_distributor(GICD_CTLR, 0x12);		/* group 1, routed by affinity */
	set_distributor(GICD_IGROUPR + 4, 0xffffffff);
	set_distributor(GICD_ICFGR + 8, 0xaaaaaaaa);
	for_each_vcpu(v) {
		set_distributor(GICD_IROUTER + 8 * (IRQ_WAKE + v->index), v->index);
		set_redistributor(v, GICR_SGI + GICD_IGROUPR, 0xffffffff);
		set_redistributor(v, GICR_SGI + GICD_ISENABLER, 1u << IRQ_TIMER);
	}
	set_distributor(GICD_ISENABLER + 4, (1u << opt.vcpus) - 1);
}

void interrupt_vcpu(const struct vcpu *v)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (IRQ_WAKE + v->index),
		.level = 1,
	};

	if (ioctl(vm_fd, KVM_IRQ_LINE, &line) < 0)
		die("KVM_IRQ_LINE: %m");
}

int port_written(const struct kvm_run *run)
{
	if (run->exit_reason != KVM_EXIT_MMIO)
		return -1;
	return run->mmio.phys_addr - GPA_PORTS;
}

uint64_t steal_ns(const struct vcpu *v)
{
	return ((const struct steal *)((const uint8_t *)v->page + STEAL_OFFSET))->ns;
}
