/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_NL_FILL_VCPU_H
#define KVMETER_NL_FILL_VCPU_H

struct kmc_forecast;
struct kvmeter_counts;
struct kvmeter_slot;
struct kvmeter_times;
struct kvmeter_vm;
struct sk_buff;

int kvmeter_nl_fill_times(struct sk_buff *skb, int attr, const struct kvmeter_times *t);
int kvmeter_nl_fill_counts(struct sk_buff *skb, int attr, const struct kvmeter_counts *c);
int kvmeter_nl_fill_forecast(struct sk_buff *skb, int attr, const struct kmc_forecast *f);
int kvmeter_nl_fill_vcpu(struct sk_buff *skb, const struct kvmeter_vm *vm,
			 const struct kvmeter_slot *slot);

#endif /* KVMETER_NL_FILL_VCPU_H */
