/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/kvmeter.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_KVMETER_GEN_H
#define _LINUX_KVMETER_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/kvmeter_nl.h>
#include <kmod/compat/genetlink.h>

/* Common nested types */
extern const struct nla_policy kvmeter_budget_nl_policy[KVMETER_A_BUDGET_PAD + 1];
extern const struct nla_policy kvmeter_cost_nl_policy[KVMETER_A_COST_PAD + 1];
extern const struct nla_policy kvmeter_policy_nl_policy[KVMETER_A_POLICY_PAD + 1];
extern const struct nla_policy kvmeter_tariff_nl_policy[KVMETER_A_TARIFF_DISK_NCR_GIB + 1];

/* Ops table for kvmeter */
extern const struct genl_split_ops kvmeter_nl_ops[25];

int kvmeter_nl_host_get_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_host_set_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_vm_get_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_vm_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int kvmeter_nl_vm_set_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_vcpu_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int kvmeter_nl_profile_get_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_adjustment_get_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_log_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int kvmeter_nl_price_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int kvmeter_nl_ledger_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int kvmeter_nl_ledger_ack_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_suggest_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_quote_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_model_set_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_model_del_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_model_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int kvmeter_nl_sample_get_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_profile_export_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_profile_import_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_profile_reset_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_net_bind_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_net_unbind_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_cgroup_attach_doit(struct sk_buff *skb, struct genl_info *info);
int kvmeter_nl_cgroup_detach_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	KVMETER_NLGRP_LIFECYCLE,
	KVMETER_NLGRP_PRICE,
	KVMETER_NLGRP_ADJUSTMENTS,
	KVMETER_NLGRP_BUDGET,
	KVMETER_NLGRP_ALERTS,
};

extern const struct genl_multicast_group kvmeter_nl_mcgrps[5];

#endif /* _LINUX_KVMETER_GEN_H */
