/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink on other kernels, from 6.1 on.
 *
 * The generated tables are struct genl_split_ops, one entry per command and
 * do or dump, which exist since 6.2.  Before, they are folded into genl_ops:
 * a command's do and dump then share the do's policy, so that vm-get's dump
 * ignores an id there instead of refusing it.
 */
#ifndef KVMETER_COMPAT_GENETLINK_H
#define KVMETER_COMPAT_GENETLINK_H

#include <net/genetlink.h>

/* One VM does not fit the 4 KiB that a dump's first message has by default. */
#define KVMETER_GENL_DUMP_ALLOC	16384

static inline int kvmeter_genl_dump_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = KVMETER_GENL_DUMP_ALLOC;
	return 0;
}

#ifndef KVMETER_HAVE_GENL_SPLIT_OPS

struct genl_split_ops {
	int (*doit)(struct sk_buff *skb, struct genl_info *info);
	int (*dumpit)(struct sk_buff *skb, struct netlink_callback *cb);
	const struct nla_policy *policy;
	unsigned int maxattr;
	u8 cmd;
	u8 flags;
	u8 validate;
};

/**
 * kvmeter_genl_register - register a family with split operations
 * @family: the family, without operations
 * @split: operations, do before dump, sorted by command
 * @n: how many
 *
 * Return: 0 or -errno.
 */
static inline int kvmeter_genl_register(struct genl_family *family,
					const struct genl_split_ops *split, u8 n)
{
	static struct genl_ops ops[32];
	struct genl_ops *op = NULL;
	u8 i;

	if (n > ARRAY_SIZE(ops))
		return -E2BIG;
	family->n_ops = 0;
	for (i = 0; i < n; i++) {
		if (!op || op->cmd != split[i].cmd) {
			op = &ops[family->n_ops++];
			op->cmd = split[i].cmd;
			op->flags = split[i].flags & ~(GENL_CMD_CAP_DO | GENL_CMD_CAP_DUMP);
			op->validate = split[i].validate;
		}
		if (split[i].doit)
			op->doit = split[i].doit;
		if (split[i].dumpit) {
			op->start = kvmeter_genl_dump_start;
			op->dumpit = split[i].dumpit;
		}
		if (!op->policy) {
			op->policy = split[i].policy;
			op->maxattr = split[i].maxattr;
		}
	}
	family->ops = ops;
	return genl_register_family(family);
}

#else

static inline int kvmeter_genl_register(struct genl_family *family,
					const struct genl_split_ops *split, u8 n)
{
	static struct genl_split_ops ops[64];
	u8 i;

	if (n > ARRAY_SIZE(ops))
		return -E2BIG;
	for (i = 0; i < n; i++) {
		ops[i] = split[i];
		/* a do's functions lie where a dump's do */
		if (ops[i].flags & GENL_CMD_CAP_DUMP)
			ops[i].start = kvmeter_genl_dump_start;
	}
	family->split_ops = ops;
	family->n_split_ops = n;
	return genl_register_family(family);
}

#endif

/* attributes of a dump's request */
static inline struct nlattr **kvmeter_genl_dump_attrs(struct netlink_callback *cb)
{
#ifdef KVMETER_HAVE_GENL_INFO_DUMP
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

/* Formatted messages came with 6.3; before, the text without the values. */
#ifdef NL_SET_ERR_MSG_ATTR_FMT
#define KVMETER_NL_ERR(extack, attr, text, fmt, ...) \
	NL_SET_ERR_MSG_ATTR_FMT(extack, attr, text fmt, ##__VA_ARGS__)
#else
#define KVMETER_NL_ERR(extack, attr, text, fmt, ...) \
	NL_SET_ERR_MSG_ATTR(extack, attr, text)
#endif

/**
 * kvmeter_nl_err_str - refuse an attribute for a reason that is not a literal
 * @extack: where to
 * @attr: the attribute
 * @msg: the reason; static, as it is read after the handler has returned
 */
static inline void kvmeter_nl_err_str(struct netlink_ext_ack *extack, const struct nlattr *attr,
				      const char *msg)
{
	if (!extack)
		return;
	extack->_msg = msg;
	NL_SET_BAD_ATTR(extack, attr);
}

#endif /* KVMETER_COMPAT_GENETLINK_H */
