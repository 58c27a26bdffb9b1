// SPDX-License-Identifier: GPL-2.0
/*
 * vmm-example - what a VMM does to use kvmeter
 *
 *	vmm-example [SECONDS [MOST]]
 *
 * Runs a small VM whose one vCPU is always busy.  It asks what twice its CPU
 * would cost.  If that is no more than MOST nano-credits per hour beyond what
 * it pays, it suggests it.  It shows each notice with the price, and gives back
 * what it suggested after SECONDS.  The part to take over begins at
 * tenant_run().
 */
#include <linux/kvm.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include <kvmeter_tenant.h>

#define NS_PER_S	1000000000ULL

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* A VM: 64 KiB, real mode, "jmp ." at address 0 */

static void *vcpu_thread(void *arg)
{
	int vcpu = *(int *)arg;

	while (!ioctl(vcpu, KVM_RUN, 0) || errno == EINTR)
		;
	die("KVM_RUN");
	return NULL;
}

static int vm_start(void)
{
	struct kvm_userspace_memory_region region = { .memory_size = 65536 };
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm = ioctl(kvm, KVM_CREATE_VM, 0);
	static int vcpu;
	struct kvm_sregs sregs;
	struct kvm_regs regs = { .rflags = 2 };
	pthread_t thread;
	char *mem;

	mem = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm < 0 || mem == MAP_FAILED)
		die("VM");
	memcpy(mem, "\xeb\xfe", 2);
	region.userspace_addr = (uintptr_t)mem;
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0L);
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) || vcpu < 0 ||
	    ioctl(vcpu, KVM_GET_SREGS, &sregs))
		die("vCPU");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) || ioctl(vcpu, KVM_SET_REGS, &regs) ||
	    pthread_create(&thread, NULL, vcpu_thread, &vcpu))
		die("vCPU");
	return vm;
}

/* The VMM's use of kvmeter */

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* Reading the page is no system call: as often as one likes */
static void show(const char *what, const struct kvmeter_page *page)
{
	struct kvmeter_page p;

	kvmeter_page_read(page, &p);
	printf("%s grant_bp=%u price_ncr_h=%llu charged_ncr=%llu gone=%d\n", what,
	       p.grant_bp[KVMETER_RES_CPU],
	       (unsigned long long)kvmeter_page_price_ncr_h(&p, now_ns()),
	       (unsigned long long)p.charged_ncr, !!(p.flags & KVMETER_PAGE_GONE));
}

static void ask(int fd, int64_t most_ncr_h, uint32_t duration_ms)
{
	struct kvmeter_ioc_suggest s;
	struct kvmeter_ioc_quote q;

	if (kvmeter_quote(fd, KVMETER_RES_CPU, 20000, &q))
		die("quote");
	printf("quote accepted_bp=%u answer=%u price_ncr_h=%llu diff_ncr_h=%lld\n",
	       q.accepted_bp, q.answer, (unsigned long long)q.price_ncr_h,
	       (long long)q.diff_ncr_h);
	if (!q.accepted_bp || q.diff_ncr_h > most_ncr_h) {
		puts("too dear, or not to be had");
		return;
	}
	if (kvmeter_suggest(fd, KVMETER_RES_CPU, 20000, duration_ms, &s)) {
		if (errno != EBUSY)
			die("suggest");
		printf("asked too often: again in %u ms\n", s.retry_ms);
		return;
	}
	printf("suggest accepted_bp=%u answer=%u\n", s.accepted_bp, s.answer);
}

static void tenant_run(int vm, unsigned int seconds, int64_t most_ncr_h)
{
	uint64_t end = now_ns() + seconds * NS_PER_S, count;
	const struct kvmeter_page *page;
	int fd = kvmeter_open(), events = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct pollfd fds[] = { { .fd = events, .events = POLLIN }, { .fd = fd } };

	if (fd < 0 || events < 0)
		die("kvmeter");
	/* the vCPU has been started: its first entry is what kvmeter waits for */
	if (kvmeter_attach(fd, vm, 5000))
		die("attach");
	page = kvmeter_page_map(fd);
	if (!page || kvmeter_eventfd(fd, events, KVMETER_EVENT_ALL))
		die("page, eventfd");
	show("attached", page);
	ask(fd, most_ncr_h, seconds * 1000);

	while (now_ns() < end) {
		if (poll(fds, 2, 100) <= 0)
			continue;
		if (fds[0].revents && read(events, &count, sizeof(count)) == sizeof(count))
			show("notice", page);
		if (fds[1].revents & POLLHUP)
			break;
	}
	/* it would lapse by itself; giving it back is cheaper */
	kvmeter_suggest(fd, KVMETER_RES_CPU, 0, 0, NULL);
	show("ended", page);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	tenant_run(vm_start(), argc > 1 ? atoi(argv[1]) : 10,
		   argc > 2 ? atoll(argv[2]) : INT64_MAX);
	return 0;
}
