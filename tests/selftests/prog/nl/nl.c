// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nl.h"
#include "spec.h"

const struct set *nl_sets = sets;
const struct op *nl_ops = ops;
const unsigned int nl_nr_sets = sizeof(sets) / sizeof(*sets);
const unsigned int nl_nr_ops = sizeof(ops) / sizeof(*ops);

static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(2);
}

const struct op *nl_op(const char *name)
{
	unsigned int i;

	for (i = 0; i < nl_nr_ops; i++)
		if (!strcmp(ops[i].name, name))
			return &ops[i];
	return NULL;
}

const struct attr *nl_attr(const struct set *set, const char *name)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++)
		if (!strcmp(set->attrs[i].name, name))
			return &set->attrs[i];
	return NULL;
}

struct nlmsghdr *nl_begin(struct nl *nl, uint8_t cmd, bool dump)
{
	struct genlmsghdr *genl;

	nl->nlh = mnl_nlmsg_put_header(nl->buf);
	nl->nlh->nlmsg_type = nl->family;
	nl->nlh->nlmsg_flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK);
	nl->nlh->nlmsg_seq = ++nl->seq;
	genl = mnl_nlmsg_put_extra_header(nl->nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	return nl->nlh;
}

static void answer_text(struct answer *a, const struct nlmsghdr *nlh, size_t head)
{
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	mnl_attr_for_each(attr, nlh, head)
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			snprintf(a->text, sizeof(a->text), "%.*s",
				 (int)mnl_attr_get_payload_len(attr), mnl_attr_get_str(attr));
}

/* false: the answer is complete */
static bool answer_take(struct nl *nl, struct answer *a, const struct nlmsghdr *nlh,
			void (*each)(const struct nlmsghdr *, void *), void *arg)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t head;

	if (nlh->nlmsg_seq != nl->seq)
		return true;
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
		a->err = -e->error;
		head = sizeof(*e);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			head += e->msg.nlmsg_len - sizeof(e->msg);
		answer_text(a, nlh, MNL_ALIGN(head));
		return false;
	case NLMSG_DONE:
		if (nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(int)))
			a->err = -*(const int *)mnl_nlmsg_get_payload(nlh);
		answer_text(a, nlh, sizeof(int));
		return false;
	default:
		a->messages++;
		if (each)
			each(nlh, arg);
		return true;
	}
}

void nl_ask(struct nl *nl, struct answer *a, void (*each)(const struct nlmsghdr *, void *),
	    void *arg)
{
	static uint8_t buf[131072];
	const struct nlmsghdr *nlh;
	bool more = true;
	ssize_t len;
	int left;

	memset(a, 0, sizeof(*a));
	if (mnl_socket_sendto(nl->sock, nl->nlh, nl->nlh->nlmsg_len) < 0)
		die("sendto");
	while (more) {
		len = mnl_socket_recvfrom(nl->sock, buf, sizeof(buf));
		if (len < 0) {
			a->err = errno;
			return;
		}
		left = len;
		for (nlh = (void *)buf; more && mnl_nlmsg_ok(nlh, left);
		     nlh = mnl_nlmsg_next(nlh, &left))
			more = answer_take(nl, a, nlh, each, arg);
	}
}

static void take_group(struct nl *nl, const struct nlattr *group)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, group) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
			nl->group[nl->nr_groups] = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME)
			snprintf(nl->group_name[nl->nr_groups], GENL_NAMSIZ, "%s",
				 mnl_attr_get_str(attr));
	}
	nl->nr_groups++;
}

static void take_family(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr, *group;
	struct nl *nl = arg;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			nl->family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_for_each_nested(group, attr)
				take_group(nl, group);
	}
}

void nl_open(struct nl *nl)
{
	struct answer a;
	int one = 1;

	memset(nl, 0, sizeof(*nl));
	nl->seq = time(NULL);
	nl->sock = mnl_socket_open(NETLINK_GENERIC);
	if (!nl->sock || mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink socket");
	mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &one, sizeof(one));
	nl->family = GENL_ID_CTRL;
	nl_begin(nl, CTRL_CMD_GETFAMILY, false);
	mnl_attr_put_strz(nl->nlh, CTRL_ATTR_FAMILY_NAME, KVMETER_FAMILY_NAME);
	nl_ask(nl, &a, take_family, nl);
	nl->down = a.err;
}

void nl_close(struct nl *nl)
{
	mnl_socket_close(nl->sock);
}

uint32_t nl_group(const struct nl *nl, const char *name)
{
	unsigned int i;

	for (i = 0; i < nl->nr_groups; i++)
		if (!strcmp(nl->group_name[i], name))
			return nl->group[i];
	return 0;
}

void nl_add(struct nlmsghdr *nlh, const struct set *set, const char *text)
{
	static const char *const separator[] = { ",", "+", "" };
	static unsigned int depth;
	size_t len = strcspn(text, ".=");
	const struct attr *attr;
	struct nlattr *nest;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)len, text);
	attr = nl_attr(set, name);
	if (!attr) {
		fprintf(stderr, "%s has no attribute %s\n", set->name, name);
		exit(2);
	}
	text += len + 1;
	switch (attr->type) {
	case U32:
		mnl_attr_put_u32(nlh, attr->id, strtoul(text, NULL, 0));
		break;
	case U64:
		mnl_attr_put_u64(nlh, attr->id, strtoull(text, NULL, 0));
		break;
	case STRING:
		mnl_attr_put_strz(nlh, attr->id, text);
		break;
	case NEST:
		nest = mnl_attr_nest_start(nlh, attr->id);
		for (;;) {
			char one[256];

			len = strcspn(text, separator[depth]);
			snprintf(one, sizeof(one), "%.*s", (int)len, text);
			depth++;
			nl_add(nlh, &sets[attr->set], one);
			depth--;
			if (!text[len])
				break;
			text += len + 1;
		}
		mnl_attr_nest_end(nlh, nest);
		break;
	default:
		break;
	}
}

static void print_text(FILE *f, const char *s)
{
	putc('\'', f);
	for (; *s; s++) {
		if (*s == '\'')
			fputs("'\\'", f);
		putc(*s, f);
	}
	putc('\'', f);
}

static void print_key(FILE *f, const char *prefix, const char *name)
{
	fprintf(f, " %s", prefix);
	for (; *name; name++)
		putc(*name == '-' ? '_' : *name, f);
}

static void print_one(FILE *f, const struct nlattr *nla, const struct set *set,
		      const char *prefix, unsigned int *nth);

/* One of several: told apart by the resource or class that it is of, else counted. */
static unsigned int which_of(const struct nlattr *nest, const struct set *set, unsigned int nth)
{
	const struct nlattr *nla;
	unsigned int i;

	for (i = 0; i < set->nr; i++) {
		if (strcmp(set->attrs[i].name, "resource") && strcmp(set->attrs[i].name, "class"))
			continue;
		mnl_attr_for_each_nested(nla, nest)
			if (mnl_attr_get_type(nla) == set->attrs[i].id &&
			    mnl_attr_get_payload_len(nla) == 4)
				return mnl_attr_get_u32(nla);
	}
	return nth;
}

static void print_nest(FILE *f, const struct nlattr *nla, const struct attr *attr,
		       const char *prefix, unsigned int nth)
{
	const struct nlattr *inner = mnl_attr_get_payload(nla);
	const struct set *set = &sets[attr->set];
	unsigned int seen[64] = { 0 };
	char deeper[128];

	if (attr->multi)
		nth = which_of(nla, set, nth);
	if (attr->multi)
		snprintf(deeper, sizeof(deeper), "%s%s%u_", prefix, attr->name, nth);
	else
		snprintf(deeper, sizeof(deeper), "%s%s_", prefix, attr->name);
	for (char *c = deeper; *c; c++)
		if (*c == '-')
			*c = '_';
	mnl_attr_for_each_nested(inner, nla)
		print_one(f, inner, set, deeper, seen);
}

static void print_one(FILE *f, const struct nlattr *nla, const struct set *set,
		      const char *prefix, unsigned int *nth)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++) {
		const struct attr *attr = &set->attrs[i];

		if (attr->id != mnl_attr_get_type(nla))
			continue;
		switch (attr->type) {
		case U32:
			print_key(f, prefix, attr->name);
			fprintf(f, "=%u", mnl_attr_get_u32(nla));
			break;
		case U64:
			print_key(f, prefix, attr->name);
			fprintf(f, "=%llu", (unsigned long long)mnl_attr_get_u64(nla));
			break;
		case STRING:
			print_key(f, prefix, attr->name);
			putc('=', f);
			print_text(f, mnl_attr_get_str(nla));
			break;
		case FLAG:
			print_key(f, prefix, attr->name);
			fputs("=1", f);
			break;
		case NEST:
			print_nest(f, nla, attr, prefix, nth[i]++);
			break;
		case BINARY:	/* so many bytes */
			print_key(f, prefix, attr->name);
			fprintf(f, "=%u", mnl_attr_get_payload_len(nla));
			break;
		case PAD:
			break;
		}
		return;
	}
	fprintf(f, " %sunknown%u=1", prefix, mnl_attr_get_type(nla));
}

void nl_print(FILE *f, const struct nlmsghdr *nlh, const struct set *set, const char *prefix)
{
	const struct nlattr *nla;
	unsigned int seen[64] = { 0 };

	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr))
		print_one(f, nla, set, prefix, seen);
}
