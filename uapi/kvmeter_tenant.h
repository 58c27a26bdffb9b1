/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kvmeter_tenant.h: what a VMM, or an application in a guest, needs of
 * kvmeter, as functions of C.  Documentation/ioctl.rst is the reference.
 *
 * Functions return 0, or -1 with errno.
 */
#ifndef KVMETER_TENANT_H
#define KVMETER_TENANT_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/kvmeter.h>

/* The VMM's side */

/**
 * kvmeter_open - a file that is not attached to any VM yet
 *
 * Return: its descriptor, or -1 with errno: ENOENT: no kvmeter on this host,
 * ENOTSUP: one with another interface.
 */
static inline int kvmeter_open(void)
{
	int fd = open("/dev/kvmeter", O_RDWR | O_CLOEXEC);

	if (fd >= 0 && ioctl(fd, KVMETER_IOC_VERSION, 0) != KVMETER_API_VERSION) {
		close(fd);
		errno = ENOTSUP;
		return -1;
	}
	return fd;
}

/**
 * kvmeter_attach - make @fd the handle of a VM
 * @fd: of kvmeter_open()
 * @kvm_fd: of the VM or of one of its vCPUs
 * @wait_ms: how long to wait for the VM's first guest entry, before which
 *           kvmeter does not know it (EAGAIN)
 */
static inline int kvmeter_attach(int fd, int kvm_fd, unsigned int wait_ms)
{
	struct kvmeter_ioc_attach a = { .size = sizeof(a), .fd = kvm_fd };
	struct timespec ms = { 0, 1000000 };

	while (ioctl(fd, KVMETER_IOC_ATTACH, &a)) {
		if (errno != EAGAIN || !wait_ms--)
			return -1;
		nanosleep(&ms, NULL);
	}
	return 0;
}

/** kvmeter_get - all about the VM; what poll() told of is done with */
static inline int kvmeter_get(int fd, struct kvmeter_ioc_get *get)
{
	memset(get, 0, sizeof(*get));
	get->size = sizeof(*get);
	return ioctl(fd, KVMETER_IOC_GET, get);
}

/** kvmeter_budget - set the cap; KVMETER_NCR_NONE: none */
static inline int kvmeter_budget(int fd, uint64_t cap_ncr, uint32_t period_s, uint32_t action,
				 uint32_t flags)
{
	struct kvmeter_ioc_budget b = {
		.size = sizeof(b), .flags = flags, .cap_ncr = cap_ncr, .period_s = period_s,
		.action = action,
	};

	return ioctl(fd, KVMETER_IOC_SET_BUDGET, &b);
}

/**
 * kvmeter_suggest - ask for a grant for some time
 * @fd: attached
 * @resource: KVMETER_RES_
 * @grant_bp: 10 000 is nominal
 * @duration_ms: 0 ends the present suggestion
 * @s: set to the answer; NULL: not of interest
 *
 * That it returns 0 means that there is an answer, not that it is yes.
 */
static inline int kvmeter_suggest(int fd, uint32_t resource, uint32_t grant_bp,
				  uint32_t duration_ms, struct kvmeter_ioc_suggest *s)
{
	struct kvmeter_ioc_suggest own;

	if (!s)
		s = &own;
	memset(s, 0, sizeof(*s));
	s->size = sizeof(*s);
	s->resource = resource;
	s->grant_bp = grant_bp;
	s->duration_ms = duration_ms;
	return ioctl(fd, KVMETER_IOC_SUGGEST, s);
}

/** kvmeter_quote - what a suggestion would bring and cost; changes nothing */
static inline int kvmeter_quote(int fd, uint32_t resource, uint32_t grant_bp,
				struct kvmeter_ioc_quote *q)
{
	memset(q, 0, sizeof(*q));
	q->size = sizeof(*q);
	q->resource = resource;
	q->grant_bp = grant_bp;
	return ioctl(fd, KVMETER_IOC_QUOTE, q);
}

/** kvmeter_eventfd - have @events counted up in @eventfd; -1: no more */
static inline int kvmeter_eventfd(int fd, int eventfd, uint32_t events)
{
	struct kvmeter_ioc_eventfd e = { .size = sizeof(e), .fd = eventfd, .events = events };

	return ioctl(fd, KVMETER_IOC_EVENTFD, &e);
}

/** kvmeter_cgroup - hand over the VM's cgroup, -1: let go of it; needs CAP_SYS_ADMIN */
static inline int kvmeter_cgroup(int fd, int dir)
{
	struct kvmeter_ioc_cgroup c = { .size = sizeof(c), .fd = dir };

	return ioctl(fd, KVMETER_IOC_CGROUP, &c);
}

/** kvmeter_page_map - the page of an attached file; NULL with errno */
static inline const struct kvmeter_page *kvmeter_page_map(int fd)
{
	void *page = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, fd, 0);

	return page == MAP_FAILED ? NULL : (const struct kvmeter_page *)page;
}

/**
 * kvmeter_page_read - one consistent reading of the page
 * @page: mapped
 * @out: set to it; what the module does not fill is 0
 *
 * The module writes a page in well under a microsecond and is not interrupted
 * by another thread while it does, so this repeats once if at all.
 */
static inline void kvmeter_page_read(const struct kvmeter_page *page, struct kvmeter_page *out)
{
	size_t size;
	__u32 seq;

	do {
		while ((seq = __atomic_load_n(&page->seq, __ATOMIC_ACQUIRE)) & 1)
			;
		size = *(const volatile __u32 *)&page->size;
		if (size > sizeof(*out))
			size = sizeof(*out);
		memset(out, 0, sizeof(*out));
		memcpy(out, page, size);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (__atomic_load_n(&page->seq, __ATOMIC_RELAXED) != seq);
}

/** kvmeter_page_price_ncr_h - the price in force at @at_ns of CLOCK_MONOTONIC */
static inline uint64_t kvmeter_page_price_ncr_h(const struct kvmeter_page *read, uint64_t at_ns)
{
	if (read->pending_at_ns && at_ns >= read->pending_at_ns)
		return read->pending_ncr_h;
	return read->price_ncr_h;
}

/* The guest's side */

#if defined(__x86_64__)
#include <cpuid.h>

/**
 * kvmeter_hint_possible - may a hypercall be tried at all?
 *
 * Outside of KVM the instruction is an invalid opcode.  Whether the host has a
 * kvmeter, and has allowed hints, the guest cannot see.
 */
static inline int kvmeter_hint_possible(void)
{
	unsigned int eax, ebx, ecx, edx;

	__cpuid(1, eax, ebx, ecx, edx);
	if (!(ecx & 1U << 31))
		return 0;
	__cpuid(0x40000000, eax, ebx, ecx, edx);
	return ebx == 0x4b4d564b && ecx == 0x564b4d56 && edx == 0x4d;	/* KVMKVMKVM */
}

/**
 * kvmeter_hint - hint at what this guest will need; from any ring
 * @resource: KVMETER_RES_
 * @grant_bp: 10 000 is nominal
 * @duration_ms: for how long; 0 ends the present hint
 *
 * There is no answer: a hint may be ignored.
 */
static inline void kvmeter_hint(unsigned long resource, unsigned long grant_bp,
				unsigned long duration_ms)
{
	unsigned int eax, ebx, ecx, edx;
	unsigned long nr = KVMETER_HINT_NR;

	__cpuid(0, eax, ebx, ecx, edx);
	if (ebx == signature_INTEL_ebx)
		__asm__ volatile("vmcall" : "+a"(nr)
				 : "b"(resource), "c"(grant_bp), "d"(duration_ms) : "memory");
	else
		__asm__ volatile("vmmcall" : "+a"(nr)
				 : "b"(resource), "c"(grant_bp), "d"(duration_ms) : "memory");
}
#endif

#endif /* KVMETER_TENANT_H */
