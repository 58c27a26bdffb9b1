// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: network devices and cgroups are handed over, and taken back.
 *
 * A request is handled in its sender's process: a descriptor is the sender's own.
 */
#include "api/netlink/gen.h"
#include "api/netlink/reply.h"
#include "cgroup/cgroup.h"
#include "net/bind.h"
#include "vm/vm.h"

/* network devices */

/* A reference, so that the device's locks are taken without ours. */
static int nic_vm(struct genl_info *info, void *arg)
{
	struct kvmeter_vm **vm = arg;

	*vm = kvmeter_nl_find_vm(info->attrs[KVMETER_A_NIC_BIND_VM_ID], info->extack);
	if (!*vm)
		return -ENOENT;
	kvmeter_vm_get(*vm);
	return 0;
}

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
					    "not a file descriptor");
			return -EBADF;
		}
	}
	err = kvmeter_nl_locked(info, &vm, nic_vm);
	if (err)
		return err;
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

/* cgroups */

static int cgroup_attach(struct genl_info *info, void *unused)
{
	struct nlattr **tb = info->attrs;
	struct kvmeter_vm *vm = kvmeter_nl_find_vm(tb[KVMETER_A_HANDOVER_VM_ID], info->extack);
	const char *why = NULL;
	int err;

	if (!vm)
		return -ENOENT;
	err = kvmeter_cgroup_attach(vm, nla_get_u32(tb[KVMETER_A_HANDOVER_FD]), &why);
	if (why)
		kvmeter_nl_err_str(info->extack, tb[KVMETER_A_HANDOVER_FD], why);
	return err;
}

int kvmeter_nl_cgroup_attach_doit(struct sk_buff *skb, struct genl_info *info)
{
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_HANDOVER_VM_ID))
		return -EINVAL;
	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_HANDOVER_FD))
		return -EINVAL;
	if (!netlink_capable(skb, CAP_SYS_ADMIN)) {
		NL_SET_ERR_MSG(info->extack, "handing over a cgroup needs CAP_SYS_ADMIN");
		return -EPERM;
	}
	return kvmeter_nl_locked(info, NULL, cgroup_attach);
}

static int cgroup_detach(struct genl_info *info, void *unused)
{
	const struct nlattr *id = info->attrs[KVMETER_A_HANDOVER_VM_ID];
	struct kvmeter_vm *vm = kvmeter_nl_find_vm(id, info->extack);

	if (!vm)
		return -ENOENT;
	if (!vm->cgroup) {
		NL_SET_ERR_MSG_ATTR(info->extack, id, "the VM has no cgroup");
		return -ENODEV;
	}
	kvmeter_cgroup_detach(vm, NULL);
	return 0;
}

int kvmeter_nl_cgroup_detach_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_HANDOVER_VM_ID))
		return -EINVAL;
	if (!netlink_capable(skb, CAP_SYS_ADMIN)) {
		NL_SET_ERR_MSG(info->extack, "letting go of a cgroup needs CAP_SYS_ADMIN");
		return -EPERM;
	}
	err = kvmeter_nl_locked(info, NULL, cgroup_detach);
	if (err)
		return err;
	return kvmeter_cgroup_settled(nla_get_u32(info->attrs[KVMETER_A_HANDOVER_VM_ID]));
}
