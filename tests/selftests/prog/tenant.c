// SPDX-License-Identifier: GPL-2.0
/*
 * tenant - what may and what may not be done with /dev/kvmeter
 *
 *	tenant walk		every wrong size, flag, field and descriptor; limits; lives
 *	tenant storm SECONDS	threads that call and attach while VMs end
 *
 * Makes VMs of its own: one vCPU each, which halts all the time.  Settings of
 * the operator are made by "kv ask".  Prints "ok NAME" and "not ok NAME - WHY";
 * the exit status is 1 when there was one of these.
 */
#define _GNU_SOURCE
#include <linux/kvm.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <kvmeter_agent.h>

#define MEM_SIZE	65536
#define NOBODY		65534

static unsigned int checks, wrong;
static size_t page_size;

static void result(bool good, const char *name, const char *fmt, ...)
{
	va_list ap;

	checks++;
	wrong += !good;
	printf("%s %s", good ? "ok" : "not ok", name);
	if (!good) {
		printf(" - ");
		va_start(ap, fmt);
		vprintf(fmt, ap);
		va_end(ap);
	}
	putchar('\n');
}

/* A call's result: 0, or the error it must fail with */
static void want(const char *name, long ret, int err)
{
	int got = ret < 0 ? errno : 0;

	result(got == err, name, "error %d (%s), expected %d", got, strerror(got), err);
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

static void wait_ms(unsigned int ms)
{
	usleep(ms * 1000);
}

/* VMs */

struct vm {
	int fd, vcpu;
	pthread_t thread;
	struct kvm_run *run;
	void *mem;
	size_t run_size;
	bool entered;
	volatile bool stop;
};

static void *vcpu_thread(void *arg)
{
	struct vm *vm = arg;

	while (!vm->stop && (!ioctl(vm->vcpu, KVM_RUN, 0) || errno == EINTR))
		usleep(1000);
	return NULL;
}

static void vm_make(struct vm *vm, bool enter)
{
	struct kvm_userspace_memory_region region = { .memory_size = MEM_SIZE };
	struct kvm_regs regs = { .rflags = 2 };
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	struct kvm_sregs sregs;

	memset(vm, 0, sizeof(*vm));
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

static void vm_end(struct vm *vm)
{
	vm->stop = true;
	if (vm->entered)
		pthread_join(vm->thread, NULL);
	munmap(vm->run, vm->run_size);
	munmap(vm->mem, MEM_SIZE);
	close(vm->vcpu);
	close(vm->fd);
}

static int attached(int kvm_fd)
{
	int fd = kvmeter_open();

	if (fd < 0 || kvmeter_attach(fd, kvm_fd, 5000))
		die("attach");
	return fd;
}

/* The operator */

static uint32_t id_of(int fd)
{
	struct kvmeter_ioc_get get;

	return kvmeter_get(fd, &get) ? 0 : get.vm_id;
}

__attribute__((format(printf, 1, 2)))
static void operator(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (system(command))
		die(command);
}

static void allow(int fd)
{
	operator("kv ask vm-set id=%u policy.mode=1,nominal-bp=10000,floor-bp=2000,ceiling-bp=30000,"
		 "step-bp=10000,dwell-ms=0", id_of(fd));
}

/* Descriptors that are not of a VM */

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

static void walk_descriptors(struct vm *vm, struct vm *young)
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

/* Structs: sizes, flags, fields that are not asked for, addresses */

struct call {
	const char *name;
	unsigned long cmd;
	uint32_t size;		/* of the first version */
	uint32_t flags;		/* known */
	uint32_t out;		/* offset from which on all is 0; 0: there is no such */
	const void *good;
	int err;		/* of the good one */
};

static const struct kvmeter_ioc_get good_get = { .size = sizeof(good_get) };
static const struct kvmeter_ioc_budget good_budget = {
	.size = sizeof(good_budget), .cap_ncr = KVMETER_NCR_NONE,
};
static const struct kvmeter_ioc_suggest good_suggest = {
	.size = sizeof(good_suggest), .grant_bp = 10000,
};
static const struct kvmeter_ioc_quote good_quote = {
	.size = sizeof(good_quote), .grant_bp = 10000,
};
static const struct kvmeter_ioc_eventfd good_eventfd = { .size = sizeof(good_eventfd), .fd = -1 };

static const struct kvmeter_ioc_cgroup good_cgroup = { .size = sizeof(good_cgroup), .fd = -1 };

static const struct call calls[] = {
	{ "get", KVMETER_IOC_GET, 704, 0, 8, &good_get, 0 },
	{ "budget", KVMETER_IOC_SET_BUDGET, 24, KVMETER_BUDGET_PACE, 0, &good_budget, 0 },
	{ "suggest", KVMETER_IOC_SUGGEST, 32, 0, 20, &good_suggest, 0 },
	{ "quote", KVMETER_IOC_QUOTE, 56, 0, 16, &good_quote, 0 },
	{ "eventfd", KVMETER_IOC_EVENTFD, 16, 0, 0, &good_eventfd, 0 },
	/* there is none to let go of */
	{ "cgroup", KVMETER_IOC_CGROUP, 16, 0, 12, &good_cgroup, ENOENT },
};

#define NR_CALLS	(sizeof(calls) / sizeof(*calls))

/* One that is refused is not counted by a limit of rate, one that is not is */
static int try_call(int fd, const struct call *c, uint32_t size, int at, uint8_t byte)
{
	static uint8_t arg[16384];

	memset(arg, 0, sizeof(arg));
	memcpy(arg, c->good, c->size);
	memcpy(arg, &size, sizeof(size));
	if (at >= 0)
		arg[at] |= byte;
	return ioctl(fd, c->cmd, arg);
}

static void walk_sizes(int fd, const struct call *c)
{
	char name[64];
	uint32_t size;
	int bad = 0;

#define NAMED(text)	(snprintf(name, sizeof(name), "%s: %s", c->name, text), name)
	for (size = 0; size < c->size; size++)
		bad += !(try_call(fd, c, size, -1, 0) < 0 && errno == EINVAL);
	result(!bad, NAMED("too short"), "%d sizes were not refused with EINVAL", bad);
	want(NAMED("as it is"), try_call(fd, c, c->size, -1, 0), c->err);
	want(NAMED("longer, and zero"), try_call(fd, c, c->size + 64, -1, 0), c->err);
	want(NAMED("longer by a byte"), try_call(fd, c, c->size + 1, -1, 0), c->err);
	want(NAMED("a page"), try_call(fd, c, page_size, -1, 0), c->err);
	want(NAMED("more than a page"), try_call(fd, c, page_size + 1, -1, 0), E2BIG);
	want(NAMED("the largest size"), try_call(fd, c, UINT32_MAX, -1, 0), E2BIG);
	want(NAMED("longer, and not zero"), try_call(fd, c, c->size + 64, c->size + 63, 1), E2BIG);
	want(NAMED("not zero right behind"), try_call(fd, c, c->size + 8, c->size, 1), E2BIG);
}

static void walk_fields(int fd, const struct call *c)
{
	char name[64];
	int bad = 0, bit;
	uint32_t at;

	for (bit = 0; bit < 32; bit++)
		if (!(c->flags & 1u << bit))
			bad += !(try_call(fd, c, c->size, 4 + bit / 8, 1 << bit % 8) < 0 &&
				 errno == EINVAL);
	result(!bad, NAMED("flags"), "%d were not refused", bad);
	bad = 0;
	for (at = c->out; c->out && at < c->size; at++)
		bad += !(try_call(fd, c, c->size, at, 0x80) < 0 && errno == EINVAL);
	result(!bad, NAMED("fields that are not asked for"), "%d bytes were not refused", bad);
}

static void walk_addresses(int fd, const struct call *c)
{
	uint8_t *two = mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char name[64];

	munmap(two + page_size, page_size);
	memcpy(two + page_size - c->size + 4, c->good, c->size - 4);
	want(NAMED("NULL"), ioctl(fd, c->cmd, NULL), EFAULT);
	want(NAMED("an address of the kernel"), ioctl(fd, c->cmd, 0xffff888000000000), EFAULT);
	want(NAMED("across the end"), ioctl(fd, c->cmd, two + page_size - c->size + 4), EFAULT);
	want(NAMED("beyond the end"), ioctl(fd, c->cmd, two + page_size - 2), EFAULT);
	munmap(two, page_size);
}

static void walk_structs(struct vm *vm)
{
	struct kvmeter_ioc_attach a = { .size = sizeof(a), .fd = vm->fd, .vm_id = 1 };
	int none = kvmeter_open(), fd = attached(vm->fd);
	size_t i;

	want("attach: the id is not asked for", ioctl(none, KVMETER_IOC_ATTACH, &a), EINVAL);
	a.vm_id = 0;
	a.flags = 1;
	want("attach: flags", ioctl(none, KVMETER_IOC_ATTACH, &a), EINVAL);
	a.flags = 0;
	a.size = 12;
	want("attach: too short", ioctl(none, KVMETER_IOC_ATTACH, &a), EINVAL);
	want("attach: NULL", ioctl(none, KVMETER_IOC_ATTACH, NULL), EFAULT);
	for (i = 0; i < NR_CALLS; i++) {
		char name[64];
		const struct call *c = &calls[i];

		want(NAMED("not attached"), try_call(none, c, c->size, -1, 0), ENOTCONN);
		walk_sizes(fd, c);
		walk_fields(fd, c);
		walk_addresses(fd, c);
	}
	want("map: not attached", (long)mmap(NULL, page_size, PROT_READ, MAP_SHARED, none, 0),
	     ENOTCONN);
	want("version", ioctl(fd, KVMETER_IOC_VERSION, 0) - KVMETER_API_VERSION, 0);
	want("version with an argument", ioctl(fd, KVMETER_IOC_VERSION, 1), EINVAL);
	want("no such ioctl", ioctl(fd, _IO(KVMETER_IOC_MAGIC, 0x7f), 0), ENOTTY);
	want("an ioctl of others", ioctl(fd, KVM_GET_API_VERSION, 0), ENOTTY);
	want("read", read(fd, &a, sizeof(a)), EINVAL);
	want("write", write(fd, &a, sizeof(a)), EINVAL);
	want("seek", lseek(fd, 0, SEEK_SET), ESPIPE);
	close(none);
	close(fd);
}

/* Attachment */

static int race_fd;

static void *race(void *vm)
{
	return (void *)(long)(kvmeter_attach(race_fd, ((struct vm *)vm)->fd, 0) ? errno : 0);
}

static void walk_attach(struct vm *vm, struct vm *other)
{
	int fds[100], fd = attached(vm->fd), by_vcpu = attached(vm->vcpu), b = attached(other->fd);
	int i, n, won = 0, lost = 0;
	pthread_t threads[8];
	void *err;

	want("a second attachment", kvmeter_attach(fd, vm->fd, 0), EISCONN);
	want("an attachment to another", kvmeter_attach(fd, other->fd, 0), EISCONN);
	result(id_of(fd) && id_of(fd) == id_of(by_vcpu), "a VM and its vCPU are one", "they differ");
	result(id_of(b) && id_of(b) != id_of(fd), "another VM is another", "it is not");
	for (n = 0; n < 100; n++) {
		fds[n] = kvmeter_open();
		if (kvmeter_attach(fds[n], vm->fd, 0))
			break;
	}
	want("too many files", n < 100 ? -1 : 0, EMFILE);
	for (i = 0; i <= n && i < 100; i++)
		close(fds[i]);
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
	close(b);
	close(by_vcpu);
	close(fd);
}

/* Settings and suggestions */

static void walk_budget(int fd)
{
	struct kvmeter_ioc_get get;

	want("a cap beyond all", kvmeter_budget(fd, 1000000000000001ull, 0, 0, 0), EINVAL);
	want("an unknown action", kvmeter_budget(fd, 1000, 0, 2, 0), EINVAL);
	want("pace without end", kvmeter_budget(fd, 1000, 0, 0, KVMETER_BUDGET_PACE), EINVAL);
	want("367 days", kvmeter_budget(fd, 1000, 367 * 86400, 0, 0), EINVAL);
	kvmeter_get(fd, &get);
	result(get.cap_ncr == KVMETER_NCR_NONE, "what is refused changes nothing", "cap %llu",
	       get.cap_ncr);
	want("a budget", kvmeter_budget(fd, 999999999999999ull, 3600, 1, KVMETER_BUDGET_PACE), 0);
	kvmeter_get(fd, &get);
	result(get.cap_ncr == 999999999999999ull && get.budget_period_s == 3600 &&
	       get.budget_action == 1 && get.budget_flags == KVMETER_GET_PACE &&
	       get.left_ncr <= get.cap_ncr && get.renews_at_ns > get.at_ns,
	       "the budget is there", "cap %llu period %u action %u flags %u", get.cap_ncr,
	       get.budget_period_s, get.budget_action, get.budget_flags);
	want("no budget", kvmeter_budget(fd, KVMETER_NCR_NONE, 0, 0, 0), 0);
}

static void answered(const char *name, int fd, uint32_t r, uint32_t bp, uint32_t ms,
		     uint32_t accepted, uint32_t answer)
{
	struct kvmeter_ioc_suggest s;
	struct kvmeter_ioc_quote q;

	if (ms && !kvmeter_quote(fd, r, bp, &q))
		result(q.accepted_bp == accepted && q.answer == answer, name,
		       "quoted %u bp, answer %u", q.accepted_bp, q.answer);
	wait_ms(150);	/* within the rate */
	if (kvmeter_suggest(fd, r, bp, ms, &s))
		result(false, name, "error %d (%s)", errno, strerror(errno));
	else
		result(s.accepted_bp == accepted && s.answer == answer, name, "%u bp, answer %u",
		       s.accepted_bp, s.answer);
}

static void walk_suggest(int fd, int other)
{
	struct kvmeter_ioc_get get;

	want("exits", kvmeter_suggest(fd, KVMETER_RES_EXITS, 10000, 1, NULL), EOPNOTSUPP);
	want("no resource", kvmeter_suggest(fd, UINT32_MAX, 10000, 1, NULL), EOPNOTSUPP);
	want("too much", kvmeter_suggest(fd, KVMETER_RES_CPU, 100001, 1, NULL), ERANGE);
	answered("observe", fd, KVMETER_RES_CPU, 20000, 1000, 0, KVMETER_ANSWER_OBSERVE);
	allow(fd);
	answered("not sold", fd, KVMETER_RES_MEMORY, 20000, 1000, 0, KVMETER_ANSWER_NOT_SOLD);
	answered("as asked", fd, KVMETER_RES_CPU, 15000, 60000, 15000, KVMETER_ANSWER_ACCEPTED);
	answered("ceiling", fd, KVMETER_RES_CPU, 90000, 60000, 30000, KVMETER_ANSWER_CEILING);
	answered("floor", fd, KVMETER_RES_CPU, 1, 60000, 2000, KVMETER_ANSWER_FLOOR);
	kvmeter_get(fd, &get);
	result(get.res[0].rest_bp == 2000 && get.res[0].suggested_until_ns > get.at_ns,
	       "the suggestion is in force", "rest %u", get.res[0].rest_bp);
	kvmeter_get(other, &get);
	result(get.res[0].rest_bp == 10000, "and not in another VM", "rest %u", get.res[0].rest_bp);
	answered("ended", fd, KVMETER_RES_CPU, 0, 0, 10000, KVMETER_ANSWER_ACCEPTED);
	operator("kv ask suggest vm-id=%u resource=0 grant-bp=12000 duration-ms=60000 >/dev/null",
		 id_of(fd));
	answered("the operator's stands", fd, KVMETER_RES_CPU, 20000, 1000, 0,
		 KVMETER_ANSWER_OUTRANKED);
	answered("and is not ended", fd, KVMETER_RES_CPU, 0, 0, 0, KVMETER_ANSWER_OUTRANKED);
	operator("kv ask suggest vm-id=%u resource=0 grant-bp=0 duration-ms=0 >/dev/null",
		 id_of(fd));
	kvmeter_budget(fd, 0, 0, 0, 0);
	wait_ms(200);
	answered("no money", fd, KVMETER_RES_CPU, 20000, 1000, 20000, KVMETER_ANSWER_BUDGET);
	kvmeter_budget(fd, KVMETER_NCR_NONE, 0, 0, 0);
	kvmeter_suggest(fd, KVMETER_RES_CPU, 0, 0, NULL);
}

/* The price that was quoted is what comes, and the page shows it */
static void walk_quote(int fd, const struct kvmeter_page *page)
{
	uint64_t end = now_ms() + 20000;
	struct kvmeter_ioc_quote q;
	struct kvmeter_page p;

	operator("kv ask vm-set id=%u tariff.base-ncr-h=1000000000,floor-ncr-h=0,"
		 "ceiling-ncr-h=10000000000,notice-ms=500,slew-ncr-h-min=0,"
		 "cost.resource=0+ncr-h=800000000", id_of(fd));
	wait_ms(2000);	/* what was suggested before is over */
	kvmeter_quote(fd, KVMETER_RES_CPU, 20000, &q);
	result(q.accepted_bp == 20000 && q.price_ncr_h == 1800000000 &&
	       q.diff_ncr_h == (int64_t)(q.price_ncr_h - q.now_ncr_h) &&
	       q.effective_at_ns / 1000000 >= now_ms() + 300, "a quote",
	       "%u bp, %llu ncr/h, %lld more", q.accepted_bp, q.price_ncr_h, q.diff_ncr_h);
	kvmeter_suggest(fd, KVMETER_RES_CPU, 20000, 60000, NULL);
	do {
		wait_ms(20);
		kvmeter_page_read(page, &p);
	} while (p.price_ncr_h != q.price_ncr_h && now_ms() < end);
	result(p.price_ncr_h == q.price_ncr_h && p.grant_bp[0] == 20000,
	       "it comes as quoted, in the page", "%llu ncr/h, %u bp", p.price_ncr_h,
	       p.grant_bp[0]);
	kvmeter_suggest(fd, KVMETER_RES_CPU, 0, 0, NULL);
}

/* 1000 of each as fast as can be: what the limits let through */
static void walk_rates(int fd)
{
	unsigned int taken = 0, busy = 0, other = 0, told = 0;
	uint64_t begin, ms;
	struct kvmeter_ioc_suggest s;
	struct kvmeter_ioc_quote q;
	int i;

	wait_ms(2500);
	begin = now_ms();
	for (i = 0; i < 1000; i++) {
		if (!kvmeter_suggest(fd, KVMETER_RES_CPU, 10000 + i, 1000, &s)) {
			taken++;
			continue;
		}
		busy += errno == EBUSY;
		told += errno == EBUSY && s.answer == KVMETER_ANSWER_RATE && s.retry_ms > 0 &&
			s.retry_ms <= 100;
	}
	ms = now_ms() - begin;
	result(taken >= 20 && taken <= 21 + ms / 100 && taken + busy == 1000 && told == busy,
	       "1000 suggestions", "%u taken, %u busy, %u told, in %llu ms", taken, busy, told,
	       (unsigned long long)ms);
	printf("# 1000 suggestions in %llu ms: %u taken\n", (unsigned long long)ms, taken);
	taken = 0;
	begin = now_ms();
	for (i = 0; i < 1000; i++) {
		if (!kvmeter_quote(fd, KVMETER_RES_CPU, 20000, &q))
			taken++;
		else
			other += errno != EBUSY;
	}
	ms = now_ms() - begin;
	result(taken >= 20 && taken <= 101 + ms / 10 && !other, "1000 quotes",
	       "%u taken, %u other errors, in %llu ms", taken, other, (unsigned long long)ms);
	printf("# 1000 quotes in %llu ms: %u taken\n", (unsigned long long)ms, taken);
	wait_ms(2500);
	want("and it goes on", kvmeter_suggest(fd, KVMETER_RES_CPU, 0, 0, NULL), 0);
}

/* The page */

static void *map(size_t size, int prot, int flags, int fd, off_t at)
{
	return mmap(NULL, size, prot, flags, fd, at);
}

static bool child_reads(const struct kvmeter_page *page, uint32_t id)
{
	struct kvmeter_page p;
	int status;
	pid_t pid = fork();

	if (!pid) {
		kvmeter_page_read(page, &p);
		_exit(p.vm_id != id);
	}
	waitpid(pid, &status, 0);
	return !status;
}

static void walk_page(struct vm *vm, int fd)
{
	int mem = open("/proc/self/mem", O_RDWR), ro = open("/dev/kvmeter", O_RDONLY);
	uint64_t end, charged = 0, at = 0, reads = 0, bad = 0;
	const struct kvmeter_page *page;
	struct kvmeter_ioc_get get;
	struct kvmeter_page p;
	struct kvmeter_page *twin;
	char byte = 1;

	want("map two pages", (long)map(2 * page_size, PROT_READ, MAP_SHARED, fd, 0), EINVAL);
	want("map the second", (long)map(page_size, PROT_READ, MAP_SHARED, fd, page_size), EINVAL);
	want("map to write", (long)map(page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
	     EACCES);
	want("map to write only", (long)map(page_size, PROT_WRITE, MAP_SHARED, fd, 0), EACCES);
	want("map to execute", (long)map(page_size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0),
	     EACCES);
	want("map privately", (long)map(page_size, PROT_READ, MAP_PRIVATE, fd, 0), EINVAL);
	want("map privately to write",
	     (long)map(page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0), EINVAL);
	page = kvmeter_page_map(fd);
	result(page, "map", "%s", strerror(errno));
	if (!page)
		return;
	want("make it writable", mprotect((void *)page, page_size, PROT_READ | PROT_WRITE), EACCES);
	want("make it executable", mprotect((void *)page, page_size, PROT_READ | PROT_EXEC),
	     EACCES);
	result(pwrite(mem, &byte, 1, (uintptr_t)page) < 0, "write by /proc/self/mem", "done");
	want("make it longer",
	     (long)mremap((void *)page, page_size, 2 * page_size, MREMAP_MAYMOVE), EFAULT);
	want("copy it", (long)mremap((void *)page, 0, page_size, MREMAP_MAYMOVE), EFAULT);
	twin = mremap((void *)page, page_size, page_size, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	want("leave a copy", (long)twin, EINVAL);
	twin = (void *)kvmeter_page_map(fd);
	result(twin && twin->vm_id == page->vm_id, "a second mapping", "%s", strerror(errno));
	if (kvmeter_attach(ro, vm->fd, 0))
		die("attach, read-only");
	result(kvmeter_page_map(ro), "map of a file opened to read", "%s", strerror(errno));
	want("and to write", (long)map(page_size, PROT_WRITE, MAP_SHARED, ro, 0), EACCES);
	result(child_reads(page, id_of(fd)), "a child reads it", "it does not");

	for (end = now_ms() + 1000; now_ms() < end; reads++) {
		kvmeter_page_read(page, &p);
		bad += p.charged_ncr < charged || p.at_ns < at || p.size != sizeof(p) || p.seq & 1;
		charged = p.charged_ncr;
		at = p.at_ns;
	}
	kvmeter_get(fd, &get);
	result(!bad, "readings are whole", "%llu of %llu are not", (unsigned long long)bad,
	       (unsigned long long)reads);
	result(charged && charged <= get.charged_ncr && p.vm_id == get.vm_id,
	       "the page is the VM's", "%llu charged, not %llu", (unsigned long long)charged,
	       get.charged_ncr);
	printf("# %llu readings of the page in 1 s\n", (unsigned long long)reads);
	close(mem);
	close(ro);
}

/* Notices */

static bool polled(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) > 0 && (p.revents & events) == events;
}

static void walk_events(int fd)
{
	int efd = eventfd(0, EFD_NONBLOCK), plain[2];
	uint64_t n = UINT64_MAX - 1;
	struct kvmeter_ioc_get get;

	if (pipe(plain))
		die("pipe");
	want("events to a pipe", kvmeter_eventfd(fd, plain[1], 1), EINVAL);
	want("events to nothing", kvmeter_eventfd(fd, 1000, 1), EBADF);
	want("unknown events", kvmeter_eventfd(fd, efd, 16), EINVAL);
	want("no events", kvmeter_eventfd(fd, efd, 0), EINVAL);
	want("no eventfd for events", kvmeter_eventfd(fd, -1, 1), EINVAL);
	want("an eventfd", kvmeter_eventfd(fd, efd, KVMETER_EVENT_ADJUSTMENT), 0);
	allow(fd);
	kvmeter_get(fd, &get);
	result(!polled(fd, POLLIN, 0), "nothing to tell", "there is");
	kvmeter_suggest(fd, KVMETER_RES_CPU, 14000, 60000, NULL);
	result(polled(fd, POLLIN, 10000), "poll tells", "it does not");
	result(polled(efd, POLLIN, 10000), "the eventfd tells", "it does not");
	kvmeter_get(fd, &get);
	result(get.events & KVMETER_EVENT_ADJUSTMENT && !(get.events & KVMETER_EVENT_GONE),
	       "and get says what", "events %x", get.events);
	n = UINT64_MAX - 1;
	if (write(efd, &n, sizeof(n)) < 0 && read(efd, &n, sizeof(n)) > 0) {
		n = UINT64_MAX - 1;
		result(write(efd, &n, sizeof(n)) == sizeof(n), "fill the eventfd", "not done");
	}
	kvmeter_get(fd, &get);
	kvmeter_suggest(fd, KVMETER_RES_CPU, 16000, 60000, NULL);
	result(polled(fd, POLLIN, 10000), "a full eventfd stops nothing", "poll does not tell");
	kvmeter_suggest(fd, KVMETER_RES_CPU, 0, 0, NULL);
	want("take it away", kvmeter_eventfd(fd, -1, 0), 0);
	close(efd);
}

/* Who answers a guest: the guest's requests, as they come from a stream */

struct request {
	struct kvmeter_agent_head head;
	unsigned char body[KVMETER_AGENT_LEN_MAX - sizeof(struct kvmeter_agent_head)];
};

/* What serving it says: an error, or 0 with the reply */
static int served(const char *name, struct kvmeter_agent *a, struct request *r, uint16_t type,
		  const void *body, size_t len, void *reply)
{
	static uint32_t seq;
	struct kvmeter_agent_head head;
	int n;

	r->head.len = htole32(sizeof(head) + len);
	r->head.version = htole16(KVMETER_AGENT_VERSION);
	r->head.type = htole16(type);
	r->head.seq = htole32(++seq);
	if (body)
		memcpy(r->body, body, len);
	n = kvmeter_agent_serve(a, r, reply);
	memcpy(&head, reply, sizeof(head));
	if (n != (int)le32toh(head.len) || le16toh(head.type) != type || le32toh(head.seq) != seq)
		result(false, name, "%d bytes, type %u, seq %u", n, le16toh(head.type),
		       le32toh(head.seq));
	return le32toh(head.error);
}

static void refuses(const char *name, struct kvmeter_agent *a, uint16_t type, const void *body,
		    size_t len, int error)
{
	unsigned char reply[KVMETER_AGENT_LEN_MAX];
	struct request r = { .head = { .len = 0 } };
	int got = served(name, a, &r, type, body, len, reply);

	result(got == error, name, "error %d, expected %d", got, error);
}

static void walk_stream(void)
{
	struct kvmeter_agent_head head = { .len = htole32(32), .seq = htole32(1) };
	struct request r = { .head = head };
	int i, bad = 0;

	for (i = 0; i < 32; i++)
		bad += kvmeter_agent_request(&r, i) != 0;
	result(!bad && kvmeter_agent_request(&r, 32) == 32 && kvmeter_agent_request(&r, 99) == 32,
	       "a request that comes in pieces", "%d pieces were taken for it", bad);
	r.head.seq = 0;
	want("a request without a number", kvmeter_agent_request(&r, 32), EPROTO);
	r.head.seq = htole32(1);
	r.head.len = htole32(15);
	want("a request shorter than its head", kvmeter_agent_request(&r, 16), EPROTO);
	r.head.len = htole32(KVMETER_AGENT_LEN_MAX + 1);
	want("one that is too long", kvmeter_agent_request(&r, 16), EPROTO);
}

static void walk_agent_refusals(struct kvmeter_agent *a)
{
	struct kvmeter_agent_ask ask = { .resource = htole32(UINT32_MAX) };
	struct kvmeter_agent_watch watch = { .events = htole32(16) };
	const size_t head = sizeof(ask.head);
	unsigned char more[40] = { 0 };

	refuses("no such request", a, 99, NULL, 0, EOPNOTSUPP);
	refuses("half of a suggestion", a, KVMETER_AGENT_SUGGEST, &ask.resource, 15, EINVAL);
	refuses("a suggestion for nothing", a, KVMETER_AGENT_SUGGEST, &ask.resource, 16,
		EOPNOTSUPP);
	ask.resource = 0;
	ask.grant_bp = htole32(100001);
	refuses("a suggestion of too much", a, KVMETER_AGENT_SUGGEST, &ask.resource, 16, ERANGE);
	ask.grant_bp = htole32(12000);
	ask.duration_ms = htole32(1);
	refuses("a quote for a time", a, KVMETER_AGENT_QUOTE, &ask.resource, 16, EINVAL);
	ask.pad = 1;
	refuses("a pad that is used", a, KVMETER_AGENT_SUGGEST, &ask.resource, 16, EINVAL);
	refuses("unknown events of a guest", a, KVMETER_AGENT_WATCH, &watch.events,
		sizeof(watch) - head, EINVAL);
	refuses("what a later version may ask", a, KVMETER_AGENT_STATUS, more, sizeof(more), 0);
	more[39] = 1;
	refuses("and what this does not know", a, KVMETER_AGENT_STATUS, more, sizeof(more), E2BIG);
}

/* Whatever it sends, what comes back is a message */
static void walk_agent_noise(struct kvmeter_agent *a)
{
	unsigned char reply[KVMETER_AGENT_LEN_MAX];
	struct request r;
	unsigned int i, k, bad = 0;
	uint32_t x = 1;
	int n;

	for (i = 0; i < 5000; i++) {
		for (k = 0; k < sizeof(r); k++) {
			x = x * 1664525 + 1013904223;
			((unsigned char *)&r)[k] = i % 3 && k > 12 ? 0 : x >> 24;
		}
		r.head.len = htole32(sizeof(r.head) + x % sizeof(r.body));
		r.head.type = htole16(x >> 8 & 7);
		r.head.seq |= htole32(1);
		if (i & 1)
			r.head.error = 0;
		n = kvmeter_agent_serve(a, &r, reply);
		bad += n < (int)sizeof(r.head) || n > (int)sizeof(reply);
	}
	result(!bad, "noise of a guest", "%u of %u replies are none", bad, i);
}

static void walk_agent(int kvm_fd, int fd)
{
	struct kvmeter_agent a = { .fd = attached(kvm_fd) }, none = { .fd = kvmeter_open() };
	struct kvmeter_agent_ask ask = { .grant_bp = htole32(15000), .duration_ms = htole32(60000) };
	struct kvmeter_agent_watch watch = { .events = htole32(KVMETER_EVENT_ADJUSTMENT) };
	unsigned char reply[KVMETER_AGENT_LEN_MAX];
	struct request r = { .head = { .len = 0 } };
	struct kvmeter_agent_answer answer;
	struct kvmeter_agent_status s;
	struct kvmeter_ioc_get get;
	int error;

	walk_stream();
	allow(fd);
	wait_ms(500);
	walk_agent_refusals(&a);
	kvmeter_get(fd, &get);
	error = served("status", &a, &r, KVMETER_AGENT_STATUS, NULL, 0, reply);
	memcpy(&s, reply, sizeof(s));
	result(!error && le64toh(s.price_ncr_h) == get.price_ncr_h &&
	       le64toh(s.charged_ncr) >= get.charged_ncr && le64toh(s.cap_ncr) == get.cap_ncr &&
	       le32toh(s.nr_resources) == get.nr_resources && le32toh(s.grant_bp[0]) == 10000,
	       "a guest asks for its price", "error %d, price %llu, grant %u", error,
	       (unsigned long long)le64toh(s.price_ncr_h), le32toh(s.grant_bp[0]));

	ask.duration_ms = 0;
	error = served("quote", &a, &r, KVMETER_AGENT_QUOTE, &ask.resource, 16, reply);
	memcpy(&answer, reply, sizeof(answer));
	result(!error && le32toh(answer.accepted_bp) == 15000, "a guest is quoted",
	       "error %d, %u bp", error, le32toh(answer.accepted_bp));
	error = served("watch", &a, &r, KVMETER_AGENT_WATCH, &watch.events, 8, reply);
	result(!error && !polled(a.fd, POLLIN, 0), "a guest waits", "error %d", error);
	ask.duration_ms = htole32(60000);
	wait_ms(300);
	error = served("suggest", &a, &r, KVMETER_AGENT_SUGGEST, &ask.resource, 16, reply);
	memcpy(&answer, reply, sizeof(answer));
	kvmeter_get(fd, &get);
	result(!error && le32toh(answer.accepted_bp) == 15000 && get.res[0].rest_bp == 15000,
	       "a guest suggests", "error %d, %u bp, rest %u", error,
	       le32toh(answer.accepted_bp), get.res[0].rest_bp);
	/* the answer looked at what happened: it is still to be told */
	error = kvmeter_agent_notice(&a, reply);
	memcpy(&s, reply, sizeof(s));
	result(error == sizeof(s) && le32toh(s.events) & KVMETER_EVENT_ADJUSTMENT && !s.head.seq,
	       "it is told", "%d bytes, events %x", error, le32toh(s.events));
	watch.events = htole32(KVMETER_EVENT_GONE);
	served("watch", &a, &r, KVMETER_AGENT_WATCH, &watch.events, 8, reply);
	wait_ms(300);
	kvmeter_suggest(fd, KVMETER_RES_CPU, 0, 0, NULL);
	result(polled(a.fd, POLLIN, 10000) && !kvmeter_agent_notice(&a, reply),
	       "not of what it does not watch", "it was");
	served("status", &a, &r, KVMETER_AGENT_STATUS, NULL, 0, reply);
	memcpy(&s, reply, sizeof(s));
	result(le32toh(s.events) & KVMETER_EVENT_ADJUSTMENT, "which is not lost", "events %x",
	       le32toh(s.events));
	error = served("no VM", &none, &r, KVMETER_AGENT_STATUS, NULL, 0, reply);
	result(error != 0, "an agent without a VM", "no error");
	walk_agent_noise(&a);
	wait_ms(1500);	/* until the VM's holders may call again */
	kvmeter_suggest(fd, KVMETER_RES_CPU, 0, 0, NULL);
	close(a.fd);
	close(none.fd);
}

/* Others */

static int send_fd(int sock, int fd)
{
	char room[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = room,
		.msg_controllen = sizeof(room),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(sock, &msg, 0) == 1 ? 0 : -1;
}

static int receive_fd(int sock)
{
	char room[CMSG_SPACE(sizeof(int))] = "", byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = room,
		.msg_controllen = sizeof(room),
	};
	int fd = -1;

	if (recvmsg(sock, &msg, 0) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static void be_nobody(void)
{
	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		die("nobody");
}

/* What the holder of a passed file can do; exits with the number of what it can not */
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
	/* its own file is open to it, the VM's descriptor is not */
	fd = kvmeter_open();
	bad |= (fd < 0) << 4;
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", owner, owner_vm_fd);
	bad |= (open(path, O_RDWR) >= 0) << 5;
	bad |= !kvmeter_attach(fd, owner_vm_fd, 0) << 6;
	_exit(bad);
}

static void walk_passing(struct vm *vm, int fd)
{
	uint32_t id = id_of(fd);
	int s[2], status;
	struct stat st;
	pid_t pid, owner = getpid();

	result(!stat("/dev/kvmeter", &st) && (st.st_mode & 0777) == 0666, "its mode", "%o",
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

/* Ends */

static void gone(const char *how, int fd, const struct kvmeter_page *page)
{
	struct kvmeter_page last, p;
	struct kvmeter_ioc_get get;
	struct kvmeter_ioc_quote q;
	char name[64];

#define AFTER(text)	(snprintf(name, sizeof(name), "%s: %s", how, text), name)
	result(polled(fd, POLLHUP | POLLIN, 20000), AFTER("poll tells"), "it does not");
	want(AFTER("get"), kvmeter_get(fd, &get), ENODEV);
	want(AFTER("suggest"), kvmeter_suggest(fd, 0, 10000, 1, NULL), ENODEV);
	want(AFTER("quote"), kvmeter_quote(fd, 0, 10000, &q), ENODEV);
	want(AFTER("budget"), kvmeter_budget(fd, 1, 0, 0, 0), ENODEV);
	want(AFTER("map"), (long)map(page_size, PROT_READ, MAP_SHARED, fd, 0), ENODEV);
	kvmeter_page_read(page, &last);
	wait_ms(1500);
	kvmeter_page_read(page, &p);
	result(p.flags & KVMETER_PAGE_GONE && p.charged_ncr &&
	       p.charged_ncr == last.charged_ncr && p.vm_id, AFTER("the page has the last values"),
	       "flags %x, charged %llu", p.flags, p.charged_ncr);
}

static void walk_close(void)
{
	int efd = eventfd(0, EFD_NONBLOCK), fd;
	const struct kvmeter_page *page;
	struct vm vm;

	vm_make(&vm, true);
	fd = attached(vm.fd);
	page = kvmeter_page_map(fd);
	kvmeter_eventfd(fd, efd, KVMETER_EVENT_GONE);
	wait_ms(500);
	vm_end(&vm);
	gone("closed", fd, page);
	result(polled(efd, POLLIN, 0), "closed: the eventfd tells", "it does not");
	close(fd);
	/* the mapping holds the file */
	result(page->flags & KVMETER_PAGE_GONE, "closed: the mapping stays", "flags %x",
	       page->flags);
	munmap((void *)page, page_size);
	close(efd);
}

static void walk_kill(void)
{
	const struct kvmeter_page *page;
	int s[2], fd;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		die("socketpair");
	pid = fork();
	if (!pid) {
		struct vm vm;

		vm_make(&vm, true);
		send_fd(s[1], attached(vm.fd));
		pause();
	}
	fd = receive_fd(s[0]);
	page = kvmeter_page_map(fd);
	wait_ms(500);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	gone("killed", fd, page);
	munmap((void *)page, page_size);
	close(fd);
	close(s[0]);
	close(s[1]);
}

static void walk(void)
{
	struct vm vm, other, young;
	int fd, other_fd;

	vm_make(&vm, true);
	vm_make(&other, true);
	vm_make(&young, false);
	fd = attached(vm.fd);
	other_fd = attached(other.fd);
	walk_descriptors(&vm, &young);
	walk_structs(&vm);
	walk_attach(&vm, &other);
	walk_budget(fd);
	walk_suggest(fd, other_fd);
	walk_quote(fd, kvmeter_page_map(fd));
	walk_events(fd);
	walk_agent(vm.fd, fd);
	walk_page(&vm, fd);
	walk_passing(&vm, fd);
	walk_rates(fd);
	walk_close();
	walk_kill();
	vm_end(&vm);
	vm_end(&other);
	vm_end(&young);
}

/* A VM that ends while threads call, attach, map and close */

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

static void storm(unsigned int seconds)
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

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	page_size = sysconf(_SC_PAGESIZE);
	if (argc == 2 && !strcmp(argv[1], "walk"))
		walk();
	else if (argc == 3 && !strcmp(argv[1], "storm"))
		storm(atoi(argv[2]));
	else
		return 2;
	printf("%u checks, %u wrong\n", checks, wrong);
	return wrong > 0;
}
