/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parts of kvfuzz. fuzz.c takes the options; watch.c runs workers and watches them and the kernel;
 * work.c is a worker; fill.c fills what the module keeps. tape.c makes the numbers that a case is
 * made of, guide.c keeps those that led to something new. A target_*.c makes and runs cases,
 * whole.c looks whether settings are whole.
 *
 * It uses the requests of hostile and the VMs of tenant.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "hostile/hostile.h"

/*
 * A case is a tape of numbers, and a target reads from it each decision that it makes. A tape is
 * known by its name, a chain of numbers: the first fills it, each other changes some places of it.
 * So the name is all that is needed to make the case again, whatever led to it.
 */
#define TAPE_WORDS	256
#define NAME_PARTS	12

struct name {
	unsigned int nr;
	uint32_t part[NAME_PARTS];
};

struct tape {
	struct name name;
	unsigned int at;
	uint32_t words[TAPE_WORDS];
};

/* fuzz.c */
struct options {
	uint64_t seed, cases, first, workers, rounds;
	double seconds;
	const char *only, *replay;
	bool blind, verbose;
};

extern struct options opt;

/* tape.c */

/* tape_fill - the tape of that name under the seed */
void tape_fill(struct tape *t, const struct name *name);
uint32_t draw(struct tape *t);
/* below - 0 to @n - 1 */
uint32_t below(struct tape *t, uint32_t n);
bool one_in(struct tape *t, uint32_t n);
/* odd_value - a number that programs get wrong: around 0, powers of two, limits, or any */
uint64_t odd_value(struct tape *t);
/* name_print - "1.2.3", until the next call but seven */
const char *name_print(const struct name *name);
/* name_parse - false: it is none; @text moves behind it */
bool name_parse(struct name *name, const char **text);

/* What came of a case */
struct outcome {
	const char *what;	/* operation, ioctl or file */
	int err;		/* 0 or an errno */
	uint32_t words;		/* a hash of what the kernel said */
	bool sets;		/* it may change settings if it succeeds */
};

struct target {
	const char *name;
	unsigned int weight;
	void (*open)(void);
	void (*run)(struct tape *t, struct outcome *o);
	void (*renew)(void);	/* now and then: other VMs, other files; may be NULL */
};

extern const struct target target_netlink, target_ioctl, target_sysfs;

/* target_ioctl.c: the VM that all targets are about */
int fuzz_fd(unsigned int nth);	/* descriptors of all kinds */

/* whole.c */

/* host_save - remember the host's settings; host_restore() brings them back */
void host_save(void);
void host_restore(void);
/* whole - after a request that was accepted: is all of it in force? NULL, or what is not */
const char *whole(const struct nlmsghdr *request, const struct set *set);

/* guide.c */
void guide_open(void);
/* guide_start, guide_new - around a case: did it do what none before did? */
void guide_start(void);
bool guide_new(const struct outcome *o);
void guide_keep(const struct name *name);
/* guide_name - of the next case: a new one, or one of those kept, changed */
void guide_name(struct name *name, uint64_t nth);
void guide_report(void);

/* work.c */

/* Shared by the workers and who watches them */
struct progress {
	uint64_t cases, accepted, kept, sites;
	bool failed, covers;
	uint64_t nr;		/* names begun */
	struct name last[64];	/* the last of them, by nr */
};

/* work_begin - first in a process */
void work_begin(struct progress *p);
void work(struct progress *p, unsigned int worker);
/* bad - a check failed: prints it with the case, and counts */
__attribute__((format(printf, 1, 2)))
void bad(const char *fmt, ...);

/* fill.c */

/* fill_tables - all tables of the module that are bounded */
void fill_tables(struct progress *p);

/* watch.c */
int watch(void);

#endif
