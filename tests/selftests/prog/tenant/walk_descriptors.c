// SPDX-License-Identifier: GPL-2.0
/*
 * walk_descriptors - descriptors that are not of a VM
 */
#include <linux/kvm.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "tenant.h"

static int stats_of(int fd)
{
	return ioctl(fd, KVM_GET_STATS_FD, NULL);
}

static void try_attach(const char *name, int kvm_fd, int err)
{
	int fd = kvmeter_open();
	char text[64];

	snprintf(text, sizeof(text), "attach to %s", name);
	want(text, kvmeter_attach(fd, kvm_fd, 0), err);
	close(fd);
}

void walk_descriptors(struct vm *vm, struct vm *young)
{
	int p[2], s[2];

	if (pipe(p) || socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		die("pipe");
	try_attach("-1", -1, EBADF);
	try_attach("a number without file", 1000, EBADF);
	try_attach("the lowest number", INT32_MIN, EBADF);
	try_attach("a pipe", p[0], EINVAL);
	try_attach("a socket", s[0], EINVAL);
	try_attach("a memfd", memfd_create("kvm-vm", 0), EINVAL);
	try_attach("a memfd of a vCPU's name", memfd_create("kvm-vcpu:0", 0), EINVAL);
	try_attach("/dev/kvm", open("/dev/kvm", O_RDWR), EINVAL);
	try_attach("/dev/kvmeter", kvmeter_open(), EINVAL);
	try_attach("an eventfd", eventfd(0, 0), EINVAL);
	try_attach("an epoll", epoll_create1(0), EINVAL);
	try_attach("a path", open("/dev/kvm", O_PATH), EBADF);
	try_attach("a directory", open("/", O_RDONLY), EINVAL);
	try_attach("the VM's statistics", stats_of(vm->fd), EINVAL);
	try_attach("the vCPU's statistics", stats_of(vm->vcpu), EINVAL);
	try_attach("a VM before its first entry", young->fd, EAGAIN);
	try_attach("its vCPU", young->vcpu, EAGAIN);
	try_attach("a VM", vm->fd, 0);
	try_attach("its vCPU", vm->vcpu, 0);
}
