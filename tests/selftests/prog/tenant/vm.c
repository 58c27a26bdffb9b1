// SPDX-License-Identifier: GPL-2.0
/*
 * vm - virtual machines of one vCPU, which halts all the time
 */
#include <linux/kvm.h>
#include <signal.h>

#include "tenant.h"

#define MEM_SIZE	65536

static void *vcpu_thread(void *arg)
{
	struct vm *vm = arg;

	while (!vm->stop && (!ioctl(vm->vcpu, KVM_RUN, 0) || errno == EINTR))
		usleep(1000);
	return NULL;
}

static void wake(int signal __attribute__((unused)))
{
}

void vm_make(struct vm *vm, bool enter)
{
	struct kvm_userspace_memory_region region = { .memory_size = MEM_SIZE };
	struct kvm_regs regs = { .rflags = 2 };
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	struct kvm_sregs sregs;

	memset(vm, 0, sizeof(*vm));
	sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = wake }, NULL);
	vm->fd = ioctl(kvm, KVM_CREATE_VM, 0);
	vm->mem = mmap(NULL, MEM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->fd < 0 || vm->mem == MAP_FAILED)
		die("VM");
	memcpy(vm->mem, "\xf4\xeb\xfd", 3);	/* hlt, again */
	region.userspace_addr = (uintptr_t)vm->mem;
	vm->vcpu = ioctl(vm->fd, KVM_CREATE_VCPU, 0L);
	vm->run_size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	vm->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region) || vm->vcpu < 0 ||
	    vm->run == MAP_FAILED || ioctl(vm->vcpu, KVM_GET_SREGS, &sregs))
		die("vCPU");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vm->vcpu, KVM_SET_SREGS, &sregs) || ioctl(vm->vcpu, KVM_SET_REGS, &regs))
		die("vCPU");
	close(kvm);
	vm->entered = enter;
	if (enter && pthread_create(&vm->thread, NULL, vcpu_thread, vm))
		die("thread");
}

void vm_end(struct vm *vm)
{
	vm->stop = true;
	/* KVM_RUN of a VM that its budget pauses does not come back by itself */
	while (vm->entered && pthread_tryjoin_np(vm->thread, NULL)) {
		pthread_kill(vm->thread, SIGUSR1);
		usleep(1000);
	}
	munmap(vm->run, vm->run_size);
	munmap(vm->mem, MEM_SIZE);
	close(vm->vcpu);
	close(vm->fd);
}

int attached(int kvm_fd)
{
	int fd = kvmeter_open();

	if (fd < 0 || kvmeter_attach(fd, kvm_fd, 5000))
		die("attach");
	return fd;
}
