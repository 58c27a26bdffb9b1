// SPDX-License-Identifier: GPL-2.0
/*
 * walk_passing - a file that is passed on, and what its holder can do with it
 */
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tenant.h"

#define NOBODY	65534

static void be_nobody(void)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		die("nobody");
}

/* What the holder of a passed file can do; exits with a bit for each thing that it cannot */
static void holder(int sock, uint32_t id, pid_t owner, int owner_vm_fd)
{
	struct kvmeter_ioc_get get;
	int fd, bad = 0;
	char path[64];

	be_nobody();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		fprintf(stderr, "# no user namespace: %m\n");
	fd = receive_fd(sock);
	bad |= (kvmeter_get(fd, &get) || get.vm_id != id) << 0;
	bad |= !!kvmeter_suggest(fd, KVMETER_RES_CPU, 11000, 1000, NULL) << 1;
	bad |= !kvmeter_page_map(fd) << 2;
	bad |= !!kvmeter_budget(fd, KVMETER_NCR_NONE, 0, 0, 0) << 3;
	/* all capabilities in a user namespace of its own are none here */
	bad |= !(kvmeter_cgroup(fd, -1) < 0 && errno == EPERM) << 7;
	/* neither a file of its own nor the VM's descriptor is open to it */
	fd = kvmeter_open();
	bad |= !(fd < 0 && errno == EACCES) << 4;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", owner, owner_vm_fd);
	bad |= (open(path, O_RDWR) >= 0) << 5;
	bad |= !kvmeter_attach(fd, owner_vm_fd, 0) << 6;
	_exit(bad);
}

void walk_passing(struct vm *vm, int fd)
{
	uint32_t id = id_of(fd);
	int s[2], status;
	struct stat st;
	pid_t pid, owner = getpid();

	result(!stat("/dev/kvmeter", &st) && (st.st_mode & 0777) == 0660, "its mode", "%o",
	       st.st_mode);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		die("socketpair");
	pid = fork();
	if (!pid) {
		close(vm->fd);
		close(vm->vcpu);
		holder(s[1], id, owner, vm->fd);
	}
	send_fd(s[0], fd);
	waitpid(pid, &status, 0);
	result(!status, "a file passed to nobody, in other namespaces", "status %x", status);
	pid = fork();
	if (!pid) {
		struct kvmeter_ioc_get get;

		_exit(kvmeter_get(fd, &get) || get.vm_id != id);
	}
	waitpid(pid, &status, 0);
	result(!status, "a file over fork", "status %x", status);
	close(s[0]);
	close(s[1]);
}
