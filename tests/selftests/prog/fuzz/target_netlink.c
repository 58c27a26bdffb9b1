// SPDX-License-Identifier: GPL-2.0
/*
 * netlink - requests made from the specification's tables, with something wrong in most
 */
#include "fuzz.h"

#define MAX_BYTES	(NL_BUF - 4096)

static uint32_t crc32(const uint8_t *bytes, unsigned int len)
{
	uint32_t crc = ~0u;
	unsigned int bit;

	while (len--) {
		crc ^= *bytes++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static bool room(unsigned int len)
{
	return nl.nlh->nlmsg_len + len < MAX_BYTES;
}

/* A blob with damage, sealed again in most: the checksum keeps out accidents, not malice */
static void put_blob(struct tape *t, const struct op *op, const struct attr *attr)
{
	const struct blob *good = strcmp(op->name, "model-set") ? &profile : &model;
	static struct blob blob;
	unsigned int flips = below(t, 6);
	uint32_t crc;

	memcpy(blob.bytes, good->bytes, good->len);
	blob.len = good->len;
	while (flips-- && blob.len)
		blob.bytes[below(t, blob.len)] ^= one_in(t, 2) ? 1u << below(t, 8) : draw(t);
	if (one_in(t, 6))
		blob.len = below(t, blob.len + 1);
	if (blob.len > 16 && !one_in(t, 8)) {
		crc = crc32(blob.bytes + 16, blob.len - 16);
		memcpy(blob.bytes + 12, &crc, sizeof(crc));
	}
	if (room(blob.len))
		mnl_attr_put(nl.nlh, attr->id, blob.len, blob.bytes);
}

static void put_text(struct tape *t, const struct attr *attr)
{
	char text[128];
	unsigned int len = one_in(t, 4) ? below(t, sizeof(text)) : below(t, 8), i;

	for (i = 0; i < len; i++)
		text[i] = one_in(t, 8) ? draw(t) : 'a' + below(t, 4);
	text[len] = '\0';
	if (one_in(t, 8))
		mnl_attr_put(nl.nlh, attr->id, len, text);
	else
		mnl_attr_put_strz(nl.nlh, attr->id, text);
}

/* A number of the right size that the attribute may well take */
static uint64_t likely(struct tape *t, const struct attr *attr)
{
	size_t len = strlen(attr->name);

	if (names_vm(attr->name))
		return one_in(t, 16) ? odd_value(t) : vm_id;
	if (!strcmp(attr->name, "fd") || !strcmp(attr->name, "netns-fd"))
		return fuzz_fd(below(t, 9));
	if (!strcmp(attr->name, "ifindex"))
		return below(t, 6);
	if (!strcmp(attr->name, "seq") || !strcmp(attr->name, "since-seq"))
		return below(t, 2000);
	if (len > 3 && !strcmp(attr->name + len - 3, "-bp"))
		return below(t, 20001);
	if (one_in(t, 3))
		return odd_value(t);
	return attr->type == U64 ? below(t, 1u << 31) : below(t, 6);
}

static void put_one(struct tape *t, const struct op *op, const struct attr *attr,
		    unsigned int depth);

static void put_nest(struct tape *t, const struct op *op, const struct attr *attr,
		     unsigned int depth)
{
	const struct set *set = &nl_sets[attr->set];
	unsigned int nr = below(t, 5);
	struct nlattr *nest = mnl_attr_nest_start(nl.nlh, attr->id);

	if (one_in(t, 20))
		nest->nla_type &= ~NLA_F_NESTED;
	while (nr-- && depth < PATH_MAX_DEPTH)
		put_one(t, op, &set->attrs[below(t, set->nr)], depth + 1);
	mnl_attr_nest_end(nl.nlh, nest);
}

static void put_one(struct tape *t, const struct op *op, const struct attr *attr,
		    unsigned int depth)
{
	uint64_t value;

	if (!room(256))
		return;
	if (one_in(t, 30)) {		/* of a wrong size or kind */
		put_garbage(attr->id | (one_in(t, 4) ? NLA_F_NESTED : 0), below(t, 64));
		return;
	}
	switch (attr->type) {
	case NEST:
		put_nest(t, op, attr, depth);
		break;
	case BINARY:
		put_blob(t, op, attr);
		break;
	case STRING:
		put_text(t, attr);
		break;
	case FLAG:
		mnl_attr_put(nl.nlh, attr->id, 0, NULL);
		break;
	default:
		value = one_in(t, 12) ? odd_value(t) : likely(t, attr);
		put_value(attr, value);
	}
}

static void put_wanted(struct tape *t, const struct op *op, bool dump)
{
	const char *const *name = dump ? op->dump_attrs : op->do_attrs;

	for (; *name; name++)
		if (names_vm(*name) ? !one_in(t, 20) : !one_in(t, 3))
			put_one(t, op, nl_attr(&nl_sets[op->set], *name), 0);
}

static void damage(struct tape *t)
{
	uint8_t *bytes = nl.buf + NLMSG_HDRLEN;
	unsigned int len = nl.nlh->nlmsg_len - NLMSG_HDRLEN, flips = 1 + below(t, 4);

	while (len && flips--)
		bytes[below(t, len)] ^= 1 << below(t, 8);
}

static uint32_t hash(const char *s)
{
	uint32_t h = 0;

	while (*s)
		h = h * 31 + *s++;
	return h;
}

static void run(struct tape *t, struct outcome *o)
{
	const struct op *op = &nl_ops[below(t, nl_nr_ops)];
	bool dump = op->has_dump && (!op->has_do || one_in(t, 2)), damaged;
	static uint8_t request[NL_BUF];
	unsigned int more;
	struct answer a;
	const char *why;

	nl_begin(&nl, op->cmd, dump);
	put_wanted(t, op, dump);
	for (more = one_in(t, 3) ? below(t, 4) : 0; more; more--)
		put_one(t, op, &nl_sets[op->set].attrs[below(t, nl_sets[op->set].nr)], 0);
	damaged = one_in(t, 12);
	if (damaged)
		damage(t);
	memcpy(request, nl.buf, nl.nlh->nlmsg_len);
	nl_ask(&nl, &a, NULL, NULL);
	o->what = op->name;
	o->err = a.err;
	o->words = hash(a.text);
	o->sets = damaged || strstr(op->name, "-set") || strstr(op->name, "-del") ||
		  strstr(op->name, "-import") || strstr(op->name, "-reset");
	if (a.err || damaged || opt.workers > 1 ||
	    (strcmp(op->name, "host-set") && strcmp(op->name, "vm-set")))
		return;
	why = whole((void *)request, &nl_sets[op->set]);
	if (why)
		bad("%s is accepted, and %s", op->name, why);
}

static void open_netlink(void)
{
	blobs_get();
}

const struct target target_netlink = {
	.name = "netlink", .weight = 8, .open = open_netlink, .run = run,
};
