/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parts of hostilevmm. hostile.c has the table of modes, control and report; options.c takes the
 * options; count.c counts; vm.c makes virtual machines and runs their vCPUs; thread.c starts
 * threads. A mode_*.c is one way to be a bad tenant each.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "words.h"

#define NSEC_PER_SEC	1000000000ull
/* To a vCPU thread: nothing but an interruption. Of a realtime signal thousands would wait. */
#define SIG_STORM	SIGUSR1
#define UNUSED		__attribute__((unused))

struct options {
	const char *mode, *name, *control;
	bool calm, help;
	double seconds;
	uint64_t vcpus, vms, threads, makers, senders, children;
	uint64_t burst, count, user_us, pause_us;
};

struct mode {
	const char *name, *help;
	struct options typical;	/* what options are when not given; 0: as in other modes */
	void (*start)(void);	/* make VMs and threads, then return */
};

/* hostile.c */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* options.c */
extern struct options opt;

/* parse_options - take them; @find looks a mode up by its name */
void parse_options(int argc, char **argv, const struct mode *(*find)(const char *name));

/* count.c */
enum count {
	C_RUNS,		/* KVM_RUN */
	C_EXITS,	/* that returned what the guest asked for */
	C_EINTR,	/* that were interrupted */
	C_MAKE_EINTR,	/* other calls of KVM that were interrupted; they are made again */
	C_VMS,		/* VMs made */
	C_CLOSED,	/* and closed again */
	C_VCPUS,	/* vCPUs made */
	C_THREADS,	/* threads made */
	C_REFUSED,	/* threads and processes that the kernel did not let us make */
	C_SIGNALS,	/* signals sent */
	C_FORKS,	/* processes made */
	C_LAPS,		/* rounds of what the mode does */
	C_CLOSED_WORK,	/* the guest's loops in VMs that are closed */
	C_NR
};

/* counts_init - before the first process is made: all processes count in one place */
void counts_init(void);
void count(enum count what, uint64_t by);
uint64_t counted(enum count what);

/* thread.c */
extern volatile bool calm;	/* be as good as any tenant until "go" */

/* thread_start - false if the kernel refuses it, which is counted */
bool thread_start(pthread_t *thread, void *(*fn)(void *), void *arg);
/* thread_maker - for thread_must(): starts a thread of @fn and joins it, over and over */
void *thread_maker(void *fn);
/* thread_must - one that is not waited for; the program ends if the kernel refuses it */
void thread_must(void *(*fn)(void *), void *arg);
void wait_calm(void);		/* return when there is no calm */
/* spin_us - use that much of a CPU outside the guest */
void spin_us(uint64_t us);
void pause_us(uint64_t us);
void take_storm(void);		/* this thread is interrupted by SIG_STORM from now on */

/* guest.S */
extern const uint8_t guest_begin[], guest_end[];

/* vm.c */
struct cpu {
	int fd;
	struct kvm_run *run;
	uint64_t *words;
};

struct vm {
	int fd;
	unsigned int nr;
	uint8_t *mem;
	struct vm *prev, *next;
	struct cpu cpus[];
};

#define MAX_VM_VCPUS	1000	/* what a kernel allows at least, rounded down */

/* vm_make - a VM whose vCPUs are about to run the guest; exits every @burst iterations, 0: never */
struct vm *vm_make(unsigned int vcpus, uint64_t burst);
void vm_close(struct vm *vm);
void vm_forget(struct vm *vm);	/* add its work to what is closed; it goes with its process */
/* cpu_run - KVM_RUN, once; true if the guest asked for that exit */
bool cpu_run(struct cpu *cpu);
/* cpu_thread - for thread_must(): KVM_RUN for ever */
void *cpu_thread(void *cpu);
/* guest_work - the guests' loops in all VMs until now */
uint64_t guest_work(void);

/* mode_*.c */
void start_threads(void);
void start_cycle(void);
void start_vms(void);
void start_fresh(void);
void start_signals(void);
void start_usermode(void);
void start_sidethread(void);
void start_stranger(void);
void start_ioctls(void);
void start_young(void);
void start_remake(void);
void start_short(void);
void start_fork(void);

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		return 0;
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

#endif
