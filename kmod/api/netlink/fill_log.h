/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_NL_FILL_LOG_H
#define KVMETER_NL_FILL_LOG_H

struct kmc_record;
struct kvmeter_adjustment;
struct kvmeter_price_change;
struct kvmeter_vm;
struct sk_buff;

int kvmeter_nl_fill_adjustment(struct sk_buff *skb, const struct kvmeter_adjustment *a);
int kvmeter_nl_fill_price(struct sk_buff *skb, const struct kvmeter_vm *vm,
			  const struct kvmeter_price_change *c);
int kvmeter_nl_fill_record(struct sk_buff *skb, const struct kvmeter_vm *vm,
			   const struct kmc_record *r);

#endif /* KVMETER_NL_FILL_LOG_H */
