// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: network devices, bound and unbound by command.
 */
#include <linux/mutex.h>

#include "api/netlink/netlink.h"

/* A reference, so that the device's locks are taken without ours. */
static int vm_nic(struct genl_info *info,
		  int (*command)(struct kvmeter_vm *vm, int netns_fd, int ifindex,
				 struct netlink_ext_ack *extack))
{
	struct nlattr **tb = info->attrs;
	struct kvmeter_vm *vm;
	int fd = -1, err;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_NIC_BIND_VM_ID))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_NIC_BIND_IFINDEX))
		return -EINVAL;
	if (tb[KVMETER_A_NIC_BIND_NETNS_FD]) {
		fd = nla_get_s32(tb[KVMETER_A_NIC_BIND_NETNS_FD]);
		if (fd < 0) {
			NL_SET_ERR_MSG_ATTR(info->extack, tb[KVMETER_A_NIC_BIND_NETNS_FD],
					    "this is no descriptor");
			return -EBADF;
		}
	}
	if (mutex_lock_killable(&kvmeter_lock))
		return -EINTR;
	vm = kvmeter_nl_find_vm(tb[KVMETER_A_NIC_BIND_VM_ID], info->extack);
	if (vm)
		kvmeter_vm_get(vm);
	mutex_unlock(&kvmeter_lock);
	if (!vm)
		return -ENOENT;
	err = command(vm, fd, nla_get_s32(tb[KVMETER_A_NIC_BIND_IFINDEX]), info->extack);
	kvmeter_vm_put(vm);
	return err;
}

int kvmeter_nl_net_bind_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vm_nic(info, kvmeter_net_bind);
}

int kvmeter_nl_net_unbind_doit(struct sk_buff *skb, struct genl_info *info)
{
	return vm_nic(info, kvmeter_net_unbind);
}
