// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: bodies of the operations and the notices.
 *
 * The contract is Documentation/netlink/specs/kvmeter.yaml; tables and
 * attribute policies are generated from it (gen.c).  By the time that
 * a handler runs, the sender's capability, the attributes' types and lengths
 * and single-field ranges are checked.  Handlers refuse what only makes sense
 * as a whole, and change nothing until all of a request is checked.
 *
 * Everything runs under kvmeter_lock.  Dumps drop it between two messages, so
 * they keep no pointer but the id or sequence number they have reached: a VM
 * that comes or goes meanwhile is in the dump or not, and disturbs no other.
 */
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "cgroup/cgroup.h"
#include "kvmeter.h"
#include "api/netlink/netlink.h"
#include "api/tenant/tenant.h"

/*
 * A VM is about 5 KiB, and 200 bytes per network device; a histogram of all
 * bins and all experts 9 KiB at most.  Price changes and adjustments are about
 * 300 bytes; a listener's buffer is charged for what is allocated, so they are
 * sent in no more than they need.
 */
#define KVMETER_NL_EVENT_SIZE		512
#define KVMETER_NL_VM_SIZE		KVMETER_GENL_DUMP_ALLOC
#define KVMETER_NL_PROFILE_SIZE		12288

/* under kvmeter_lock: the last sequence number of each group */
static u64 notice_seq[ARRAY_SIZE(kvmeter_nl_mcgrps)];

static struct genl_family kvmeter_nl_family __ro_after_init = {
	.name = KVMETER_FAMILY_NAME,
	.version = KVMETER_FAMILY_VERSION,
	.module = THIS_MODULE,
	.parallel_ops = true,		/* kvmeter_lock serialises */
	.mcgrps = kvmeter_nl_mcgrps,
	.n_mcgrps = ARRAY_SIZE(kvmeter_nl_mcgrps),
};

/* a VM whose records are kept, living or gone: for what only reads */
struct kvmeter_vm *kvmeter_nl_find_record(const struct nlattr *attr,
					  struct netlink_ext_ack *extack)
{
	struct kvmeter_vm *vm = kvmeter_vm_find_record(nla_get_u32(attr));

	if (!vm)
		KVMETER_NL_ERR(extack, attr, "no VM with this id", ": %u", nla_get_u32(attr));
	return vm;
}

struct kvmeter_vm *kvmeter_nl_find_vm(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct kvmeter_vm *vm = kvmeter_nl_find_record(attr, extack);

	if (!vm || !vm->dead)
		return vm;
	KVMETER_NL_ERR(extack, attr, "the VM with this id is gone", ": %u", nla_get_u32(attr));
	return NULL;
}

/*
 * Operations: do.
 */

/**
 * kvmeter_nl_reply - answer a request with one object
 * @info: the request
 * @size: room for the object's attributes
 * @fill: writes them, under kvmeter_lock; an error is the request's
 *
 * Return: 0 or -errno.
 */
int kvmeter_nl_reply(struct genl_info *info, size_t size,
		     int (*fill)(struct sk_buff *msg, struct genl_info *info))
{
	struct sk_buff *msg = genlmsg_new(size, GFP_KERNEL);
	void *hdr;
	int err;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &kvmeter_nl_family, 0, info->genlhdr->cmd);
	err = hdr ? mutex_lock_killable(&kvmeter_lock) : -EMSGSIZE;
	if (!err) {
		err = fill(msg, info);
		mutex_unlock(&kvmeter_lock);
	}
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* Generic netlink looks at no attribute of an operation that takes none: refuse them here. */
static int check_empty(const struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	if (!nlmsg_attrlen(nlh, GENL_HDRLEN))
		return 0;
	NL_SET_ERR_MSG(extack, "this operation takes no attributes");
	return -EINVAL;
}

static int reply_host(struct sk_buff *msg, struct genl_info *info)
{
	return kvmeter_nl_fill_host(msg);
}

int kvmeter_nl_host_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = check_empty(info->nlhdr, info->extack);

	return err ? err : kvmeter_nl_reply(info, KVMETER_NL_VM_SIZE, reply_host);
}

int kvmeter_nl_host_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kvmeter_conf conf;
	int err;

	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	conf = kvmeter_conf;
	err = kvmeter_nl_parse_host(info, &conf);
	if (!err) {
		if (conf.period_ns != kvmeter_conf.period_ns)
			kvmeter_set_period(conf.period_ns);
		kvmeter_conf = conf;
	}
	mutex_unlock(&kvmeter_lock);
	return err;
}

static int reply_vm(struct sk_buff *msg, struct genl_info *info)
{
	struct kvmeter_vm *vm = kvmeter_nl_find_record(info->attrs[KVMETER_A_VM_ID], info->extack);
	struct kmc_now now = kvmeter_now();

	if (!vm)
		return -ENOENT;
	kvmeter_vm_refresh(vm, &now);
	return kvmeter_nl_fill_vm(msg, vm, &now);
}

int kvmeter_nl_vm_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_VM_ID))
		return -EINVAL;
	return kvmeter_nl_reply(info, KVMETER_NL_VM_SIZE, reply_vm);
}

/* the commit: nothing in it fails */
static void vm_commit(struct kvmeter_vm *vm, struct nlattr **tb, const struct kvmeter_conf *conf)
{
	if (tb[KVMETER_A_VM_NAME])
		strscpy(vm->name, nla_data(tb[KVMETER_A_VM_NAME]), sizeof(vm->name));
	if (tb[KVMETER_A_VM_IMAGE])
		kvmeter_vm_set_image(vm, nla_data(tb[KVMETER_A_VM_IMAGE]));
	if (tb[KVMETER_A_VM_POLICY])
		kvmeter_vm_set_policy(vm, conf->policy);
	if (tb[KVMETER_A_VM_TARIFF])
		kvmeter_vm_set_tariff(vm, &conf->tariff);
	if (tb[KVMETER_A_VM_BUDGET])
		kvmeter_vm_set_budget(vm, &conf->budget);
	if (tb[KVMETER_A_VM_VCPU_FORECASTS])
		kvmeter_vcpus_forecast(vm, nla_get_u32(tb[KVMETER_A_VM_VCPU_FORECASTS]));
	if (tb[KVMETER_A_VM_HINTS])
		kvmeter_hints_allow(vm, nla_get_u32(tb[KVMETER_A_VM_HINTS]));
	if (tb[KVMETER_A_VM_WORKING_SET_KIB])
		kvmeter_memory_feed(vm, nla_get_u64(tb[KVMETER_A_VM_WORKING_SET_KIB]),
				    ktime_get_ns());
}

int kvmeter_nl_vm_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **tb = info->attrs;
	struct kvmeter_conf conf;
	struct kvmeter_vm *vm;
	struct kmc_now now;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_VM_ID))
		return -EINVAL;
	err = kvmeter_nl_check_name(tb[KVMETER_A_VM_NAME], extack);
	if (err)
		return err;
	err = kvmeter_nl_check_name(tb[KVMETER_A_VM_IMAGE], extack);
	if (err)
		return err;

	if (tb[KVMETER_A_VM_WORKING_SET_KIB] &&
	    nla_get_u64(tb[KVMETER_A_VM_WORKING_SET_KIB]) > KMC_NOMINAL_MAX << 10) {
		NL_SET_ERR_MSG_ATTR(extack, tb[KVMETER_A_VM_WORKING_SET_KIB],
				    "working_set_kib must be 0 to 2^34 (16 TiB)");
		return -ERANGE;
	}

	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	vm = kvmeter_nl_find_vm(tb[KVMETER_A_VM_ID], extack);
	if (!vm) {
		err = -ENOENT;
		goto out;
	}
	memcpy(conf.policy, vm->core.policy, sizeof(conf.policy));
	conf.tariff = vm->core.tariff;
	conf.budget = vm->core.budget_conf;
	err = kvmeter_nl_parse_policies(info, KVMETER_A_VM_POLICY, conf.policy);
	if (err)
		goto out;
	err = kvmeter_nl_parse_tariff(tb[KVMETER_A_VM_TARIFF], &conf.tariff, extack);
	if (err)
		goto out;
	err = kvmeter_nl_parse_budget(tb[KVMETER_A_VM_BUDGET], &conf.budget, extack);
	if (err)
		goto out;

	/* what is used up to now is charged by the old settings */
	now = kvmeter_now();
	kvmeter_vm_refresh(vm, &now);
	vm_commit(vm, tb, &conf);
out:
	mutex_unlock(&kvmeter_lock);
	return err;
}

static int reply_profile(struct sk_buff *msg, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	struct kmc_now now = kvmeter_now();
	struct kvmeter_vm *vm;

	if (tb[KVMETER_A_PROFILE_IMAGE])
		return kvmeter_nl_reply_image(msg, info);
	vm = kvmeter_nl_find_record(tb[KVMETER_A_PROFILE_VM_ID], info->extack);
	if (!vm)
		return -ENOENT;
	kvmeter_vm_refresh(vm, &now);
	return kvmeter_nl_fill_profile(msg, vm, nla_get_u32(tb[KVMETER_A_PROFILE_RESOURCE]));
}

int kvmeter_nl_profile_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = kvmeter_nl_check_profile_of(info);

	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_PROFILE_RESOURCE))
		return -EINVAL;
	return kvmeter_nl_reply(info, KVMETER_NL_PROFILE_SIZE, reply_profile);
}

static int reply_adjustment(struct sk_buff *msg, struct genl_info *info)
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
	return kvmeter_nl_reply(info, KVMETER_NL_EVENT_SIZE, reply_adjustment);
}

int kvmeter_nl_ledger_ack_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	struct kvmeter_vm *vm;
	u64 seq;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_RECORD_VM_ID))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_RECORD_SEQ))
		return -EINVAL;
	seq = nla_get_u64(tb[KVMETER_A_RECORD_SEQ]);
	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	vm = kvmeter_nl_find_record(tb[KVMETER_A_RECORD_VM_ID], info->extack);
	if (vm) {
		err = kmc_ledger_ack(&vm->core.ledger, seq);
		if (err)
			KVMETER_NL_ERR(info->extack, tb[KVMETER_A_RECORD_SEQ],
				       "no record has this number yet",
				       ": %llu, the next will be %llu", seq,
				       vm->core.ledger.next_seq);
	} else {
		err = -ENOENT;
	}
	mutex_unlock(&kvmeter_lock);
	return err;
}

static int vm_suggest(struct kvmeter_vm *vm, struct genl_info *info, u32 *grant_bp, u32 *answer)
{
	struct nlattr **tb = info->attrs;

	*answer = kvmeter_suggest(vm, KVMETER_BY_HOST,
				  nla_get_u32(tb[KVMETER_A_SUGGESTION_RESOURCE]),
				  nla_get_u32(tb[KVMETER_A_SUGGESTION_GRANT_BP]),
				  nla_get_u32(tb[KVMETER_A_SUGGESTION_DURATION_MS]), grant_bp);
	if (*grant_bp)
		return 0;
	switch (*answer) {
	case KVMETER_ANSWER_NOT_SOLD:
		NL_SET_ERR_MSG_ATTR(info->extack, tb[KVMETER_A_SUGGESTION_RESOURCE],
				    "this resource of the VM has no nominal allotment");
		return -EPERM;
	case KVMETER_ANSWER_OBSERVE:
		NL_SET_ERR_MSG_ATTR(info->extack, tb[KVMETER_A_SUGGESTION_VM_ID],
				    "the VM's policy is observe: it takes no suggestions");
		return -EPERM;
	default:
		NL_SET_ERR_MSG_ATTR(info->extack, tb[KVMETER_A_SUGGESTION_GRANT_BP],
				    "the suggestion is refused");
		return -EBUSY;
	}
}

/* What suggest and quote have in common */
static int suggestion_check(struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	u32 grant_bp;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_SUGGESTION_VM_ID))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_SUGGESTION_RESOURCE))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_SUGGESTION_GRANT_BP))
		return -EINVAL;
	if (nla_get_u32(tb[KVMETER_A_SUGGESTION_RESOURCE]) >= KMC_NR_ACT) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[KVMETER_A_SUGGESTION_RESOURCE],
				    "exits are not adjusted");
		return -EOPNOTSUPP;
	}
	grant_bp = nla_get_u32(tb[KVMETER_A_SUGGESTION_GRANT_BP]);
	if (grant_bp > KMC_GRANT_MAX_BP) {
		KVMETER_NL_ERR(info->extack, tb[KVMETER_A_SUGGESTION_GRANT_BP],
			       "a grant is at most 100000 bp", ", not %u", grant_bp);
		return -ERANGE;
	}
	return 0;
}

static int reply_suggest(struct sk_buff *msg, struct genl_info *info)
{
	struct kvmeter_vm *vm = kvmeter_nl_find_vm(info->attrs[KVMETER_A_SUGGESTION_VM_ID],
						   info->extack);
	u32 resource = nla_get_u32(info->attrs[KVMETER_A_SUGGESTION_RESOURCE]);
	u32 grant_bp, answer;
	int err;

	if (!vm)
		return -ENOENT;
	err = vm_suggest(vm, info, &grant_bp, &answer);
	if (err)
		return err;
	if (PUT_U32(msg, SUGGESTION, VM_ID, vm->id) ||
	    PUT_U32(msg, SUGGESTION, RESOURCE, resource) ||
	    PUT_U32(msg, SUGGESTION, GRANT_BP, grant_bp) ||
	    PUT_U64(msg, SUGGESTION, PRICE_NCR_H,
		    kvmeter_price_with(&vm->core, resource, grant_bp)) ||
	    PUT_U32(msg, SUGGESTION, ANSWER, answer))
		return -EMSGSIZE;
	return 0;
}

int kvmeter_nl_suggest_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = suggestion_check(info);

	if (!err && GENL_REQ_ATTR_CHECK(info, KVMETER_A_SUGGESTION_DURATION_MS))
		err = -EINVAL;
	return err ? err : kvmeter_nl_reply(info, KVMETER_NL_EVENT_SIZE, reply_suggest);
}

static int reply_quote(struct sk_buff *msg, struct genl_info *info)
{
	struct kvmeter_vm *vm = kvmeter_nl_find_vm(info->attrs[KVMETER_A_SUGGESTION_VM_ID],
						   info->extack);
	u32 resource = nla_get_u32(info->attrs[KVMETER_A_SUGGESTION_RESOURCE]);
	struct kmc_now now = kvmeter_now();
	struct kvmeter_quote q;

	if (!vm)
		return -ENOENT;
	kvmeter_vm_refresh(vm, &now);
	kvmeter_quote(vm, KVMETER_BY_HOST, resource,
		      nla_get_u32(info->attrs[KVMETER_A_SUGGESTION_GRANT_BP]), &now, &q);
	if (PUT_U32(msg, SUGGESTION, VM_ID, vm->id) ||
	    PUT_U32(msg, SUGGESTION, RESOURCE, resource) ||
	    PUT_U32(msg, SUGGESTION, GRANT_BP, q.accepted_bp) ||
	    PUT_U32(msg, SUGGESTION, ANSWER, q.answer) ||
	    PUT_U64(msg, SUGGESTION, NOW_NCR_H, q.now_ncr_h) ||
	    PUT_U64(msg, SUGGESTION, PRICE_NCR_H, q.price_ncr_h))
		return -EMSGSIZE;
	if (q.effective_at_ns == U64_MAX)
		return 0;
	return PUT_U64(msg, SUGGESTION, EFFECTIVE_REAL_NS,
		       kvmeter_real_ns(q.effective_at_ns, &now));
}

int kvmeter_nl_quote_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = suggestion_check(info);

	return err ? err : kvmeter_nl_reply(info, KVMETER_NL_EVENT_SIZE, reply_quote);
}

/* The requests are handled in their sender's process: the descriptor is one of its own. */
int kvmeter_nl_cgroup_attach_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **tb = info->attrs;
	struct kvmeter_vm *vm;
	const char *why = NULL;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_HANDOVER_VM_ID))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_HANDOVER_FD))
		return -EINVAL;
	if (!netlink_capable(skb, CAP_SYS_ADMIN)) {
		NL_SET_ERR_MSG(info->extack, "handing over a cgroup needs CAP_SYS_ADMIN");
		return -EPERM;
	}
	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	vm = kvmeter_nl_find_vm(tb[KVMETER_A_HANDOVER_VM_ID], info->extack);
	err = -ENOENT;
	if (vm)
		err = kvmeter_cgroup_attach(vm, nla_get_u32(tb[KVMETER_A_HANDOVER_FD]), &why);
	mutex_unlock(&kvmeter_lock);
	if (why)
		kvmeter_nl_err_str(info->extack, tb[KVMETER_A_HANDOVER_FD], why);
	return err;
}

int kvmeter_nl_cgroup_detach_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *id = info->attrs[KVMETER_A_HANDOVER_VM_ID];
	struct kvmeter_vm *vm;
	int err = 0;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_HANDOVER_VM_ID))
		return -EINVAL;
	if (!netlink_capable(skb, CAP_SYS_ADMIN)) {
		NL_SET_ERR_MSG(info->extack, "letting go of a cgroup needs CAP_SYS_ADMIN");
		return -EPERM;
	}
	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	vm = kvmeter_nl_find_vm(id, info->extack);
	if (!vm) {
		err = -ENOENT;
	} else if (!vm->cgroup) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "the VM has no cgroup");
		err = -ENODEV;
	} else {
		kvmeter_cgroup_detach(vm, NULL);
	}
	mutex_unlock(&kvmeter_lock);
	return err ? err : kvmeter_cgroup_settled(nla_get_u32(id));
}

/*
 * Operations: dump.
 */

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

/* All there are of a kind, by rising keys, from the cursor on */
static int dump_all(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		    void *(*next)(u64 after, u64 *key),
		    int (*fill)(struct sk_buff *skb, void *one))
{
	struct cursor *c = dump_cursor(cb);
	void *one, *hdr;
	u64 key;
	int err;

	err = check_empty(cb->nlh, cb->extack);
	if (err)
		return err;
	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	while (!err && (one = next(c->seq, &key))) {
		hdr = dump_put(skb, cb, cmd);
		err = dump_end(skb, hdr, hdr ? fill(skb, one) : 0);
		if (!err)
			c->seq = key;
	}
	mutex_unlock(&kvmeter_lock);
	return dump_result(skb, err);
}

static void *next_vm(u64 after, u64 *key)
{
	struct kvmeter_vm *vm = after < U32_MAX ? kvmeter_vm_next(after + 1) : NULL;

	if (vm)
		*key = vm->id;
	return vm;
}

static int fill_vm_now(struct sk_buff *skb, void *one)
{
	struct kmc_now now = kvmeter_now();

	kvmeter_vm_refresh(one, &now);
	return kvmeter_nl_fill_vm(skb, one, &now);
}

int kvmeter_nl_vm_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_all(skb, cb, KVMETER_CMD_VM_GET, next_vm, fill_vm_now);
}

static void *next_model(u64 after, u64 *key)
{
	struct kvmeter_model *model = kvmeter_model_next(after);

	if (model)
		*key = model->seq;
	return model;
}

static int fill_model(struct sk_buff *skb, void *one)
{
	return kvmeter_nl_fill_model(skb, one);
}

int kvmeter_nl_model_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump_all(skb, cb, KVMETER_CMD_MODEL_GET, next_model, fill_model);
}

/**
 * struct dump_kind - what a VM has many of
 * @cmd: its command
 * @meters: it shows them: they are brought up to date first
 * @next: the one with the smallest key above @after, or NULL; sets its key
 * @fill: writes one
 */
struct dump_kind {
	u8 cmd;
	bool meters;
	const void *(*next)(const struct kvmeter_vm *vm, u64 after, u64 *key);
	int (*fill)(struct sk_buff *skb, const struct kvmeter_vm *vm, const void *one);
};

/* All of a kind, of one VM or of each, from the cursor on */
static int dump_kind(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct dump_kind *kind, const struct nlattr *id,
		     const struct nlattr *since)
{
	struct cursor *c = dump_cursor(cb);
	struct kvmeter_vm *vm;
	struct kmc_now now;
	const void *one;
	void *hdr;
	u64 key;
	int err;

	if (since && !id) {
		/* a sequence number means something within one VM only */
		NL_SET_ERR_MSG_ATTR(cb->extack, since, "since-seq needs a vm-id");
		return -EINVAL;
	}
	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	err = dump_start(cb, id, since);
	while (!err && (vm = dump_vm(c))) {
		if (kind->meters) {
			now = kvmeter_now();
			kvmeter_vm_refresh(vm, &now);
		}
		while (!err && (one = kind->next(vm, c->seq, &key))) {
			hdr = dump_put(skb, cb, kind->cmd);
			err = dump_end(skb, hdr, hdr ? kind->fill(skb, vm, one) : 0);
			if (!err)
				c->seq = key;
		}
		if (err || !dump_vm_done(c))
			break;
	}
	mutex_unlock(&kvmeter_lock);
	return dump_result(skb, err);
}

/* vCPU id, then thread */
static const void *next_slot(const struct kvmeter_vm *vm, u64 after, u64 *key)
{
	const struct kvmeter_slot *slot, *next = NULL;

	list_for_each_entry(slot, &vm->slots, node) {
		u64 k = (u64)(u32)slot->vcpu_id << 32 | (u32)slot->tid;

		if (k > after && (!next || k < *key)) {
			next = slot;
			*key = k;
		}
	}
	return next;
}

static int fill_slot(struct sk_buff *skb, const struct kvmeter_vm *vm, const void *one)
{
	return kvmeter_nl_fill_vcpu(skb, vm, one);
}

static const void *next_price(const struct kvmeter_vm *vm, u64 after, u64 *key)
{
	const struct kvmeter_price_change *c = kvmeter_price_next(vm, after);

	if (c)
		*key = c->seq;
	return c;
}

static int fill_price_change(struct sk_buff *skb, const struct kvmeter_vm *vm, const void *one)
{
	return kvmeter_nl_fill_price(skb, vm, one);
}

static const void *next_record(const struct kvmeter_vm *vm, u64 after, u64 *key)
{
	const struct kmc_record *r = kmc_ledger_next(&vm->core.ledger, after);

	if (r)
		*key = r->seq;
	return r;
}

static int fill_ledger_record(struct sk_buff *skb, const struct kvmeter_vm *vm, const void *one)
{
	return kvmeter_nl_fill_record(skb, vm, one);
}

int kvmeter_nl_vcpu_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct dump_kind kind = { KVMETER_CMD_VCPU_GET, true, next_slot, fill_slot };
	struct nlattr **tb = kvmeter_genl_dump_attrs(cb);

	return dump_kind(skb, cb, &kind, tb[KVMETER_A_VCPU_VM_ID], NULL);
}

int kvmeter_nl_price_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct dump_kind kind = { KVMETER_CMD_PRICE_GET, false, next_price,
					       fill_price_change };
	struct nlattr **tb = kvmeter_genl_dump_attrs(cb);

	return dump_kind(skb, cb, &kind, tb[KVMETER_A_PRICE_VM_ID],
			 tb[KVMETER_A_PRICE_SINCE_SEQ]);
}

int kvmeter_nl_ledger_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct dump_kind kind = { KVMETER_CMD_LEDGER_GET, false, next_record,
					       fill_ledger_record };
	struct nlattr **tb = kvmeter_genl_dump_attrs(cb);

	return dump_kind(skb, cb, &kind, tb[KVMETER_A_RECORD_VM_ID],
			 tb[KVMETER_A_RECORD_SINCE_SEQ]);
}

/* Sequence numbers are the host's, so the logs of all VMs merge by them. */
int kvmeter_nl_log_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **tb = kvmeter_genl_dump_attrs(cb);
	struct cursor *c = dump_cursor(cb);
	const struct kvmeter_adjustment *a;
	struct kvmeter_vm *vm = NULL;
	void *hdr;
	int err;

	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	err = dump_start(cb, tb[KVMETER_A_ADJUSTMENT_VM_ID], tb[KVMETER_A_ADJUSTMENT_SINCE_SEQ]);
	if (err)
		goto out;
	if (c->one) {
		vm = kvmeter_vm_find_record(c->vm_id);
		if (!vm)
			goto out;
	}
	while (!err && (a = vm ? kvmeter_log_next(vm, c->seq) : kvmeter_log_next_of_all(c->seq))) {
		hdr = dump_put(skb, cb, KVMETER_CMD_ADJUSTMENT_GET);
		err = dump_end(skb, hdr, hdr ? kvmeter_nl_fill_adjustment(skb, a) : 0);
		if (!err)
			c->seq = a->seq;
	}
out:
	mutex_unlock(&kvmeter_lock);
	return dump_result(skb, err);
}

/*
 * Notices.
 */

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
	skb = genlmsg_new(size, GFP_KERNEL);
	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, 0, &kvmeter_nl_family, 0, cmd);
	if (!*hdr) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

/* A listener that can not keep up sees the gap in the numbers: no error here. */
static void notice_send(struct sk_buff *skb, void *hdr, unsigned int group, int err)
{
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_multicast(&kvmeter_nl_family, skb, 0, group, GFP_KERNEL);
}

/* @attr: what happened, of @events; 0: the notice says it */
static void notify_vm(struct kvmeter_vm *vm, unsigned int group, u8 cmd, int attr, u32 events)
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

/**
 * kvmeter_netlink_notify_vm - a VM was first seen, or is gone
 * @vm: the VM, its meter and charges up to date
 * @born: true: first seen
 */
void kvmeter_netlink_notify_vm(struct kvmeter_vm *vm, bool born)
{
	notify_vm(vm, KVMETER_NLGRP_LIFECYCLE,
		  born ? KVMETER_CMD_VM_NEW_NTF : KVMETER_CMD_VM_GONE_NTF, 0, 0);
}

/**
 * kvmeter_netlink_notify_budget - something happened to a VM's budget
 * @vm: the VM
 * @events: bits of enum kmc_budget_event
 */
void kvmeter_netlink_notify_budget(struct kvmeter_vm *vm, u32 events)
{
	notify_vm(vm, KVMETER_NLGRP_BUDGET, KVMETER_CMD_BUDGET_NTF,
		  KVMETER_A_VM_BUDGET_EVENT, events);
}

/**
 * kvmeter_netlink_notify_alert - something unusual happened in a VM
 * @vm: the VM
 * @resources: bits of enum kmc_resource
 */
void kvmeter_netlink_notify_alert(struct kvmeter_vm *vm, u32 resources)
{
	notify_vm(vm, KVMETER_NLGRP_ALERTS, KVMETER_CMD_ALERT_NTF, KVMETER_A_VM_ALERTED,
		  resources);
}

/**
 * kvmeter_netlink_notify_adjust - a grant was adjusted
 * @vm: the VM
 * @a: the adjustment, already in the log
 */
void kvmeter_netlink_notify_adjust(struct kvmeter_vm *vm, const struct kvmeter_adjustment *a)
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

/**
 * kvmeter_netlink_notify_price - a new price was announced
 * @vm: the VM
 * @c: the price change, already in the history
 */
void kvmeter_netlink_notify_price(struct kvmeter_vm *vm, const struct kvmeter_price_change *c)
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

/**
 * kvmeter_netlink_init - register the family
 *
 * Return: 0 or -errno.
 */
int __init kvmeter_netlink_init(void)
{
	return kvmeter_genl_register(&kvmeter_nl_family, kvmeter_nl_ops,
				     ARRAY_SIZE(kvmeter_nl_ops));
}

/**
 * kvmeter_netlink_exit - no handler runs and no notice is sent any more
 *
 * Whoever sends notices must have ended before.
 */
void kvmeter_netlink_exit(void)
{
	genl_unregister_family(&kvmeter_nl_family);
}
