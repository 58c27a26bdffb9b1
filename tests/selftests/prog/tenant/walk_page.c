// SPDX-License-Identifier: GPL-2.0
/*
 * walk_page - the page: how it may be mapped, and that what is read in it is whole
 */
#include <sys/wait.h>

#include "tenant.h"

static void walk_maps(int fd)
{
	static const struct {
		const char *name;
		unsigned int pages;
		int prot, flags;
		unsigned int at;	/* in pages */
		int err;
	} bad[] = {
		{ "map two pages", 2, PROT_READ, MAP_SHARED, 0, EINVAL },
		{ "map the second", 1, PROT_READ, MAP_SHARED, 1, EINVAL },
		{ "map to write", 1, PROT_READ | PROT_WRITE, MAP_SHARED, 0, EACCES },
		{ "map to write only", 1, PROT_WRITE, MAP_SHARED, 0, EACCES },
		{ "map to execute", 1, PROT_READ | PROT_EXEC, MAP_SHARED, 0, EACCES },
		{ "map privately", 1, PROT_READ, MAP_PRIVATE, 0, EINVAL },
		{ "map privately to write", 1, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0, EINVAL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		want(bad[i].name, (long)mmap(NULL, bad[i].pages * page_size, bad[i].prot,
					     bad[i].flags, fd, bad[i].at * page_size), bad[i].err);
}

/* What is mapped cannot become more than it is */
static void walk_remaps(const struct kvmeter_page *page)
{
	int mem = open("/proc/self/mem", O_RDWR);
	void *at = (void *)page;
	char byte = 1;

	want("make it writable", mprotect(at, page_size, PROT_READ | PROT_WRITE), EACCES);
	want("make it executable", mprotect(at, page_size, PROT_READ | PROT_EXEC), EACCES);
	result(pwrite(mem, &byte, 1, (uintptr_t)page) < 0, "write by /proc/self/mem", "done");
	want("make it longer", (long)mremap(at, page_size, 2 * page_size, MREMAP_MAYMOVE), EFAULT);
	want("copy it", (long)mremap(at, 0, page_size, MREMAP_MAYMOVE), EFAULT);
	want("leave a copy",
	     (long)mremap(at, page_size, page_size, MREMAP_MAYMOVE | MREMAP_DONTUNMAP), EINVAL);
	close(mem);
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

/* Other mappings of the same page, and other readers */
static void walk_readers(struct vm *vm, int fd, const struct kvmeter_page *page)
{
	const struct kvmeter_page *twin = kvmeter_page_map(fd);
	int ro;

	result(twin && twin->vm_id == page->vm_id, "a second mapping", "%s", strerror(errno));
	ro = open("/dev/kvmeter", O_RDONLY);
	if (kvmeter_attach(ro, vm->fd, 0))
		die("attach, read-only");
	result(kvmeter_page_map(ro), "map of a file opened to read", "%s", strerror(errno));
	want("and to write", (long)mmap(NULL, page_size, PROT_WRITE, MAP_SHARED, ro, 0), EACCES);
	result(child_reads(page, id_of(fd)), "a child reads it", "it does not");
	close(ro);
}

static void walk_readings(int fd, const struct kvmeter_page *page)
{
	unsigned long long charged = 0, at = 0, reads, bad = 0;
	uint64_t end = now_ms() + 1000;
	struct kvmeter_ioc_get get;
	struct kvmeter_page p = { 0 };

	for (reads = 0; now_ms() < end; reads++) {
		kvmeter_page_read(page, &p);
		bad += p.charged_ncr < charged || p.at_ns < at || p.size != sizeof(p) || p.seq & 1;
		charged = p.charged_ncr;
		at = p.at_ns;
	}
	kvmeter_get(fd, &get);
	result(!bad, "readings are whole", "%llu of %llu are not", bad, reads);
	result(charged && charged <= get.charged_ncr && p.vm_id == get.vm_id,
	       "the page is the VM's", "%llu charged, not %llu", charged, get.charged_ncr);
	printf("# %llu readings of the page in 1 s\n", reads);
}

void walk_page(struct vm *vm, int fd)
{
	const struct kvmeter_page *page;

	walk_maps(fd);
	page = kvmeter_page_map(fd);
	result(page, "map", "%s", strerror(errno));
	if (!page)
		return;
	walk_remaps(page);
	walk_readers(vm, fd, page);
	walk_readings(fd, page);
}
