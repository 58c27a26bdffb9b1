// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: what is learned comes and goes.
 *
 * Samples out, profiles out and in, the network's weights in.  What comes in is
 * a file that somebody may have made up: it is read whole into memory of its
 * own and checked there, and only then is anything of a VM touched.
 */
#include <linux/slab.h>

#include "api/netlink/netlink.h"

#define BLOB_MSG_SIZE		(KMC_BLOB_MAX + 256)
#define SAMPLES_MSG_SIZE	(KMC_NR_RES * (KVMETER_HISTORY_LEN * sizeof(u32) + 64) + 256)

/* Resources that a request means: one, or all */
static u32 mask_of(const struct nlattr *resource)
{
	return resource ? 1U << nla_get_u32(resource) : KMC_BLOB_ALL;
}

static int check_image(struct genl_info *info, const struct nlattr *attr)
{
	int err = kvmeter_nl_check_name(attr, info->extack);

	if (err || *(const char *)nla_data(attr))
		return err;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "an image's name is not empty");
	return -EINVAL;
}

int kvmeter_nl_check_profile_of(struct genl_info *info)
{
	const struct nlattr *id = info->attrs[KVMETER_A_PROFILE_VM_ID];
	const struct nlattr *image = info->attrs[KVMETER_A_PROFILE_IMAGE];

	if (!id == !image) {
		NL_SET_ERR_MSG(info->extack, "one of vm-id and image must be there, not both");
		return -EINVAL;
	}
	return image ? check_image(info, image) : 0;
}

static int no_image(struct genl_info *info)
{
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[KVMETER_A_PROFILE_IMAGE],
			    "nothing is known of this image");
	return -ENOENT;
}

/*
 * Profiles.
 */

/* profile-get of an image: what its VMs start from */
int kvmeter_nl_reply_image(struct sk_buff *msg, struct genl_info *info)
{
	const char *image = nla_data(info->attrs[KVMETER_A_PROFILE_IMAGE]);
	const struct kmc_profile *profiles = kvmeter_image_profiles(image);
	u32 r = nla_get_u32(info->attrs[KVMETER_A_PROFILE_RESOURCE]);

	if (!profiles)
		return no_image(info);
	if (nla_put_string(msg, KVMETER_A_PROFILE_IMAGE, image) ||
	    PUT_U32(msg, PROFILE, RESOURCE, r))
		return -EMSGSIZE;
	return kvmeter_nl_fill_learned(msg, &profiles[r]);
}

/* what an exchange works in; too large for the stack */
struct work {
	struct kmc_blob blob;
	u8 bytes[KMC_BLOB_MAX];
};

static void blob_from_image(struct kmc_blob *b, const struct kmc_profile *profiles, u32 mask)
{
	u32 r;

	memset(b, 0, sizeof(*b));
	b->period_ns = kvmeter_conf.period_ns;
	b->has_profile = mask;
	memcpy(b->profile, profiles, sizeof(b->profile));
	/* what its VMs had from it before is not among the samples that they saw */
	for (r = 0; r < KMC_NR_RES; r++)
		b->profile[r].nr_prior = min_t(u32, kmc_hist_samples(&b->profile[r].hist), S32_MAX);
}

static int reply_export(struct sk_buff *msg, struct genl_info *info)
{
	const struct nlattr *id = info->attrs[KVMETER_A_PROFILE_VM_ID];
	const struct nlattr *image = info->attrs[KVMETER_A_PROFILE_IMAGE];
	u32 mask = mask_of(info->attrs[KVMETER_A_PROFILE_RESOURCE]);
	struct work *work = info->user_ptr[0];
	size_t len;

	if (id) {
		struct kvmeter_vm *vm = kvmeter_nl_find_record(id, info->extack);

		if (!vm)
			return -ENOENT;
		kmc_blob_from_vm(&work->blob, &vm->core, mask);
		if (PUT_U32(msg, PROFILE, VM_ID, vm->id))
			return -EMSGSIZE;
	} else {
		const struct kmc_profile *profiles = kvmeter_image_profiles(nla_data(image));

		if (!profiles)
			return no_image(info);
		blob_from_image(&work->blob, profiles, mask);
		if (nla_put_string(msg, KVMETER_A_PROFILE_IMAGE, nla_data(image)))
			return -EMSGSIZE;
	}
	len = kmc_blob_write(&work->blob, work->bytes, sizeof(work->bytes));
	if (WARN_ON_ONCE(!len))
		return -EIO;
	return nla_put(msg, KVMETER_A_PROFILE_DATA, len, work->bytes);
}

int kvmeter_nl_profile_export_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = kvmeter_nl_check_profile_of(info);
	struct work *work;

	if (err)
		return err;
	work = kvmalloc(sizeof(*work), GFP_KERNEL);
	if (!work)
		return -ENOMEM;
	info->user_ptr[0] = work;
	err = kvmeter_nl_reply(info, BLOB_MSG_SIZE, reply_export);
	kvfree(work);
	return err;
}

static const char *image_import(const char *name, const struct kmc_blob *b, u32 mask, int *err)
{
	if (mask & ~b->has_profile)
		return "the blob does not hold this resource";
	*err = kvmeter_image_import(name, b, mask);
	return NULL;
}

static int import(struct genl_info *info, const struct kmc_blob *b)
{
	const struct nlattr *resource = info->attrs[KVMETER_A_PROFILE_RESOURCE];
	const struct nlattr *image = info->attrs[KVMETER_A_PROFILE_IMAGE];
	u32 mask = resource ? mask_of(resource) : b->has_profile;
	struct kvmeter_vm *vm;
	const char *why;
	int err = 0;

	if (image) {
		why = image_import(nla_data(image), b, mask, &err);
	} else {
		vm = kvmeter_nl_find_vm(info->attrs[KVMETER_A_PROFILE_VM_ID], info->extack);
		if (!vm)
			return -ENOENT;
		why = kmc_blob_to_vm(b, &vm->core, mask);
		/* it knows what it is: its image has nothing to add */
		if (!why)
			vm->seeded = true;
	}
	if (!why)
		return err;
	kvmeter_nl_err_str(info->extack, info->attrs[KVMETER_A_PROFILE_DATA], why);
	return -EINVAL;
}

int kvmeter_nl_profile_import_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *data = info->attrs[KVMETER_A_PROFILE_DATA];
	int err = kvmeter_nl_check_profile_of(info);
	struct kmc_blob *b;
	const char *why;

	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_PROFILE_DATA))
		return -EINVAL;
	b = kvmalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	why = kmc_blob_read(nla_data(data), nla_len(data), b);
	if (why) {
		kvmeter_nl_err_str(info->extack, data, why);
		err = -EINVAL;
	} else {
		err = mutex_lock_killable(&kvmeter_lock);
		if (!err) {
			err = import(info, b);
			mutex_unlock(&kvmeter_lock);
		}
	}
	kvfree(b);
	return err;
}

static int reset(struct genl_info *info)
{
	u32 mask = mask_of(info->attrs[KVMETER_A_PROFILE_RESOURCE]);
	const struct nlattr *image = info->attrs[KVMETER_A_PROFILE_IMAGE];
	struct kvmeter_vm *vm;

	if (image)
		return kvmeter_image_reset(nla_data(image), mask) ? no_image(info) : 0;
	vm = kvmeter_nl_find_vm(info->attrs[KVMETER_A_PROFILE_VM_ID], info->extack);
	if (!vm)
		return -ENOENT;
	kmc_vm_forget(&vm->core, mask);
	return 0;
}

int kvmeter_nl_profile_reset_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = kvmeter_nl_check_profile_of(info);

	if (!err)
		err = mutex_lock_killable(&kvmeter_lock);
	if (err)
		return err;
	err = reset(info);
	mutex_unlock(&kvmeter_lock);
	return err;
}

/*
 * Samples.
 */

static int fill_series(struct sk_buff *msg, const struct kvmeter_history *h, u32 r, u64 first)
{
	struct nlattr *nest = nla_nest_start(msg, KVMETER_A_SAMPLES_SERIES), *values;
	u32 nr = h->seq + 1 - first, i;
	u32 *to;

	if (!nest || PUT_U32(msg, SERIES, RESOURCE, r))
		return -EMSGSIZE;
	values = nla_reserve(msg, KVMETER_A_SERIES_VALUE, nr * sizeof(u32));
	if (!values)
		return -EMSGSIZE;
	to = nla_data(values);
	for (i = 0; i < nr; i++)
		to[i] = h->value[r][(first + i) % KVMETER_HISTORY_LEN];
	nla_nest_end(msg, nest);
	return 0;
}

static int reply_samples(struct sk_buff *msg, struct genl_info *info)
{
	struct kvmeter_vm *vm = kvmeter_nl_find_record(info->attrs[KVMETER_A_SAMPLES_VM_ID],
						       info->extack);
	const struct nlattr *since = info->attrs[KVMETER_A_SAMPLES_SINCE_SEQ];
	u32 mask = mask_of(info->attrs[KVMETER_A_SAMPLES_RESOURCE]), r;
	const struct kvmeter_history *h;
	u64 first;

	if (!vm)
		return -ENOENT;
	h = &vm->history;
	first = kvmeter_history_first(h, since ? nla_get_u64(since) : 0);
	if (PUT_U32(msg, SAMPLES, VM_ID, vm->id) ||
	    PUT_U64(msg, SAMPLES, FIRST_SEQ, first) ||
	    PUT_U64(msg, SAMPLES, SEQ, h->seq) ||
	    PUT_U64(msg, SAMPLES, PERIOD_NS, h->period_ns ? h->period_ns : vm->core.period_ns) ||
	    PUT_U64(msg, SAMPLES, END_REAL_NS, h->end_real_ns) ||
	    PUT_U64(msg, SAMPLES, EPOCH, kvmeter_epoch))
		return -EMSGSIZE;
	for (r = 0; r < KMC_NR_RES; r++)
		if (mask >> r & 1 && fill_series(msg, h, r, first))
			return -EMSGSIZE;
	return 0;
}

int kvmeter_nl_sample_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_SAMPLES_VM_ID))
		return -EINVAL;
	return kvmeter_nl_reply(info, SAMPLES_MSG_SIZE, reply_samples);
}

/*
 * Models.
 */

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
	err = mutex_lock_killable(&kvmeter_lock);
	if (err)
		return err;
	err = kvmeter_model_set(nla_data(image), nla_data(data));
	mutex_unlock(&kvmeter_lock);
	if (err == -ENOSPC)
		NL_SET_ERR_MSG(info->extack, "there are models for 256 images: delete one first");
	return err;
}

int kvmeter_nl_model_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *image = info->attrs[KVMETER_A_MODEL_IMAGE];
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_MODEL_IMAGE))
		return -EINVAL;
	err = mutex_lock_killable(&kvmeter_lock);
	if (err)
		return err;
	err = kvmeter_model_del(nla_data(image));
	mutex_unlock(&kvmeter_lock);
	if (err)
		NL_SET_ERR_MSG_ATTR(info->extack, image, "this image has no model of its own");
	return err;
}

int kvmeter_nl_fill_model(struct sk_buff *skb, const struct kvmeter_model *model)
{
	if (nla_put_string(skb, KVMETER_A_MODEL_IMAGE, model->image) ||
	    PUT_U32(skb, MODEL, CHECKSUM, model->weights.checksum) ||
	    PUT_U64(skb, MODEL, SEQ, model->seq) ||
	    PUT_U64(skb, MODEL, SET_REAL_NS, model->set_real_ns) ||
	    PUT_U32(skb, MODEL, NR_VMS, kvmeter_model_nr_vms(model)))
		return -EMSGSIZE;
	return 0;
}
