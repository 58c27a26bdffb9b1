// SPDX-License-Identifier: GPL-2.0
/*
 * whole - a request that was accepted is in force with all that it says
 *
 * What it says is worked out from the request alone: of an attribute that is there more than once
 * the last one holds, a policy without a resource is for all of them, tariff and budget are changed
 * by their last nest, and policies by each.
 */
#include "fuzz.h"

#define MAX_EXPECTED	256
#define ALL_RESOURCES	4	/* those that are adjusted */

/* The attribute @id in nest @in (0: in none) of @resource (-1: of none) */
struct expected {
	const struct attr *in, *attr;
	int resource;
	uint64_t value;
};

static struct expected expected[MAX_EXPECTED];
static unsigned int nr_expected;
static uint8_t saved[16384];
static unsigned int saved_len;

static const struct attr *attr_by_id(const struct set *set, uint16_t id)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++)
		if (set->attrs[i].id == id)
			return &set->attrs[i];
	return NULL;
}

static bool number(const struct attr *attr, const struct nlattr *nla, uint64_t *value)
{
	if (attr->type == U32 && mnl_attr_get_payload_len(nla) == 4)
		*value = mnl_attr_get_u32(nla);
	else if (attr->type == U64 && mnl_attr_get_payload_len(nla) == 8)
		*value = mnl_attr_get_u64(nla);
	else
		return false;
	return true;
}

static void expect(const struct attr *in, const struct attr *attr, int resource, uint64_t value)
{
	struct expected *e;

	for (e = expected; e < expected + nr_expected; e++)
		if (e->in == in && e->attr == attr && e->resource == resource)
			break;
	if (e == expected + MAX_EXPECTED)
		return;
	*e = (struct expected){ in, attr, resource, value };
	if (e == expected + nr_expected)
		nr_expected++;
}

static void forget(const struct attr *in)
{
	unsigned int i, kept = 0;

	for (i = 0; i < nr_expected; i++)
		if (expected[i].in != in)
			expected[kept++] = expected[i];
	nr_expected = kept;
}

/* A nest's resource, -1: it says none */
static int resource_of(const struct set *set, const struct nlattr *nest)
{
	const struct attr *attr = nl_attr(set, "resource");
	const struct nlattr *nla;
	int resource = -1;

	mnl_attr_for_each_nested(nla, nest)
		if (attr && mnl_attr_get_type(nla) == attr->id &&
		    mnl_attr_get_payload_len(nla) == 4)
			resource = mnl_attr_get_u32(nla);
	return resource;
}

static void expect_nest(const struct attr *in, const struct nlattr *nest)
{
	const struct set *set = &nl_sets[in->set];
	bool policy = !strcmp(in->name, "policy");
	int resource = resource_of(set, nest), r;
	const struct nlattr *nla;
	const struct attr *attr;
	uint64_t value;

	if (!policy)
		forget(in);
	mnl_attr_for_each_nested(nla, nest) {
		attr = attr_by_id(set, mnl_attr_get_type(nla));
		if (!attr || !strcmp(attr->name, "resource") || !number(attr, nla, &value))
			continue;
		if (!policy || resource >= 0) {
			expect(in, attr, resource, value);
			continue;
		}
		for (r = 0; r < ALL_RESOURCES; r++)
			if (!r || strcmp(attr->name, "nominal-bp"))
				expect(in, attr, r, value);
	}
}

/* What a reply says of the expected; the first that is not so */
static const struct nlattr *find(const struct nlmsghdr *reply, const struct expected *e)
{
	const struct nlattr *nla, *inner, *found = NULL;

	mnl_attr_for_each(nla, reply, sizeof(struct genlmsghdr)) {
		if (!e->in && mnl_attr_get_type(nla) == e->attr->id)
			found = nla;
		if (!e->in || mnl_attr_get_type(nla) != e->in->id ||
		    (e->resource >= 0 && resource_of(&nl_sets[e->in->set], nla) != e->resource))
			continue;
		mnl_attr_for_each_nested(inner, nla)
			if (mnl_attr_get_type(inner) == e->attr->id)
				found = inner;
	}
	return found;
}

static void compare(const struct nlmsghdr *reply, void *arg)
{
	static char text[256];
	const char **why = arg;
	const struct nlattr *nla;
	const struct expected *e;
	uint64_t value;

	for (e = expected; e < expected + nr_expected; e++) {
		nla = find(reply, e);
		if (!nla || !number(e->attr, nla, &value) || value == e->value)
			continue;
		snprintf(text, sizeof(text), "%s%s%s of resource %d is %llu, not %llu",
			 e->in ? e->in->name : "", e->in ? "." : "", e->attr->name, e->resource,
			 (unsigned long long)value, (unsigned long long)e->value);
		*why = text;
	}
}

const char *whole(const struct nlmsghdr *request, const struct set *set)
{
	bool host = !strcmp(set->name, "host");
	const char *why = NULL;
	const struct nlattr *nla;
	const struct attr *attr;
	uint32_t id = vm_id;
	struct answer a;
	uint64_t value;

	nr_expected = 0;
	mnl_attr_for_each(nla, request, sizeof(struct genlmsghdr)) {
		attr = attr_by_id(set, mnl_attr_get_type(nla));
		if (attr && attr->type == NEST)
			expect_nest(attr, nla);
		else if (attr && !strcmp(attr->name, "id") && number(attr, nla, &value))
			id = value;
		else if (attr && number(attr, nla, &value))
			expect(NULL, attr, -1, value);
	}
	nl_begin(&nl, host ? KVMETER_CMD_HOST_GET : KVMETER_CMD_VM_GET, false);
	if (!host)
		mnl_attr_put_u32(nl.nlh, KVMETER_A_VM_ID, id);
	nl_ask(&nl, &a, compare, &why);
	return why;
}

static void take_host(const struct nlmsghdr *reply, void *arg)
{
	const struct op *set = nl_op("host-set");
	const struct nlattr *nla;
	const char *const *name;

	(void)arg;
	mnl_attr_for_each(nla, reply, sizeof(struct genlmsghdr)) {
		const struct attr *attr = attr_by_id(&nl_sets[set->set], mnl_attr_get_type(nla));

		for (name = set->do_attrs; attr && *name; name++) {
			if (strcmp(*name, attr->name) ||
			    saved_len + MNL_ALIGN(nla->nla_len) > sizeof(saved))
				continue;
			memcpy(saved + saved_len, nla, nla->nla_len);
			saved_len += MNL_ALIGN(nla->nla_len);
		}
	}
}

void host_save(void)
{
	struct answer a;

	saved_len = 0;
	nl_begin(&nl, KVMETER_CMD_HOST_GET, false);
	nl_ask(&nl, &a, take_host, NULL);
}

void host_restore(void)
{
	struct answer a;

	nl_begin(&nl, KVMETER_CMD_HOST_SET, false);
	memcpy(mnl_nlmsg_get_payload_tail(nl.nlh), saved, saved_len);
	nl.nlh->nlmsg_len += saved_len;
	nl_ask(&nl, &a, NULL, NULL);
	if (a.err)
		bad("the host's own settings are refused: %s", a.text);
}
