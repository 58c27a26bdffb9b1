// SPDX-License-Identifier: GPL-2.0
/*
 * walk_nest - a nest that lies about what is in it, and each thing that may be in it
 */
#include "hostile.h"

void begin_in(const struct place *at, unsigned int depth, const struct attr *attr,
	      struct nlattr **nest)
{
	unsigned int i;

	begin_but(at->op, at->dump, at->depth ? at->path[0]->name : attr->name);
	for (i = 0; i < depth; i++)
		nest[i] = mnl_attr_nest_start(nl.nlh, at->path[i]->id);
	/* what a cost needs to be one */
	if (depth && !strcmp(at->path[depth - 1]->name, "cost"))
		mnl_attr_put_u32(nl.nlh, KVMETER_A_COST_RESOURCE, 0);
}

void end_in(unsigned int depth, struct nlattr **nest)
{
	while (depth--)
		mnl_attr_nest_end(nl.nlh, nest[depth]);
}

/* What is no nest: by its type, or by bytes that are no attribute */
static void walk_shape(const struct place *at, const struct attr *self)
{
	struct nlattr *nest[PATH_MAX_DEPTH];
	unsigned int len;

	begin_in(at, at->depth, self, nest);
	nest[at->depth - 1]->nla_type &= ~NLA_F_NESTED;
	mnl_attr_put_u32(nl.nlh, 1, 1);
	end_in(at->depth, nest);
	refused(0, "%s without the nest flag", at->name);

	for (len = 1; len < 4; len++) {
		begin_in(at, at->depth - 1, self, nest);
		put_garbage(self->id | NLA_F_NESTED, len);
		end_in(at->depth - 1, nest);
		refused(0, "%s of %u bytes", at->name, len);
	}
}

/* An inner attribute that ends beyond its nest, or before its own head */
static void walk_lengths(const struct place *at, const struct attr *self)
{
	static const unsigned int lies[] = { 3, 12, 0xffff };
	struct nlattr *nest[PATH_MAX_DEPTH], *inner;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		begin_in(at, at->depth, self, nest);
		inner = mnl_nlmsg_get_payload_tail(nl.nlh);
		mnl_attr_put_u32(nl.nlh, 1, 0);
		inner->nla_len = lies[i];
		end_in(at->depth, nest);
		refused(0, "%s, inner length %u", at->name, lies[i]);
	}
}

/* Inner attributes that are not known */
static void walk_unknown(const struct place *at, const struct attr *self)
{
	const struct set *set = &nl_sets[self->set];
	struct nlattr *nest[PATH_MAX_DEPTH];

	begin_in(at, at->depth, self, nest);
	mnl_attr_put_u32(nl.nlh, set->attrs[set->nr - 1].id + 1, 0);
	end_in(at->depth, nest);
	refused(0, "%s, unknown attribute", at->name);

	begin_in(at, at->depth, self, nest);
	mnl_attr_put_u32(nl.nlh, 0, 0);
	end_in(at->depth, nest);
	refused(0, "%s, attribute 0", at->name);

	begin_in(at, at->depth, self, nest);
	mnl_attr_put(nl.nlh, 1 | NLA_F_NESTED, 0, NULL);
	end_in(at->depth, nest);
	refused(0, "%s in itself", at->name);
}

void walk_nest(const struct place *at)
{
	const struct attr *self = at->path[at->depth - 1];
	const struct set *set = &nl_sets[self->set];
	unsigned int i;

	walk_shape(at, self);
	walk_lengths(at, self);
	walk_unknown(at, self);
	for (i = 0; i < set->nr; i++)
		walk_attr(at, &set->attrs[i]);
}
