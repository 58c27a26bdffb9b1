/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_NL_FILL_VM_H
#define KVMETER_NL_FILL_VM_H

struct kmc_now;
struct kvmeter_vm;
struct sk_buff;

int kvmeter_nl_fill_vm(struct sk_buff *skb, const struct kvmeter_vm *vm, const struct kmc_now *now);

#endif /* KVMETER_NL_FILL_VM_H */
