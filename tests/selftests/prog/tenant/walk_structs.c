// SPDX-License-Identifier: GPL-2.0
/*
 * walk_structs - arguments of calls: sizes, flags, fields that are not asked for, addresses
 */
#include <linux/kvm.h>

#include "tenant.h"

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
	const struct {
		const char *what;
		uint32_t size;
		int at;		/* a byte that is not zero, -1: there is none */
		int err;
	} tries[] = {
		{ "as it is", c->size, -1, c->err },
		{ "longer, and zero", c->size + 64, -1, c->err },
		{ "longer by a byte", c->size + 1, -1, c->err },
		{ "a page", page_size, -1, c->err },
		{ "more than a page", page_size + 1, -1, E2BIG },
		{ "the largest size", UINT32_MAX, -1, E2BIG },
		{ "longer, and not zero", c->size + 64, c->size + 63, E2BIG },
		{ "not zero right behind", c->size + 8, c->size, E2BIG },
	};
	uint32_t size;
	int bad = 0;
	size_t i;

	for (size = 0; size < c->size; size++)
		bad += !(try_call(fd, c, size, -1, 0) < 0 && errno == EINVAL);
	result(!bad, name_of(c->name, "too short"), "%d sizes were not refused with EINVAL", bad);
	for (i = 0; i < ARRAY_SIZE(tries); i++)
		want(name_of(c->name, tries[i].what),
		     try_call(fd, c, tries[i].size, tries[i].at, 1), tries[i].err);
}

static void walk_fields(int fd, const struct call *c)
{
	int bad = 0, bit;
	uint32_t at;

	for (bit = 0; bit < 32; bit++)
		if (!(c->flags & 1u << bit))
			bad += !(try_call(fd, c, c->size, 4 + bit / 8, 1 << bit % 8) < 0 &&
				 errno == EINVAL);
	result(!bad, name_of(c->name, "flags"), "%d were not refused", bad);
	bad = 0;
	for (at = c->out; c->out && at < c->size; at++)
		bad += !(try_call(fd, c, c->size, at, 0x80) < 0 && errno == EINVAL);
	result(!bad, name_of(c->name, "fields that are not asked for"),
	       "%d bytes were not refused", bad);
}

static void walk_addresses(int fd, const struct call *c)
{
	uint8_t *two = mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	uint8_t *end = two + page_size;
	const struct {
		const char *what;
		void *arg;
	} tries[] = {
		{ "NULL", NULL },
		{ "an address of the kernel", (void *)0xffff888000000000 },
		{ "across the end", end - c->size + 4 },
		{ "beyond the end", end - 2 },
	};
	size_t i;

	munmap(end, page_size);
	memcpy(end - c->size + 4, c->good, c->size - 4);
	for (i = 0; i < ARRAY_SIZE(tries); i++)
		want(name_of(c->name, tries[i].what), ioctl(fd, c->cmd, tries[i].arg), EFAULT);
	munmap(two, page_size);
}

static void walk_attachment(int none, struct vm *vm)
{
	struct kvmeter_ioc_attach a = { .size = sizeof(a), .fd = vm->fd, .vm_id = 1 };

	want("attach: the id is not asked for", ioctl(none, KVMETER_IOC_ATTACH, &a), EINVAL);
	a.vm_id = 0;
	a.flags = 1;
	want("attach: flags", ioctl(none, KVMETER_IOC_ATTACH, &a), EINVAL);
	a.flags = 0;
	a.size = 12;
	want("attach: too short", ioctl(none, KVMETER_IOC_ATTACH, &a), EINVAL);
	want("attach: NULL", ioctl(none, KVMETER_IOC_ATTACH, NULL), EFAULT);
}

/* What else one does to a file */
static void walk_others(int none, int fd)
{
	char bytes[16] = "";

	want("map: not attached", (long)mmap(NULL, page_size, PROT_READ, MAP_SHARED, none, 0),
	     ENOTCONN);
	want("version", ioctl(fd, KVMETER_IOC_VERSION, 0) - KVMETER_API_VERSION, 0);
	want("version with an argument", ioctl(fd, KVMETER_IOC_VERSION, 1), EINVAL);
	want("no such ioctl", ioctl(fd, _IO(KVMETER_IOC_MAGIC, 0x7f), 0), ENOTTY);
	want("an ioctl of others", ioctl(fd, KVM_GET_API_VERSION, 0), ENOTTY);
	want("read", read(fd, bytes, sizeof(bytes)), EINVAL);
	want("write", write(fd, bytes, sizeof(bytes)), EINVAL);
	want("seek", lseek(fd, 0, SEEK_SET), ESPIPE);
}

void walk_structs(struct vm *vm)
{
	int none = kvmeter_open(), fd = attached(vm->fd);
	const struct call *c;

	walk_attachment(none, vm);
	for (c = calls; c < calls + ARRAY_SIZE(calls); c++) {
		want(name_of(c->name, "not attached"), try_call(none, c, c->size, -1, 0), ENOTCONN);
		walk_sizes(fd, c);
		walk_fields(fd, c);
		walk_addresses(fd, c);
	}
	walk_others(none, fd);
	close(none);
	close(fd);
}
