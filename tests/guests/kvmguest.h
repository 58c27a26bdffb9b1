/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parts of kvmguest: kvmguest.c is the order of things. options.c takes the options, control.c the
 * commands that come while the guest runs; timers.c calls what is due. demand.c tells the guest
 * what to do, vm.c with vm_x86.c or vm_arm64.c makes the virtual machine, vcpu.c runs it, report.c
 * says what it did.
 */
#ifndef KVMGUEST_H
#define KVMGUEST_H

#include <linux/kvm.h>
#include <linux/kvm_para.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "guest_page.h"

#define MAX_VCPUS	16
#define NSEC_PER_MSEC	1000000ull
#define NSEC_PER_SEC	1000000000ull
#define BP_ONE		10000	/* basis points of the whole */
#define UNUSED		__attribute__((unused))

#define SIG_KICK	SIGRTMIN	/* to a vCPU thread: leave KVM_RUN */
#define SIG_DONE	(SIGRTMIN + 1)	/* to the main thread: a vCPU is done */

#define STEAL_OFFSET	0x200		/* steal time in the shared page */

struct options {
	const char	*mode, *name, *trace, *control, *pidfile, *exit_kind, *hypercall;
	bool		json, help;
	double		seconds, cycle_ms, trace_scale;
	uint64_t	vcpus, count, duty_bp, on_ms, off_ms, step_ms, tick_us, margin_us;
	uint64_t	report_ms, windows_ms, calibrate_ms, helper_bp, stall_us;
	uint64_t	hc[5];
};

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
	bool		parked, done, forking;
};

/* kvmguest.c */
extern bool quit;	/* the main thread ends the guest */

void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* options.c */
extern struct options opt;

void parse_options(int argc, char **argv);

/* control.c */
extern int control_fd;	/* -1: there is none */

void open_control(void);
void read_control(void);

/* timers.c */
void start_timers(void);	/* those that the options ask for */
void stop_mode_timers(void);	/* those of modes that go on by themselves */
uint64_t run_timers(void);	/* call what is due; the ns until the next is */

/* demand.c */
extern size_t trace_len, trace_pos;

int exit_kind(const char *name);
void nudge(struct vcpu *v);
void account_demand(struct vcpu *v, uint64_t now);
void set_demand(struct vcpu *v, uint64_t on_tsc, uint64_t cycle_tsc, uint64_t kind);
uint64_t duty_tsc(uint64_t bp);
void demand_duty(uint64_t bp);
void demand_onoff(uint64_t on_ms, uint64_t off_ms);
void demand_exits(int kind);
void start_mode(const char *mode);
void stop_mode(void);
void dodge(void);

#define DODGE_PERIOD_US	50000	/* how often dodge() wants to be called */

void load_trace(const char *path);
bool trace_step(void);

/* guest_code_x86.S or guest_code_arm64.S */
extern const uint8_t guest_begin[], guest_irq[], guest_end[];

/* vm.c; a "TSC" is the counter that the guest reads */
#define MEM_SIZE	(2u << 20)	/* guest-physical, from 0 */

extern struct vcpu vcpus[MAX_VCPUS];
extern int kvm_fd, vm_fd;
extern uint8_t *mem;			/* the guest's, here */
extern uint64_t tsc_khz;

void open_vm(void);
void give_memory(void);			/* after what must be made before */
void open_vcpu(struct vcpu *v);

/* vm_x86.c or vm_arm64.c */
void create_vm(void);
void create_vcpu(struct vcpu *v);
void finish_vm(void);			/* all vCPUs are made */
void interrupt_vcpu(const struct vcpu *v);
int port_written(const struct kvm_run *run);	/* PORT_ of the exit; -1: it is no such */
uint64_t steal_ns(const struct vcpu *v);	/* what KVM told the guest it was kept from running */

/* vcpu.c */
extern uint64_t start_ns, end_ns;	/* when the guest was let go, when its --count was done */
extern uint64_t kicks, kick_us_max;
extern uint64_t helper_ns;

void init_page(struct vcpu *v);		/* what the guest finds there at its start */
void start_vcpus(void);
void release_vcpus(void);
void kick_vcpus(void);
void fork_vcpu(struct vcpu *v);
bool vcpus_done(void);
void stop_vcpus(void);
void start_helper(void);

/* report.c */
void calibrate(void);
void window_end(void);
void report(bool final);

#define for_each_vcpu(v)	for ((v) = vcpus; (v) < vcpus + opt.vcpus; (v)++)

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		return 0;
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static inline uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static inline uint64_t ns_to_tsc(uint64_t ns)
{
	return (unsigned __int128)ns * tsc_khz / NSEC_PER_MSEC;
}

static inline uint64_t tsc_to_ns(uint64_t tsc)
{
	return (unsigned __int128)tsc * NSEC_PER_MSEC / tsc_khz;
}

static inline uint64_t cycle_tsc(void)
{
	return ns_to_tsc(opt.cycle_ms * NSEC_PER_MSEC);
}

/* The shared page: plain words, one writer each. */
static inline uint64_t get(const struct vcpu *v, int word)
{
	return __atomic_load_n(&v->page[word], __ATOMIC_RELAXED);
}

static inline void set(struct vcpu *v, int word, uint64_t value)
{
	__atomic_store_n(&v->page[word], value, __ATOMIC_RELAXED);
}

#endif
