// SPDX-License-Identifier: GPL-2.0
/*
 * walk_attr - an attribute of a wrong size or value, by its type
 */
#include "hostile.h"

void walk_value(const struct place *at, const struct attr *attr)
{
	static const unsigned int sizes[] = { 0, 1, 3, 4, 5, 7, 8, 9, 64 };
	unsigned int good = attr->type == U64 ? 8 : 4;
	struct nlattr *nest[PATH_MAX_DEPTH];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (sizes[i] == good)
			continue;
		begin_in(at, at->depth, attr, nest);
		put_garbage(attr->id, sizes[i]);
		end_in(at->depth, nest);
		refused(0, "%s of %u bytes", at->name, sizes[i]);
	}
	/* the largest value is out of all ranges but these */
	if (!strcmp(attr->name, "cap-ncr") || !strcmp(attr->name, "since-seq") ||
	    !strcmp(attr->name, "duration-ms"))
		return;
	begin_in(at, at->depth, attr, nest);
	put_value(attr, UINT64_MAX);
	end_in(at->depth, nest);
	refused(0, "%s too large", at->name);
}

void walk_string(const struct place *at, const struct attr *attr)
{
	static const struct {
		const char *what, *bytes;	/* NULL: so many 'x' and an end */
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
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		memset(longest, 'x', sizeof(longest));
		if (bad[i].len)
			longest[bad[i].len - 1] = '\0';
		begin_but(at->op, at->dump, attr->name);
		mnl_attr_put(nl.nlh, attr->id, bad[i].len, bad[i].bytes ? bad[i].bytes : longest);
		refused(0, "%s: %s", at->name, bad[i].what);
	}
}

void walk_attr(const struct place *in, const struct attr *attr)
{
	struct place at = *in;
	char name[128];

	snprintf(name, sizeof(name), "%s %s", in->name, attr->name);
	at.name = name;
	switch (attr->type) {
	case U32:
	case U64:
		walk_value(&at, attr);
		break;
	case STRING:
		walk_string(&at, attr);
		break;
	case BINARY:
		walk_blob(&at, attr);
		break;
	case NEST:
		at.path[at.depth++] = attr;
		walk_nest(&at);
		break;
	default:
		break;
	}
}
