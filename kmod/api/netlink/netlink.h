/* SPDX-License-Identifier: GPL-2.0 */
/* What the netlink files know of each other. */
#ifndef KVMETER_NETLINK_H
#define KVMETER_NETLINK_H

#include "kvmeter.h"
#include "api/netlink/gen.h"

#define PUT_U64(skb, set, name, v) \
	nla_put_u64_64bit(skb, KVMETER_A_##set##_##name, v, KVMETER_A_##set##_PAD)
#define PUT_U32(skb, set, name, v) \
	nla_put_u32(skb, KVMETER_A_##set##_##name, v)
#define PUT_FLAG(skb, set, name, v) \
	((v) ? nla_put_flag(skb, KVMETER_A_##set##_##name) : 0)

/* netlink_fill.c: attributes out */
int kvmeter_nl_fill_vm(struct sk_buff *skb, const struct kvmeter_vm *vm, const struct kmc_now *now);
int kvmeter_nl_fill_adjustment(struct sk_buff *skb, const struct kvmeter_adjustment *a);
int kvmeter_nl_fill_price(struct sk_buff *skb, const struct kvmeter_vm *vm,
			  const struct kvmeter_price_change *c);
int kvmeter_nl_fill_record(struct sk_buff *skb, const struct kvmeter_vm *vm,
			   const struct kmc_record *r);
int kvmeter_nl_fill_vcpu(struct sk_buff *skb, const struct kvmeter_vm *vm,
			 const struct kvmeter_slot *slot);
int kvmeter_nl_fill_profile(struct sk_buff *skb, const struct kvmeter_vm *vm, u32 r);
int kvmeter_nl_fill_learned(struct sk_buff *skb, const struct kmc_profile *p);
int kvmeter_nl_fill_host(struct sk_buff *skb);

/* netlink.c: what handlers share */
struct kvmeter_vm *kvmeter_nl_find_record(const struct nlattr *attr,
					  struct netlink_ext_ack *extack);
struct kvmeter_vm *kvmeter_nl_find_vm(const struct nlattr *attr, struct netlink_ext_ack *extack);
int kvmeter_nl_reply(struct genl_info *info, size_t size,
		     int (*fill)(struct sk_buff *msg, struct genl_info *info));

/* netlink_learn.c: samples, profiles and models */
int kvmeter_nl_check_profile_of(struct genl_info *info);
int kvmeter_nl_reply_image(struct sk_buff *msg, struct genl_info *info);
int kvmeter_nl_fill_model(struct sk_buff *skb, const struct kvmeter_model *model);

/* netlink_parse.c: attributes in */
int kvmeter_nl_parse_policies(const struct genl_info *info, int type,
			      struct kmc_policy policy[KMC_NR_ACT]);
int kvmeter_nl_parse_tariff(const struct nlattr *attr, struct kmc_tariff *t,
			    struct netlink_ext_ack *extack);
int kvmeter_nl_parse_budget(const struct nlattr *attr, struct kmc_budget_conf *b,
			    struct netlink_ext_ack *extack);
int kvmeter_nl_parse_host(const struct genl_info *info, struct kvmeter_conf *conf);
int kvmeter_nl_check_name(const struct nlattr *attr, struct netlink_ext_ack *extack);

#endif /* KVMETER_NETLINK_H */
