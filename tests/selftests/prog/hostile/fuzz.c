// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz - requests with random damage, the same each time: nothing may break
 */
#include <stdlib.h>

#include "hostile.h"

static void add_random(const struct set *set)
{
	const struct attr *attr = &set->attrs[random() % set->nr];
	struct nlattr *nest;
	uint64_t value;

	if (attr->type != NEST) {
		put_value(attr, random() & 1 ? random() % 3 : random());
		return;
	}
	set = &nl_sets[attr->set];
	nest = mnl_attr_nest_start(nl.nlh, attr->id);
	value = random() % 20000;
	put_value(&set->attrs[random() % set->nr], value);
	mnl_attr_nest_end(nl.nlh, nest);
}

static void flip_bits(void)
{
	uint8_t *bytes = nl.buf + NLMSG_HDRLEN + 4;
	unsigned int len = nl.nlh->nlmsg_len - NLMSG_HDRLEN - 4, flips;

	for (flips = random() % 4; len && flips; flips--)
		bytes[random() % len] ^= 1 << random() % 8;
}

int fuzz(unsigned int nr_requests)
{
	unsigned int i, nr, accepted = 0;
	struct answer a;

	blobs_get();
	srandom(4711);
	for (i = 0; i < nr_requests; i++) {
		const struct op *op = &nl_ops[random() % nl_nr_ops];

		nr = random() % 6;
		begin_but(op, random() & 1, NULL);
		while (nr--)
			add_random(&nl_sets[op->set]);
		flip_bits();
		nl_ask(&nl, &a, NULL, NULL);
		accepted += !a.err;
	}
	printf("%u requests, %u accepted\n", nr_requests, accepted);
	settings_read();		/* it still answers */
	return 0;
}
