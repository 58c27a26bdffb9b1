// SPDX-License-Identifier: GPL-2.0
/*
 * walk_attach - files that attach twice, many times, at once
 */
#include "tenant.h"

static int race_fd;

static void *race(void *vm)
{
	return (void *)(long)(kvmeter_attach(race_fd, ((struct vm *)vm)->fd, 0) ? errno : 0);
}

static void walk_once(struct vm *vm, struct vm *other)
{
	int fd = attached(vm->fd), by_vcpu = attached(vm->vcpu), b = attached(other->fd);

	want("a second attachment", kvmeter_attach(fd, vm->fd, 0), EISCONN);
	want("an attachment to another", kvmeter_attach(fd, other->fd, 0), EISCONN);
	result(id_of(fd) && id_of(fd) == id_of(by_vcpu), "a VM and its vCPU are one",
	       "they differ");
	result(id_of(b) && id_of(b) != id_of(fd), "another VM is another", "it is not");
	close(b);
	close(by_vcpu);
	close(fd);
}

static void walk_many(struct vm *vm)
{
	int fds[100], i, n;

	for (n = 0; n < 100; n++) {
		fds[n] = kvmeter_open();
		if (kvmeter_attach(fds[n], vm->fd, 0))
			break;
	}
	want("too many files", n < 100 ? -1 : 0, EMFILE);
	for (i = 0; i <= n && i < 100; i++)
		close(fds[i]);
}

static void walk_race(struct vm *vm)
{
	int i, won = 0, lost = 0;
	pthread_t threads[8];
	void *err;

	race_fd = kvmeter_open();
	for (i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, race, vm);
	for (i = 0; i < 8; i++) {
		pthread_join(threads[i], &err);
		won += !err;
		lost += err == (void *)EISCONN;
	}
	result(won == 1 && lost == 7, "one of eight attaches", "%d did, %d were told", won, lost);
	close(race_fd);
}

void walk_attach(struct vm *vm, struct vm *other)
{
	walk_once(vm, other);
	walk_many(vm);
	walk_race(vm);
}
