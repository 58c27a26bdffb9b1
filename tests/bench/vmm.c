// SPDX-License-Identifier: GPL-2.0
/*
 * vmm - what a bio of a VMM's and a page fault of a guest's cost
 *
 *	vmm NAME COUNT [DISK]
 *
 * With a DISK each line of standard input makes COUNT direct reads of 4 KiB of its
 * first MiB and prints "bios NAME LINE COUNT NS"; without one its guest writes to
 * COUNT pages that are not there and it prints "faults NAME LINE COUNT NS".  NS is
 * the thread's CPU time.  NAME "other" is a process without a VM.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE	4096
#define MIB	(1 << 20)
#define CODE	0x1000
#define DATA	0x100000	/* where the guest's fresh pages begin */

/* 0: mov byte [esi], 1; add esi, 4096; dec ecx; jne 0; hlt; jmp 0 */
static const uint8_t code[] = {
	0xc6, 0x06, 0x01, 0x81, 0xc6, 0x00, 0x10, 0x00, 0x00, 0x49, 0x75, 0xf4, 0xf4, 0xeb, 0xf1,
};

static char *mem;
static struct kvm_run *run;
static int vcpu, count;

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* 32 bits, flat, no paging: a page that the host lacks is all that can fault */
static void guest_start(void)
{
	size_t size = DATA + (size_t)count * PAGE;
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);
	struct kvm_userspace_memory_region region = { .memory_size = size };
	struct kvm_sregs sregs;

	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (kvm < 0 || vm < 0 || mem == MAP_FAILED || madvise(mem, size, MADV_NOHUGEPAGE))
		err(1, "no VM");
	memcpy(mem + CODE, code, sizeof(code));
	region.userspace_addr = (uintptr_t)mem;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		err(1, "no memory for the VM");
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	run = mmap(NULL, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED,
		   vcpu, 0);
	if (vcpu < 0 || run == MAP_FAILED || ioctl(vcpu, KVM_GET_SREGS, &sregs))
		err(1, "no vCPU");
	sregs.cs = (struct kvm_segment) {
		.limit = ~0u, .selector = 8, .type = 11, .present = 1, .db = 1, .s = 1, .g = 1,
	};
	sregs.ds = sregs.cs;
	sregs.ds.type = 3;
	sregs.ds.selector = 16;
	sregs.es = sregs.fs = sregs.gs = sregs.ss = sregs.ds;
	sregs.cr0 |= 1;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs))
		err(1, "registers");
}

static uint64_t guest_writes(int pages)
{
	struct kvm_regs regs = { .rip = CODE, .rflags = 2, .rsi = DATA, .rcx = pages };
	uint64_t begin;

	if (ioctl(vcpu, KVM_SET_REGS, &regs))
		err(1, "registers");
	begin = cpu_ns();
	do {
		if (ioctl(vcpu, KVM_RUN, 0) && errno != EINTR)
			err(1, "KVM_RUN");
	} while (run->exit_reason == KVM_EXIT_INTR);
	begin = cpu_ns() - begin;
	if (run->exit_reason != KVM_EXIT_HLT)
		errx(1, "exit reason %u", run->exit_reason);
	if (!mem[DATA + (size_t)(pages - 1) * PAGE])
		errx(1, "the guest wrote nothing");
	return begin;
}

static uint64_t faults(void)
{
	if (madvise(mem + DATA, (size_t)count * PAGE, MADV_DONTNEED))
		err(1, "madvise");
	return guest_writes(count);
}

static uint64_t bios(int fd)
{
	static char *buf;
	uint64_t begin;
	int i;

	if (!buf && posix_memalign((void **)&buf, PAGE, PAGE))
		errx(1, "no memory");
	begin = cpu_ns();
	for (i = 0; i < count; i++)
		if (pread(fd, buf, PAGE, (off_t)i * PAGE % MIB) != PAGE)
			err(1, "read");
	return cpu_ns() - begin;
}

int main(int argc, char **argv)
{
	char line[64];
	int fd = -1;

	if (argc < 3 || argc > 4)
		errx(2, "usage: vmm NAME COUNT [DISK]");
	count = atoi(argv[2]);
	if (argc == 4)
		fd = open(argv[3], O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (argc == 4 && fd < 0)
		err(1, "%s", argv[3]);
	/* kvmeter knows a VM once it was entered */
	if (strcmp(argv[1], "other")) {
		guest_start();
		guest_writes(1);
	}
	setlinebuf(stdout);
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (fd >= 0 && run)
			guest_writes(1);
		printf("%s %s %s %d %llu\n", fd < 0 ? "faults" : "bios", argv[1], line, count,
		       (unsigned long long)(fd < 0 ? faults() : bios(fd)));
	}
	return 0;
}
