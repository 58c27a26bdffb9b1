/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kvmeter: what the parts of the module know of each other.
 *
 * It shrinks: each part's structs and prototypes go to the part's own header.
 */
#ifndef KVMETER_H
#define KVMETER_H

#include <linux/hrtimer.h>
#include <linux/kobject.h>
#include <linux/kvm_host.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/task_work.h>
#include <linux/workqueue.h>

#include "core/blob.h"
#include "core/pipeline.h"
#include "net/net.h"
#include "base/host.h"
#include "base/lease.h"
#include "base/rate.h"
#include "base/wake.h"
#include "vm/vm.h"
#include "vm/log.h"
#include "vm/history.h"
#include "vm/image.h"
#include "vm/model.h"
#include "cpu/boost.h"
#include "cpu/freq.h"
#include "cpu/pool.h"
#include "cpu/slot.h"
#include "cpu/throttle.h"
#include "cpu/times.h"
#include "cpu/vcpu.h"

/**
 * struct kvmeter_memory - a VM's memory
 * @at_ns: up to when it is metered; 0: not begun
 * @read_ns: when @resident_kib was read
 * @resident_kib: resident memory of the VMM, the guest's and its own
 * @used_mib_ms: sum of resident memory times time, cumulative
 * @rem: remainder of that
 * @minor_faults: of the VMM, cumulative
 * @major_faults: of the VMM, from storage, cumulative
 * @minor_base: where the first began
 * @major_base: where the second began
 * @fed_kib: working set as userspace measured it ...
 * @fed_until_ns: ... believed until then
 */
struct kvmeter_memory {
	u64 at_ns;
	u64 read_ns;
	u64 resident_kib;
	u64 used_mib_ms;
	u64 rem;
	u64 minor_faults;
	u64 major_faults;
	u64 minor_base;
	u64 major_base;
	u64 fed_kib;
	u64 fed_until_ns;
};

/**
 * struct kvmeter_disk_counts - disk use, cumulative; [0]: reads, [1]: writes
 * @bytes: as the kernel accounts them to the VMM's threads
 * @ops: bios
 * @base_bytes: what the operations cost beside their bytes
 * @cost_bytes: all of it: what is charged
 */
struct kvmeter_disk_counts {
	u64 bytes[2];
	u64 ops[2];
	u64 base_bytes[2];
	u64 cost_bytes;
};

/** enum kvmeter_source - who makes a suggestion, in the order of trust */
enum kvmeter_source {
	KVMETER_BY_NOBODY,
	KVMETER_BY_GUEST,		/* hint.c */
	KVMETER_BY_TENANT,		/* chardev.c */
	KVMETER_BY_HOST,		/* netlink.c */
	KVMETER_NR_SOURCES,
};

/**
 * struct kvmeter_group - a VMM's thread group, which may hold several VMs
 *
 * CPU time of threads that are no vCPU goes to the oldest VM of the group.
 */
struct kvmeter_group {
	struct list_head node;		/* kvmeter_groups */
	struct list_head vms;		/* oldest first */
	struct task_struct *leader;	/* referenced */
	u64 gone_vcpu_ns;		/* vCPU part of threads that ended, scheduler's account */
	bool based;			/* read once: what ran before is nobody's */
	u64 other_ns;			/* non-vCPU part at the last reading */
	u64 exec_ns;			/* the whole at the last reading */
	u64 minor_faults;		/* of all threads, at the last reading */
	u64 major_faults;
	struct kvmeter_disk *disk;	/* see disk.h */
};

/**
 * struct kvmeter_alert - alerts of one resource of a VM
 */
struct kvmeter_alert {
	u64 nr;				/* since the VM appeared */
	u64 real_ns;			/* the last one: end of its period ... */
	u32 mbit;			/* ... and score */
};

/**
 * struct kvmeter_vm - one VM
 *
 * Protected by kvmeter_lock.
 */
struct kvmeter_vm {
	struct kref ref;
	void (*release)(struct kref *ref); /* frees it; set by life.c */
	struct kobject kobj;		/* sysfs vms/<id>; holds a reference while it is there */
	u32 id;
	struct list_head node;		/* kvmeter_vms */
	struct kvm *kvm;		/* identity; referenced through the slots */
	struct kvmeter_group *group;
	struct list_head group_node;
	pid_t tgid;			/* of the VMM */
	char name[KVMETER_NAME_MAX];
	char image[KVMETER_NAME_MAX];
	struct list_head slots;
	u32 nr_slots;
	u32 nr_vcpus;			/* distinct vCPUs; not 0, as a VM is born with one */
	u64 created_real_ns;
	bool over;			/* its descriptors are closed: no more charges */
	bool dead;			/* no threads left: only its records remain */
	bool published;			/* made known */
	bool in_sysfs;
	bool seeded;			/* its profile began as its image's prior */
	bool vcpu_forecasts;		/* each vCPU thread is forecast, too */

	struct kvmeter_times times;	/* cumulative, whole VM, ended threads included */
	struct kvmeter_counts counts;
	struct kvmeter_times gone;	/* of threads that ended; other_ns: of all others */
	struct kvmeter_counts gone_counts;
	u64 group_exec_ns;		/* scheduler's account of the group since first seen */
	u64 group_base_ns;

	u64 visited_ns;			/* end of the last period */
	u64 next_visit_ns;		/* visited by then even if idle */
	struct kvmeter_times period_times; /* @times at the period's start */
	u64 period_exits;		/* @counts.exits at the period's start */
	struct kvmeter_disk_counts disk;
	struct kvmeter_disk_counts period_disk; /* @disk at the period's start */
	struct kmc_used billed;		/* charged so far */
	u64 wait_ns;			/* run-queue wait per period, of late */

	struct kvmeter_pool pool;
	struct kvmeter_net net;
	const char *unenforceable[KMC_NR_ACT]; /* why the grant in force is not; NULL: it is */
	bool knob_conflict;		/* someone else changed a nice that we had set */
	struct kvmeter_memory memory;
	struct kvmeter_cgroup *cgroup;	/* handed over, or NULL; see cgroup.h */
	const char *cgroup_why;		/* what became of it, NULL: nothing */

	u8 suggested_by[KMC_NR_ACT];	/* enum kvmeter_source, of the suggestion in force */
	struct list_head tenants;	/* open files of /dev/kvmeter attached to it ... */
	u32 nr_tenants;			/* ... how many */
	struct page *page;		/* theirs to map, see page.c; NULL: none yet */
	struct kvmeter_rate call_rate;	/* what they may ask; without a lock */
	struct kvmeter_rate suggest_rate;
	struct kvmeter_rate hint_rate;	/* passes that the guest may cause; without a lock */
	bool hints;			/* the guest may hint */
	u64 hints_taken;
	u64 hints_refused;
	u64 hints_gone;			/* dropped in threads that ended */

	struct kmc_vm core;
	struct kvmeter_model *model;	/* referenced; NULL: none */
	struct kvmeter_history history;
	struct kvmeter_alert alert[KMC_NR_RES];
	struct kvmeter_adjustment *log;		/* ring, KVMETER_LOG_LEN */
	u64 nr_log;				/* entries ever written */
	struct kvmeter_price_change *prices;	/* ring, KVMETER_LOG_LEN */
	u64 nr_prices;
	struct kmc_record *records;		/* the ledger's ring */
};

/* meter.c */
void kvmeter_slot_read(struct kvmeter_slot *slot);
bool kvmeter_vm_ran(struct kvmeter_vm *vm);
void kvmeter_group_read(struct kvmeter_group *group);
void kvmeter_vm_read(struct kvmeter_vm *vm);
void kvmeter_slot_fold(struct kvmeter_slot *slot);

/* memory.c */

/** enum kvmeter_wset_source - how a working set is known */
enum kvmeter_wset_source {
	KVMETER_WSET_BOUND,		/* not at all: what is resident is a bound */
	KVMETER_WSET_FOUND,		/* below it, pages came back */
	KVMETER_WSET_FED,		/* userspace measured it */
};

void kvmeter_memory_read(struct kvmeter_vm *vm, u64 now_ns);
u64 kvmeter_memory_used(const struct kvmeter_vm *vm);
void kvmeter_memory_sample(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns);
void kvmeter_memory_feed(struct kvmeter_vm *vm, u64 kib, u64 now_ns);
u64 kvmeter_memory_wset_kib(const struct kvmeter_vm *vm, u64 now_ns,
			    enum kvmeter_wset_source *source);

/* act_memory.c */
u32 kvmeter_act_memory_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);
void kvmeter_act_memory_revert(struct kvmeter_vm *vm);
bool kvmeter_act_memory_pressed(const struct kvmeter_vm *vm);

/* disk.c */
int kvmeter_disk_group_init(struct kvmeter_group *group);
void kvmeter_disk_group_gone(struct kvmeter_group *group);
int kvmeter_disk_set_cgroup(struct kvmeter_vm *vm, u64 cgroup_id);
void kvmeter_disk_read(struct kvmeter_vm *vm);
void kvmeter_probe_bio(void *data, struct bio *bio);
void kvmeter_disk_exit(void);

/* act_disk.c */
u32 kvmeter_act_disk_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);
void kvmeter_act_disk_revert(struct kvmeter_vm *vm);
void kvmeter_act_disk_init(void);
void kvmeter_act_disk_exit(void);

/* act_iomax.c */
bool kvmeter_iomax_holds(const struct kvmeter_vm *vm, u64 kib_s);

/* period.c */
int kvmeter_period_init(void);
void kvmeter_period_exit(void);
void kvmeter_vm_begin(struct kvmeter_vm *vm, const struct kmc_now *now);
void kvmeter_vm_finish(struct kvmeter_vm *vm, const struct kmc_now *now);
void kvmeter_vm_refresh(struct kvmeter_vm *vm, const struct kmc_now *now);
void kvmeter_vm_set_policy(struct kvmeter_vm *vm, const struct kmc_policy policy[KMC_NR_ACT]);
void kvmeter_vm_set_tariff(struct kvmeter_vm *vm, const struct kmc_tariff *tariff);
void kvmeter_vm_set_budget(struct kvmeter_vm *vm, const struct kmc_budget_conf *budget);
u32 kvmeter_vm_suggest(struct kvmeter_vm *vm, enum kmc_resource r, u32 grant_bp,
		       u32 duration_ms);
void kvmeter_set_period(u64 period_ns);

/**
 * struct kvmeter_resource_ops - one resource of the host: what the stages call
 * @used: what the VM used since it was first seen, as an amount; its meter is up to date
 * @sample: the period that began at vm->visited_ns and is @span_ns long
 * @turn: that period is over, the next begins with what is counted now
 * @apply: bring a grant in force and renew its lease.  Returns the grant that
 *         is in force, so that nobody pays for what has no effect, and says in
 *         vm->unenforceable[] why that is another one
 * @revert: take back whatever is in force
 *
 * All under kvmeter_lock, from a thread of real-time priority: none waits for
 * I/O or reclaim.
 */
struct kvmeter_resource_ops {
	u64 (*used)(const struct kvmeter_vm *vm);
	void (*sample)(const struct kvmeter_vm *vm, struct kmc_sample *s, u64 span_ns);
	void (*turn)(struct kvmeter_vm *vm);
	u32 (*apply)(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);
	void (*revert)(struct kvmeter_vm *vm);
};

/* resource.c: the rows; exits have no @used, @apply and @revert */
extern const struct kvmeter_resource_ops kvmeter_resources[KMC_NR_RES];
u64 kvmeter_rate(u64 amount, u64 span_ns);
void kvmeter_cpu_sample(struct kmc_sample *s, const struct kvmeter_times *t,
			const struct kvmeter_times *from, u64 capacity_ns);
void kvmeter_exits_sample(struct kmc_sample *s, u64 exits, u64 span_ns, bool censored);

/* notify.c: fan out to netlink, sysfs and trace events; under kvmeter_lock */
void kvmeter_notify_vm(struct kvmeter_vm *vm, bool born);
void kvmeter_notify_over(struct kvmeter_vm *vm);
void kvmeter_notify_adjust(struct kvmeter_vm *vm, const struct kvmeter_adjustment *a);
void kvmeter_notify_price(struct kvmeter_vm *vm, const struct kvmeter_price_change *c);
void kvmeter_notify_budget(struct kvmeter_vm *vm, u32 events);
void kvmeter_notify_alert(struct kvmeter_vm *vm, u32 resources);

/* netlink.c */
int kvmeter_netlink_init(void);
void kvmeter_netlink_exit(void);
void kvmeter_netlink_notify_vm(struct kvmeter_vm *vm, bool born);
void kvmeter_netlink_notify_adjust(struct kvmeter_vm *vm, const struct kvmeter_adjustment *a);
void kvmeter_netlink_notify_price(struct kvmeter_vm *vm, const struct kvmeter_price_change *c);
void kvmeter_netlink_notify_budget(struct kvmeter_vm *vm, u32 events);
void kvmeter_netlink_notify_alert(struct kvmeter_vm *vm, u32 resources);

/* chardev.c: /dev/kvmeter */
int kvmeter_chardev_init(void);
void kvmeter_chardev_exit(void);
void kvmeter_tenants_init(struct kvmeter_vm *vm);
void kvmeter_tenants_free(struct kvmeter_vm *vm);
void kvmeter_tenants_notify(struct kvmeter_vm *vm, u32 event);

/* page.c: the page that a tenant maps; under kvmeter_lock */
void kvmeter_page_update(struct kvmeter_vm *vm);

/* hint.c: hypercalls */
void kvmeter_probe_hypercall(void *data, unsigned long nr, unsigned long a0, unsigned long a1,
			     unsigned long a2, unsigned long a3);
void kvmeter_hints_take(void);
void kvmeter_hints_slot(struct kvmeter_slot *slot);
void kvmeter_hints_fold(struct kvmeter_slot *slot);
void kvmeter_hints_allow(struct kvmeter_vm *vm, bool on);
u64 kvmeter_hints_dropped(const struct kvmeter_vm *vm);

/* sysfs.c */
int kvmeter_sysfs_init(void);
void kvmeter_sysfs_exit(void);
int kvmeter_sysfs_add_vm(struct kvmeter_vm *vm);	/* without kvmeter_lock */
void kvmeter_sysfs_del_vm(struct kvmeter_vm *vm);	/* without kvmeter_lock */

#endif /* KVMETER_H */
