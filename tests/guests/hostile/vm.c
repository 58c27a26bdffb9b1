// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual machines of hostilevmm: memory, interrupt controller, and vCPUs that run guest.S.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hostile.h"

/* Guest-physical memory: 2 MiB, mapped by one large page at the same address. */
#define MEM_SIZE	(2u << 20)
#define MAX_CPUID	256
#define GPA_PML4	0x3000
#define GPA_PDPT	0x4000
#define GPA_PD		0x5000
#define GPA_CODE	0x10000
#define GPA_WORDS(i)	(0x20000 + 8 * W_COUNT * (i))

/* All VMs of this process, for guest_work() */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct vm all = { .prev = &all, .next = &all };

/* A VMM that does not expect EINTR of these would fail: it is counted, and tried again. */
static int kvm(int fd, unsigned long request, const void *arg, const char *name)
{
	int ret;

	while ((ret = ioctl(fd, request, arg)) < 0 && errno == EINTR)
		count(C_MAKE_EINTR, 1);
	if (ret < 0)
		die("%s: %m", name);
	return ret;
}

#define KVM(fd, request, arg)	kvm(fd, request, (const void *)(arg), #request)

static int kvm_fd(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("/dev/kvm: %m");
	return fd;
}

/* Without it a vCPU has no long mode */
static void set_cpuid(const struct cpu *cpu)
{
	static union {
		struct kvm_cpuid2 head;
		uint8_t room[sizeof(struct kvm_cpuid2) +
			     MAX_CPUID * sizeof(struct kvm_cpuid_entry2)];
	} cpuid;
	static bool asked;

	pthread_mutex_lock(&lock);
	if (!asked) {
		cpuid.head.nent = MAX_CPUID;
		KVM(kvm_fd(), KVM_GET_SUPPORTED_CPUID, &cpuid);
		asked = true;
	}
	pthread_mutex_unlock(&lock);
	KVM(cpu->fd, KVM_SET_CPUID2, &cpuid);
}

static void put64(struct vm *vm, uint64_t gpa, uint64_t value)
{
	memcpy(vm->mem + gpa, &value, sizeof(value));
}

static void set_memory(struct vm *vm)
{
	struct kvm_userspace_memory_region region = { .memory_size = MEM_SIZE };

	vm->mem = mmap(NULL, MEM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->mem == MAP_FAILED)
		die("guest memory: %m");
	region.userspace_addr = (uintptr_t)vm->mem;
	KVM(vm->fd, KVM_SET_USER_MEMORY_REGION, &region);
	memcpy(vm->mem + GPA_CODE, guest_begin, guest_end - guest_begin);
	put64(vm, GPA_PML4, GPA_PDPT | 3);
	put64(vm, GPA_PDPT, GPA_PD | 3);
	put64(vm, GPA_PD, 0x83);
}

static void set_registers(const struct cpu *cpu, unsigned int index)
{
	struct kvm_segment code = {
		.limit = 0xffffffff, .selector = 0x08, .type = 11, .present = 1, .s = 1,
		.l = 1, .g = 1,
	};
	struct kvm_segment data = {
		.limit = 0xffffffff, .selector = 0x10, .type = 3, .present = 1, .s = 1,
		.db = 1, .g = 1,
	};
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };
	struct kvm_regs regs = { .rip = GPA_CODE, .r15 = GPA_WORDS(index), .rflags = 2 };
	struct kvm_sregs s = { 0 };

	KVM(cpu->fd, KVM_GET_SREGS, &s);
	s.cs = code;
	s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.cr0 = 0x80000011;		/* paging, protected mode */
	s.cr3 = GPA_PML4;
	s.cr4 = 0x20;			/* PAE */
	s.efer |= 0x500;		/* long mode, enabled and active */
	KVM(cpu->fd, KVM_SET_SREGS, &s);
	KVM(cpu->fd, KVM_SET_REGS, &regs);
	KVM(cpu->fd, KVM_SET_MP_STATE, &state);
}

static void cpu_make(struct vm *vm, struct cpu *cpu, int run_bytes, uint64_t burst)
{
	unsigned int index = cpu - vm->cpus;

	cpu->fd = KVM(vm->fd, KVM_CREATE_VCPU, (uintptr_t)index);
	cpu->run = mmap(NULL, run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, cpu->fd, 0);
	if (cpu->run == MAP_FAILED)
		die("kvm_run: %m");
	cpu->words = (uint64_t *)(vm->mem + GPA_WORDS(index));
	cpu->words[W_BURST] = burst;
	set_cpuid(cpu);
	set_registers(cpu, index);
	count(C_VCPUS, 1);
}

struct vm *vm_make(unsigned int vcpus, uint64_t burst)
{
	int run_bytes = KVM(kvm_fd(), KVM_GET_VCPU_MMAP_SIZE, 0);
	struct vm *vm = calloc(1, sizeof(*vm) + vcpus * sizeof(*vm->cpus));
	unsigned int i;

	if (!vm || vcpus > MAX_VM_VCPUS)
		die("a VM of %u vCPUs: too many", vcpus);
	vm->nr = vcpus;
	vm->fd = KVM(kvm_fd(), KVM_CREATE_VM, 0);
	KVM(vm->fd, KVM_SET_TSS_ADDR, 0xfffbd000ul);
	KVM(vm->fd, KVM_CREATE_IRQCHIP, 0);
	set_memory(vm);
	for (i = 0; i < vcpus; i++)
		cpu_make(vm, &vm->cpus[i], run_bytes, burst);
	pthread_mutex_lock(&lock);
	vm->next = &all;
	vm->prev = all.prev;
	vm->prev->next = vm;
	all.prev = vm;
	pthread_mutex_unlock(&lock);
	count(C_VMS, 1);
	return vm;
}

static uint64_t vm_work(const struct vm *vm)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < vm->nr; i++)
		sum += __atomic_load_n(&vm->cpus[i].words[W_WORK], __ATOMIC_RELAXED);
	return sum;
}

void vm_forget(struct vm *vm)
{
	pthread_mutex_lock(&lock);
	vm->prev->next = vm->next;
	vm->next->prev = vm->prev;
	count(C_CLOSED_WORK, vm_work(vm));
	count(C_CLOSED, 1);
	pthread_mutex_unlock(&lock);
}

void vm_close(struct vm *vm)
{
	int run_bytes = KVM(kvm_fd(), KVM_GET_VCPU_MMAP_SIZE, 0);
	unsigned int i;

	vm_forget(vm);
	for (i = 0; i < vm->nr; i++) {
		munmap(vm->cpus[i].run, run_bytes);
		close(vm->cpus[i].fd);
	}
	close(vm->fd);
	munmap(vm->mem, MEM_SIZE);
	free(vm);
}

bool cpu_run(struct cpu *cpu)
{
	count(C_RUNS, 1);
	if (ioctl(cpu->fd, KVM_RUN, 0)) {
		if (errno != EINTR && errno != EAGAIN)
			die("KVM_RUN: %m");
		count(C_EINTR, 1);
		return false;
	}
	if (cpu->run->exit_reason != KVM_EXIT_IO || cpu->run->io.port != PORT_EXIT)
		die("unexpected exit %u", cpu->run->exit_reason);
	count(C_EXITS, 1);
	return true;
}

void *cpu_thread(void *cpu)
{
	for (;;)
		cpu_run(cpu);
	return NULL;
}

uint64_t guest_work(void)
{
	const struct vm *vm;
	uint64_t sum;

	pthread_mutex_lock(&lock);
	sum = counted(C_CLOSED_WORK);
	for (vm = all.next; vm != &all; vm = vm->next)
		sum += vm_work(vm);
	pthread_mutex_unlock(&lock);
	return sum;
}
