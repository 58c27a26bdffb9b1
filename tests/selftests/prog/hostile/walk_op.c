// SPDX-License-Identifier: GPL-2.0
/*
 * walk_op - a command with attributes that are wrong, that are missing, that are of no VM
 */
#include "hostile.h"

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
	if (!strcmp(op->name, "host-set"))
		return true;
	if (!strcmp(op->name, "vm-set"))
		return !names_vm(attr);
	if (!strncmp(op->name, "profile-", 8))
		return !strcmp(attr, "image") ||
		       (!strcmp(attr, "resource") && strcmp(op->name, "profile-get"));
	if (!strcmp(op->name, "sample-get"))
		return strcmp(attr, "vm-id");
	return !strcmp(attr, "netns-fd");
}

static void walk_attrs(const struct op *op, bool dump, const char *name)
{
	const struct place top = { .op = op, .dump = dump, .name = name };
	const struct set *set = &nl_sets[op->set];
	unsigned int i;

	for (i = 0; i < set->nr; i++) {
		const struct attr *attr = &set->attrs[i];

		if (asks(op, dump, attr->name)) {
			walk_attr(&top, attr);
			continue;
		}
		/* what only the kernel says */
		begin_but(op, dump, NULL);
		put_garbage(attr->id, attr->type == U32 ? 4 : 8);
		refused(0, "%s with %s", name, attr->name);
	}
	begin_but(op, dump, NULL);
	mnl_attr_put_u32(nl.nlh, 1000, 1);
	refused(0, "%s, unknown attribute", name);
}

/* What must be there */
static void walk_missing(const struct op *op)
{
	const char *const *name;

	for (name = op->do_attrs; *name; name++) {
		if (optional(op, *name))
			continue;
		begin_but(op, false, *name);
		answers(EINVAL, "%s without %s", op->name, *name);
	}
}

/* VMs that are not */
static void walk_ids(const struct op *op, bool dump, const char *name)
{
	static const uint32_t ids[] = { 0, 0x7fffffff, 0xffffffff };
	const struct set *set = &nl_sets[op->set];
	unsigned int i, j;

	for (i = 0; i < set->nr; i++) {
		if (!names_vm(set->attrs[i].name) || !asks(op, dump, set->attrs[i].name))
			continue;
		for (j = 0; j < ARRAY_SIZE(ids); j++) {
			begin_but(op, dump, set->attrs[i].name);
			mnl_attr_put_u32(nl.nlh, set->attrs[i].id, ids[j]);
			refused(ENOENT, "%s of VM %u", name, ids[j]);
		}
	}
}

void walk_op(const struct op *op, bool dump)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s", op->name, dump ? " (dump)" : "");
	walk_attrs(op, dump, name);
	if (!dump)
		walk_missing(op);
	walk_ids(op, dump, name);
}
