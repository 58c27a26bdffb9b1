// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: dumps, which can be continued.
 *
 * Everything runs under kvmeter_lock.  A dump drops it between two messages, so
 * it keeps no pointer but the id or sequence number that it has reached.  A VM
 * that comes or goes meanwhile is in the dump or not, and disturbs no other.
 *
 * The problem.  Whoever dumps keeps the period from the lock for as long as a
 * message takes.  To find the next adjustment of all VMs costs a look at each: with
 * 500 VMs 0.4 ms an entry and 100 entries a message, 40 ms.  So a message ends
 * after HOLD_MAX_NS, full or not: the next goes on.  The lock is had by turns then,
 * and by the period first.
 */
#include "api/netlink/dump.h"
#include "api/netlink/reply.h"
#include "base/host.h"
#include "core/units.h"
#include "period/visit.h"
#include "vm/vm.h"

#define HOLD_MAX_NS	NSEC_PER_MSEC	/* a message takes the lock for so long, and one object */

/**
 * struct cursor - where a dump has got to, in netlink_callback.ctx
 * @seq: sequence number sent last, or vCPU id << 32 | tid
 * @vm_id: VM that @seq belongs to; all smaller ones are done
 * @started: the request was looked at
 * @one: only this VM was asked for
 */
struct cursor {
	u64 seq;
	u32 vm_id;
	bool started;
	bool one;
};

static struct cursor *dump_cursor(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct cursor) > sizeof(cb->ctx));
	return (struct cursor *)cb->ctx;
}

/**
 * dump_start - look at a dump's request, once
 * @cb: the dump
 * @id: the attribute of the VM asked for, or NULL: all
 * @since: the attribute of the sequence number to start after, or NULL: from the first
 *
 * Return: 0 or -errno.
 */
static int dump_start(struct netlink_callback *cb, const struct nlattr *id,
		      const struct nlattr *since)
{
	struct cursor *c = dump_cursor(cb);

	if (c->started)
		return 0;
	if (id && !kvmeter_nl_find_record(id, cb->extack))
		return -ENOENT;
	if (id) {
		c->vm_id = nla_get_u32(id);
		c->one = true;
	}
	if (since)
		c->seq = nla_get_u64(since);
	c->started = true;
	return 0;
}

/* the VM that the cursor is in, or the next; NULL: the dump is complete */
static struct kvmeter_vm *dump_vm(struct cursor *c)
{
	struct kvmeter_vm *vm = c->one ? kvmeter_vm_find_record(c->vm_id) :
					 kvmeter_vm_next_record(c->vm_id);

	if (vm && vm->id != c->vm_id) {
		c->vm_id = vm->id;
		c->seq = 0;
	}
	return vm;
}

/* go on to the next VM; false: that was the last */
static bool dump_vm_done(struct cursor *c)
{
	if (c->one || c->vm_id == U32_MAX)
		return false;
	c->vm_id++;
	c->seq = 0;
	return true;
}

static void *dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &kvmeter_nl_family, NLM_F_MULTI, cmd);
}

/* ends one object; @err is its filling's, @hdr NULL when there was no room to begin */
static int dump_end(struct sk_buff *skb, void *hdr, int err)
{
	if (!hdr)
		return -EMSGSIZE;
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

/* what a dumpit returns: a full message is no error while it holds something */
static int dump_result(struct sk_buff *skb, int err)
{
	if (err && (err != -EMSGSIZE || !skb->len))
		return err;
	return skb->len;
}

/* Has a message that has something in it kept the lock for long enough? */
static bool dump_pauses(const struct sk_buff *skb, u64 begun_ns)
{
	return skb->len && ktime_get_ns() - begun_ns > HOLD_MAX_NS;
}

/* Those of one VM, or of the host (@vm: NULL), by rising keys, from the cursor on */
static int dump_each(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct kvmeter_nl_kind *kind, struct kvmeter_vm *vm, u64 begun_ns)
{
	struct cursor *c = dump_cursor(cb);
	const void *one;
	void *hdr;
	u64 key;
	int err;

	while ((one = kind->next(vm, c->seq, &key))) {
		if (dump_pauses(skb, begun_ns))
			return -EMSGSIZE;
		hdr = dump_put(skb, cb, kind->cmd);
		err = dump_end(skb, hdr, hdr ? kind->fill(skb, vm, one) : 0);
		if (err)
			return err;
		c->seq = key;
	}
	return 0;
}

/**
 * kvmeter_nl_dump_host - all of a kind whose keys are the host's
 * @skb: the message
 * @cb: the dump
 * @kind: the kind
 * @id: only those of this VM, or NULL
 * @since: only keys above this, or NULL
 *
 * Return: what a dumpit returns.
 */
int kvmeter_nl_dump_host(struct sk_buff *skb, struct netlink_callback *cb,
			 const struct kvmeter_nl_kind *kind, const struct nlattr *id,
			 const struct nlattr *since)
{
	struct cursor *c = dump_cursor(cb);
	struct kvmeter_vm *vm = NULL;
	int err;

	if (rt_mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	err = dump_start(cb, id, since);
	if (!err && c->one)
		vm = kvmeter_vm_find_record(c->vm_id);
	/* a VM whose records went in the middle of the dump has no more */
	if (!err && (vm || !c->one))
		err = dump_each(skb, cb, kind, vm, ktime_get_ns());
	rt_mutex_unlock(&kvmeter_lock);
	return dump_result(skb, err);
}

/**
 * kvmeter_nl_dump_vms - all of a kind whose keys are each VM's own
 * @skb: the message
 * @cb: the dump
 * @kind: the kind
 * @id: only those of this VM, or NULL
 * @since: only keys above this, which needs @id; or NULL
 *
 * Return: what a dumpit returns.
 */
int kvmeter_nl_dump_vms(struct sk_buff *skb, struct netlink_callback *cb,
			const struct kvmeter_nl_kind *kind, const struct nlattr *id,
			const struct nlattr *since)
{
	struct cursor *c = dump_cursor(cb);
	struct kvmeter_vm *vm;
	struct kmc_now now;
	u64 begun_ns;
	int err;

	if (since && !id) {
		/* a sequence number means something within one VM only */
		NL_SET_ERR_MSG_ATTR(cb->extack, since, "since-seq needs a vm-id");
		return -EINVAL;
	}
	if (rt_mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	begun_ns = ktime_get_ns();
	err = dump_start(cb, id, since);
	while (!err && (vm = dump_vm(c))) {
		if (dump_pauses(skb, begun_ns)) {
			err = -EMSGSIZE;
			break;
		}
		if (kind->meters) {
			now = kvmeter_now();
			kvmeter_vm_refresh(vm, &now);
		}
		err = dump_each(skb, cb, kind, vm, begun_ns);
		if (err || !dump_vm_done(c))
			break;
	}
	rt_mutex_unlock(&kvmeter_lock);
	return dump_result(skb, err);
}
