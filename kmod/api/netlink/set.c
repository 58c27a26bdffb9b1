// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: settings, of the host and of a VM.
 *
 * By the time that a handler runs, the sender's capability, the attributes' types
 * and lengths and single-field ranges are checked.  A handler parses into a copy,
 * checks the whole, and changes nothing until all of the request is checked.
 */
#include "api/netlink/fill_conf.h"
#include "api/netlink/fill_vm.h"
#include "api/netlink/gen.h"
#include "api/netlink/parse.h"
#include "api/netlink/reply.h"
#include "base/host.h"
#include "core/policy.h"
#include "core/units.h"
#include "cpu/vcpu.h"
#include "memory/wset.h"
#include "period/hint.h"
#include "period/notify.h"
#include "period/settings.h"
#include "period/visit.h"
#include "vm/image.h"
#include "vm/vm.h"

/* the host */

static int reply_host(struct sk_buff *msg, struct genl_info *info, void *unused)
{
	return kvmeter_nl_fill_host(msg);
}

int kvmeter_nl_host_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err = kvmeter_nl_check_empty(info->nlhdr, info->extack);

	return err ? err : kvmeter_nl_reply(info, KVMETER_NL_VM_SIZE, NULL, reply_host);
}

static int host_set(struct genl_info *info, void *unused)
{
	struct kvmeter_conf conf = kvmeter_conf;
	int err = kvmeter_nl_parse_host(info, &conf);

	if (!err)
		kvmeter_host_commit(&conf);
	return err;
}

int kvmeter_nl_host_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return kvmeter_nl_locked(info, NULL, host_set);
}

/* a VM */

static int reply_vm(struct sk_buff *msg, struct genl_info *info, void *unused)
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
	return kvmeter_nl_reply(info, KVMETER_NL_VM_SIZE, NULL, reply_vm);
}

/* What a request says in itself, whatever VM it names */
static int vm_check(struct nlattr **tb, struct netlink_ext_ack *extack)
{
	int err = kvmeter_nl_check_name(tb[KVMETER_A_VM_NAME], extack);

	if (!err)
		err = kvmeter_nl_check_name(tb[KVMETER_A_VM_IMAGE], extack);
	if (err || !tb[KVMETER_A_VM_WORKING_SET_KIB])
		return err;
	if (nla_get_u64(tb[KVMETER_A_VM_WORKING_SET_KIB]) <= KMC_NOMINAL_MAX << 10)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, tb[KVMETER_A_VM_WORKING_SET_KIB],
			    "working_set_kib must be 0 to 2^34 (16 TiB)");
	return -ERANGE;
}

/* The VM's settings, changed by the request */
static int vm_parse(struct genl_info *info, const struct kvmeter_vm *vm,
		    struct kvmeter_conf *conf)
{
	struct nlattr **tb = info->attrs;
	int err;

	memcpy(conf->policy, vm->core.policy, sizeof(conf->policy));
	conf->tariff = vm->core.tariff;
	conf->budget = vm->core.budget_conf;
	err = kvmeter_nl_parse_policies(info, KVMETER_A_VM_POLICY, conf->policy);
	if (!err)
		err = kvmeter_nl_parse_tariff(tb[KVMETER_A_VM_TARIFF], &conf->tariff,
					      info->extack);
	if (!err)
		err = kvmeter_nl_parse_budget(tb[KVMETER_A_VM_BUDGET], &conf->budget,
					      info->extack);
	return err;
}

/* Nothing in it fails. */
static void vm_commit(struct kvmeter_vm *vm, struct nlattr **tb, const struct kvmeter_conf *conf)
{
	struct kvmeter_settings settings = {
		.policy = tb[KVMETER_A_VM_POLICY] ? conf->policy : NULL,
		.tariff = tb[KVMETER_A_VM_TARIFF] ? &conf->tariff : NULL,
		.budget = tb[KVMETER_A_VM_BUDGET] ? &conf->budget : NULL,
	};

	if (tb[KVMETER_A_VM_NAME])
		strscpy(vm->name, nla_data(tb[KVMETER_A_VM_NAME]), sizeof(vm->name));
	if (tb[KVMETER_A_VM_IMAGE])
		kvmeter_vm_set_image(vm, nla_data(tb[KVMETER_A_VM_IMAGE]));
	if (settings.policy || settings.tariff || settings.budget)
		kvmeter_vm_commit(vm, &settings);
	if (tb[KVMETER_A_VM_VCPU_FORECASTS])
		kvmeter_vcpus_forecast(vm, nla_get_u32(tb[KVMETER_A_VM_VCPU_FORECASTS]));
	if (tb[KVMETER_A_VM_HINTS])
		kvmeter_hints_allow(vm, nla_get_u32(tb[KVMETER_A_VM_HINTS]));
	if (tb[KVMETER_A_VM_WORKING_SET_KIB])
		kvmeter_memory_feed(vm, nla_get_u64(tb[KVMETER_A_VM_WORKING_SET_KIB]),
				    ktime_get_ns());
	/* a name is shown at once, too */
	kvmeter_notify_settled(vm);
}

static int vm_set(struct genl_info *info, void *unused)
{
	struct kvmeter_vm *vm = kvmeter_nl_find_vm(info->attrs[KVMETER_A_VM_ID], info->extack);
	struct kvmeter_conf conf;
	int err;

	if (!vm)
		return -ENOENT;
	err = vm_parse(info, vm, &conf);
	if (!err)
		vm_commit(vm, info->attrs, &conf);
	return err;
}

int kvmeter_nl_vm_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	if (GENL_REQ_ATTR_CHECK(info, KVMETER_A_VM_ID))
		return -EINVAL;
	err = vm_check(info->attrs, info->extack);
	return err ? err : kvmeter_nl_locked(info, NULL, vm_set);
}
