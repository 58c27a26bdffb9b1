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
#include <linux/kref.h>
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
#include "cgroup/want.h"
#include "disk/act.h"
#include "disk/bio.h"
#include "disk/disk.h"
#include "memory/memory.h"
#include "memory/squeeze.h"
#include "memory/wset.h"
#include "net/bind.h"
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
#include "period/hint.h"
#include "period/notify.h"
#include "period/period.h"
#include "period/settings.h"
#include "period/suggest.h"
#include "period/visit.h"

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
	struct kvmeter_disk *disk;	/* its meter */
	struct kvmeter_disk_hold *disk_hold; /* its actuator */
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
	struct kvmeter_tenants *tenants; /* its own side, see tenant/call.h; NULL: none yet */
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
void kvmeter_slot_fold(struct kvmeter_slot *slot);


#endif /* KVMETER_H */
