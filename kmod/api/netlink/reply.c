// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: what handlers share: the family, the VM that a request names,
 * the lock, an answer.
 */
#include <linux/module.h>

#include "api/netlink/reply.h"
#include "base/host.h"
#include "vm/vm.h"

/* family.c adds operations and groups, and registers it */
struct genl_family kvmeter_nl_family __ro_after_init = {
	.name = KVMETER_FAMILY_NAME,
	.version = KVMETER_FAMILY_VERSION,
	.module = THIS_MODULE,
	.parallel_ops = true,		/* kvmeter_lock serialises */
};

/**
 * kvmeter_nl_find_record - the VM that an attribute names, living or gone
 * @attr: its id
 * @extack: told when there is none
 *
 * For what only reads.
 *
 * Context: kvmeter_lock.
 * Return: the VM, or NULL: -ENOENT.
 */
struct kvmeter_vm *kvmeter_nl_find_record(const struct nlattr *attr,
					  struct netlink_ext_ack *extack)
{
	struct kvmeter_vm *vm = kvmeter_vm_find_record(nla_get_u32(attr));

	if (!vm)
		KVMETER_NL_ERR(extack, attr, "no VM with this id", ": %u", nla_get_u32(attr));
	return vm;
}

/**
 * kvmeter_nl_find_vm - the living VM that an attribute names
 * @attr: its id
 * @extack: told when there is none
 *
 * Context: kvmeter_lock.
 * Return: the VM, or NULL: -ENOENT.
 */
struct kvmeter_vm *kvmeter_nl_find_vm(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	struct kvmeter_vm *vm = kvmeter_nl_find_record(attr, extack);

	if (!vm || !vm->dead)
		return vm;
	KVMETER_NL_ERR(extack, attr, "the VM with this id is gone", ": %u", nla_get_u32(attr));
	return NULL;
}

/**
 * kvmeter_nl_check_empty - refuse attributes of an operation that takes none
 * @nlh: the request
 * @extack: told
 *
 * Generic netlink does not look at them.
 *
 * Return: 0 or -EINVAL.
 */
int kvmeter_nl_check_empty(const struct nlmsghdr *nlh, struct netlink_ext_ack *extack)
{
	if (!nlmsg_attrlen(nlh, GENL_HDRLEN))
		return 0;
	NL_SET_ERR_MSG(extack, "this operation takes no attributes");
	return -EINVAL;
}

/**
 * kvmeter_nl_locked - the part of a handler that needs kvmeter_lock
 * @info: the request
 * @arg: passed on
 * @fn: that part
 *
 * Return: what @fn returned, or -EINTR: the sender was killed.
 */
int kvmeter_nl_locked(struct genl_info *info, void *arg,
		      int (*fn)(struct genl_info *info, void *arg))
{
	int err = rt_mutex_lock_killable(&kvmeter_lock);

	if (err)
		return err;
	err = fn(info, arg);
	rt_mutex_unlock(&kvmeter_lock);
	return err;
}

/**
 * kvmeter_nl_reply - answer a request with one object
 * @info: the request
 * @size: room for the object's attributes
 * @arg: passed on
 * @fill: writes them, under kvmeter_lock; an error is the request's
 *
 * Return: 0 or -errno.
 */
int kvmeter_nl_reply(struct genl_info *info, size_t size, void *arg,
		     int (*fill)(struct sk_buff *msg, struct genl_info *info, void *arg))
{
	struct sk_buff *msg = genlmsg_new(size, GFP_KERNEL);
	void *hdr;
	int err;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &kvmeter_nl_family, 0, info->genlhdr->cmd);
	err = hdr ? rt_mutex_lock_killable(&kvmeter_lock) : -EMSGSIZE;
	if (!err) {
		err = fill(msg, info, arg);
		rt_mutex_unlock(&kvmeter_lock);
	}
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}
