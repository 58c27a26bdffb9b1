/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_NL_DUMP_H
#define KVMETER_NL_DUMP_H

#include <linux/types.h>

struct kvmeter_vm;
struct netlink_callback;
struct nlattr;
struct sk_buff;

/**
 * struct kvmeter_nl_kind - what there are many of
 * @cmd: the command of each message
 * @meters: they show a VM's meters, which are brought up to date first
 * @next: the one with the smallest key above @after, or NULL; sets its key.
 *        Of one VM, or of the host if that is NULL
 * @fill: writes one; 0 or -EMSGSIZE
 *
 * Both are called under kvmeter_lock.
 */
struct kvmeter_nl_kind {
	u8 cmd;
	bool meters;
	const void *(*next)(struct kvmeter_vm *vm, u64 after, u64 *key);
	int (*fill)(struct sk_buff *skb, struct kvmeter_vm *vm, const void *one);
};

int kvmeter_nl_dump_host(struct sk_buff *skb, struct netlink_callback *cb,
			 const struct kvmeter_nl_kind *kind, const struct nlattr *id,
			 const struct nlattr *since);
int kvmeter_nl_dump_vms(struct sk_buff *skb, struct netlink_callback *cb,
			const struct kvmeter_nl_kind *kind, const struct nlattr *id,
			const struct nlattr *since);

#endif /* KVMETER_NL_DUMP_H */
