/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_NL_FILL_CONF_H
#define KVMETER_NL_FILL_CONF_H

#include "core/pipeline.h"

struct sk_buff;

int kvmeter_nl_fill_policies(struct sk_buff *skb, int attr,
			     const struct kmc_policy policy[KMC_NR_ACT]);
int kvmeter_nl_fill_tariff(struct sk_buff *skb, int attr, const struct kmc_tariff *t);
int kvmeter_nl_fill_budget(struct sk_buff *skb, int attr, const struct kmc_budget_conf *b);
int kvmeter_nl_fill_host(struct sk_buff *skb);

#endif /* KVMETER_NL_FILL_CONF_H */
