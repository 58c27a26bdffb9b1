// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl - any call to files of /dev/kvmeter, with any struct at any address
 *
 * It owns the VM that all targets are about, which ends now and then and another is made.
 */
#include <poll.h>
#include <sys/eventfd.h>

#include "fuzz.h"
#include "tenant/tenant.h"

/* What is at which offset of a struct, as far as a number there means something */
enum meaning { NO_MORE, SIZE, FLAGS, FD, RESOURCE, BP, MS, NCR, SECONDS, ACTION, EVENTS, ANY };

struct field {
	uint16_t offset, bytes;
	enum meaning meaning;
};

static const struct {
	unsigned long nr;
	const char *name;
	unsigned int size;
	bool sets;
	struct field fields[8];
} calls[] = {
	{ KVMETER_IOC_VERSION, "VERSION", 0, false, { { 0 } } },
	{ KVMETER_IOC_ATTACH, "ATTACH", sizeof(struct kvmeter_ioc_attach), false,
	  { { 0, 4, SIZE }, { 4, 4, FLAGS }, { 8, 4, FD } } },
	{ KVMETER_IOC_GET, "GET", sizeof(struct kvmeter_ioc_get), false,
	  { { 0, 4, SIZE }, { 4, 4, FLAGS } } },
	{ KVMETER_IOC_SET_BUDGET, "SET_BUDGET", sizeof(struct kvmeter_ioc_budget), true,
	  { { 0, 4, SIZE }, { 4, 4, FLAGS }, { 8, 8, NCR }, { 16, 4, SECONDS },
	    { 20, 4, ACTION } } },
	{ KVMETER_IOC_SUGGEST, "SUGGEST", sizeof(struct kvmeter_ioc_suggest), false,
	  { { 0, 4, SIZE }, { 4, 4, FLAGS }, { 8, 4, RESOURCE }, { 12, 4, BP }, { 16, 4, MS } } },
	{ KVMETER_IOC_QUOTE, "QUOTE", sizeof(struct kvmeter_ioc_quote), false,
	  { { 0, 4, SIZE }, { 4, 4, FLAGS }, { 8, 4, RESOURCE }, { 12, 4, BP } } },
	{ KVMETER_IOC_EVENTFD, "EVENTFD", sizeof(struct kvmeter_ioc_eventfd), false,
	  { { 0, 4, SIZE }, { 4, 4, FLAGS }, { 8, 4, FD }, { 12, 4, EVENTS } } },
	{ KVMETER_IOC_CGROUP, "CGROUP", sizeof(struct kvmeter_ioc_cgroup), false,
	  { { 0, 4, SIZE }, { 4, 4, FLAGS }, { 8, 4, FD } } },
};

#define NR_FILES	4	/* of /dev/kvmeter */

static struct vm vm;
static int file[NR_FILES], event, directory;
static uint8_t *edge;		/* a page that can be written, and none behind it */

int fuzz_fd(unsigned int nth)
{
	const int fds[] = {
		vm.fd, vm.vcpu, file[0], event, directory, -1, 0, 1 << 20, file[1],
	};

	return fds[nth % ARRAY_SIZE(fds)];
}

static void open_vm(void)
{
	unsigned int i;

	vm_make(&vm, true);
	file[0] = attached(vm.fd);
	for (i = 1; i < NR_FILES; i++)
		file[i] = kvmeter_open();
	vm_id = id_of(file[0]);
}

static void open_ioctl(void)
{
	event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	directory = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	edge = mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (edge == MAP_FAILED || mprotect(edge + page_size, page_size, PROT_NONE))
		die("memory");
	open_vm();
}

/* The next VM must be able to enter, whatever the host's settings have become. */
static void renew(void)
{
	unsigned int i;

	host_restore();
	if (vm_id % 2)
		close(file[0]);
	vm_end(&vm);
	if (!(vm_id % 2))
		close(file[0]);
	for (i = 1; i < NR_FILES; i++)
		close(file[i]);
	open_vm();
}

static uint64_t good_value(struct tape *t, enum meaning meaning, unsigned int size)
{
	switch (meaning) {
	case SIZE:
		return size;
	case FD:
		return fuzz_fd(below(t, 9));
	case RESOURCE:
		return below(t, KVMETER_RES_MAX);
	case BP:
		return below(t, 30000);
	case MS:
		return below(t, 5000);
	case NCR:
		return one_in(t, 4) ? KVMETER_NCR_NONE : draw(t);
	case SECONDS:
		return one_in(t, 4) ? 0 : below(t, 100000);
	case ACTION:
		return below(t, 3);
	case EVENTS:
		return below(t, KVMETER_EVENT_ALL + 1);
	default:
		return 0;
	}
}

static void fill(struct tape *t, uint8_t *bytes, unsigned int call)
{
	const struct field *f;
	uint64_t value;

	for (f = calls[call].fields; f->meaning != NO_MORE; f++) {
		value = one_in(t, 8) ? odd_value(t) : good_value(t, f->meaning, calls[call].size);
		memcpy(bytes + f->offset, &value, f->bytes);
	}
	if (one_in(t, 10))
		bytes[below(t, 1024)] = draw(t);
	if (one_in(t, 20)) {	/* of another version */
		value = calls[call].size + 8 * below(t, 512);
		memcpy(bytes, &value, 4);
	}
}

static void *address(struct tape *t, uint8_t *bytes, unsigned int size)
{
	switch (below(t, 24)) {
	case 0:
		return NULL;
	case 1:
		return (void *)(uintptr_t)(odd_value(t) | 1ull << 63);
	case 2:
	case 3:
	case 4:		/* ends with the page, or is cut by its end */
		size -= below(t, 2) ? below(t, size + 1) : 0;
		memcpy(edge + page_size - size, bytes, size);
		return edge + page_size - size;
	default:
		return bytes;
	}
}

/* What else can be done with a file */
static int do_other(struct tape *t, int fd)
{
	uint8_t buf[256];
	void *page;
	int i;

	switch (below(t, 5)) {
	case 0:
		return read(fd, buf, sizeof(buf));
	case 1:
		return write(fd, buf, below(t, sizeof(buf)));
	case 2:
		page = mmap(NULL, page_size << below(t, 3), 1 + below(t, 7),
			    one_in(t, 2) ? MAP_SHARED : MAP_PRIVATE, fd,
			    (off_t)below(t, 3) * page_size);
		if (page == MAP_FAILED)
			return -1;
		memcpy(buf, page, sizeof(buf));
		return munmap(page, page_size);
	case 3:
		return polled(fd, POLLIN, 0);
	default:
		i = 1 + below(t, NR_FILES - 1);
		close(file[i]);
		file[i] = kvmeter_open();
		return file[i];
	}
}

/* A budget that was accepted is the VM's; another worker may have set another since. */
static void budget_whole(const struct kvmeter_ioc_budget *b)
{
	struct kvmeter_ioc_get get;

	if (opt.workers > 1 || kvmeter_get(file[0], &get))
		return;
	/* of the operator's and the VM's own the one with less left is shown */
	if (!(get.budget_flags & KVMETER_GET_OWN))
		return;
	if (get.cap_ncr != b->cap_ncr || get.budget_period_s != b->period_s ||
	    get.budget_action != b->action ||
	    !(get.budget_flags & KVMETER_GET_PACE) != !(b->flags & KVMETER_BUDGET_PACE))
		bad("a budget is accepted, and another is in force");
}

static void run(struct tape *t, struct outcome *o)
{
	static uint8_t bytes[8192];
	unsigned int call = below(t, ARRAY_SIZE(calls));
	int fd = file[one_in(t, 3) ? below(t, NR_FILES) : 0], ret;
	unsigned long nr;

	memset(bytes, 0, sizeof(bytes));
	if (one_in(t, 10)) {
		o->what = "file";
		ret = do_other(t, fd);
	} else if (one_in(t, 20)) {
		o->what = "any ioctl";
		nr = draw(t);
		if (one_in(t, 2))
			nr = _IOC(draw(t) & 3, KVMETER_IOC_MAGIC, below(t, 16), below(t, 1024));
		fill(t, bytes, call);
		ret = ioctl(fd, nr, bytes);
	} else {
		o->what = calls[call].name;
		o->sets = calls[call].sets;
		fill(t, bytes, call);
		ret = ioctl(fd, calls[call].nr, address(t, bytes, calls[call].size));
		if (!ret && calls[call].nr == KVMETER_IOC_SET_BUDGET)
			budget_whole((void *)bytes);
	}
	o->err = ret < 0 ? errno : 0;
}

const struct target target_ioctl = {
	.name = "ioctl", .weight = 4, .open = open_ioctl, .run = run, .renew = renew,
};
