/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parts of tenant. tenant.c takes the command. A walk_*.c is one thing that a holder of
 * /dev/kvmeter may do, and all that it may not; storm.c does all at once. vm.c makes the virtual
 * machines, operator.c sets what the host's operator sets, pass.c passes files on. verdict.c says
 * what was wrong, wait.c waits.
 */
#ifndef TENANT_H
#define TENANT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <kvmeter_agent.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* tenant.c */
extern size_t page_size;

/* verdict.c */
extern unsigned int checks, wrong;

/* result - "ok NAME", or "not ok NAME - WHY", with the reason in the form of printf */
__attribute__((format(printf, 3, 4)))
void result(bool good, const char *name, const char *fmt, ...);
/* want - the result of a call must be 0 or more, or -1 and errno must be @err */
void want(const char *name, long ret, int err);
/* name_of - "WHOSE: WHAT", until the next call; errno stays */
const char *name_of(const char *whose, const char *what);
/* die - the test cannot go on; prints errno */
__attribute__((noreturn))
void die(const char *what);

/* wait.c */
uint64_t now_ms(void);
void wait_ms(unsigned int ms);
/* polled - does poll() say @events within @ms? */
bool polled(int fd, short events, int ms);

/* vm.c */
struct vm {
	int fd, vcpu;
	pthread_t thread;
	struct kvm_run *run;
	void *mem;
	size_t run_size;
	bool entered;
	volatile bool stop;
};

/* vm_make - a VM; @enter: its vCPU runs */
void vm_make(struct vm *vm, bool enter);
void vm_end(struct vm *vm);
/* attached - a file of /dev/kvmeter that is attached to the VM of @kvm_fd */
int attached(int kvm_fd);

/* operator.c */

/* id_of - the VM's number in kvmeter, 0: there is none */
uint32_t id_of(int fd);
/* operator - run a command of the operator's, in the form of printf */
__attribute__((format(printf, 1, 2)))
void operator(const char *fmt, ...);
/* allow - let the VM's grant go from 20 to 300 % of a CPU, at once */
void allow(int fd);

/* pass.c */
int send_fd(int sock, int fd);
int receive_fd(int sock);

void walk_descriptors(struct vm *vm, struct vm *young);
void walk_structs(struct vm *vm);
void walk_attach(struct vm *vm, struct vm *other);
void walk_budget(int fd);
void walk_suggest(int fd, int other);
void walk_quote(int fd, const struct kvmeter_page *page);
void walk_events(int fd);
void walk_agent(int kvm_fd, int fd);
void walk_page(struct vm *vm, int fd);
void walk_passing(struct vm *vm, int fd);
void walk_rates(int fd);
void walk_close(void);
void walk_kill(void);
void storm(unsigned int seconds);

#endif
