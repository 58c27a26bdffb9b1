/* SPDX-License-Identifier: GPL-2.0 */
/* Attributes of a message, or of a nest, by their numbers. */
#ifndef KVMETER_ATTR_H
#define KVMETER_ATTR_H

#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

#define MAX_ATTR	64

/** struct attrs - the last attribute of each number, NULL: none */
struct attrs {
	const struct nlattr *tb[MAX_ATTR];
};

struct attrs parse_message(const struct nlmsghdr *nlh);
struct attrs parse_nest(const struct nlattr *nest);	/* NULL: nothing is there */

/* a missing attribute reads as 0, "" or false */
uint32_t get_u32(const struct attrs *a, int type);
uint64_t get_u64(const struct attrs *a, int type);
uint64_t get_u64_or_none(const struct attrs *a, int type);	/* missing: UINT64_MAX */
void get_str(const struct attrs *a, int type, char *s, size_t size);

/* of @a, which is at hand in all functions that read */
#define U32(set, name)	get_u32(&a, KVMETER_A_##set##_##name)
#define U64(set, name)	get_u64(&a, KVMETER_A_##set##_##name)
#define FLAG(set, name)	(!!a.tb[KVMETER_A_##set##_##name])

#endif /* KVMETER_ATTR_H */
