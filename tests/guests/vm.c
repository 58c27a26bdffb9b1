// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual machine, as far as it is made alike on all architectures.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "kvmguest.h"

struct vcpu vcpus[MAX_VCPUS];
int kvm_fd, vm_fd;
uint8_t *mem;
uint64_t tsc_khz;

void open_vm(void)
{
	kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm_fd < 0)
		die("/dev/kvm: %m");
	if (ioctl(kvm_fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		die("unknown KVM API version");
	vm_fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);
	if (vm_fd < 0)
		die("KVM_CREATE_VM: %m");
}

void give_memory(void)
{
	struct kvm_userspace_memory_region region = { .memory_size = MEM_SIZE };

	mem = mmap(NULL, MEM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		die("guest memory: %m");
	region.userspace_addr = (uintptr_t)mem;
	if (ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		die("KVM_SET_USER_MEMORY_REGION: %m");
}

void open_vcpu(struct vcpu *v)
{
	int size;

	v->index = v - vcpus;
	v->fd = ioctl(vm_fd, KVM_CREATE_VCPU, (long)v->index);
	if (v->fd < 0)
		die("KVM_CREATE_VCPU %d: %m", v->index);
	size = ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	v->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (size < 0 || v->run == MAP_FAILED)
		die("kvm_run of vcpu%u: %m", v->index);
}
