// SPDX-License-Identifier: GPL-2.0
/*
 * request - good requests of each command, to be spoilt
 */
#include <stdlib.h>

#include "hostile.h"

struct blob profile, model;

/* What integers are in a good request; the first that fits holds, others are left out */
static const struct {
	const char *op, *attr;	/* NULL: any */
	uint64_t value;
} numbers[] = {
	{ NULL, "ifindex", 999999 },	/* of no device */
	{ NULL, "fd", 0 },		/* of no directory */
	{ "suggest", "grant-bp", 10000 }, { "suggest", NULL, 0 },
	{ "quote", "grant-bp", 10000 }, { "quote", NULL, 0 },
	{ "profile-get", "grant-bp", 10000 }, { "profile-get", NULL, 0 },
	{ "ledger-ack", NULL, 1 },
	{ "adjustment-get", NULL, 1 },
};

static void take_profile(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nla;

	(void)arg;
	mnl_attr_for_each(nla, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nla) != KVMETER_A_PROFILE_DATA ||
		    mnl_attr_get_payload_len(nla) > BLOB_MAX - 1)
			continue;
		profile.len = mnl_attr_get_payload_len(nla);
		memcpy(profile.bytes, mnl_attr_get_payload(nla), profile.len);
	}
}

void blobs_get(void)
{
	const char *path = getenv("KVMETER_MODEL");
	FILE *f = path ? fopen(path, "rb") : NULL;
	struct answer a;

	if (f) {
		model.len = fread(model.bytes, 1, BLOB_MAX - 1, f);
		fclose(f);
	}
	nl_begin(&nl, KVMETER_CMD_PROFILE_EXPORT, false);
	mnl_attr_put_u32(nl.nlh, KVMETER_A_PROFILE_VM_ID, vm_id);
	nl_ask(&nl, &a, take_profile, NULL);
}

bool names_vm(const char *attr)
{
	return !strcmp(attr, "id") || !strcmp(attr, "vm-id");
}

void put_value(const struct attr *attr, uint64_t value)
{
	if (attr->type == U64)
		mnl_attr_put_u64(nl.nlh, attr->id, value);
	else
		mnl_attr_put_u32(nl.nlh, attr->id, value);
}

void put_garbage(uint16_t type, unsigned int len)
{
	uint8_t bytes[64];

	memset(bytes, 0xff, sizeof(bytes));
	mnl_attr_put(nl.nlh, type, len, bytes);
}

static void put_number(const struct op *op, const struct attr *attr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if ((numbers[i].op && strcmp(numbers[i].op, op->name)) ||
		    (numbers[i].attr && strcmp(numbers[i].attr, attr->name)))
			continue;
		put_value(attr, numbers[i].value);
		return;
	}
}

static void put_good(const struct op *op, const struct attr *attr)
{
	const struct blob *blob = strcmp(op->name, "model-set") ? &profile : &model;

	if (names_vm(attr->name))
		mnl_attr_put_u32(nl.nlh, attr->id, vm_id);
	else if (attr->type == BINARY)
		mnl_attr_put(nl.nlh, attr->id, blob->len, blob->bytes);
	else if (!strncmp(op->name, "model-", 6))
		mnl_attr_put_strz(nl.nlh, attr->id, "hostile");
	else if (attr->type == U32 || attr->type == U64)
		put_number(op, attr);
}

void begin_but(const struct op *op, bool dump, const char *but)
{
	const char *const *name = dump ? op->dump_attrs : op->do_attrs;

	nl_begin(&nl, op->cmd, dump);
	for (; *name; name++)
		if (!but || strcmp(but, *name))
			put_good(op, nl_attr(&nl_sets[op->set], *name));
}
