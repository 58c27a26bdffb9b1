// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink: the family, with its operations and groups.
 *
 * The contract is Documentation/netlink/specs/kvmeter.yaml.  Tables and attribute
 * policies are generated from it (gen.c).
 */
#include "api/netlink/family.h"
#include "api/netlink/gen.h"
#include "api/netlink/reply.h"

/**
 * kvmeter_netlink_init - register the family
 *
 * Return: 0 or -errno.
 */
int kvmeter_netlink_init(void)
{
	kvmeter_nl_family.mcgrps = kvmeter_nl_mcgrps;
	kvmeter_nl_family.n_mcgrps = ARRAY_SIZE(kvmeter_nl_mcgrps);
	return kvmeter_genl_register(&kvmeter_nl_family, kvmeter_nl_ops,
				     ARRAY_SIZE(kvmeter_nl_ops));
}

/**
 * kvmeter_netlink_exit - no handler runs and no notice is sent any more
 *
 * The period must have ended before.
 */
void kvmeter_netlink_exit(void)
{
	genl_unregister_family(&kvmeter_nl_family);
}
