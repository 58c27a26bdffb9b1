// SPDX-License-Identifier: GPL-2.0
/*
 * hostile - requests that kvmeter must refuse
 *
 *	hostile walk ID		every wrong thing to every attribute of every command
 *	hostile fuzz ID N	N requests with random damage: nothing may break
 *	hostile nobody ID	all commands and groups without privilege
 *	hostile dump SECONDS	dump all, again and again, while VMs come and go
 *	hostile set ID SECONDS A	set pairs of values that belong together
 *	hostile pairs ID SECONDS	and watch whether any was ever seen apart
 *
 * walk checks of each: the error, that the kernel said why, and that no
 * setting changed. It prints "ok NAME" and "not ok NAME - WHY"; the exit
 * status is 1 when there was one of these.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nl.h"

#define MAX_SETTINGS	16384
#define MAX_BLOB	24576

static struct nl nl;
static uint32_t vm_id;
static unsigned int checks, wrong;

struct settings {
	size_t len;
	uint8_t bytes[MAX_SETTINGS];
};

static struct settings before;

/* a good one, to be spoilt */
struct blob {
	unsigned int len;
	uint8_t bytes[MAX_BLOB];
};

static struct blob profile, model;

static void take_settings(const struct nlmsghdr *nlh, void *arg)
{
	static const char *const wanted[] = {
		"name", "image", "policy", "tariff", "budget", "period-ns", "record-ns", "burst-ns",
		"model",
	};
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct set *set = &nl_sets[0];
	struct settings *s = arg;
	const struct nlattr *nla;
	unsigned int i;

	for (i = 0; i < nl_nr_ops; i++)
		if (nl_ops[i].cmd == genl->cmd)
			set = &nl_sets[nl_ops[i].set];
	mnl_attr_for_each(nla, nlh, sizeof(*genl)) {
		for (i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
			const struct attr *attr = nl_attr(set, wanted[i]);

			if (!attr || attr->id != mnl_attr_get_type(nla) ||
			    s->len + nla->nla_len > MAX_SETTINGS)
				continue;
			memcpy(s->bytes + s->len, nla, nla->nla_len);
			s->len += nla->nla_len;
		}
	}
}

static void read_settings(struct settings *s)
{
	struct answer a;

	memset(s, 0, sizeof(*s));
	nl_begin(&nl, KVMETER_CMD_HOST_GET, false);
	nl_ask(&nl, &a, take_settings, s);
	nl_begin(&nl, KVMETER_CMD_VM_GET, false);
	mnl_attr_put_u32(nl.nlh, KVMETER_A_VM_ID, vm_id);
	nl_ask(&nl, &a, take_settings, s);
	if (a.err || !s->len) {
		fprintf(stderr, "hostile: VM %u is gone\n", vm_id);
		exit(1);
	}
}

static bool settings_changed(void)
{
	struct settings now;

	read_settings(&now);
	return now.len != before.len || memcmp(now.bytes, before.bytes, now.len);
}

static void fail(const char *name, const char *fmt, ...)
{
	va_list ap;

	wrong++;
	printf("not ok %s - ", name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* The request under construction must be refused; @err: so, 0: in any way */
static void refused(const char *name, int err)
{
	struct answer a;

	checks++;
	nl_ask(&nl, &a, NULL, NULL);
	if (!a.err)
		fail(name, "accepted");
	else if (err && a.err != err)
		fail(name, "error %d (%s), expected %d", a.err, strerror(a.err), err);
	else if (!a.text[0])
		fail(name, "error %d (%s) without a word", a.err, strerror(a.err));
	if (settings_changed()) {
		fail(name, "a setting changed");
		read_settings(&before);
	}
}

static void put_garbage(struct nlmsghdr *nlh, uint16_t type, unsigned int len)
{
	uint8_t bytes[64];

	memset(bytes, 0xff, sizeof(bytes));
	mnl_attr_put(nlh, type, len, bytes);
}

static void put_value(struct nlmsghdr *nlh, const struct attr *attr, uint64_t value)
{
	if (attr->type == U64)
		mnl_attr_put_u64(nlh, attr->id, value);
	else
		mnl_attr_put_u32(nlh, attr->id, value);
}

static bool names_vm(const char *name)
{
	return !strcmp(name, "id") || !strcmp(name, "vm-id");
}

/* A good request of @op but for what the caller adds; attribute @but is left out */
static void begin_but(const struct op *op, bool dump, const char *but)
{
	const char *const *name = dump ? op->dump_attrs : op->do_attrs;
	const struct set *set = &nl_sets[op->set];

	nl_begin(&nl, op->cmd, dump);
	for (; *name; name++) {
		const struct attr *attr = nl_attr(set, *name);

		if (but && !strcmp(but, *name))
			continue;
		if (names_vm(*name))
			mnl_attr_put_u32(nl.nlh, attr->id, vm_id);
		else if (attr->type == BINARY && !strcmp(op->name, "model-set"))
			mnl_attr_put(nl.nlh, attr->id, model.len, model.bytes);
		else if (attr->type == BINARY)
			mnl_attr_put(nl.nlh, attr->id, profile.len, profile.bytes);
		else if (!strncmp(op->name, "model-", 6))
			mnl_attr_put_strz(nl.nlh, attr->id, "hostile");
		else if (attr->type != U32 && attr->type != U64)
			continue;
		else if (!strcmp(*name, "netns-fd"))
			continue;	/* the caller's own */
		else if (!strcmp(*name, "ifindex"))
			put_value(nl.nlh, attr, 999999);	/* of no device */
		else if (!strcmp(*name, "fd"))
			put_value(nl.nlh, attr, 0);	/* of no directory */
		else if (!strcmp(op->name, "suggest") || !strcmp(op->name, "quote") ||
			 !strcmp(op->name, "profile-get"))
			put_value(nl.nlh, attr, !strcmp(*name, "grant-bp") ? 10000 : 0);
		else if (!strcmp(op->name, "ledger-ack") || !strcmp(op->name, "adjustment-get"))
			put_value(nl.nlh, attr, 1);
	}
}

/* Open the nests that lead to @attr, if there are any; returns how many */
static unsigned int open_nests(const struct attr *const *path, unsigned int depth,
			       struct nlattr **nest)
{
	unsigned int i;

	for (i = 0; i < depth; i++)
		nest[i] = mnl_attr_nest_start(nl.nlh, path[i]->id);
	/* what a cost needs to be one */
	if (depth && !strcmp(path[depth - 1]->name, "cost"))
		mnl_attr_put_u32(nl.nlh, KVMETER_A_COST_RESOURCE, 0);
	return depth;
}

static void close_nests(unsigned int depth, struct nlattr **nest)
{
	while (depth--)
		mnl_attr_nest_end(nl.nlh, nest[depth]);
}

static void walk_blob(const struct op *op, const char *name, const struct attr *attr)
{
	static const unsigned int sizes[] = { 0, 1, 3, 4, 15, 16, 17, 64, 963, 964, 965, 20000 };
	const struct blob *good = strcmp(op->name, "model-set") ? &profile : &model;
	static struct blob bad;
	unsigned int i;
	char text[160];

	if (!good->len) {
		fail(name, "no good one to begin with");
		return;
	}
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		memset(bad.bytes, 0xff, sizes[i]);
		snprintf(text, sizeof(text), "%s of %u bytes", name, sizes[i]);
		begin_but(op, false, attr->name);
		mnl_attr_put(nl.nlh, attr->id, sizes[i], bad.bytes);
		refused(text, EINVAL);
		if (sizes[i] >= good->len)
			continue;
		snprintf(text, sizeof(text), "%s cut to %u bytes", name, sizes[i]);
		begin_but(op, false, attr->name);
		mnl_attr_put(nl.nlh, attr->id, sizes[i], good->bytes);
		refused(text, EINVAL);
	}
	/* a bit of each byte of the head, and of many of the rest */
	for (i = 0; i < good->len; i += i < 64 ? 1 : 13) {
		bad = *good;
		bad.bytes[i] ^= 1 << i % 8;
		snprintf(text, sizeof(text), "%s with bit %u of byte %u", name, i % 8, i);
		begin_but(op, false, attr->name);
		mnl_attr_put(nl.nlh, attr->id, bad.len, bad.bytes);
		refused(text, EINVAL);
	}
	bad = *good;
	bad.bytes[bad.len] = 0;
	snprintf(text, sizeof(text), "%s with a byte too many", name);
	begin_but(op, false, attr->name);
	mnl_attr_put(nl.nlh, attr->id, bad.len + 1, bad.bytes);
	refused(text, EINVAL);
}

static void walk_value(const struct op *op, bool dump, const struct attr *const *path,
		       unsigned int depth, const char *name, const struct attr *attr)
{
	static const unsigned int sizes[] = { 0, 1, 3, 4, 5, 7, 8, 9, 64 };
	const char *top = depth ? path[0]->name : attr->name;
	unsigned int good = attr->type == U64 ? 8 : 4;
	struct nlattr *nest[4];
	char text[160];
	unsigned int i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		if (sizes[i] == good)
			continue;
		snprintf(text, sizeof(text), "%s of %u bytes", name, sizes[i]);
		begin_but(op, dump, top);
		open_nests(path, depth, nest);
		put_garbage(nl.nlh, attr->id, sizes[i]);
		close_nests(depth, nest);
		refused(text, 0);
	}
	/* the largest value is out of all ranges but two */
	if (!strcmp(attr->name, "cap-ncr") || !strcmp(attr->name, "since-seq") ||
	    !strcmp(attr->name, "duration-ms"))
		return;
	snprintf(text, sizeof(text), "%s too large", name);
	begin_but(op, dump, top);
	open_nests(path, depth, nest);
	put_value(nl.nlh, attr, UINT64_MAX);
	close_nests(depth, nest);
	refused(text, 0);
}

static void walk_string(const struct op *op, const char *name, const struct attr *attr)
{
	static const struct {
		const char *what, *bytes;
		unsigned int len;
	} bad[] = {
		{ "empty, no end", "", 0 },
		{ "no end", "abc", 3 },
		{ "too long", NULL, 65 },
		{ "very long", NULL, 4000 },
		{ "a slash", "a/b", 4 },
		{ "a control character", "a\nb", 4 },
		{ "an escape", "\033[2J", 5 },
		{ "not ASCII", "\303\244", 3 },
		{ "a delete", "a\177", 3 },
	};
	static char longest[4096];
	char text[160];
	unsigned int i;

	memset(longest, 'x', sizeof(longest));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const char *bytes = bad[i].bytes;

		snprintf(text, sizeof(text), "%s: %s", name, bad[i].what);
		begin_but(op, false, attr->name);
		if (!bytes) {
			bytes = longest;
			longest[bad[i].len - 1] = '\0';
		}
		mnl_attr_put(nl.nlh, attr->id, bad[i].len, bytes);
		refused(text, 0);
		memset(longest, 'x', sizeof(longest));
	}
}

static void walk_nest(const struct op *op, const struct attr *const *path, unsigned int depth,
		      const char *name);

static void walk_attr(const struct op *op, bool dump, const struct attr *const *path,
		      unsigned int depth, const char *prefix, const struct attr *attr)
{
	const struct attr *deeper[4];
	char name[128];

	snprintf(name, sizeof(name), "%s %s", prefix, attr->name);
	switch (attr->type) {
	case U32:
	case U64:
		walk_value(op, dump, path, depth, name, attr);
		break;
	case STRING:
		walk_string(op, name, attr);
		break;
	case BINARY:
		walk_blob(op, name, attr);
		break;
	case NEST:
		memcpy(deeper, path, depth * sizeof(*path));
		deeper[depth] = attr;
		walk_nest(op, deeper, depth + 1, name);
		break;
	default:
		break;
	}
}

/* A nest that lies about what is in it, and each thing that may be in it */
static void walk_nest(const struct op *op, const struct attr *const *path, unsigned int depth,
		      const char *name)
{
	const struct set *set = &nl_sets[path[depth - 1]->set];
	struct nlattr *nest[4], *inner;
	char text[160];
	unsigned int i, len;

	/* no flag that says that it is a nest */
	snprintf(text, sizeof(text), "%s without the nest flag", name);
	begin_but(op, false, path[0]->name);
	open_nests(path, depth, nest);
	nest[depth - 1]->nla_type &= ~NLA_F_NESTED;
	mnl_attr_put_u32(nl.nlh, 1, 1);
	close_nests(depth, nest);
	refused(text, 0);

	/* bytes that are no attribute */
	for (len = 1; len < 4; len++) {
		snprintf(text, sizeof(text), "%s of %u bytes", name, len);
		begin_but(op, false, path[0]->name);
		open_nests(path, depth - 1, nest);
		put_garbage(nl.nlh, path[depth - 1]->id | NLA_F_NESTED, len);
		close_nests(depth - 1, nest);
		refused(text, 0);
	}

	/* an inner attribute that ends beyond its nest, or before its own head */
	for (i = 0; i < 3; i++) {
		static const unsigned int lies[] = { 3, 12, 0xffff };

		snprintf(text, sizeof(text), "%s, inner length %u", name, lies[i]);
		begin_but(op, false, path[0]->name);
		open_nests(path, depth, nest);
		inner = mnl_nlmsg_get_payload_tail(nl.nlh);
		mnl_attr_put_u32(nl.nlh, 1, 0);
		inner->nla_len = lies[i];
		close_nests(depth, nest);
		refused(text, 0);
	}

	/* what is not known */
	snprintf(text, sizeof(text), "%s, unknown attribute", name);
	begin_but(op, false, path[0]->name);
	open_nests(path, depth, nest);
	mnl_attr_put_u32(nl.nlh, set->attrs[set->nr - 1].id + 1, 0);
	close_nests(depth, nest);
	refused(text, 0);
	snprintf(text, sizeof(text), "%s, attribute 0", name);
	begin_but(op, false, path[0]->name);
	open_nests(path, depth, nest);
	mnl_attr_put_u32(nl.nlh, 0, 0);
	close_nests(depth, nest);
	refused(text, 0);

	/* a nest in itself */
	snprintf(text, sizeof(text), "%s in itself", name);
	begin_but(op, false, path[0]->name);
	open_nests(path, depth, nest);
	mnl_attr_put(nl.nlh, 1 | NLA_F_NESTED, 0, NULL);
	close_nests(depth, nest);
	refused(text, 0);

	for (i = 0; i < set->nr; i++)
		walk_attr(op, false, path, depth, name, &set->attrs[i]);
}

static bool asks(const struct op *op, bool dump, const char *attr)
{
	const char *const *name = dump ? op->dump_attrs : op->do_attrs;

	for (; *name; name++)
		if (!strcmp(*name, attr))
			return true;
	return false;
}

/* What a request may go without, and means something else then */
static bool optional(const struct op *op, const char *attr)
{
	if (!strncmp(op->name, "profile-", 8))
		return !strcmp(attr, "image") ||
		       (!strcmp(attr, "resource") && strcmp(op->name, "profile-get"));
	if (!strcmp(op->name, "sample-get"))
		return strcmp(attr, "vm-id");
	return !strcmp(attr, "netns-fd");
}

static void walk_op(const struct op *op, bool dump)
{
	const struct set *set = &nl_sets[op->set];
	char name[128];
	unsigned int i;

	for (i = 0; i < set->nr; i++) {
		const struct attr *attr = &set->attrs[i];

		snprintf(name, sizeof(name), "%s%s", op->name, dump ? " (dump)" : "");
		if (asks(op, dump, attr->name)) {
			walk_attr(op, dump, NULL, 0, name, attr);
			continue;
		}
		/* what only the kernel says */
		snprintf(name, sizeof(name), "%s%s with %s", op->name, dump ? " (dump)" : "",
			 attr->name);
		begin_but(op, dump, NULL);
		put_garbage(nl.nlh, attr->id, attr->type == U32 ? 4 : 8);
		refused(name, 0);
	}
	snprintf(name, sizeof(name), "%s%s, unknown attribute", op->name, dump ? " (dump)" : "");
	begin_but(op, dump, NULL);
	mnl_attr_put_u32(nl.nlh, 1000, 1);
	refused(name, 0);

	/* what must be there */
	for (i = 0; !dump && i < set->nr; i++) {
		if (!asks(op, false, set->attrs[i].name))
			continue;
		if (optional(op, set->attrs[i].name))
			continue;
		if (!strcmp(op->name, "host-set") ||
		    (!strcmp(op->name, "vm-set") && !names_vm(set->attrs[i].name)))
			continue;
		snprintf(name, sizeof(name), "%s without %s", op->name, set->attrs[i].name);
		begin_but(op, false, set->attrs[i].name);
		checks++;
		struct answer a;

		nl_ask(&nl, &a, NULL, NULL);
		if (a.err != EINVAL)
			fail(name, "error %d, expected EINVAL", a.err);
	}

	/* VMs that are not */
	for (i = 0; i < set->nr; i++) {
		static const uint32_t ids[] = { 0, 0x7fffffff, 0xffffffff };
		unsigned int j;

		if (!names_vm(set->attrs[i].name) || !asks(op, dump, set->attrs[i].name))
			continue;
		for (j = 0; j < 3; j++) {
			snprintf(name, sizeof(name), "%s%s of VM %u", op->name,
				 dump ? " (dump)" : "", ids[j]);
			begin_but(op, dump, set->attrs[i].name);
			mnl_attr_put_u32(nl.nlh, set->attrs[i].id, ids[j]);
			refused(name, ENOENT);
		}
	}
}

/* Each limit that Documentation/netlink/specs/kvmeter.yaml states, passed by one */
static void walk_ranges(void)
{
	static const struct {
		const char *op, *text;
	} bad[] = {
		{ "vm-set", "policy.mode=3" }, { "vm-set", "policy.shadow=3" },
		{ "vm-set", "policy.contended-only=2" },
		{ "vm-set", "policy.nominal-bp=99" }, { "vm-set", "policy.nominal-bp=10001" },
		{ "vm-set", "policy.threshold-mbit=999" },
		{ "vm-set", "policy.threshold-mbit=30001" },
		{ "vm-set", "policy.sensitivity-mbit=99" },
		{ "vm-set", "policy.sensitivity-mbit=1000001" },
		{ "vm-set", "policy.floor-bp=99" }, { "vm-set", "policy.floor-bp=10001" },
		{ "vm-set", "policy.ceiling-bp=9999" }, { "vm-set", "policy.ceiling-bp=100001" },
		{ "vm-set", "policy.step-bp=100001" },
		{ "vm-set", "policy.step-bp=400,dead-band-bp=500" },
		{ "vm-set", "policy.dead-band-bp=10001,step-bp=20000" },
		{ "vm-set", "policy.dwell-ms=3600001" },
		{ "vm-set", "policy.half-life-s=0" }, { "vm-set", "policy.half-life-s=2592001" },
		{ "vm-set", "tariff.ceiling-ncr-h=1000000000000001" },
		{ "vm-set", "tariff.base-ncr-h=5,ceiling-ncr-h=4,floor-ncr-h=0" },
		{ "vm-set", "tariff.base-ncr-h=5,floor-ncr-h=6" },
		{ "vm-set", "tariff.slew-ncr-h-min=1000000000000001" },
		{ "vm-set", "tariff.notice-ms=3600001" },
		{ "vm-set", "tariff.cpu-ncr-h=1000000000000001" },
		{ "vm-set", "tariff.cost.resource=4+ncr-h=1" },
		{ "vm-set", "tariff.cost.resource=5+ncr-h=1" },
		{ "vm-set", "tariff.memory-ncr-gib-h=1000000000000001" },
		{ "vm-set", "tariff.network-ncr-gib=1000000000000001" },
		{ "vm-set", "tariff.disk-ncr-gib=1000000000000001" },
		{ "vm-set", "policy.nominal=1" }, { "vm-set", "policy.nominal=1,resource=0" },
		{ "vm-set", "policy.nominal=16777217,resource=1" },
		{ "vm-set", "policy.nominal-bp=5000,resource=1" },
		{ "vm-set", "policy.mode=1,resource=4" }, { "vm-set", "policy.mode=1,resource=5" },
		{ "vm-set", "policy.follow=32" },
		{ "vm-set", "tariff.cost.resource=0" }, { "vm-set", "tariff.cost.ncr-h=1" },
		{ "vm-set", "tariff.cost.resource=0+ncr-h=1000000000000001" },
		{ "vm-set", "budget.cap-ncr=1000000000000001" },
		{ "vm-set", "budget.cap-ncr=18446744073709551614" },
		{ "vm-set", "budget.period-s=31622401" },
		{ "vm-set", "budget.action=2" }, { "vm-set", "budget.pace=2" },
		{ "vm-set", "budget.pace=1,cap-ncr=18446744073709551615" },
		{ "vm-set", "budget.pace=1,cap-ncr=5,period-s=0" },
		{ "host-set", "period-ns=9999999" }, { "host-set", "period-ns=10000000001" },
		{ "host-set", "record-ns=99999999" }, { "host-set", "record-ns=3600000000001" },
		{ "host-set", "burst-ns=10000000001" },
		{ "host-set", "policy.mode=3" }, { "host-set", "tariff.notice-ms=3600001" },
		{ "host-set", "budget.action=2" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const struct op *op = nl_op(bad[i].op);
		char name[160];

		snprintf(name, sizeof(name), "%s %s", bad[i].op, bad[i].text);
		nl_begin(&nl, op->cmd, false);
		if (!strcmp(op->name, "vm-set"))
			mnl_attr_put_u32(nl.nlh, KVMETER_A_VM_ID, vm_id);
		nl_add(nl.nlh, &nl_sets[op->set], bad[i].text);
		refused(name, 0);
	}

	/* a good part does not save a bad one, in whichever order */
	nl_begin(&nl, KVMETER_CMD_VM_SET, false);
	nl_add(nl.nlh, &nl_sets[nl_op("vm-set")->set], "name=changed");
	nl_add(nl.nlh, &nl_sets[nl_op("vm-set")->set], "policy.floor-bp=3000");
	nl_add(nl.nlh, &nl_sets[nl_op("vm-set")->set], "budget.action=1,period-s=31622401");
	mnl_attr_put_u32(nl.nlh, KVMETER_A_VM_ID, vm_id);
	refused("vm-set half good", 0);
	nl_begin(&nl, KVMETER_CMD_HOST_SET, false);
	nl_add(nl.nlh, &nl_sets[nl_op("host-set")->set], "period-ns=50000000");
	nl_add(nl.nlh, &nl_sets[nl_op("host-set")->set], "policy.floor-bp=3000");
	nl_add(nl.nlh, &nl_sets[nl_op("host-set")->set], "tariff.notice-ms=3600001");
	refused("host-set half good", 0);

	nl_begin(&nl, KVMETER_CMD_SUGGEST, false);
	nl_add(nl.nlh, &nl_sets[nl_op("suggest")->set], "resource=4");
	nl_add(nl.nlh, &nl_sets[nl_op("suggest")->set], "grant-bp=10000");
	nl_add(nl.nlh, &nl_sets[nl_op("suggest")->set], "duration-ms=1000");
	mnl_attr_put_u32(nl.nlh, KVMETER_A_SUGGESTION_VM_ID, vm_id);
	refused("suggest exits", EOPNOTSUPP);
	begin_but(nl_op("suggest"), false, NULL);
	refused("suggest under observe", EPERM);
	begin_but(nl_op("ledger-ack"), false, "seq");
	mnl_attr_put_u64(nl.nlh, KVMETER_A_RECORD_SEQ, 1000000000);
	refused("ledger-ack of the future", 0);
	begin_but(nl_op("adjustment-get"), false, "seq");
	mnl_attr_put_u64(nl.nlh, KVMETER_A_ADJUSTMENT_SEQ, 0);
	refused("adjustment 0", 0);
	begin_but(nl_op("adjustment-get"), false, "seq");
	mnl_attr_put_u64(nl.nlh, KVMETER_A_ADJUSTMENT_SEQ, 1000000000);
	refused("adjustment of the future", ENOENT);
	/* whose profile? */
	begin_but(nl_op("profile-reset"), false, NULL);
	mnl_attr_put_strz(nl.nlh, KVMETER_A_PROFILE_IMAGE, "img");
	refused("profile-reset of a VM and an image", EINVAL);
	begin_but(nl_op("profile-reset"), false, "vm-id");
	refused("profile-reset of nothing", EINVAL);
	begin_but(nl_op("profile-import"), false, "vm-id");
	mnl_attr_put_strz(nl.nlh, KVMETER_A_PROFILE_IMAGE, "");
	refused("profile-import to an image without a name", EINVAL);
	begin_but(nl_op("profile-export"), false, "vm-id");
	mnl_attr_put_strz(nl.nlh, KVMETER_A_PROFILE_IMAGE, "nobody's");
	refused("profile-export of an unknown image", ENOENT);
	begin_but(nl_op("model-del"), false, NULL);
	refused("model-del of what is not there", ENOENT);
	nl_begin(&nl, KVMETER_CMD_PRICE_GET, true);
	mnl_attr_put_u64(nl.nlh, KVMETER_A_PRICE_SINCE_SEQ, 1);
	refused("price-get since without a VM", 0);
	nl_begin(&nl, KVMETER_CMD_LEDGER_GET, true);
	mnl_attr_put_u64(nl.nlh, KVMETER_A_RECORD_SINCE_SEQ, 1);
	refused("ledger-get since without a VM", 0);
}

/* Messages that are wrong before their first attribute */
static void walk_heads(void)
{
	struct answer a;

	nl_begin(&nl, 0, false);
	checks++;
	nl_ask(&nl, &a, NULL, NULL);
	if (a.err != EOPNOTSUPP)
		fail("command 0", "error %d", a.err);
	nl_begin(&nl, 255, false);
	checks++;
	nl_ask(&nl, &a, NULL, NULL);
	if (a.err != EOPNOTSUPP)
		fail("command 255", "error %d", a.err);
	nl_begin(&nl, KVMETER_CMD_VM_NEW_NTF, false);
	checks++;
	nl_ask(&nl, &a, NULL, NULL);
	if (a.err != EOPNOTSUPP)
		fail("a notice as a command", "error %d", a.err);
	/* too short for its own head */
	nl_begin(&nl, KVMETER_CMD_VM_GET, false);
	nl.nlh->nlmsg_len = NLMSG_HDRLEN + 2;
	checks++;
	nl_ask(&nl, &a, NULL, NULL);
	if (!a.err)
		fail("a cut head", "accepted");
	/* an attribute that reaches beyond the message */
	nl_begin(&nl, KVMETER_CMD_VM_GET, false);
	mnl_attr_put_u32(nl.nlh, KVMETER_A_VM_ID, vm_id);
	((struct nlattr *)mnl_nlmsg_get_payload_offset(nl.nlh, 4))->nla_len = 200;
	checks++;
	nl_ask(&nl, &a, NULL, NULL);
	if (!a.err)
		fail("an attribute beyond the end", "accepted");
}

static void take_profile(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nla;

	(void)arg;
	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nla) != KVMETER_A_PROFILE_DATA ||
		    mnl_attr_get_payload_len(nla) > MAX_BLOB - 1)
			continue;
		profile.len = mnl_attr_get_payload_len(nla);
		memcpy(profile.bytes, mnl_attr_get_payload(nla), profile.len);
	}
}

/* $KVMETER_MODEL is a file with the network's weights */
static void get_blobs(void)
{
	const char *path = getenv("KVMETER_MODEL");
	FILE *f = path ? fopen(path, "rb") : NULL;
	struct answer a;

	if (f) {
		model.len = fread(model.bytes, 1, MAX_BLOB - 1, f);
		fclose(f);
	}
	nl_begin(&nl, KVMETER_CMD_PROFILE_EXPORT, false);
	mnl_attr_put_u32(nl.nlh, KVMETER_A_PROFILE_VM_ID, vm_id);
	nl_ask(&nl, &a, take_profile, NULL);
}

static int walk(void)
{
	unsigned int i;

	get_blobs();

	read_settings(&before);
	for (i = 0; i < nl_nr_ops; i++) {
		if (nl_ops[i].has_do)
			walk_op(&nl_ops[i], false);
		if (nl_ops[i].has_dump)
			walk_op(&nl_ops[i], true);
	}
	walk_ranges();
	walk_heads();
	printf("%u checks, %u wrong\n", checks, wrong);
	return !!wrong;
}

static int fuzz(unsigned int n)
{
	unsigned int i, flips, accepted = 0;
	struct answer a;

	get_blobs();
	srandom(4711);
	for (i = 0; i < n; i++) {
		const struct op *op = &nl_ops[random() % nl_nr_ops];
		uint8_t *bytes = nl.buf + NLMSG_HDRLEN + 4;
		const struct set *set = &nl_sets[op->set];
		unsigned int nr = random() % 6, len;
		struct nlattr *nest;

		begin_but(op, random() & 1, NULL);
		while (nr--) {
			const struct attr *attr = &set->attrs[random() % set->nr];

			if (attr->type == NEST) {
				nest = mnl_attr_nest_start(nl.nlh, attr->id);
				put_value(nl.nlh, &nl_sets[attr->set].attrs[random() %
					  nl_sets[attr->set].nr], random() % 20000);
				mnl_attr_nest_end(nl.nlh, nest);
			} else {
				put_value(nl.nlh, attr, random() & 1 ? random() % 3 : random());
			}
		}
		len = nl.nlh->nlmsg_len - NLMSG_HDRLEN - 4;
		for (flips = random() % 4; len && flips; flips--)
			bytes[random() % len] ^= 1 << random() % 8;
		nl_ask(&nl, &a, NULL, NULL);
		accepted += !a.err;
	}
	printf("%u requests, %u accepted\n", n, accepted);
	read_settings(&before);		/* it still answers */
	return 0;
}

static int nobody(void)
{
	unsigned int i;
	struct answer a;

	if (setgroups(0, NULL) || setgid(65534) || setuid(65534)) {
		perror("setuid");
		return 1;
	}
	nl_open(&nl);
	if (nl.down) {
		fail("family", "not visible");
		return 1;
	}
	for (i = 0; i < nl_nr_ops; i++) {
		const struct op *op = &nl_ops[i];

		if (op->has_do) {
			begin_but(op, false, NULL);
			checks++;
			nl_ask(&nl, &a, NULL, NULL);
			if (a.err != EPERM)
				fail(op->name, "error %d, expected EPERM", a.err);
		}
		if (op->has_dump) {
			begin_but(op, true, NULL);
			checks++;
			nl_ask(&nl, &a, NULL, NULL);
			if (a.err != EPERM)
				fail(op->name, "dump: error %d, expected EPERM", a.err);
		}
	}
	for (i = 0; i < nl.nr_groups; i++) {
		checks++;
		if (!mnl_socket_setsockopt(nl.sock, NETLINK_ADD_MEMBERSHIP, &nl.group[i],
					   sizeof(nl.group[i])))
			fail(nl.group_name[i], "joined");
	}
	printf("%u checks, %u groups, %u wrong\n", checks, nl.nr_groups, wrong);
	return wrong || !nl.nr_groups;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static int dump(double seconds)
{
	uint64_t end = now_ns() + seconds * 1e9;
	unsigned long dumps = 0, messages = 0;
	struct answer a;
	unsigned int i;

	while (now_ns() < end) {
		for (i = 0; i < nl_nr_ops; i++) {
			if (!nl_ops[i].has_dump)
				continue;
			nl_begin(&nl, nl_ops[i].cmd, true);
			nl_ask(&nl, &a, NULL, NULL);
			dumps++;
			messages += a.messages;
			if (a.err)
				fail(nl_ops[i].name, "error %d %s", a.err, a.text);
		}
	}
	printf("%lu dumps, %lu messages, %u wrong\n", dumps, messages, wrong);
	return !!wrong;
}

/* Values that are set together: floor, step and notice say the same number */
static int set_pairs(double seconds, unsigned int value)
{
	uint64_t end = now_ns() + seconds * 1e9;
	const struct set *set = &nl_sets[nl_op("vm-set")->set];
	unsigned long sets = 0;
	char policy[64], tariff[64];
	struct answer a;

	snprintf(policy, sizeof(policy), "policy.floor-bp=%u,step-bp=%u", value, value);
	snprintf(tariff, sizeof(tariff), "tariff.notice-ms=%u", value);
	while (now_ns() < end) {
		nl_begin(&nl, KVMETER_CMD_VM_SET, false);
		mnl_attr_put_u32(nl.nlh, KVMETER_A_VM_ID, vm_id);
		nl_add(nl.nlh, set, policy);
		nl_add(nl.nlh, set, tariff);
		nl_ask(&nl, &a, NULL, NULL);
		sets++;
		if (a.err) {
			fail("vm-set", "error %d %s", a.err, a.text);
			return 1;
		}
	}
	printf("%lu sets\n", sets);
	return 0;
}

static void take_pair(const struct nlmsghdr *nlh, void *arg)
{
	static char text[65536];
	char *at;
	unsigned int floor = 0, step = 1, notice = 2;
	FILE *f = fmemopen(text, sizeof(text), "w");

	nl_print(f, nlh, &nl_sets[nl_op("vm-get")->set], "");
	fputc('\0', f);
	fclose(f);
	text[sizeof(text) - 1] = '\0';
	at = strstr(text, " policy0_floor_bp=");
	if (at)
		floor = strtoul(strchr(at, '=') + 1, NULL, 10);
	at = strstr(text, " policy0_step_bp=");
	if (at)
		step = strtoul(strchr(at, '=') + 1, NULL, 10);
	at = strstr(text, " tariff_notice_ms=");
	if (at)
		notice = strtoul(strchr(at, '=') + 1, NULL, 10);
	(*(unsigned long *)arg)++;
	if (floor != step || step != notice)
		fail("pairs", "floor %u, step %u, notice %u", floor, step, notice);
}

static int watch_pairs(double seconds)
{
	uint64_t end = now_ns() + seconds * 1e9;
	unsigned long reads = 0;
	struct answer a;

	while (now_ns() < end) {
		nl_begin(&nl, KVMETER_CMD_VM_GET, false);
		mnl_attr_put_u32(nl.nlh, KVMETER_A_VM_ID, vm_id);
		nl_ask(&nl, &a, take_pair, &reads);
	}
	printf("%lu reads, %u torn\n", reads, wrong);
	return wrong || !reads;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 3)
		return 2;
	vm_id = strtoul(argv[2], NULL, 0);
	if (!strcmp(argv[1], "nobody"))
		return nobody();
	nl_open(&nl);
	if (nl.down) {
		fputs("hostile: no such family\n", stderr);
		return 1;
	}
	if (!strcmp(argv[1], "walk"))
		return walk();
	if (!strcmp(argv[1], "fuzz") && argc > 3)
		return fuzz(strtoul(argv[3], NULL, 0));
	if (!strcmp(argv[1], "dump"))
		return dump(strtod(argv[2], NULL));
	if (!strcmp(argv[1], "set") && argc > 4)
		return set_pairs(strtod(argv[3], NULL), strtoul(argv[4], NULL, 0));
	if (!strcmp(argv[1], "pairs") && argc > 3)
		return watch_pairs(strtod(argv[3], NULL));
	return 2;
}
