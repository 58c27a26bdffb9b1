/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_NL_REPLY_H
#define KVMETER_NL_REPLY_H

#include <net/genetlink.h>

#include <uapi/linux/kvmeter_nl.h>

#include "compat/genetlink.h"

struct kvmeter_vm;

#define PUT_U64(skb, set, name, v) \
	nla_put_u64_64bit(skb, KVMETER_A_##set##_##name, v, KVMETER_A_##set##_PAD)
#define PUT_U32(skb, set, name, v) \
	nla_put_u32(skb, KVMETER_A_##set##_##name, v)
#define PUT_FLAG(skb, set, name, v) \
	((v) ? nla_put_flag(skb, KVMETER_A_##set##_##name) : 0)

/*
 * A VM is about 5 KiB, and 200 bytes per network device; a histogram of all
 * bins and all experts 9 KiB at most.  Price changes and adjustments are about
 * 300 bytes.  A listener's buffer is charged for what is allocated, so they are
 * sent in no more than they need.
 */
#define KVMETER_NL_EVENT_SIZE		512
#define KVMETER_NL_VM_SIZE		KVMETER_GENL_DUMP_ALLOC
#define KVMETER_NL_PROFILE_SIZE		12288

extern struct genl_family kvmeter_nl_family;

struct kvmeter_vm *kvmeter_nl_find_record(const struct nlattr *attr,
					  struct netlink_ext_ack *extack);
struct kvmeter_vm *kvmeter_nl_find_vm(const struct nlattr *attr, struct netlink_ext_ack *extack);
int kvmeter_nl_check_empty(const struct nlmsghdr *nlh, struct netlink_ext_ack *extack);
int kvmeter_nl_locked(struct genl_info *info, void *arg,
		      int (*fn)(struct genl_info *info, void *arg));
int kvmeter_nl_reply(struct genl_info *info, size_t size, void *arg,
		     int (*fill)(struct sk_buff *msg, struct genl_info *info, void *arg));

#endif /* KVMETER_NL_REPLY_H */
