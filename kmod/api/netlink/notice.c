// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: notices, to the groups.
 *
 * Each group counts its notices, also when nobody listens.  A listener that cannot
 * keep up sees the gap in the numbers.
 *
 * The period waits for no memory: it might be another VM that has it all, and
 * while the period waits, no limit is renewed.  A notice that finds none is lost,
 * as one that finds a listener's buffer full: its number shows it.
 */
#include "api/netlink/fill_conf.h"
#include "api/netlink/fill_log.h"
#include "api/netlink/fill_vm.h"
#include "api/netlink/gen.h"
#include "api/netlink/notice.h"
#include "api/netlink/reply.h"
#include "base/host.h"
#include "core/units.h"
#include "period/notify.h"
#include "vm/log.h"
#include "vm/vm.h"

#define NOTICE_GFP	(GFP_NOWAIT | __GFP_NOWARN)

/* under kvmeter_lock: the last sequence number of each group */
static u64 notice_seq[ARRAY_SIZE(kvmeter_nl_mcgrps)];

/**
 * notice_new - begin a notice
 * @group: of enum KVMETER_NLGRP_*
 * @cmd: which notice
 * @size: room for its attributes
 * @seq: set to its sequence number, given also when no one listens
 * @hdr: set to the header
 *
 * Return: the message, NULL when there is none to be sent.
 */
static struct sk_buff *notice_new(unsigned int group, u8 cmd, size_t size, u64 *seq, void **hdr)
{
	struct sk_buff *skb;

	lockdep_assert_held(&kvmeter_lock);
	*seq = ++notice_seq[group];
	if (!genl_has_listeners(&kvmeter_nl_family, &init_net, group))
		return NULL;
	skb = genlmsg_new(size, NOTICE_GFP);
	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, 0, &kvmeter_nl_family, 0, cmd);
	if (!*hdr) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

static void notice_send(struct sk_buff *skb, void *hdr, unsigned int group, int err)
{
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_multicast(&kvmeter_nl_family, skb, 0, group, NOTICE_GFP);
}

/* @attr: has @events, what happened; 0: the command says it */
static void notice_vm(struct kvmeter_vm *vm, unsigned int group, u8 cmd, int attr, u32 events)
{
	struct sk_buff *skb;
	struct kmc_now now;
	void *hdr;
	u64 seq;
	int err;

	skb = notice_new(group, cmd, KVMETER_NL_VM_SIZE, &seq, &hdr);
	if (!skb)
		return;
	now = kvmeter_now();
	err = kvmeter_nl_fill_vm(skb, vm, &now);
	if (!err && attr)
		err = nla_put_u32(skb, attr, events);
	if (!err)
		err = PUT_U64(skb, VM, NOTICE_SEQ, seq);
	notice_send(skb, hdr, group, err);
}

static void notice_born(struct kvmeter_vm *vm)
{
	notice_vm(vm, KVMETER_NLGRP_LIFECYCLE, KVMETER_CMD_VM_NEW_NTF, 0, 0);
}

static void notice_gone(struct kvmeter_vm *vm)
{
	notice_vm(vm, KVMETER_NLGRP_LIFECYCLE, KVMETER_CMD_VM_GONE_NTF, 0, 0);
}

static void notice_budget(struct kvmeter_vm *vm, u32 events)
{
	notice_vm(vm, KVMETER_NLGRP_BUDGET, KVMETER_CMD_BUDGET_NTF, KVMETER_A_VM_BUDGET_EVENT,
		  events);
}

static void notice_alerted(struct kvmeter_vm *vm, u32 resources)
{
	notice_vm(vm, KVMETER_NLGRP_ALERTS, KVMETER_CMD_ALERT_NTF, KVMETER_A_VM_ALERTED,
		  resources);
}

static void notice_adjusted(struct kvmeter_vm *vm, const struct kvmeter_adjustment *a)
{
	struct sk_buff *skb;
	void *hdr;
	u64 seq;
	int err;

	skb = notice_new(KVMETER_NLGRP_ADJUSTMENTS, KVMETER_CMD_ADJUST_NTF, KVMETER_NL_EVENT_SIZE,
			 &seq, &hdr);
	if (!skb)
		return;
	err = kvmeter_nl_fill_adjustment(skb, a);
	if (!err)
		err = PUT_U64(skb, ADJUSTMENT, NOTICE_SEQ, seq);
	notice_send(skb, hdr, KVMETER_NLGRP_ADJUSTMENTS, err);
}

static void notice_priced(struct kvmeter_vm *vm, const struct kvmeter_price_change *c)
{
	struct sk_buff *skb;
	void *hdr;
	u64 seq;
	int err;

	skb = notice_new(KVMETER_NLGRP_PRICE, KVMETER_CMD_PRICE_NTF, KVMETER_NL_EVENT_SIZE,
			 &seq, &hdr);
	if (!skb)
		return;
	err = kvmeter_nl_fill_price(skb, vm, c);
	if (!err)
		err = PUT_U64(skb, PRICE, NOTICE_SEQ, seq);
	notice_send(skb, hdr, KVMETER_NLGRP_PRICE, err);
}

static void notice_lapsed(void)
{
	struct sk_buff *skb;
	void *hdr;
	u64 seq;
	int err;

	skb = notice_new(KVMETER_NLGRP_LIFECYCLE, KVMETER_CMD_LAPSED_NTF, KVMETER_NL_VM_SIZE,
			 &seq, &hdr);
	if (!skb)
		return;
	err = kvmeter_nl_fill_host(skb);
	if (!err)
		err = PUT_U64(skb, HOST, NOTICE_SEQ, seq);
	notice_send(skb, hdr, KVMETER_NLGRP_LIFECYCLE, err);
}

const struct kvmeter_listener kvmeter_netlink_listener = {
	.born = notice_born,
	.gone = notice_gone,
	.adjusted = notice_adjusted,
	.priced = notice_priced,
	.budget = notice_budget,
	.alerted = notice_alerted,
	.lapsed = notice_lapsed,
};
