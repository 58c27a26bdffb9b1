// SPDX-License-Identifier: GPL-2.0
/*
 * kvmeter: meter, learn, adjust and price KVM guests while they run.
 *
 * events -> meter -> profile -> predict -> decide -> act -> price -> notify
 *
 * Documentation/design.rst tells the whole story.
 */
#include <linux/module.h>
#include <net/genetlink.h>

#include "api/netlink/family.h"
#include "api/netlink/notice.h"
#include "api/sysfs.h"
#include "api/tenant/file.h"
#include "cgroup/cgroup.h"
#include "period/notify.h"
#include "period/period.h"
#include "base/clock.h"
#include "base/version.h"

struct kvmeter_conf kvmeter_conf;
u64 kvmeter_epoch;
u64 kvmeter_adjustment_seq;

/* who is told of what happens to a VM, in this order */
static const struct kvmeter_listener * const listeners[] = {
	&kvmeter_sysfs_listener,
	&kvmeter_tenant_listener,
	&kvmeter_netlink_listener,
	NULL
};

static unsigned int period_ms = 100;
module_param(period_ms, uint, 0444);
MODULE_PARM_DESC(period_ms, "length of a period at load, 10..10000 (default 100)");

/* The one clock reading of a pass. */
struct kmc_now kvmeter_now(void)
{
	return (struct kmc_now) {
		.at_ns = ktime_get_ns(),
		.real_ns = ktime_get_real_ns(),
	};
}

/* What guests were seen by is gone: give back what is still held of them. */
static void kvmeter_let_go(void)
{
	kvmeter_boost_exit();
	kvmeter_cgroup_exit();
	kvmeter_act_disk_exit();
	kvmeter_registry_exit();
	kvmeter_disk_exit();
	kvmeter_period_put();
	kvmeter_image_exit();
	kvmeter_model_exit();
}

/*
 * The mirror of init.  Between the period's end and netlink's a command may
 * still set a limit; kvmeter_registry_exit() lifts whatever is in force.
 */
static void kvmeter_stop(void)
{
	kvmeter_registry_close();
	kvmeter_probe_exit_kvm();
	kvmeter_period_exit();
	kvmeter_netlink_exit();
	kvmeter_sysfs_exit();
	kvmeter_net_exit();
	kvmeter_let_go();
}

static int __init kvmeter_init(void)
{
	int r, err;

	if (period_ms < 10 || period_ms > 10000) {
		pr_err("kvmeter: period_ms=%u is not in 10..10000\n", period_ms);
		return -EINVAL;
	}
	kvmeter_epoch = ktime_get_real_ns();
	kvmeter_conf.period_ns = period_ms * NSEC_PER_MSEC;
	kvmeter_conf.record_ns = 10 * NSEC_PER_SEC;
	kvmeter_conf.burst_ns = 10 * NSEC_PER_MSEC;
	for (r = 0; r < KMC_NR_ACT; r++)
		kmc_policy_default(&kvmeter_conf.policy[r]);
	kmc_tariff_default(&kvmeter_conf.tariff);
	kmc_budget_default(&kvmeter_conf.budget);
	kvmeter_clock_init();
	kvmeter_notify_init(listeners);

	err = kvmeter_cgroup_init();
	if (err)
		return err;
	err = kvmeter_registry_init();
	if (err)
		goto err_registry;
	kvmeter_boost_init();
	kvmeter_act_disk_init();
	err = kvmeter_net_init();
	if (err)
		goto err_net;
	err = kvmeter_sysfs_init();
	if (err)
		goto err_sysfs;
	err = kvmeter_netlink_init();
	if (err)
		goto err_netlink;
	err = kvmeter_period_init();
	if (err)
		goto err_period;
	/* from here on guests are seen */
	err = kvmeter_probe_init();
	if (err)
		goto err_probe;
	/* last: once it can be opened, there is no way back but unloading */
	err = kvmeter_chardev_init();
	if (err)
		kvmeter_stop();
	return err;

err_probe:
	kvmeter_period_exit();
err_period:
	kvmeter_netlink_exit();
err_netlink:
	kvmeter_sysfs_exit();
err_sysfs:
	kvmeter_net_exit();
err_net:
	kvmeter_let_go();
	return err;
err_registry:
	kvmeter_cgroup_exit();
	return err;
}

static void __exit kvmeter_exit(void)
{
	/* no file of it is open: one would hold the module */
	kvmeter_chardev_exit();
	kvmeter_stop();
}

module_init(kvmeter_init);
module_exit(kvmeter_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The kvmeter developers");
MODULE_DESCRIPTION("Meters, profiles, throttles and prices KVM guests");
MODULE_VERSION(KVMETER_VERSION);
MODULE_SOFTDEP("post: kvm");
MODULE_ALIAS_GENL_FAMILY("kvmeter");
