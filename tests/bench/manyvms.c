// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: manyvms THREAD_PID PERIOD_MS NR_PERIODS N...
 *
 * What a thread costs per period with N VMs: for each N, in rising order, VMs
 * are added until there are N, a process and a vCPU each, then a line per
 * measurement and activity:
 *
 *	cost N idle|active CPU_NS PERIODS ENTRIES
 *
 * A guest is one I/O instruction in a loop, so an entry is short.  Idle: all
 * wait outside of KVM_RUN.  Active: each enters twice a period.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/kvm.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_VMS		4096
#define IDLE_PERIODS	330
#define REPEATS		5

static const uint8_t code[] = { 0xe6, 0x10, 0xeb, 0xfc };	/* out; jmp to it */

static struct {
	unsigned int nr_ready;
	uint32_t active;	/* a futex */
	uint64_t entries;
} *shared;

static unsigned int period_ms;

static void die(const char *what)
{
	perror(what);
	_exit(1);
}

static void sleep_us(uint64_t us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };

	nanosleep(&ts, NULL);
}

static void vm(void)
{
	struct kvm_userspace_memory_region region = { .memory_size = 4096 };
	struct kvm_regs regs = { .rflags = 2 };
	struct kvm_sregs sregs;
	int kvm, vm, vcpu;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	kvm = open("/dev/kvm", O_RDWR);
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		die("KVM_CREATE_VM");
	region.userspace_addr = (uintptr_t)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
						MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy((void *)region.userspace_addr, code, sizeof(code));
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		die("KVM_SET_USER_MEMORY_REGION");
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vcpu < 0 || ioctl(vcpu, KVM_GET_SREGS, &sregs) < 0)
		die("KVM_CREATE_VCPU");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) < 0 || ioctl(vcpu, KVM_SET_REGS, &regs) < 0)
		die("KVM_SET_REGS");
	if (ioctl(vcpu, KVM_RUN, 0) < 0)
		die("KVM_RUN");
	__atomic_add_fetch(&shared->nr_ready, 1, __ATOMIC_RELAXED);
	for (;;) {
		/* no timer of an idle one shall go off in the measured thread's time */
		while (!__atomic_load_n(&shared->active, __ATOMIC_RELAXED))
			syscall(SYS_futex, &shared->active, FUTEX_WAIT, 0, NULL);
		sleep_us(period_ms * 500);
		if (ioctl(vcpu, KVM_RUN, 0) < 0)
			die("KVM_RUN");
		__atomic_add_fetch(&shared->entries, 1, __ATOMIC_RELAXED);
	}
}

static uint64_t thread_ns(const char *pid)
{
	unsigned long long ns = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/schedstat", pid);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%llu", &ns) != 1)
		die(path);
	fclose(f);
	return ns;
}

static void measure(const char *pid, unsigned int n, unsigned int periods, bool active)
{
	uint64_t ns, entries;
	int i;

	__atomic_store_n(&shared->active, active, __ATOMIC_RELAXED);
	syscall(SYS_futex, &shared->active, FUTEX_WAKE, MAX_VMS);
	/* an idle VM is one when all that is remembered of it is */
	sleep_us(period_ms * 1000ULL * (active ? 3 : IDLE_PERIODS));
	for (i = 0; i < REPEATS; i++) {
		entries = __atomic_load_n(&shared->entries, __ATOMIC_RELAXED);
		ns = thread_ns(pid);
		sleep_us(1000ULL * period_ms * periods);
		printf("cost %u %s %llu %u %llu\n", n, active ? "active" : "idle",
		       (unsigned long long)(thread_ns(pid) - ns), periods,
		       (unsigned long long)(shared->entries - entries));
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	struct sched_param param = { .sched_priority = 10 };
	unsigned int n, nr = 0, periods;
	pid_t pids[MAX_VMS];
	int i;

	if (argc < 5) {
		fputs("Usage: manyvms THREAD_PID PERIOD_MS NR_PERIODS N...\n", stderr);
		return 2;
	}
	period_ms = atoi(argv[2]);
	periods = atoi(argv[3]);
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("mmap");

	for (i = 4; i < argc; i++) {
		n = atoi(argv[i]);
		for (; nr < n && nr < MAX_VMS; nr++) {
			pids[nr] = fork();
			if (!pids[nr])
				vm();
			if (pids[nr] < 0)
				die("fork");
		}
		while (__atomic_load_n(&shared->nr_ready, __ATOMIC_RELAXED) < nr)
			sleep_us(10000);
		sched_setscheduler(0, SCHED_FIFO, &param);
		measure(argv[1], nr, periods, false);
		measure(argv[1], nr, periods, true);
		param.sched_priority = 0;
		sched_setscheduler(0, SCHED_OTHER, &param);	/* children inherit it */
		param.sched_priority = 10;
		shared->active = 0;
	}
	for (n = 0; n < nr; n++)
		kill(pids[n], SIGKILL);
	return 0;
}
