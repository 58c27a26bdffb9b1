/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all verbs share: errors, options, tables, and how things are shown.
 */
#ifndef KVMETER_PRINT_H
#define KVMETER_PRINT_H

#include <stdio.h>

#include "data/fmt.h"
#include "ipc/ipc.h"
#include "show/json.h"

/* errors */
__printf(1, 2) void error(const char *fmt, ...);
void error_silent(bool silent);

/**
 * struct verb - one verb
 * @name: what is typed
 * @main: its body; argv[0] is the name
 * @args: operands, for the usage line
 * @desc: one line of what it does
 */
struct verb {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *args;
	const char *desc;
};

extern const struct verb *verb;	/* the one that runs */

/* options */
enum opt_kind {
	OPT_FLAG,	/* target: bool */
	OPT_STR,	/* target: const char * */
	OPT_U64,	/* target: uint64_t */
	OPT_NS,		/* target: uint64_t, a duration; bare numbers are seconds */
	/* the rest become changes */
	OPT_SET_AMOUNT,
	OPT_SET_CAP,	/* amount or none */
	OPT_SET_PERCENT,
	OPT_SET_BITS,
	OPT_SET_NS,
	OPT_SET_MS,
	OPT_SET_S,
	OPT_SET_ONOFF,
	OPT_SET_MODE,
	OPT_SET_ACTION,
	OPT_SET_RESOURCES,	/* several, or none */
};

struct opt {
	const char *name;
	char letter;		/* 0: none */
	const char *arg;	/* NULL: takes no value */
	const char *help;
	enum opt_kind kind;
	void *target;
	enum change_to to;
	uint16_t attr;
};

#define OPT_JSON(v)	{ "json", 'j', NULL, "print JSON", OPT_FLAG, &(v), 0, 0 }
#define OPT_CSV(v)	{ "csv", 0, NULL, "print comma-separated values", OPT_FLAG, &(v), 0, 0 }

/**
 * opts_parse - take the options out of a verb's arguments
 * @argc: number of arguments, the verb's name included
 * @argv: arguments; left with the operands in front, NULL-terminated
 * @opts: the options, or NULL
 * @nr: how many
 * @changes: where OPT_SET_* go, or NULL
 * @min: fewest operands
 * @max: most operands
 *
 * Ends the program after --help and on wrong usage.
 *
 * Return: number of operands.
 */
int opts_parse(int argc, char **argv, const struct opt *opts, size_t nr,
	       struct changes *changes, int min, int max);
__printf(1, 2) __noreturn void usage_error(const char *fmt, ...);
void change_add(struct changes *changes, enum change_to to, uint16_t attr, int type,
		uint64_t value, const char *str);
/* a verb with operands VM [on|off]: set the VM's @attr to 1 or 0, or show it */
int switch_run(int argc, char **argv, uint16_t attr, int (*show)(const struct vm *vm, bool json));
/* a mode's number; -1: no such mode */
int mode_by_name(const char *name);
int resource_by_name(const char *name);

/* tables: cells of a row one after the other, widths as needed */
struct column {
	const char *head;
	bool left;	/* else right-aligned */
	int max;	/* widest, 0: any */
};

void table_begin(const struct column *columns, size_t nr);
__printf(1, 2) void table_cell(const char *fmt, ...);
size_t table_rows(void);
const char *table_line(size_t row);	/* 0: the heads */
void table_end(void);
void table_print(void);			/* all lines, and table_end() */

/* CSV: quoted where needed */
void csv_cell(const char *s);
void csv_u64(uint64_t v);
void csv_row(void);
void csv_heads(const char * const *heads, size_t nr);

/* things */
char *fmt_price(char *buf, uint64_t ncr_h);	/* 1.25/h */
char *fmt_surprise(char *buf, const struct usage *u);	/* +8.5 */
char *fmt_cap(char *buf, uint64_t ncr);		/* none */
uint64_t vm_cpu_ns(const struct times *t);	/* guest, host and other */
const char *vm_policy_name(const struct vm *vm);

void json_policies(const char *key, const struct policy policy[NR_ACT]);
void json_tariff(const char *key, const struct tariff *t);
void json_budget(const char *key, const struct budget *b, bool state);
void json_times(const char *key, const struct times *t);
void json_counts(const char *key, const struct counts *c);
void json_cgroup(const char *key, const struct cgroup *c);
void json_vm(const char *key, const struct vm *vm);
void json_vcpu(const struct vcpu *v);
void json_adjustment_fields(const struct adjustment *a);
void json_price_fields(const struct price_change *p);
void json_moments(const char *key, uint32_t resource, const struct moments *m);

void print_policies(const struct policy policy[NR_ACT], uint32_t resource); /* NR_ACT: all sold */
void print_tariff(const struct tariff *t);
void print_budget(const struct budget *b, bool state);
void json_forecast_members(const struct forecast *f);
void json_outlook(uint32_t resource, const struct forecast *next, const struct forecast *ahead);
void print_forecast(const char *title, uint32_t resource, const struct forecast *f);
void json_hints(const struct vm *vm);
void print_hints(const struct vm *vm);
/* one line of an adjustment: what and why */
void print_adjustment(const struct adjustment *a);
double moments_mean(const struct moments *m);
double moments_stddev(const struct moments *m);
char *fmt_sample(char *buf, uint32_t resource, uint64_t v);	/* in the resource's unit */
char *fmt_used(char *buf, uint32_t resource, uint64_t amount);

/* files, whole; "-" is standard input or output */
int blob_load(const char *path, struct blob *blob);
int blob_save(const char *path, const struct blob *blob);
int svg_profile(const char *path, const struct profile *p, const char *title);

#endif /* KVMETER_PRINT_H */
