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
#include "base/clock.h"
#include "base/host.h"
#include "base/version.h"
#include "base/wake.h"
#include "cgroup/cgroup.h"
#include "cpu/boost.h"
#include "cpu/herd.h"
#include "cpu/leave.h"
#include "cpu/slot.h"
#include "disk/act.h"
#include "disk/disk.h"
#include "net/net.h"
#include "period/life.h"
#include "period/notify.h"
#include "period/period.h"
#include "probe.h"
#include "vm/image.h"
#include "vm/model.h"

/* these are told of what happens to a VM, in this order */
static const struct kvmeter_listener * const listeners[] = {
	&kvmeter_sysfs_listener,
	&kvmeter_tenant_listener,
	&kvmeter_netlink_listener,
	NULL
};

static unsigned int period_ms = 100;
module_param(period_ms, uint, 0444);
MODULE_PARM_DESC(period_ms, "length of a period at load, 10..10000 (default 100)");

static int actuators_up(void)
{
	int err = kvmeter_cgroup_init();

	if (err)
		return err;
	kvmeter_boost_init();
	kvmeter_act_disk_init();
	return 0;
}

/* Give back whatever we still hold: I/O priorities, boosts, cgroup files. */
static void actuators_down(void)
{
	kvmeter_act_disk_exit();
	kvmeter_boost_exit();
	kvmeter_cgroup_exit();
}

/* No guest is seen any more: no slot is bound, then no entry and exit is counted. */
static void guests_down(void)
{
	kvmeter_slots_close();
	kvmeter_probe_exit_kvm();
}

/*
 * The ladder: what is up needs what stands before it.  The way down is the mirror.
 * Documentation/locking.rst, "Teardown", says why nothing is used that is gone.
 */
static const struct {
	int (*up)(void);
	void (*down)(void);
} ladder[] = {
	{ .down = kvmeter_wake_exit },
	{ .down = kvmeter_model_exit },
	{ .down = kvmeter_image_exit },
	{ .down = kvmeter_disk_exit },
	{ kvmeter_leave_init, kvmeter_leave_exit },
	{ kvmeter_life_init, kvmeter_life_exit },
	{ .down = kvmeter_herd_exit },
	{ kvmeter_probe_init, kvmeter_probe_exit },
	{ .down = kvmeter_herd_detach },
	{ .down = kvmeter_slots_detach },
	{ actuators_up, actuators_down },
	{ kvmeter_net_init, kvmeter_net_exit },
	{ kvmeter_sysfs_init, kvmeter_sysfs_exit },
	{ kvmeter_netlink_init, kvmeter_netlink_exit },
	{ kvmeter_period_init, kvmeter_period_exit },
	{ kvmeter_probe_init_kvm, guests_down },
	/* last: once it can be opened, only unloading ends it */
	{ kvmeter_chardev_init, kvmeter_chardev_exit },
};

/* From the rung below @rung down. */
static void climb_down(int rung)
{
	while (rung--)
		ladder[rung].down();
}

static int __init kvmeter_init(void)
{
	int rung, err;

	if (period_ms < 10 || period_ms > 10000) {
		pr_err("kvmeter: period_ms=%u is not in 10..10000\n", period_ms);
		return -EINVAL;
	}
	kvmeter_host_init(period_ms * NSEC_PER_MSEC);
	kvmeter_clock_init();
	kvmeter_notify_init(listeners);
	for (rung = 0; rung < ARRAY_SIZE(ladder); rung++) {
		err = ladder[rung].up ? ladder[rung].up() : 0;
		if (err) {
			climb_down(rung);
			return err;
		}
	}
	return 0;
}

/* No file of /dev/kvmeter is open: one would hold the module. */
static void __exit kvmeter_exit(void)
{
	climb_down(ARRAY_SIZE(ladder));
}

module_init(kvmeter_init);
module_exit(kvmeter_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The kvmeter developers");
MODULE_DESCRIPTION("Meters, profiles, throttles and prices KVM guests");
MODULE_VERSION(KVMETER_VERSION);
MODULE_SOFTDEP("post: kvm");
MODULE_ALIAS_GENL_FAMILY("kvmeter");
