// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: the operator suggests a grant, or asks what one would cost.
 */
#include <uapi/linux/kvmeter.h>

#include "api/netlink/gen.h"
#include "api/netlink/reply.h"
#include "base/host.h"
#include "core/policy.h"
#include "core/units.h"
#include "period/suggest.h"
#include "period/visit.h"
#include "vm/vm.h"

/* The numbers on the wire are those of /dev/kvmeter. */
static_assert((int)KVMETER_NL_ANSWER_RATE == KVMETER_ANSWER_RATE);

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

static int vm_suggest(struct kvmeter_vm *vm, struct genl_info *info, struct kvmeter_offer *o)
{
	struct nlattr **tb = info->attrs;

	*o = kvmeter_suggest(vm, KVMETER_BY_HOST,
			     nla_get_u32(tb[KVMETER_A_SUGGESTION_RESOURCE]),
			     nla_get_u32(tb[KVMETER_A_SUGGESTION_GRANT_BP]),
			     nla_get_u32(tb[KVMETER_A_SUGGESTION_DURATION_MS]));
	if (o->accepted_bp)
		return 0;
	switch (o->answer) {
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

static int reply_suggest(struct sk_buff *msg, struct genl_info *info, void *unused)
{
	struct kvmeter_vm *vm = kvmeter_nl_find_vm(info->attrs[KVMETER_A_SUGGESTION_VM_ID],
						   info->extack);
	u32 resource = nla_get_u32(info->attrs[KVMETER_A_SUGGESTION_RESOURCE]);
	struct kvmeter_offer o;
	int err;

	if (!vm)
		return -ENOENT;
	err = vm_suggest(vm, info, &o);
	if (err)
		return err;
	if (PUT_U32(msg, SUGGESTION, VM_ID, vm->id) ||
	    PUT_U32(msg, SUGGESTION, RESOURCE, resource) ||
	    PUT_U32(msg, SUGGESTION, GRANT_BP, o.accepted_bp) ||
	    PUT_U64(msg, SUGGESTION, PRICE_NCR_H,
		    kvmeter_price_with(&vm->core, resource, o.accepted_bp)) ||
	    PUT_U32(msg, SUGGESTION, ANSWER, o.answer))
		return -EMSGSIZE;
	return 0;
}

int kvmeter_nl_suggest_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = suggestion_check(info);

	if (!err && GENL_REQ_ATTR_CHECK(info, KVMETER_A_SUGGESTION_DURATION_MS))
		err = -EINVAL;
	return err ? err : kvmeter_nl_reply(info, KVMETER_NL_EVENT_SIZE, NULL, reply_suggest);
}

static int reply_quote(struct sk_buff *msg, struct genl_info *info, void *unused)
{
	struct kvmeter_vm *vm = kvmeter_nl_find_vm(info->attrs[KVMETER_A_SUGGESTION_VM_ID],
						   info->extack);
	u32 resource = nla_get_u32(info->attrs[KVMETER_A_SUGGESTION_RESOURCE]);
	struct kmc_now now = kvmeter_now();
	struct kvmeter_quote q;

	if (!vm)
		return -ENOENT;
	kvmeter_vm_refresh(vm, &now);
	q = kvmeter_quote(vm, KVMETER_BY_HOST, resource,
			  nla_get_u32(info->attrs[KVMETER_A_SUGGESTION_GRANT_BP]), &now);
	if (PUT_U32(msg, SUGGESTION, VM_ID, vm->id) ||
	    PUT_U32(msg, SUGGESTION, RESOURCE, resource) ||
	    PUT_U32(msg, SUGGESTION, GRANT_BP, q.offer.accepted_bp) ||
	    PUT_U32(msg, SUGGESTION, ANSWER, q.offer.answer) ||
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

	return err ? err : kvmeter_nl_reply(info, KVMETER_NL_EVENT_SIZE, NULL, reply_quote);
}
