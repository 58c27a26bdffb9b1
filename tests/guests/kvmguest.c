// SPDX-License-Identifier: GPL-2.0
/*
 * kvmguest - a virtual machine whose demand for CPU time is exactly known
 *
 * To test a meter one needs a load that behaves as a guest does and that counts for itself. This is
 * a whole VMM on the raw KVM interface: each vCPU is a thread, runs guest_code.S and is given, in a
 * page it shares with the VMM, a demand: be busy for so long in every cycle. All modes are settings
 * of that demand; trace and control commands change it while the guest runs. The guest counts its
 * work and the gaps it noticed; KVM tells it the steal time; the host's scheduler tells what its
 * threads ran and waited. All of it is printed, for a test to compare.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/kvm.h>
#include <linux/kvm_para.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "guest_page.h"

#define MAX_VCPUS	16
#define MAX_CPUID	256
#define MAX_LIST	100000
#define NSEC_PER_MSEC	1000000ull
#define NSEC_PER_SEC	1000000000ull
#define BP_ONE		10000	/* basis points of the whole */
#define SIG_KICK	SIGRTMIN		/* to a vCPU thread: leave KVM_RUN */
#define SIG_DONE	(SIGRTMIN + 1)	/* to the main thread: a vCPU is done */
#define UNUSED		__attribute__((unused))

/* Guest-physical memory: 2 MiB, mapped by one large page at the same address. */
#define MEM_SIZE	(2u << 20)
#define GPA_GDT		0x1000
#define GPA_IDT		0x2000
#define GPA_PML4	0x3000
#define GPA_PDPT	0x4000
#define GPA_PD		0x5000
#define GPA_CODE	0x10000
#define GPA_PAGE(i)	(0x20000 + 0x1000 * (i))	/* shared page; the stack is at its end */
#define STEAL_OFFSET	0x200				/* struct kvm_steal_time in that page */

#define SEL_CODE	0x08
#define SEL_DATA	0x10

extern const uint8_t guest_begin[], guest_irq[], guest_end[];

struct vcpu {
	unsigned int	index;
	int		fd;
	pid_t		tid;
	pthread_t	thread;
	struct kvm_run	*run;
	uint64_t	*page;
	uint64_t	io_exits;	/* KIND_IO exits that reached us */
	uint64_t	demand_bp;
	uint64_t	demand_since;	/* when that began, for demand_bp_ns */
	uint64_t	demand_bp_ns;	/* demand integrated over time until then */
	uint64_t	parked_ns;	/* when it left KVM_RUN on a kick */
	bool		parked, done;
};

struct timer {
	uint64_t	next, period;	/* ns; period 0: once; next 0: off */
	void		(*fire)(uint64_t now);
};

static struct {
	const char	*mode, *name, *trace, *control, *pidfile;
	const char	*exit_kind;
	unsigned int	vcpus;
	bool		json;
	double		seconds, trace_scale;
	uint64_t	count, duty_bp, on_ms, off_ms, cycle_us, step_ms, tick_us, margin_us;
	uint64_t	report_ms, windows_ms, calibrate_ms, helper_bp, stall_us;
	uint64_t	hc[5];
} opt = {
	.mode = "spin", .exit_kind = "cpuid", .vcpus = 1, .trace_scale = 1,
	.duty_bp = 3000, .on_ms = 100, .off_ms = 100, .cycle_us = 10000, .step_ms = 100,
	.tick_us = 4000, .margin_us = 500, .stall_us = 1000,
	.hc = { KVM_HC_VAPIC_POLL_IRQ },
};

static struct vcpu vcpus[MAX_VCPUS];
#define for_each_vcpu(v)	for ((v) = vcpus; (v) < vcpus + opt.vcpus; (v)++)
static int kvm_fd, vm_fd;
static uint8_t *mem;
static uint64_t tsc_khz;
static uint64_t start_ns, end_ns;
static uint64_t kicks, kick_us_max;
static double rate;			/* work per ns of CPU time, 0: not calibrated */
static pthread_t helper;
static uint64_t helper_ns;
static bool quit;

/* What vCPU threads and the main thread tell each other. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static unsigned int nr_ready, nr_done;
static bool released, parking, stopping;

static __attribute__((noreturn, format(printf, 1, 2))) void die(const char *fmt, ...)
{
	va_list ap;

	fputs("kvmguest: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	_exit(1);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		return 0;
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static uint64_t ns_to_tsc(uint64_t ns)
{
	return (unsigned __int128)ns * tsc_khz / NSEC_PER_MSEC;
}

static uint64_t tsc_to_ns(uint64_t tsc)
{
	return (unsigned __int128)tsc * NSEC_PER_MSEC / tsc_khz;
}

/* The shared page: plain words, one writer each. */
static uint64_t get(const struct vcpu *v, int word)
{
	return __atomic_load_n(&v->page[word], __ATOMIC_RELAXED);
}

static void set(struct vcpu *v, int word, uint64_t value)
{
	__atomic_store_n(&v->page[word], value, __ATOMIC_RELAXED);
}

static const struct kvm_steal_time *steal_time(const struct vcpu *v)
{
	return (const void *)v->page + STEAL_OFFSET;
}

/*
 * Demand
 */

/* Make the guest look at its page now: a busy one sees PG_SEQ, a halted one needs an interrupt. */
static void nudge(struct vcpu *v)
{
	struct kvm_msi msi = {
		.address_lo = 0xfee00000 | v->index << 12,
		.data = VECTOR_WAKE,
	};

	__atomic_store_n(&v->page[PG_SEQ], get(v, PG_SEQ) + 1, __ATOMIC_RELEASE);
	if (ioctl(vm_fd, KVM_SIGNAL_MSI, &msi) < 0)
		die("KVM_SIGNAL_MSI: %m");
}

static void account_demand(struct vcpu *v, uint64_t now)
{
	if (now <= v->demand_since)
		return;
	v->demand_bp_ns += v->demand_bp * (now - v->demand_since);
	v->demand_since = now;
}

static void set_demand(struct vcpu *v, uint64_t on_tsc, uint64_t cycle_tsc, uint64_t kind)
{
	if (get(v, PG_ON) == on_tsc && get(v, PG_CYCLE) == cycle_tsc && get(v, PG_KIND) == kind)
		return;
	account_demand(v, now_ns());
	v->demand_bp = on_tsc >= cycle_tsc ? BP_ONE : on_tsc * BP_ONE / cycle_tsc;
	set(v, PG_ON, on_tsc);
	set(v, PG_CYCLE, cycle_tsc);
	set(v, PG_KIND, kind);
	nudge(v);
}

static void demand_all(uint64_t on_tsc, uint64_t cycle_tsc, uint64_t kind)
{
	struct vcpu *v;

	for_each_vcpu(v)
		set_demand(v, on_tsc, cycle_tsc, kind);
}

static void demand_duty(uint64_t bp)
{
	uint64_t cycle = ns_to_tsc(opt.cycle_us * 1000);

	demand_all(bp >= BP_ONE ? cycle : cycle * bp / BP_ONE, cycle, KIND_SPIN);
}

static void demand_onoff(uint64_t on_ms, uint64_t off_ms)
{
	uint64_t on = ns_to_tsc(on_ms * NSEC_PER_MSEC);

	demand_all(on, on + ns_to_tsc(off_ms * NSEC_PER_MSEC) + !(on_ms + off_ms), KIND_SPIN);
}

static int exit_kind(const char *name)
{
	if (!strcmp(name, "cpuid"))
		return KIND_CPUID;
	if (!strcmp(name, "io"))
		return KIND_IO;
	if (!strcmp(name, "hypercall"))
		return KIND_HYPERCALL;
	return -1;
}

static void demand_exits(int kind)
{
	uint64_t cycle = ns_to_tsc(opt.cycle_us * 1000);

	demand_all(cycle, cycle, kind);
}

/*
 * The dodge: a meter that samples at the scheduler's tick charges whoever runs at that moment. A
 * guest that halts just before each tick and resumes just after it is never seen. All it needs is
 * the phase of the tick, which the host gives away: socket timeouts are counted in ticks, so that
 * a receive that times out returns just after one, if not delayed by something else. So of the last
 * few, the one nearest to all others is taken. The guest's TSC is read from its page; there a stale
 * value is too small, so the largest difference to our clock is taken.
 */
#define DODGE_SAMPLES	16
#define DODGE_PERIOD_US	50000

static int tick_socket;

/*
 * The guest's TSC minus what our clock says. The guest's last word is never from the future, but
 * may be from long ago if it halts: ask often enough to meet it busy, or just interrupted by us.
 */
static int64_t tsc_offset(void)
{
	int64_t offset = INT64_MIN, sample;
	uint64_t tsc;
	int i;

	for (i = 0; i < 16; i++) {
		tsc = get(&vcpus[0], PG_TSC);
		sample = tsc - ns_to_tsc(now_ns());
		if (sample > offset)
			offset = sample;
		usleep(100);
	}
	return offset;
}

/* How far b is from a on the circle of the tick */
static uint64_t tick_distance(uint64_t a, uint64_t b)
{
	uint64_t tick = opt.tick_us * 1000, d = (a > b ? a - b : b - a) % tick;

	return d < tick - d ? d : tick - d;
}

static void dodge(UNUSED uint64_t now)
{
	static uint64_t ticks[DODGE_SAMPLES];
	static int64_t offsets[DODGE_SAMPLES];
	static unsigned int nr;
	uint64_t least = UINT64_MAX, sum, tick = 0;
	int64_t offset = INT64_MIN;
	struct vcpu *v;
	int i, j, n;
	char byte;

	if (recv(tick_socket, &byte, 1, 0) >= 0 || errno != EAGAIN)
		return;
	ticks[nr % DODGE_SAMPLES] = now_ns();
	offsets[nr % DODGE_SAMPLES] = tsc_offset();
	nr++;

	n = nr < DODGE_SAMPLES ? nr : DODGE_SAMPLES;
	for (i = 0; i < n; i++) {
		for (sum = 0, j = 0; j < n; j++)
			sum += tick_distance(ticks[i], ticks[j]);
		if (sum < least) {
			least = sum;
			tick = ticks[i];
		}
		if (offsets[i] > offset)
			offset = offsets[i];
	}
	for_each_vcpu(v)
		set(v, PG_PHASE, ns_to_tsc(tick + opt.margin_us * 1000) + offset);
}

static void start_dodge(void)
{
	uint64_t tick = opt.tick_us * 1000;
	struct timeval timeout = { .tv_usec = opt.tick_us };
	struct vcpu *v;
	int pair[2];

	if (2 * opt.margin_us >= opt.tick_us)
		die("--margin-us must be less than half of --tick-us");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
	    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		die("socketpair: %m");
	tick_socket = pair[0];
	for_each_vcpu(v)
		set(v, PG_STRICT, 1);
	demand_all(ns_to_tsc(tick - 2 * opt.margin_us * 1000), ns_to_tsc(tick), KIND_SPIN);
}

/*
 * Trace: one demand per step, read from a file of numbers, or of lines whose last column is one.
 */
static uint64_t *trace;
static size_t trace_len, trace_pos;

static void load_trace(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[256];

	if (!f)
		die("%s: %m", path);
	while (fgets(line, sizeof(line), f)) {
		char *value = strrchr(line, ','), *end;
		double bp;

		value = value ? value + 1 : line;
		bp = strtod(value, &end) * opt.trace_scale;
		if (end == value)	/* a header, a comment, an empty line */
			continue;
		if (!(trace_len & (trace_len - 1))) {
			trace = realloc(trace, (trace_len ? 2 * trace_len : 1) * sizeof(*trace));
			if (!trace)
				die("out of memory");
		}
		trace[trace_len++] = bp < 0 ? 0 : bp > BP_ONE ? BP_ONE : bp + 0.5;
	}
	fclose(f);
	if (!trace_len)
		die("%s: no number in it", path);
}

static void trace_step(UNUSED uint64_t now)
{
	if (trace_pos < trace_len)
		demand_duty(trace[trace_pos++]);
	else
		quit = true;
}

static void start_mode(const char *mode)
{
	if (!strcmp(mode, "spin"))
		demand_duty(BP_ONE);
	else if (!strcmp(mode, "idle") || !strcmp(mode, "script"))
		demand_duty(0);
	else if (!strcmp(mode, "hlt"))
		demand_all(1, ns_to_tsc(opt.cycle_us * 1000), KIND_SPIN);
	else if (!strcmp(mode, "duty"))
		demand_duty(opt.duty_bp);
	else if (!strcmp(mode, "onoff"))
		demand_onoff(opt.on_ms, opt.off_ms);
	else if (!strcmp(mode, "exits"))
		demand_exits(exit_kind(opt.exit_kind));
	else if (!strcmp(mode, "dodge"))
		start_dodge();
}

/*
 * The virtual machine
 */
static void put64(uint64_t gpa, uint64_t value)
{
	memcpy(mem + gpa, &value, sizeof(value));
}

static void create_vm(void)
{
	struct kvm_userspace_memory_region region = { .memory_size = MEM_SIZE };
	uint64_t irq = GPA_CODE + (guest_irq - guest_begin);
	int i;

	kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm_fd < 0)
		die("/dev/kvm: %m");
	if (ioctl(kvm_fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		die("unknown KVM API version");
	vm_fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);
	if (vm_fd < 0)
		die("KVM_CREATE_VM: %m");
	if (ioctl(vm_fd, KVM_SET_TSS_ADDR, 0xfffbd000ul) < 0)
		die("KVM_SET_TSS_ADDR: %m");
	if (ioctl(vm_fd, KVM_CREATE_IRQCHIP, 0) < 0)
		die("KVM_CREATE_IRQCHIP: %m");

	mem = mmap(NULL, MEM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		die("guest memory: %m");
	region.userspace_addr = (uintptr_t)mem;
	if (ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		die("KVM_SET_USER_MEMORY_REGION: %m");

	memcpy(mem + GPA_CODE, guest_begin, guest_end - guest_begin);
	put64(GPA_GDT + SEL_CODE, 0x00af9b000000ffff);
	put64(GPA_GDT + SEL_DATA, 0x00cf93000000ffff);
	for (i = VECTOR_TIMER; i <= VECTOR_WAKE; i++)	/* present interrupt gates, below 4 GiB */
		put64(GPA_IDT + 16 * i,
		      (irq & 0xffff) | SEL_CODE << 16 | 0x8eull << 40 | (irq >> 16) << 48);
	put64(GPA_PML4, GPA_PDPT | 3);
	put64(GPA_PDPT, GPA_PD | 3);
	put64(GPA_PD, 0x83);
}

static void set_cpuid(struct vcpu *v)
{
	static union {
		struct kvm_cpuid2 head;
		uint8_t room[sizeof(struct kvm_cpuid2) +
			     MAX_CPUID * sizeof(struct kvm_cpuid_entry2)];
	} cpuid;
	unsigned int i;

	cpuid.head.nent = MAX_CPUID;
	if (ioctl(kvm_fd, KVM_GET_SUPPORTED_CPUID, &cpuid) < 0)
		die("KVM_GET_SUPPORTED_CPUID: %m");
	for (i = 0; i < cpuid.head.nent; i++) {
		struct kvm_cpuid_entry2 *e = &cpuid.head.entries[i];

		if (e->function == 1) {
			e->ebx = (e->ebx & 0x00ffffff) | v->index << 24;
			e->ecx |= 1u << 24 | 1u << 21;	/* TSC-deadline timer, x2APIC */
		} else if (e->function == 0xb) {
			e->edx = v->index;
		}
	}
	if (ioctl(v->fd, KVM_SET_CPUID2, &cpuid) < 0)
		die("KVM_SET_CPUID2: %m");
}

static void set_registers(struct vcpu *v)
{
	struct kvm_segment code = {
		.limit = 0xffffffff, .selector = SEL_CODE, .type = 11, .present = 1, .s = 1,
		.l = 1, .g = 1,
	};
	struct kvm_segment data = {
		.limit = 0xffffffff, .selector = SEL_DATA, .type = 3, .present = 1, .s = 1,
		.db = 1, .g = 1,
	};
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };
	struct kvm_regs regs = {
		.rip = GPA_CODE,
		.rsp = GPA_PAGE(v->index + 1),
		.r15 = GPA_PAGE(v->index),
		.rflags = 2,
	};
	struct kvm_sregs s;

	if (ioctl(v->fd, KVM_GET_SREGS, &s) < 0)
		die("KVM_GET_SREGS: %m");
	s.cs = code;
	s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.gdt.base = GPA_GDT;
	s.gdt.limit = 0x17;
	s.idt.base = GPA_IDT;
	s.idt.limit = 0xfff;
	s.cr0 = 0x80000011;		/* paging, protected mode */
	s.cr3 = GPA_PML4;
	s.cr4 = 0x20;			/* PAE */
	s.efer |= 0x500;		/* long mode, enabled and active */
	s.apic_base |= 0xc00;		/* x2APIC */
	if (ioctl(v->fd, KVM_SET_SREGS, &s) < 0)
		die("KVM_SET_SREGS: %m");
	if (ioctl(v->fd, KVM_SET_REGS, &regs) < 0)
		die("KVM_SET_REGS: %m");
	if (ioctl(v->fd, KVM_SET_MP_STATE, &state) < 0)
		die("KVM_SET_MP_STATE: %m");
}

/* Steal time is asked for as a guest does. A host without it fails the write, and none is seen. */
static void set_steal_time(struct vcpu *v)
{
	union {
		struct kvm_msrs head;
		uint8_t room[sizeof(struct kvm_msrs) + sizeof(struct kvm_msr_entry)];
	} msrs = { .head.nmsrs = 1 };

	msrs.head.entries[0].index = MSR_KVM_STEAL_TIME;
	msrs.head.entries[0].data = (GPA_PAGE(v->index) + STEAL_OFFSET) | KVM_MSR_ENABLED;

	if (ioctl(v->fd, KVM_SET_MSRS, &msrs) != 1)
		fprintf(stderr, "kvmguest: vcpu%u: this host reports no steal time\n", v->index);
}

static void create_vcpu(struct vcpu *v)
{
	unsigned int eax, ebx, ecx, edx;
	int size, khz;

	v->index = v - vcpus;
	v->fd = ioctl(vm_fd, KVM_CREATE_VCPU, (long)v->index);
	if (v->fd < 0)
		die("KVM_CREATE_VCPU %d: %m", v->index);
	size = ioctl(kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	v->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (size < 0 || v->run == MAP_FAILED)
		die("kvm_run of vcpu%u: %m", v->index);
	khz = ioctl(v->fd, KVM_GET_TSC_KHZ, 0);
	if (khz <= 0)
		die("KVM_GET_TSC_KHZ: %m");
	tsc_khz = khz;

	set_cpuid(v);
	set_registers(v);
	set_steal_time(v);

	v->page = (uint64_t *)(mem + GPA_PAGE(v->index));
	set(v, PG_CYCLE, ns_to_tsc(opt.cycle_us * 1000));
	set(v, PG_STALL, ns_to_tsc(opt.stall_us * 1000));
	__cpuid(0, eax, ebx, ecx, edx);
	set(v, PG_IS_INTEL, ebx == signature_INTEL_ebx && ecx == signature_INTEL_ecx &&
			    edx == signature_INTEL_edx && eax);
	set(v, PG_LEFT, opt.count / opt.vcpus + (v->index < opt.count % opt.vcpus));
	memcpy(&v->page[PG_HC_NR], opt.hc, sizeof(opt.hc));
}

/*
 * vCPU threads
 */
static void on_kick(UNUSED int sig)
{
	/* Its arrival is all: KVM_RUN returns EINTR. */
}

/* The guest said that it runs. Let it go on only when all of them do. */
static bool vcpu_ready(void)
{
	bool go;

	pthread_mutex_lock(&lock);
	nr_ready++;
	pthread_cond_broadcast(&cond);
	while (!released && !stopping)
		pthread_cond_wait(&cond, &lock);
	go = !stopping;
	pthread_mutex_unlock(&lock);
	return go;
}

static bool vcpu_interrupted(struct vcpu *v)
{
	bool go;

	v->parked_ns = now_ns();
	pthread_mutex_lock(&lock);
	if (parking && !stopping) {
		v->parked = true;
		pthread_cond_broadcast(&cond);
		while (parking && !stopping)
			pthread_cond_wait(&cond, &lock);
		v->parked = false;
	}
	go = !stopping;
	pthread_mutex_unlock(&lock);
	return go;
}

static bool vcpu_exit(struct vcpu *v)
{
	struct kvm_run *run = v->run;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		switch (run->io.port) {
		case PORT_EXIT:
			v->io_exits++;
			return true;
		case PORT_READY:
			return vcpu_ready();
		case PORT_DONE:
			return false;
		}
		die("vcpu%u: I/O to port 0x%x", v->index, run->io.port);
	case KVM_EXIT_INTR:
		return vcpu_interrupted(v);
	case KVM_EXIT_FAIL_ENTRY:
		die("vcpu%u: entry failed, hardware reason 0x%llx", v->index,
		    run->fail_entry.hardware_entry_failure_reason);
	case KVM_EXIT_INTERNAL_ERROR:
		die("vcpu%u: KVM internal error %u", v->index, run->internal.suberror);
	}
	die("vcpu%u: unexpected exit %u", v->index, run->exit_reason);
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *v = arg;
	bool go = true;
	sigset_t kick;
	char name[16];

	snprintf(name, sizeof(name), "vcpu%u", v->index);
	prctl(PR_SET_NAME, name);
	v->tid = syscall(SYS_gettid);
	sigemptyset(&kick);
	sigaddset(&kick, SIG_KICK);
	pthread_sigmask(SIG_UNBLOCK, &kick, NULL);

	while (go) {
		if (!ioctl(v->fd, KVM_RUN, 0))
			go = vcpu_exit(v);
		else if (errno == EINTR || errno == EAGAIN)
			go = vcpu_interrupted(v);
		else
			die("vcpu%u: KVM_RUN: %m", v->index);
	}

	/* Stay until the last report: what a thread ran is forgotten when it ends. */
	pthread_mutex_lock(&lock);
	v->done = true;
	if (++nr_done == opt.vcpus)
		end_ns = now_ns();
	pthread_cond_broadcast(&cond);
	if (!stopping)
		kill(getpid(), SIG_DONE);
	while (!stopping)
		pthread_cond_wait(&cond, &lock);
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void kick(struct vcpu *v)
{
	v->run->immediate_exit = 1;
	pthread_kill(v->thread, SIG_KICK);
}

/*
 * How long is a vCPU away once a signal wants it out? A throttled one must come as fast as any.
 */
static void kick_all(void)
{
	uint64_t t0, us, last = 0;
	struct timespec limit;
	struct vcpu *v;
	int missing;

	pthread_mutex_lock(&lock);
	parking = true;
	t0 = now_ns();
	for_each_vcpu(v)
		if (!v->done)
			kick(v);
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 30;
	do {
		missing = 0;
		for_each_vcpu(v)
			missing += !v->done && !v->parked;
	} while (missing && !pthread_cond_timedwait(&cond, &lock, &limit));
	for_each_vcpu(v) {
		if (v->parked && v->parked_ns > last)
			last = v->parked_ns;
		v->run->immediate_exit = 0;
	}
	parking = false;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&lock);

	us = last > t0 ? (last - t0) / 1000 : 0;
	kicks++;
	if (us > kick_us_max)
		kick_us_max = us;
	printf(opt.json ? "{\"kick_us\":%llu,\"missing\":%d}\n" : "kick_us=%llu missing=%d\n",
	       (unsigned long long)us, missing);
	fflush(stdout);
}

static void stop_all(void)
{
	struct vcpu *v;

	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&lock);
	for_each_vcpu(v)
		kick(v);
	for_each_vcpu(v)
		pthread_join(v->thread, NULL);
	if (opt.helper_bp)
		pthread_join(helper, NULL);
}

static void start_all(void)
{
	struct timespec limit;
	struct vcpu *v;
	int err;

	for_each_vcpu(v) {
		err = pthread_create(&v->thread, NULL, vcpu_thread, v);
		if (err)
			die("thread of vcpu%u: %s", v->index, strerror(err));
	}
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 120;
	pthread_mutex_lock(&lock);
	while (nr_ready < opt.vcpus)
		if (pthread_cond_timedwait(&cond, &lock, &limit))
			die("only %u of %u vCPUs entered the guest", nr_ready, opt.vcpus);
	pthread_mutex_unlock(&lock);
}

static void release_all(void)
{
	struct vcpu *v;

	pthread_mutex_lock(&lock);
	start_ns = now_ns();
	for_each_vcpu(v)
		v->demand_since = start_ns;
	released = true;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&lock);
}

/* A thread of the VMM that is no vCPU, as device emulation would be. */
static void *helper_thread(UNUSED void *arg)
{
	uint64_t cycle = 10 * NSEC_PER_MSEC, t = now_ns();
	struct timespec ts;

	prctl(PR_SET_NAME, "helper");
	while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED)) {
		while (now_ns() < t + cycle * opt.helper_bp / BP_ONE)
			;
		t += cycle;
		if (t < now_ns())
			t = now_ns();
		ts.tv_sec = t / NSEC_PER_SEC;
		ts.tv_nsec = t % NSEC_PER_SEC;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
		__atomic_store_n(&helper_ns, clock_ns(CLOCK_THREAD_CPUTIME_ID), __ATOMIC_RELAXED);
	}
	return NULL;
}

/*
 * Measuring and reporting
 */

/* The CPU clock is brought up to date when read; schedstat's run time only at the last tick. */
static uint64_t cpu_ns(const struct vcpu *v)
{
	clockid_t clock;

	return pthread_getcpuclockid(v->thread, &clock) ? 0 : clock_ns(clock);
}

static bool read_task_file(const struct vcpu *v, const char *file, char *buf, size_t size)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", v->tid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, buf, size - 1);
	close(fd);
	buf[len > 0 ? len : 0] = '\0';
	return len > 0;
}

static uint64_t wait_ns(const struct vcpu *v)
{
	unsigned long long wait = 0;
	char buf[128];

	if (read_task_file(v, "schedstat", buf, sizeof(buf)))
		sscanf(buf, "%*u %llu", &wait);
	return wait;
}

/* Guest time as /proc knows it: what a tick-sampling meter would charge. */
static uint64_t tick_ns(const struct vcpu *v)
{
	unsigned long long ticks = 0;
	char buf[1024], *p;
	int field;

	if (!read_task_file(v, "stat", buf, sizeof(buf)))
		return 0;
	p = strrchr(buf, ')');		/* ends field 2; guest time is field 43 */
	for (field = 2; p && field < 43; field++)
		p = strchr(p + 1, ' ');
	if (p)
		ticks = strtoull(p, NULL, 10);
	return ticks * (NSEC_PER_SEC / sysconf(_SC_CLK_TCK));
}

static bool first_key;

static void emit_key(const char *key)
{
	printf(opt.json ? "%s\"%s\":" : "%s%s=", first_key ? "" : opt.json ? "," : " ", key);
	first_key = false;
}

static void emit(const char *key, uint64_t value)
{
	emit_key(key);
	printf("%llu", (unsigned long long)value);
}

static void emit_string(const char *key, const char *value)
{
	emit_key(key);
	printf(opt.json ? "\"%s\"" : "%s", value);
}

static void emit_list(const char *key, const uint64_t *values, size_t n)
{
	size_t i;

	emit_key(key);
	if (opt.json)
		putchar('[');
	for (i = 0; i < n; i++)
		printf("%s%llu", i ? "," : "", (unsigned long long)values[i]);
	if (opt.json)
		putchar(']');
}

/* A quantity of every vCPU: its sum as KEY and the single ones as vcpu_KEY. */
static void emit_vcpus(const char *key, const uint64_t *values)
{
	char name[64] = "vcpu_";
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < opt.vcpus; i++)
		sum += values[i];
	emit(key, sum);
	strncat(name, key, sizeof(name) - 6);
	emit_list(name, values, opt.vcpus);
}

#define EMIT_VCPUS(key, expr) do {					\
	uint64_t values[MAX_VCPUS];					\
	struct vcpu *v;							\
									\
	for (v = vcpus; v < vcpus + opt.vcpus; v++)			\
		values[v - vcpus] = (expr);				\
	emit_vcpus(key, values);					\
} while (0)

#define MAX_OF_VCPUS(expr) ({						\
	uint64_t max = 0, value;					\
	struct vcpu *v;							\
									\
	for_each_vcpu(v) {						\
		value = (expr);						\
		if (value > max)					\
			max = value;					\
	}								\
	max;								\
})

static uint64_t total_work(void)
{
	struct vcpu *v;
	uint64_t sum = 0;

	for_each_vcpu(v)
		sum += get(v, PG_WORK);
	return sum;
}

/*
 * Windows: the work done in each span of time, as a share of what it could be (basis points), or
 * plain if the full speed was not measured. A late sample is put in relation to its real length.
 */
static uint64_t windows[MAX_LIST], window_at, window_work;
static size_t nr_windows;

static void window_end(UNUSED uint64_t now)
{
	uint64_t work = total_work(), t = now_ns();
	double full = rate ? rate * (t - window_at) * opt.vcpus / BP_ONE
			   : (t - window_at) / (double)(opt.windows_ms * NSEC_PER_MSEC);

	if (window_at && nr_windows < MAX_LIST)
		windows[nr_windows++] = (work - window_work) / full + 0.5;
	window_at = t;
	window_work = work;
}

static void emit_windows(void)
{
	double sum = 0, squares = 0, mean;
	uint64_t min = UINT64_MAX, max = 0;
	size_t i;

	if (!nr_windows)
		return;
	for (i = 0; i < nr_windows; i++) {
		sum += windows[i];
		if (windows[i] < min)
			min = windows[i];
		if (windows[i] > max)
			max = windows[i];
	}
	mean = sum / nr_windows;
	for (i = 0; i < nr_windows; i++)
		squares += (windows[i] - mean) * (windows[i] - mean);
	emit("window_ms", opt.windows_ms);
	emit_string("window_unit", rate ? "bp" : "work");
	emit("windows", nr_windows);
	emit("window_min", min);
	emit("window_mean", mean + 0.5);
	emit("window_max", max);
	emit("window_stddev", sqrt(squares / nr_windows) + 0.5);
	emit_list("window_list", windows, nr_windows);
}

static void report(bool final)
{
	uint64_t now = now_ns(), demand_ns = 0, least = UINT64_MAX, most;
	struct vcpu *v;

	if (end_ns && now > end_ns)
		now = end_ns;
	for_each_vcpu(v) {
		account_demand(v, now);
		demand_ns += v->demand_bp_ns / BP_ONE;
		if (get(v, PG_WORK) < least)
			least = get(v, PG_WORK);
	}
	most = MAX_OF_VCPUS(get(v, PG_WORK));

	first_key = true;
	if (opt.json)
		putchar('{');
	emit_string("name", opt.name ? opt.name : "kvmguest");
	emit("pid", getpid());
	emit_string("mode", opt.mode);
	emit("final", final);
	emit("vcpus", opt.vcpus);
	emit("wall_ns", now - start_ns);
	EMIT_VCPUS("run_ns", cpu_ns(v));
	EMIT_VCPUS("wait_ns", wait_ns(v));
	EMIT_VCPUS("tick_ns", tick_ns(v));
	EMIT_VCPUS("steal_ns", steal_time(v)->steal);
	EMIT_VCPUS("work", get(v, PG_WORK));
	EMIT_VCPUS("exits", get(v, PG_EXITS));
	EMIT_VCPUS("io_exits", v->io_exits);
	EMIT_VCPUS("wakeups", get(v, PG_WAKEUPS));
	EMIT_VCPUS("stalls", get(v, PG_STALLS));
	EMIT_VCPUS("stalled_ns", tsc_to_ns(get(v, PG_STALLED)));
	emit("max_stall_us", tsc_to_ns(MAX_OF_VCPUS(get(v, PG_GAP_MAX))) / 1000);
	emit("max_late_us", tsc_to_ns(MAX_OF_VCPUS(get(v, PG_LATE_MAX))) / 1000);
	emit("fairness_bp", most ? least * BP_ONE / most : BP_ONE);
	emit("demand_ns", demand_ns);
	emit("process_ns", clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	if (opt.helper_bp)
		emit("helper_ns", __atomic_load_n(&helper_ns, __ATOMIC_RELAXED));
	if (rate)
		emit("work_per_cpu_ms", rate * NSEC_PER_MSEC + 0.5);
	if (opt.count)
		emit("elapsed_ns", now - start_ns);
	if (trace_len)
		emit("trace_steps", trace_pos);
	if (kicks) {
		emit("kicks", kicks);
		emit("max_kick_us", kick_us_max);
	}
	if (get(&vcpus[0], PG_HC_DONE)) {
		emit("hypercalls", get(&vcpus[0], PG_HC_DONE));
		emit_key("hypercall_ret");
		printf("%lld", (long long)get(&vcpus[0], PG_HC_RET));
	}
	if (final)
		emit_windows();
	puts(opt.json ? "}" : "");
	fflush(stdout);
}

static void report_now(UNUSED uint64_t now)
{
	report(false);
}

/* Full speed: what vCPU 0 does per ns of its CPU time, alone, once it is warm. */
static void calibrate(void)
{
	uint64_t cycle = get(&vcpus[0], PG_CYCLE), work, cpu;
	struct vcpu *v = &vcpus[0];

	set_demand(v, cycle, cycle, KIND_SPIN);
	usleep(opt.calibrate_ms * 200);
	cpu = cpu_ns(v);
	work = get(v, PG_WORK);
	usleep(opt.calibrate_ms * 800);
	rate = (double)(get(v, PG_WORK) - work) / (cpu_ns(v) - cpu);
	set_demand(v, 0, cycle, KIND_SPIN);
	start_ns = now_ns();
}

/*
 * Control
 */
static int control_fd = -1;
static struct timer timer_end = { .fire = NULL };
static struct timer timer_trace = { .fire = trace_step };
static struct timer timer_dodge = { .fire = dodge };
static struct timer timer_window = { .fire = window_end };
static struct timer timer_report = { .fire = report_now };
static struct timer *const timers[] = {
	&timer_trace, &timer_dodge, &timer_window, &timer_report, &timer_end,
};

static void start_timer(struct timer *t, uint64_t period_us)
{
	t->period = period_us * 1000;
	t->next = now_ns() + t->period;
}

/* Run what is due; return how long to wait for what is not. */
static uint64_t run_timers(void)
{
	uint64_t now = now_ns(), wait = NSEC_PER_SEC;
	size_t i;

	for (i = 0; i < sizeof(timers) / sizeof(*timers); i++) {
		struct timer *t = timers[i];

		if (!t->next)
			continue;
		if (t->next <= now) {
			if (!t->fire)
				quit = true;
			else
				t->fire(now);
			now = now_ns();
			do
				t->next += t->period;
			while (t->period && t->next <= now);
		}
		if (t->next > now && t->next - now < wait)
			wait = t->next - now;
		else if (t->next <= now)
			t->next = 0;
	}
	return wait;
}

static void command(char *line)
{
	char *save, *word = strtok_r(line, " \t\r\n", &save);
	unsigned long long n[5] = { 0 };
	char *arg, *first = NULL;
	int args = 0, i;

	if (!word)
		return;
	while (args < 5 && (arg = strtok_r(NULL, " \t\r\n", &save))) {
		if (!first)
			first = arg;
		n[args++] = strtoull(arg, NULL, 0);
	}

	timer_trace.next = 0;		/* whoever commands ends the trace */
	if (!strcmp(word, "duty") && args == 1) {
		demand_duty(n[0]);
	} else if (!strcmp(word, "duty") && args == 2 && n[1] < opt.vcpus) {
		uint64_t cycle = ns_to_tsc(opt.cycle_us * 1000);

		set_demand(&vcpus[n[1]], n[0] >= BP_ONE ? cycle : cycle * n[0] / BP_ONE, cycle,
			   KIND_SPIN);
	} else if (!strcmp(word, "onoff") && args == 2) {
		demand_onoff(n[0], n[1]);
	} else if (!strcmp(word, "spin") || !strcmp(word, "idle") || !strcmp(word, "hlt")) {
		start_mode(word);
	} else if (!strcmp(word, "exits")) {
		i = exit_kind(first ? first : opt.exit_kind);
		if (i < 0)
			fprintf(stderr, "kvmguest: no such kind of exit: %s\n", first);
		else
			demand_exits(i);
	} else if (!strcmp(word, "hypercall") && args) {
		for (i = 0; i < 5; i++)
			set(&vcpus[0], PG_HC_NR + i, n[i]);
		set(&vcpus[0], PG_HC_WANTED, get(&vcpus[0], PG_HC_WANTED) + 1);
		nudge(&vcpus[0]);
	} else if (!strcmp(word, "kick")) {
		kick_all();
	} else if (!strcmp(word, "report")) {
		report(false);
	} else if (!strcmp(word, "quit")) {
		quit = true;
	} else {
		fprintf(stderr, "kvmguest: not a command: %s\n", word);
	}
}

static void open_control(void)
{
	if (!strcmp(opt.control, "-"))
		control_fd = STDIN_FILENO;
	else	/* read-write: a FIFO must not end when its writer of the moment does */
		control_fd = open(opt.control, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (control_fd < 0)
		die("%s: %m", opt.control);
}

static void read_control(void)
{
	static char buf[1024];
	static size_t used;
	char *newline;
	ssize_t len;

	len = read(control_fd, buf + used, sizeof(buf) - 1 - used);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0) {		/* whoever controlled us is gone */
		control_fd = -1;
		quit = !opt.seconds;
		return;
	}
	used += len;
	buf[used] = '\0';
	while ((newline = strchr(buf, '\n'))) {
		*newline = '\0';
		command(buf);
		used -= newline + 1 - buf;
		memmove(buf, newline + 1, used + 1);
	}
	if (used == sizeof(buf) - 1)	/* no line is that long */
		used = 0;
}

static void run(int signal_fd)
{
	struct signalfd_siginfo info;

	while (!quit) {
		struct pollfd fds[2] = {
			{ .fd = signal_fd, .events = POLLIN },
			{ .fd = control_fd, .events = POLLIN },
		};
		uint64_t wait = run_timers();
		struct timespec ts = { wait / NSEC_PER_SEC, wait % NSEC_PER_SEC };

		if (quit || ppoll(fds, 2, &ts, NULL) <= 0)
			continue;
		if (fds[1].revents)
			read_control();
		if (!fds[0].revents || read(signal_fd, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo == SIGUSR1)
			kick_all();
		else if (info.ssi_signo != (uint32_t)SIG_DONE || nr_done == opt.vcpus)
			quit = true;
	}
}

static void write_pidfile(void)
{
	FILE *f = fopen(opt.pidfile, "w");

	if (!f || fprintf(f, "%d\n", getpid()) < 0 || fclose(f))
		die("%s: %m", opt.pidfile);
}

static const char usage[] =
"Usage: kvmguest [options]\n"
"A virtual machine with a known demand for CPU time. Prints \"ready PID\" when all vCPUs run, and\n"
"what it did when it ends (--seconds, SIGTERM, SIGINT, or 'quit').\n"
"\n"
"  --mode MODE        spin      compute, never exit (default)\n"
"                     idle      halt until the end\n"
"                     hlt       halt, wake once per cycle, halt again\n"
"                     duty      busy for --duty-bp of each --cycle-ms\n"
"                     onoff     busy for --on-ms, then idle for --off-ms\n"
"                     exits     exit as often as possible: --exit-kind, --count\n"
"                     trace     follow --trace, one line per --step-ms; ends with it\n"
"                     script    idle until --control says otherwise\n"
"                     dodge     be busy only between scheduler ticks: --tick-us, --margin-us\n"
"  --vcpus N          number of vCPUs, 1 to 16 (1)\n"
"  --seconds S        run time; 0: until a signal (0)\n"
"  --duty-bp BP       share of each vCPU's time in basis points (3000)\n"
"  --cycle-ms MS      length of a demand cycle, decimals allowed (10)\n"
"  --on-ms, --off-ms  lengths of the two phases of onoff (100, 100)\n"
"  --exit-kind KIND   cpuid: handled by the kernel, io: by the VMM, hypercall (cpuid)\n"
"  --count N          end after N exits in all\n"
"  --hypercall LIST   number and up to 4 arguments, comma-separated (1)\n"
"  --trace FILE       usage trace: a number per line, or CSV with the number last\n"
"  --trace-scale F    times the numbers in it to get basis points (1)\n"
"  --step-ms MS       time that each line of the trace lasts (100)\n"
"  --tick-us US       the host's tick, 4000 for HZ=250 (4000)\n"
"  --margin-us US     distance that a dodging guest keeps from it (500)\n"
"  --control FIFO     read commands from it; '-': from standard input. Any mode. Commands:\n"
"                     duty BP [VCPU] | spin | idle | hlt | onoff MS MS | exits [KIND] |\n"
"                     hypercall NR [A0 A1 A2 A3] | kick | report | quit\n"
"  --report-ms MS     report so often, too\n"
"  --windows-ms MS    list the work done in each such window at the end\n"
"  --calibrate-ms MS  measure full speed first; windows are then shares of it\n"
"  --stall-us US      a longer gap between two iterations is a stall (1000)\n"
"  --helper-spin BP   a thread that is no vCPU uses that much of a CPU\n"
"  --name NAME        name of the process\n"
"  --pidfile FILE     write the process id there\n"
"  --json             reports are JSON, not key=value\n"
"SIGUSR1 takes all vCPUs out of KVM_RUN, prints how long the last one took, and lets them go on.\n";

enum {
	OPT_MODE = 256, OPT_VCPUS, OPT_SECONDS, OPT_DUTY, OPT_CYCLE, OPT_ON, OPT_OFF, OPT_KIND,
	OPT_COUNT, OPT_HYPERCALL, OPT_TRACE, OPT_SCALE, OPT_STEP, OPT_TICK, OPT_MARGIN,
	OPT_CONTROL, OPT_REPORT, OPT_WINDOWS, OPT_CALIBRATE, OPT_STALL, OPT_HELPER, OPT_NAME,
	OPT_PIDFILE, OPT_JSON, OPT_HELP,
};

static const struct option options[] = {
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "vcpus", required_argument, NULL, OPT_VCPUS },
	{ "seconds", required_argument, NULL, OPT_SECONDS },
	{ "duty-bp", required_argument, NULL, OPT_DUTY },
	{ "cycle-ms", required_argument, NULL, OPT_CYCLE },
	{ "on-ms", required_argument, NULL, OPT_ON },
	{ "off-ms", required_argument, NULL, OPT_OFF },
	{ "exit-kind", required_argument, NULL, OPT_KIND },
	{ "count", required_argument, NULL, OPT_COUNT },
	{ "hypercall", required_argument, NULL, OPT_HYPERCALL },
	{ "trace", required_argument, NULL, OPT_TRACE },
	{ "trace-scale", required_argument, NULL, OPT_SCALE },
	{ "step-ms", required_argument, NULL, OPT_STEP },
	{ "tick-us", required_argument, NULL, OPT_TICK },
	{ "margin-us", required_argument, NULL, OPT_MARGIN },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "report-ms", required_argument, NULL, OPT_REPORT },
	{ "windows-ms", required_argument, NULL, OPT_WINDOWS },
	{ "calibrate-ms", required_argument, NULL, OPT_CALIBRATE },
	{ "stall-us", required_argument, NULL, OPT_STALL },
	{ "helper-spin", required_argument, NULL, OPT_HELPER },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "pidfile", required_argument, NULL, OPT_PIDFILE },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 }
};

static double number(const char *s, double min, double max)
{
	char *end;
	double d = strtod(s, &end);

	if (end == s || *end || !(d >= min && d <= max))
		die("%s: not a number from %g to %g", s, min, max);
	return d;
}

static void parse_hypercall(char *list)
{
	char *save, *word;
	int i = 0;

	for (word = strtok_r(list, ",", &save); word && i < 5; word = strtok_r(NULL, ",", &save))
		opt.hc[i++] = strtoull(word, NULL, 0);
}

static void check_mode(void)
{
	static const char *const modes[] = {
		"spin", "idle", "hlt", "duty", "onoff", "exits", "trace", "script", "dodge",
	};
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (!strcmp(opt.mode, modes[i]))
			break;
	if (i == sizeof(modes) / sizeof(*modes))
		die("no such mode: %s", opt.mode);
	if (exit_kind(opt.exit_kind) < 0)
		die("no such kind of exit: %s", opt.exit_kind);
	if (!strcmp(opt.mode, "trace") && !opt.trace)
		die("mode trace needs --trace");
	if (!strcmp(opt.mode, "script") && !opt.control)
		opt.control = "-";
	if (opt.count && opt.count < opt.vcpus)
		die("--count must be at least the number of vCPUs");
}

static void parse(int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case OPT_MODE:		opt.mode = optarg; break;
		case OPT_VCPUS:		opt.vcpus = number(optarg, 1, MAX_VCPUS); break;
		case OPT_SECONDS:	opt.seconds = number(optarg, 0, 1e9); break;
		case OPT_DUTY:		opt.duty_bp = number(optarg, 0, BP_ONE); break;
		case OPT_CYCLE:		opt.cycle_us = number(optarg, 0.01, 1e6) * 1000; break;
		case OPT_ON:		opt.on_ms = number(optarg, 0, 1e6); break;
		case OPT_OFF:		opt.off_ms = number(optarg, 0, 1e6); break;
		case OPT_KIND:		opt.exit_kind = optarg; break;
		case OPT_COUNT:		opt.count = number(optarg, 1, 1e15); break;
		case OPT_HYPERCALL:	parse_hypercall(optarg); break;
		case OPT_TRACE:		opt.trace = optarg; break;
		case OPT_SCALE:		opt.trace_scale = number(optarg, 0, 1e9); break;
		case OPT_STEP:		opt.step_ms = number(optarg, 1, 1e6); break;
		case OPT_TICK:		opt.tick_us = number(optarg, 100, 1e6); break;
		case OPT_MARGIN:	opt.margin_us = number(optarg, 0, 1e6); break;
		case OPT_CONTROL:	opt.control = optarg; break;
		case OPT_REPORT:	opt.report_ms = number(optarg, 0, 1e9); break;
		case OPT_WINDOWS:	opt.windows_ms = number(optarg, 0, 1e6); break;
		case OPT_CALIBRATE:	opt.calibrate_ms = number(optarg, 0, 1e5); break;
		case OPT_STALL:		opt.stall_us = number(optarg, 1, 1e9); break;
		case OPT_HELPER:	opt.helper_bp = number(optarg, 0, BP_ONE); break;
		case OPT_NAME:		opt.name = optarg; break;
		case OPT_PIDFILE:	opt.pidfile = optarg; break;
		case OPT_JSON:		opt.json = true; break;
		case OPT_HELP:		fputs(usage, stdout); exit(0);
		default:		die("see --help");
		}
	}
	if (optind < argc)
		die("%s: see --help", argv[optind]);
	check_mode();
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_kick };
	struct vcpu *v;
	sigset_t set;
	int signal_fd, i;

	parse(argc, argv);
	if (opt.trace)
		load_trace(opt.trace);
	if (opt.control)
		open_control();
	if (opt.name)
		prctl(PR_SET_NAME, opt.name);

	/* The main thread takes all signals, one at a time; vCPU threads only SIG_KICK. */
	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigaction(SIG_KICK, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIG_DONE);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0)
		die("signalfd: %m");

	create_vm();
	for_each_vcpu(v)
		create_vcpu(v);
	start_all();
	if (opt.pidfile)
		write_pidfile();

	if (!opt.calibrate_ms)
		start_mode(opt.mode);	/* before the release, for an exact start */
	release_all();
	if (opt.calibrate_ms) {
		calibrate();
		start_mode(opt.mode);
	}
	if (opt.helper_bp)
		pthread_create(&helper, NULL, helper_thread, NULL);
	printf("ready %d\n", getpid());
	fflush(stdout);

	if (opt.seconds)
		start_timer(&timer_end, opt.seconds * 1e6);
	if (!strcmp(opt.mode, "trace")) {
		trace_step(0);
		start_timer(&timer_trace, opt.step_ms * 1000);
	}
	if (!strcmp(opt.mode, "dodge")) {
		for (i = 0; i < DODGE_SAMPLES / 2; i++)
			dodge(0);
		start_timer(&timer_dodge, DODGE_PERIOD_US);
	}
	if (opt.windows_ms) {
		window_end(0);
		start_timer(&timer_window, opt.windows_ms * 1000);
	}
	if (opt.report_ms)
		start_timer(&timer_report, opt.report_ms * 1000);

	run(signal_fd);
	report(true);
	stop_all();
	return 0;
}
