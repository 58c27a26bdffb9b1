// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: what is learned comes and goes: samples out, profiles out and
 * in.
 *
 * What comes in is a file that somebody may have made up.  It is read whole into
 * memory of its own and checked there; only then is anything of a VM touched.
 */
#include <linux/slab.h>

#include "api/netlink/fill_learned.h"
#include "api/netlink/gen.h"
#include "api/netlink/parse.h"
#include "api/netlink/reply.h"
#include "base/host.h"
#include "core/blob.h"
#include "core/hist.h"
#include "core/pipeline.h"
#include "core/profile.h"
#include "core/units.h"
#include "period/visit.h"
#include "vm/history.h"
#include "vm/image.h"
#include "vm/vm.h"

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

static int check_profile_of(struct genl_info *info)
{
	const struct nlattr *id = info->attrs[KVMETER_A_PROFILE_VM_ID];
	const struct nlattr *image = info->attrs[KVMETER_A_PROFILE_IMAGE];

	if (!id == !image) {
		NL_SET_ERR_MSG(info->extack, "give either vm-id or image");
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

/* profiles */

/* profile-get of an image: what its VMs start from */
static int reply_image(struct sk_buff *msg, struct genl_info *info)
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

static int reply_profile(struct sk_buff *msg, struct genl_info *info, void *unused)
{
	struct nlattr **tb = info->attrs;
	struct kmc_now now = kvmeter_now();
	struct kvmeter_vm *vm;

	if (tb[KVMETER_A_PROFILE_IMAGE])
		return reply_image(msg, info);
	vm = kvmeter_nl_find_record(tb[KVMETER_A_PROFILE_VM_ID], info->extack);
	if (!vm)
		return -ENOENT;
	kvmeter_vm_refresh(vm, &now);
	return kvmeter_nl_fill_profile(msg, vm, nla_get_u32(tb[KVMETER_A_PROFILE_RESOURCE]));
}

int kvmeter_nl_profile_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = check_profile_of(info);

	if (err)
		return err;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_PROFILE_RESOURCE))
		return -EINVAL;
	return kvmeter_nl_reply(info, KVMETER_NL_PROFILE_SIZE, NULL, reply_profile);
}

/* what an export works in; too large for the stack */
struct exchange {
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

static int reply_export(struct sk_buff *msg, struct genl_info *info, void *arg)
{
	const struct nlattr *id = info->attrs[KVMETER_A_PROFILE_VM_ID];
	const struct nlattr *image = info->attrs[KVMETER_A_PROFILE_IMAGE];
	u32 mask = mask_of(info->attrs[KVMETER_A_PROFILE_RESOURCE]);
	struct exchange *x = arg;
	size_t len;

	if (id) {
		struct kvmeter_vm *vm = kvmeter_nl_find_record(id, info->extack);

		if (!vm)
			return -ENOENT;
		kmc_blob_from_vm(&x->blob, &vm->core, mask);
		if (PUT_U32(msg, PROFILE, VM_ID, vm->id))
			return -EMSGSIZE;
	} else {
		const struct kmc_profile *profiles = kvmeter_image_profiles(nla_data(image));

		if (!profiles)
			return no_image(info);
		blob_from_image(&x->blob, profiles, mask);
		if (nla_put_string(msg, KVMETER_A_PROFILE_IMAGE, nla_data(image)))
			return -EMSGSIZE;
	}
	len = kmc_blob_write(&x->blob, x->bytes, sizeof(x->bytes));
	if (WARN_ON_ONCE(!len))
		return -EIO;
	return nla_put(msg, KVMETER_A_PROFILE_DATA, len, x->bytes);
}

int kvmeter_nl_profile_export_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = check_profile_of(info);
	struct exchange *x;

	if (err)
		return err;
	x = kvmalloc(sizeof(*x), GFP_KERNEL);
	if (!x)
		return -ENOMEM;
	err = kvmeter_nl_reply(info, BLOB_MSG_SIZE, x, reply_export);
	kvfree(x);
	return err;
}

static const char *image_import(const char *name, const struct kmc_blob *b, u32 mask, int *err)
{
	if (mask & ~b->has_profile)
		return "the blob does not hold this resource";
	*err = kvmeter_image_import(name, b, mask);
	return NULL;
}

static int import(struct genl_info *info, void *arg)
{
	const struct nlattr *resource = info->attrs[KVMETER_A_PROFILE_RESOURCE];
	const struct nlattr *image = info->attrs[KVMETER_A_PROFILE_IMAGE];
	const struct kmc_blob *b = arg;
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
		/* the VM has a profile: its image has nothing to add */
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
	int err = check_profile_of(info);
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
		err = kvmeter_nl_locked(info, b, import);
	}
	kvfree(b);
	return err;
}

static int reset(struct genl_info *info, void *unused)
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
	int err = check_profile_of(info);

	return err ? err : kvmeter_nl_locked(info, NULL, reset);
}

/* samples */

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

static int reply_samples(struct sk_buff *msg, struct genl_info *info, void *unused)
{
	struct kvmeter_vm *vm = kvmeter_nl_find_record(info->attrs[KVMETER_A_SAMPLES_VM_ID],
						       info->extack);
	const struct nlattr *since = info->attrs[KVMETER_A_SAMPLES_SINCE_SEQ];
	u32 mask = mask_of(info->attrs[KVMETER_A_SAMPLES_RESOURCE]), r;
	const struct kvmeter_history *h;
	u64 first;

	if (!vm)
		return -ENOENT;
	h = vm->history;
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
	return kvmeter_nl_reply(info, SAMPLES_MSG_SIZE, NULL, reply_samples);
}
