/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nl - the kvmeter netlink family by the names of its specification.
 *
 * Not the library of the tools: what tests a program should not share its
 * mistakes.
 */
#ifndef SELFTESTS_NL_H
#define SELFTESTS_NL_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/kvmeter_nl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum type { U32, U64, STRING, FLAG, NEST, PAD, BINARY };

struct attr {
	const char *name;
	uint16_t id;
	enum type type;
	int set;		/* NEST: of these attributes; else -1 */
	bool multi;
};

struct set {
	const char *name;
	const struct attr *attrs;
	unsigned int nr;
};

#define MAX_REQUEST	16

struct op {
	const char *name;
	uint8_t cmd;
	int set;
	bool has_do, has_dump;
	const char *do_attrs[MAX_REQUEST];	/* of requests, until NULL */
	const char *dump_attrs[MAX_REQUEST];
};

extern const struct set *nl_sets;
extern const struct op *nl_ops;
extern const unsigned int nl_nr_sets, nl_nr_ops;

/* The answer to a request */
struct answer {
	int err;		/* 0 or an errno */
	char text[256];		/* the kernel's words, empty: none */
	unsigned int messages;	/* replies before the end */
};

#define NL_BUF	32768

struct nl {
	struct mnl_socket *sock;
	uint16_t family;
	uint32_t seq;
	uint8_t buf[NL_BUF];	/* request under construction */
	struct nlmsghdr *nlh;
	uint32_t group[8];
	char group_name[8][GENL_NAMSIZ];
	unsigned int nr_groups;
	bool down;		/* the family is not there */
};

const struct op *nl_op(const char *name);
const struct attr *nl_attr(const struct set *set, const char *name);

/* nl_open - a socket, and the family's number; exits when that fails */
void nl_open(struct nl *nl);
void nl_close(struct nl *nl);
/* nl_begin - start a request; the caller adds attributes to nl->nlh */
struct nlmsghdr *nl_begin(struct nl *nl, uint8_t cmd, bool dump);
/* nl_ask - send the request; @each is called with each reply */
void nl_ask(struct nl *nl, struct answer *a, void (*each)(const struct nlmsghdr *, void *),
	    void *arg);
/* nl_add - add "name.name=value", as in "policy.mode=1"; exits when there is none such */
void nl_add(struct nlmsghdr *nlh, const struct set *set, const char *text);
/* nl_print - all attributes as " PREFIXname=value", for a shell to read */
void nl_print(FILE *f, const struct nlmsghdr *nlh, const struct set *set, const char *prefix);
uint32_t nl_group(const struct nl *nl, const char *name);

#endif
