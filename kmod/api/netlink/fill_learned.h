/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_NL_FILL_LEARNED_H
#define KVMETER_NL_FILL_LEARNED_H

#include <linux/types.h>

struct kmc_profile;
struct kvmeter_vm;
struct sk_buff;

int kvmeter_nl_fill_learned(struct sk_buff *skb, const struct kmc_profile *p);
int kvmeter_nl_fill_profile(struct sk_buff *skb, const struct kvmeter_vm *vm, u32 r);

#endif /* KVMETER_NL_FILL_LEARNED_H */
