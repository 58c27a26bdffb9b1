// SPDX-License-Identifier: GPL-2.0
/*
 * walk_blob - a profile or a model that is no such, cut, changed in a bit, or longer
 */
#include "hostile.h"

static void put_blob(const struct place *at, const struct attr *attr, const void *bytes,
		     unsigned int len)
{
	begin_but(at->op, at->dump, attr->name);
	mnl_attr_put(nl.nlh, attr->id, len, bytes);
}

static void walk_sizes(const struct place *at, const struct attr *attr, const struct blob *good)
{
	static const unsigned int sizes[] = { 0, 1, 3, 4, 15, 16, 17, 64, 963, 964, 965, 20000 };
	static uint8_t bytes[BLOB_MAX];
	unsigned int i;

	memset(bytes, 0xff, sizeof(bytes));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		put_blob(at, attr, bytes, sizes[i]);
		refused(EINVAL, "%s of %u bytes", at->name, sizes[i]);
		if (sizes[i] >= good->len)
			continue;
		put_blob(at, attr, good->bytes, sizes[i]);
		refused(EINVAL, "%s cut to %u bytes", at->name, sizes[i]);
	}
}

/* A bit of each byte of the head, and of many of the rest */
static void walk_bits(const struct place *at, const struct attr *attr, const struct blob *good)
{
	static struct blob bad;
	unsigned int i;

	bad = *good;
	for (i = 0; i < good->len; i += i < 64 ? 1 : 13) {
		bad.bytes[i] ^= 1 << i % 8;
		put_blob(at, attr, bad.bytes, bad.len);
		refused(EINVAL, "%s with bit %u of byte %u", at->name, i % 8, i);
		bad.bytes[i] = good->bytes[i];
	}
}

void walk_blob(const struct place *at, const struct attr *attr)
{
	const struct blob *good = strcmp(at->op->name, "model-set") ? &profile : &model;

	if (!good->len) {
		fail(at->name, "no good one to begin with");
		return;
	}
	walk_sizes(at, attr, good);
	walk_bits(at, attr, good);
	put_blob(at, attr, good->bytes, good->len + 1);
	refused(EINVAL, "%s with a byte too many", at->name);
}
