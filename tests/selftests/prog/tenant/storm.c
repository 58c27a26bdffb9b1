// SPDX-License-Identifier: GPL-2.0
/*
 * storm - a VM that ends while threads call, attach, map and close
 */
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include "tenant.h"

static struct vm storm_vm;
static uint64_t storm_end;
static volatile int storm_fd;

static void *storm_thread(void *arg)
{
	unsigned int seed = (uintptr_t)arg;
	struct kvmeter_ioc_get get;
	uint64_t calls = 0;

	while (now_ms() < storm_end) {
		const struct kvmeter_page *page;
		struct kvmeter_page p;
		int fd;

		calls++;
		switch (rand_r(&seed) % 6) {
		case 0:
			fd = kvmeter_open();
			kvmeter_attach(fd, storm_vm.fd, 0);
			page = kvmeter_page_map(fd);
			close(fd);
			if (page) {
				kvmeter_page_read(page, &p);
				munmap((void *)page, page_size);
			}
			break;
		case 1:
			kvmeter_get(storm_fd, &get);
			break;
		case 2:
			kvmeter_suggest(storm_fd, 0, rand_r(&seed) % 30000, 1000, NULL);
			break;
		case 3:
			fd = eventfd(0, 0);
			kvmeter_eventfd(storm_fd, fd, KVMETER_EVENT_ALL);
			close(fd);
			break;
		case 4:
			kvmeter_budget(storm_fd, KVMETER_NCR_NONE, 0, 0, 0);
			break;
		case 5:
			polled(storm_fd, POLLIN, rand_r(&seed) % 3);
			break;
		}
	}
	return (void *)calls;
}

void storm(unsigned int seconds)
{
	uint64_t calls = 0, vms = 0;
	pthread_t threads[6];
	void *n;
	long i;

	storm_end = now_ms() + seconds * 1000;
	vm_make(&storm_vm, true);
	storm_fd = attached(storm_vm.fd);
	for (i = 0; i < 6; i++)
		pthread_create(&threads[i], NULL, storm_thread, (void *)(i + 1));
	while (now_ms() < storm_end) {
		int old = storm_fd;

		wait_ms(300);
		vm_end(&storm_vm);
		vm_make(&storm_vm, true);
		storm_fd = attached(storm_vm.fd);
		close(old);
		vms++;
	}
	for (i = 0; i < 6; i++) {
		pthread_join(threads[i], &n);
		calls += (uintptr_t)n;
	}
	vm_end(&storm_vm);
	close(storm_fd);
	result(vms && calls, "a storm", "nothing was done");
	printf("# %llu calls, %llu VMs ended\n", (unsigned long long)calls,
	       (unsigned long long)vms);
}
