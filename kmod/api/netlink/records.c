// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: VMs, their vCPU threads and what is kept of them, one by one
 * and in dumps.
 */
#include "api/netlink/dump.h"
#include "api/netlink/fill_log.h"
#include "api/netlink/fill_vcpu.h"
#include "api/netlink/fill_vm.h"
#include "api/netlink/gen.h"
#include "api/netlink/reply.h"
#include "base/host.h"
#include "core/ledger.h"
#include "core/units.h"
#include "cpu/slot.h"
#include "period/visit.h"
#include "vm/log.h"
#include "vm/vm.h"

/* VMs and their vCPU threads */

static const void *next_vm(struct kvmeter_vm *unused, u64 after, u64 *key)
{
	struct kvmeter_vm *vm = after < U32_MAX ? kvmeter_vm_next(after + 1) : NULL;
	struct kmc_now now = kvmeter_now();

	if (!vm)
		return NULL;
	kvmeter_vm_refresh(vm, &now);
	*key = vm->id;
	return vm;
}

static int fill_vm(struct sk_buff *skb, struct kvmeter_vm *unused, const void *one)
{
	struct kmc_now now = kvmeter_now();

	return kvmeter_nl_fill_vm(skb, one, &now);
}

int kvmeter_nl_vm_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct kvmeter_nl_kind kind = { KVMETER_CMD_VM_GET, false, next_vm, fill_vm };
	int err = kvmeter_nl_check_empty(cb->nlh, cb->extack);

	return err ? err : kvmeter_nl_dump_host(skb, cb, &kind, NULL, NULL);
}

/* vCPU id, then thread */
static const void *next_slot(struct kvmeter_vm *vm, u64 after, u64 *key)
{
	struct rb_node *node = vm->slots_by_id.rb_node;
	const struct kvmeter_slot *slot, *next = NULL;

	while (node) {
		slot = rb_entry(node, struct kvmeter_slot, by_id);
		if (kvmeter_slot_key(slot) > after) {
			next = slot;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	if (next)
		*key = kvmeter_slot_key(next);
	return next;
}

static int fill_slot(struct sk_buff *skb, struct kvmeter_vm *vm, const void *one)
{
	return kvmeter_nl_fill_vcpu(skb, vm, one);
}

int kvmeter_nl_vcpu_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct kvmeter_nl_kind kind = {
		KVMETER_CMD_VCPU_GET, true, next_slot, fill_slot
	};
	struct nlattr **tb = kvmeter_genl_dump_attrs(cb);

	return kvmeter_nl_dump_vms(skb, cb, &kind, tb[KVMETER_A_VCPU_VM_ID], NULL);
}

/* the log */

static int reply_adjustment(struct sk_buff *msg, struct genl_info *info, void *unused)
{
	const struct nlattr *attr = info->attrs[KVMETER_A_ADJUSTMENT_SEQ];
	u64 seq = nla_get_u64(attr);
	const struct kvmeter_adjustment *a = kvmeter_log_next_of_all(seq - 1);

	if (a && a->seq == seq)
		return kvmeter_nl_fill_adjustment(msg, a);
	KVMETER_NL_ERR(info->extack, attr, "no adjustment with this number is kept", ": %llu",
		       seq);
	return -ENOENT;
}

int kvmeter_nl_adjustment_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_ADJUSTMENT_SEQ))
		return -EINVAL;
	if (!nla_get_u64(info->attrs[KVMETER_A_ADJUSTMENT_SEQ])) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[KVMETER_A_ADJUSTMENT_SEQ],
				    "sequence numbers begin at 1");
		return -EINVAL;
	}
	return kvmeter_nl_reply(info, KVMETER_NL_EVENT_SIZE, NULL, reply_adjustment);
}

/* Sequence numbers are the host's, so the logs of all VMs merge by them. */
static const void *next_adjustment(struct kvmeter_vm *vm, u64 after, u64 *key)
{
	const struct kvmeter_adjustment *a = vm ? kvmeter_log_next(vm, after) :
						  kvmeter_log_next_of_all(after);

	if (a)
		*key = a->seq;
	return a;
}

static int fill_adjustment(struct sk_buff *skb, struct kvmeter_vm *vm, const void *one)
{
	return kvmeter_nl_fill_adjustment(skb, one);
}

int kvmeter_nl_log_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct kvmeter_nl_kind kind = {
		KVMETER_CMD_ADJUSTMENT_GET, false, next_adjustment, fill_adjustment
	};
	struct nlattr **tb = kvmeter_genl_dump_attrs(cb);

	return kvmeter_nl_dump_host(skb, cb, &kind, tb[KVMETER_A_ADJUSTMENT_VM_ID],
				    tb[KVMETER_A_ADJUSTMENT_SINCE_SEQ]);
}

/* the price history */

static const void *next_price(struct kvmeter_vm *vm, u64 after, u64 *key)
{
	const struct kvmeter_price_change *c = kvmeter_price_next(vm, after);

	if (c)
		*key = c->seq;
	return c;
}

static int fill_price_change(struct sk_buff *skb, struct kvmeter_vm *vm, const void *one)
{
	return kvmeter_nl_fill_price(skb, vm, one);
}

int kvmeter_nl_price_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct kvmeter_nl_kind kind = {
		KVMETER_CMD_PRICE_GET, false, next_price, fill_price_change
	};
	struct nlattr **tb = kvmeter_genl_dump_attrs(cb);

	return kvmeter_nl_dump_vms(skb, cb, &kind, tb[KVMETER_A_PRICE_VM_ID],
				   tb[KVMETER_A_PRICE_SINCE_SEQ]);
}

/* the ledger */

static const void *next_record(struct kvmeter_vm *vm, u64 after, u64 *key)
{
	const struct kmc_record *r = kmc_ledger_next(&vm->core.ledger, after);

	if (r)
		*key = r->seq;
	return r;
}

static int fill_ledger_record(struct sk_buff *skb, struct kvmeter_vm *vm, const void *one)
{
	return kvmeter_nl_fill_record(skb, vm, one);
}

int kvmeter_nl_ledger_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct kvmeter_nl_kind kind = {
		KVMETER_CMD_LEDGER_GET, false, next_record, fill_ledger_record
	};
	struct nlattr **tb = kvmeter_genl_dump_attrs(cb);

	return kvmeter_nl_dump_vms(skb, cb, &kind, tb[KVMETER_A_RECORD_VM_ID],
				   tb[KVMETER_A_RECORD_SINCE_SEQ]);
}

static int ledger_ack(struct genl_info *info, void *unused)
{
	const struct nlattr *attr = info->attrs[KVMETER_A_RECORD_SEQ];
	struct kvmeter_vm *vm = kvmeter_nl_find_record(info->attrs[KVMETER_A_RECORD_VM_ID],
						       info->extack);
	u64 seq = nla_get_u64(attr);
	int err;

	if (!vm)
		return -ENOENT;
	err = kmc_ledger_ack(&vm->core.ledger, seq);
	if (err)
		KVMETER_NL_ERR(info->extack, attr, "no record has this number yet",
			       ": %llu, the next will be %llu", seq, vm->core.ledger.next_seq);
	return err;
}

int kvmeter_nl_ledger_ack_doit(struct sk_buff *skb, struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_RECORD_VM_ID))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_RECORD_SEQ))
		return -EINVAL;
	return kvmeter_nl_locked(info, NULL, ledger_ack);
}
