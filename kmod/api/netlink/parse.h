/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_NL_PARSE_H
#define KVMETER_NL_PARSE_H

#include "core/pipeline.h"

struct genl_info;
struct kvmeter_conf;
struct netlink_ext_ack;
struct nlattr;

int kvmeter_nl_parse_policies(const struct genl_info *info, int type,
			      struct kmc_policy policy[KMC_NR_ACT]);
int kvmeter_nl_parse_tariff(const struct nlattr *attr, struct kmc_tariff *t,
			    struct netlink_ext_ack *extack);
int kvmeter_nl_parse_budget(const struct nlattr *attr, struct kmc_budget_conf *b,
			    struct netlink_ext_ack *extack);
int kvmeter_nl_parse_host(const struct genl_info *info, struct kvmeter_conf *conf);
int kvmeter_nl_check_name(const struct nlattr *attr, struct netlink_ext_ack *extack);

#endif /* KVMETER_NL_PARSE_H */
