// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: the network's weights, in.
 *
 * A model is a file that somebody may have made up: all of it is checked before
 * it is taken.
 */
#include <linux/stringify.h>

#include "api/netlink/dump.h"
#include "api/netlink/gen.h"
#include "api/netlink/parse.h"
#include "api/netlink/reply.h"
#include "core/rnn.h"
#include "vm/model.h"
#include "vm/vm.h"

#define NR_MODELS	__stringify(KVMETER_MODELS_MAX)

static int model_set(struct genl_info *info, void *unused)
{
	int err = kvmeter_model_set(nla_data(info->attrs[KVMETER_A_MODEL_IMAGE]),
				    nla_data(info->attrs[KVMETER_A_MODEL_DATA]));

	if (err == -ENOSPC)
		NL_SET_ERR_MSG(info->extack, "there are models for " NR_MODELS
			       " images: delete one first");
	return err;
}

int kvmeter_nl_model_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *image = info->attrs[KVMETER_A_MODEL_IMAGE];
	const struct nlattr *data = info->attrs[KVMETER_A_MODEL_DATA];
	const char *why;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_MODEL_IMAGE))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_MODEL_DATA))
		return -EINVAL;
	err = kvmeter_nl_check_name(image, info->extack);
	if (err)
		return err;
	/* an attribute's data is aligned to 4 bytes, and weights need no more */
	BUILD_BUG_ON(__alignof__(struct kmc_model) > NLA_ALIGNTO);
	why = kmc_model_check(nla_data(data), nla_len(data));
	if (why) {
		kvmeter_nl_err_str(info->extack, data, why);
		return -EINVAL;
	}
	return kvmeter_nl_locked(info, NULL, model_set);
}

static int model_del(struct genl_info *info, void *unused)
{
	const struct nlattr *image = info->attrs[KVMETER_A_MODEL_IMAGE];
	int err = kvmeter_model_del(nla_data(image));

	if (err)
		NL_SET_ERR_MSG_ATTR(info->extack, image, "this image has no model of its own");
	return err;
}

int kvmeter_nl_model_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_MODEL_IMAGE))
		return -EINVAL;
	return kvmeter_nl_locked(info, NULL, model_del);
}

static const void *next_model(struct kvmeter_vm *unused, u64 after, u64 *key)
{
	const struct kvmeter_model *model = kvmeter_model_next(after);

	if (model)
		*key = model->seq;
	return model;
}

static int fill_model(struct sk_buff *skb, struct kvmeter_vm *unused, const void *one)
{
	const struct kvmeter_model *model = one;

	if (nla_put_string(skb, KVMETER_A_MODEL_IMAGE, model->image) ||
	    PUT_U32(skb, MODEL, CHECKSUM, model->weights.checksum) ||
	    PUT_U64(skb, MODEL, SEQ, model->seq) ||
	    PUT_U64(skb, MODEL, SET_REAL_NS, model->set_real_ns) ||
	    PUT_U32(skb, MODEL, NR_VMS, kvmeter_model_nr_vms(model)))
		return -EMSGSIZE;
	return 0;
}

int kvmeter_nl_model_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct kvmeter_nl_kind kind = {
		KVMETER_CMD_MODEL_GET, false, next_model, fill_model
	};
	int err = kvmeter_nl_check_empty(cb->nlh, cb->extack);

	return err ? err : kvmeter_nl_dump_host(skb, cb, &kind, NULL, NULL);
}
