/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kvmeter: what the parts of the module know of each other.
 *
 * Lock order, outermost first:
 *
 *   kvmeter_lock          mutex; the registry and every VM's core state
 *   slot_lock             raw spinlock; slots not yet adopted and the slot table
 *   kvmeter_pool.lock     raw spinlock; one VM's CPU tokens
 *   kvmeter_cgroup.lock   spinlock; what a VM's control files shall hold
 *
 * The event path (tracepoints, preempt notifiers) takes none of them, except
 * on a vCPU thread's very first entry (slot lock) and when a limited vCPU has
 * used up its slice (its pool's lock).
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

#include <uapi/linux/kvmeter_nl.h>	/* KVMETER_HISTORY_LEN */

#include "core/blob.h"
#include "net.h"
#include "rate.h"

#define KVMETER_NAME_MAX	64	/* name and image of a VM, with the final 0 */
#define KVMETER_PERIOD_MIN_NS	(10 * NSEC_PER_MSEC)
#define KVMETER_PERIOD_MAX_NS	(10ULL * NSEC_PER_SEC)
#define KVMETER_LOG_LEN		512	/* adjustments and prices kept per VM */
#define KVMETER_LEDGER_LEN	512	/* ledger records kept per VM */
#define KVMETER_HISTORY_CENSORED	(1U << 31)

/**
 * enum kvmeter_exit_class - exits by reason class, from KVM's own counters
 *
 * What KVM counts by event: each is exact.  KVMETER_EXIT_OTHER is the rest of
 * all exits.
 */
enum kvmeter_exit_class {
	KVMETER_EXIT_IO,
	KVMETER_EXIT_MMIO,
	KVMETER_EXIT_HALT,
	KVMETER_EXIT_IRQ,		/* host interrupt while the guest ran */
	KVMETER_EXIT_WINDOW,		/* interrupt and NMI windows */
	KVMETER_EXIT_FAULT,		/* guest page faults (nested paging) */
	KVMETER_EXIT_HYPERCALL,
	KVMETER_EXIT_SIGNAL,		/* left KVM_RUN for a signal */
	KVMETER_EXIT_OTHER,
	KVMETER_NR_EXITS,
};

/**
 * struct kvmeter_times - CPU time by class, cumulative, in ns
 * @guest_ns: between guest entry and exit
 * @host_ns: vCPU threads, outside the guest, without halt polling
 * @halt_poll_ns: KVM's halt polling; never billed
 * @wait_ns: runnable, waiting for a CPU
 * @throttled_ns: withheld by kvmeter
 * @other_ns: the VMM's other threads
 */
struct kvmeter_times {
	u64 guest_ns;
	u64 host_ns;
	u64 halt_poll_ns;
	u64 wait_ns;
	u64 throttled_ns;
	u64 other_ns;
};

/* Everything but halt polling, which is KVM's choice and not the VM's use. */
static inline u64 kvmeter_billable_ns(const struct kvmeter_times *t)
{
	return t->guest_ns + t->host_ns + t->other_ns;
}

/**
 * enum kvmeter_fault_kind - guest page faults: by what came of them, as KVM counts
 * them, and by what the guest wanted
 */
enum kvmeter_fault_kind {
	KVMETER_FAULT_TAKEN,		/* all that left the guest */
	KVMETER_FAULT_FIXED,		/* a page was mapped */
	KVMETER_FAULT_EMULATED,		/* MMIO and the like */
	KVMETER_FAULT_SPURIOUS,		/* there was nothing to do any more */
	KVMETER_FAULT_FAST,		/* fixed without KVM's lock: write protection */
	KVMETER_FAULT_MMIO,		/* MMIO entries made */
	KVMETER_NR_KVM_FAULTS,
	KVMETER_FAULT_READ = KVMETER_NR_KVM_FAULTS, /* from here on counted by us */
	KVMETER_FAULT_WRITE,
	KVMETER_FAULT_EXEC,
	KVMETER_NR_FAULTS,
};

/**
 * struct kvmeter_counts - events, cumulative
 * @exits: all VM exits
 * @class: exits by reason class
 * @fault: guest page faults by kind
 */
struct kvmeter_counts {
	u64 exits;
	u64 class[KVMETER_NR_EXITS];
	u64 fault[KVMETER_NR_FAULTS];
};

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

/* What is learned of each vCPU thread. */
enum kvmeter_slot_resource {
	KVMETER_SLOT_CPU,
	KVMETER_SLOT_EXITS,
	KVMETER_NR_SLOT_RES,
};

/**
 * struct kvmeter_slot - one vCPU thread: a (task, vCPU) pair
 *
 * Split by writer.  The first cache lines belong to the vCPU's thread (and to
 * the slice timer, which interrupts it on its CPU); event.h says how others
 * read them.  What the period writes for the event path to read lies apart.
 */
struct kvmeter_slot {
	/* the event path writes */
	u64 open_cyc;			/* the open interval's begin; bit 0: in guest; 0: off CPU */
	u64 guest_cyc;			/* see clock.h for what a cycle is */
	u64 host_cyc;			/* on CPU, not in guest: handling, polling, VMM code */
	u64 nr_exits;
	u64 slice_end_cyc;		/* guest_cyc + host_cyc at which the slice is used up */
	u64 debt_ns;			/* ran beyond its slices, not yet paid */
	bool timer_on;			/* slice timer armed ... */
	u16 timer_cpu;			/* ... on this CPU */
	u64 sleep_until_ns;		/* CLOCK_MONOTONIC; 0: may run */
	u64 throttled_ns;		/* ended throttle sleeps */
	u64 credited_ns;		/* of them, credited to the thread's run delay as steal */
	u64 throttle_since_ns;		/* CLOCK_MONOTONIC, the present sleep; 0: none */
	u64 anchor_exec_ns;		/* scheduler's account when last set right; 0: never */
	u64 anchor_used_cyc;		/* what guest_cyc + host_cyc should have been then */
	u64 anchor_host_cyc;		/* host_cyc then */
	u64 poll_seen_ns;		/* halt polling that slice_end_cyc allows for */
	u32 pool_gen;			/* the limit that slice_end_cyc belongs to */
	bool work_on;			/* throttle work queued or running: the slot must stay */
	bool nudge_on;			/* so is the nudge */
	bool rang;			/* the alarm level was passed */
	u64 nr_fault[KVMETER_NR_FAULTS - KVMETER_NR_KVM_FAULTS]; /* by what was wanted */
	u64 hint;			/* mailbox, see hint.c; the period empties it */
	struct kvmeter_rate hint_rate;
	u64 hints_dropped;
	bool bound;			/* notifier registered on @task */
	bool exited;			/* the thread ended: reap */

	/* the period writes, the event path reads */
	u64 attention_cyc ____cacheline_aligned_in_smp; /* ring when guest + host pass it */
	bool limited;			/* the pool deals out slices */
	bool hints;			/* the guest may hint */

	/* fixed while the slot is attached */
	struct kvm_vcpu *vcpu;		/* valid while @kvm is referenced */
	struct kvm *kvm;		/* one reference of ours per slot */
	struct task_struct *task;	/* referenced */
	struct kvmeter_vm *vm;		/* NULL until adopted */
	int vcpu_id;
	pid_t tid;
	struct preempt_notifier notifier;
	struct hrtimer timer;
	struct callback_head work;
	struct callback_head nudge;
	struct hlist_node hash;		/* slot table, by task; slot lock */
	struct list_head node;		/* vm->slots, or the list of new ones */

	/* the period's own, under kvmeter_lock */
	struct kvmeter_times times;	/* cumulative, this thread */
	struct kvmeter_counts counts;
	/* scheduler's account of the thread, less time in other slots; slot lock */
	u64 exec_base_ns;		/* when first seen */
	u64 exec_ns;			/* at the last reading */
	u64 run_delay_base_ns;
	u64 poll_base_ns;
	u64 stat_base[KVMETER_NR_EXITS];
	u64 fault_base[KVMETER_NR_KVM_FAULTS];
	struct kvmeter_times period_times; /* @times at the period's start */
	u64 period_exits;		/* @counts.exits at the period's start */
	struct kmc_profile *profile;	/* [KVMETER_NR_SLOT_RES] */
	struct kmc_predict *predict;	/* [KVMETER_NR_SLOT_RES]; NULL: no forecasts */

	/* act_boost.c's lock */
	struct list_head boost_node;	/* empty: no boost */
	int saved_nice;			/* to restore */
	int boost_nice;			/* what we set */
};

/**
 * struct kvmeter_pool - a VM's CPU tokens, dealt out as slices
 *
 * See act_cpu.c for the argument.
 */
struct kvmeter_pool {
	raw_spinlock_t lock;		/* protects all below */
	bool limited;			/* slices are dealt out at all */
	bool paused;			/* none is */
	u32 gen;			/* counts beginnings of limits; read without the lock */
	u64 tat_ns;			/* when the next slice may begin */
	u64 inv_rate_q16;		/* wall ns per vCPU ns, Q16; 0: only the runway limits */
	u64 slice_ns;
	u64 burst_ns;
	u64 lease_until_ns;		/* no limit after this */
	u64 runway_ns;			/* vCPU ns that the budget still pays; U64_MAX: no limit */
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
 * struct kvmeter_adjustment - one entry of the log
 */
struct kvmeter_adjustment {
	u64 seq;			/* per host, from 1 */
	u64 at_ns;
	u64 real_ns;
	u32 vm_id;
	u8 resource;			/* enum kmc_resource */
	u8 reason;			/* enum kmc_reason */
	u8 mode;			/* enum kmc_mode in force */
	u8 source;			/* enum kvmeter_source, of a suggestion */
	bool would;
	bool enforced;			/* the actuator did it */
	u32 old_grant_bp;
	u32 new_grant_bp;
	u32 factor_bp;
	u32 threshold_mbit;
	u32 surprise_mbit;
	u64 usage_bp;
	u64 demand_bp;
	u64 predicted_bp;
	u64 p99_bp;
	u64 old_ncr_h;
	u64 new_ncr_h;
	u64 effective_real_ns;
};

/**
 * struct kvmeter_price_change - one entry of the price history
 */
struct kvmeter_price_change {
	u64 seq;			/* per VM, from 1 */
	u64 real_ns;			/* announced */
	u64 effective_real_ns;
	u64 old_ncr_h;
	u64 new_ncr_h;
	u64 adjustment_seq;		/* what caused it, 0: tariff or slew */
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
 * struct kvmeter_model - weights of the network, for VMs of one image
 *
 * Immutable but for @node; see model.c.
 */
struct kvmeter_model {
	struct list_head node;
	refcount_t refs;		/* the list's and its VMs' */
	char image[KVMETER_NAME_MAX];	/* empty: the default */
	u64 seq;			/* counts models, from 1 */
	u64 set_real_ns;
	struct kmc_model weights;
};

/**
 * struct kvmeter_history - the last periods; see history.c
 */
struct kvmeter_history {
	u64 seq;			/* periods since the VM appeared */
	u64 forgotten;			/* those up to here are not kept */
	u64 period_ns;			/* of those that are */
	u64 end_real_ns;		/* of the last one */
	/* demand, and KVMETER_HISTORY_CENSORED, by number */
	u32 value[KMC_NR_RES][KVMETER_HISTORY_LEN];
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
 * Protected by kvmeter_lock; referenced through @kobj.
 */
struct kvmeter_vm {
	struct kobject kobj;		/* sysfs vms/<id>, and the reference count */
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
	u32 nr_vcpus;			/* distinct vCPUs */
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

/**
 * struct kvmeter_conf - host-wide settings; under kvmeter_lock
 * @period_ns: 10 ms .. 10 s
 * @record_ns: length of a ledger record, 100 ms .. 1 h
 * @burst_ns: CPU tokens that a VM may bank, 0 .. 10 s
 * @policy: of VMs to come
 * @tariff: of VMs to come
 * @budget: of VMs to come
 */
struct kvmeter_conf {
	u64 period_ns;
	u64 record_ns;
	u64 burst_ns;
	struct kmc_policy policy[KMC_NR_ACT];
	struct kmc_tariff tariff;
	struct kmc_budget_conf budget;
};

extern struct mutex kvmeter_lock;
extern struct list_head kvmeter_vms;	/* under kvmeter_lock */
extern struct kvmeter_conf kvmeter_conf; /* under kvmeter_lock */
extern u64 kvmeter_epoch;		/* CLOCK_REALTIME at load: the load epoch */
extern u64 kvmeter_adjustment_seq;	/* last one given; under kvmeter_lock */

/* main.c */
struct kmc_now kvmeter_now(void);

/* What CLOCK_REALTIME shows, as of @now, at CLOCK_MONOTONIC @at_ns. */
static inline u64 kvmeter_real_ns(u64 at_ns, const struct kmc_now *now)
{
	return now->real_ns + at_ns - now->at_ns;
}

/* registry.c: VMs, their vCPU threads and thread groups come and go */
DECLARE_PER_CPU(struct kvmeter_slot *, kvmeter_current);
int kvmeter_registry_init(void);
void kvmeter_registry_close(void);
void kvmeter_registry_exit(void);
void kvmeter_vm_free(struct kvmeter_vm *vm);
struct kvmeter_slot *kvmeter_slot_attach(struct kvm_vcpu *vcpu);
void kvmeter_slot_exit_task(struct kvmeter_slot *slot);
void kvmeter_slot_leave(struct kvmeter_slot *slot);
void kvmeter_slot_note_exec(struct task_struct *task, u64 exec_ns);
void kvmeter_registry_update(const struct kmc_now *now);
void kvmeter_registry_settle(void);
const char *kvmeter_label_check(const char *label);
struct kvmeter_vm *kvmeter_vm_next(u32 id);
u32 kvmeter_nr_vms(void);
struct kvmeter_vm *kvmeter_vm_find_record(u32 id);
struct kvmeter_vm *kvmeter_vm_next_record(u32 id);

/* log.c: adjustments and price changes */
struct kvmeter_adjustment *kvmeter_log_new(struct kvmeter_vm *vm);
u64 kvmeter_log_seq(const struct kvmeter_vm *vm);
const struct kvmeter_adjustment *kvmeter_log_next(const struct kvmeter_vm *vm, u64 seq);
const struct kvmeter_adjustment *kvmeter_log_next_of_all(u64 seq);
struct kvmeter_price_change *kvmeter_price_new(struct kvmeter_vm *vm);
const struct kvmeter_price_change *kvmeter_price_next(const struct kvmeter_vm *vm, u64 seq);

/* model.c: the network's weights; all but leave and exit under kvmeter_lock */
int kvmeter_model_set(const char *image, const struct kmc_model *weights);
int kvmeter_model_del(const char *image);
struct kvmeter_model *kvmeter_model_next(u64 after);
u32 kvmeter_model_nr_vms(const struct kvmeter_model *model);
void kvmeter_model_choose(struct kvmeter_vm *vm);
void kvmeter_model_leave(struct kvmeter_vm *vm);
void kvmeter_model_exit(void);

/* history.c: periods for who records */
void kvmeter_history_add(struct kvmeter_vm *vm, const struct kmc_sample *sample, u32 repeat,
			 const struct kmc_now *now);
u64 kvmeter_history_first(const struct kvmeter_history *h, u64 since);

/* image.c: priors */
const struct kmc_profile *kvmeter_image_profiles(const char *name);
int kvmeter_image_import(const char *name, const struct kmc_blob *b, u32 mask);
int kvmeter_image_reset(const char *name, u32 mask);
void kvmeter_image_seed(struct kvmeter_vm *vm);
void kvmeter_image_learn(const struct kvmeter_vm *vm);
void kvmeter_vm_set_image(struct kvmeter_vm *vm, const char *image);
void kvmeter_image_exit(void);

/* vcpu.c: what is learned of each vCPU thread */
enum kmc_resource kvmeter_vcpu_res(enum kvmeter_slot_resource i);
int kvmeter_vcpu_init(struct kvmeter_slot *slot);
void kvmeter_vcpu_free(struct kvmeter_slot *slot);
void kvmeter_vcpu_begin(struct kvmeter_slot *slot, const struct kvmeter_vm *vm);
void kvmeter_vcpus_turn(struct kvmeter_vm *vm, u64 span_ns, u32 repeat);
void kvmeter_vcpus_set_half_life(struct kvmeter_vm *vm);
void kvmeter_vcpus_set_period(struct kvmeter_vm *vm);
void kvmeter_vcpus_forecast(struct kvmeter_vm *vm, bool on);

/* meter.c */
u64 kvmeter_poll_ns(const struct kvm_vcpu *vcpu);
void kvmeter_slot_base(struct kvmeter_slot *slot);
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
bool kvmeter_disk_owns(const struct kvmeter_vm *vm);
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

/* probe.c: tracepoints by name */
int kvmeter_probe_init(void);
void kvmeter_probe_exit_kvm(void);
void kvmeter_probe_exit(void);

/* probe_kvm.c, probe_sched.c: the event path */
void kvmeter_probe_entry(void *data, struct kvm_vcpu *vcpu, bool force_immediate_exit);
void kvmeter_probe_vmexit(void *data, struct kvm_vcpu *vcpu, u32 isa);
void kvmeter_probe_fault(void *data, struct kvm_vcpu *vcpu, u64 address, u64 why);
void kvmeter_probe_task_exit(void *data, struct task_struct *task);
void kvmeter_slot_anchor(struct kvmeter_slot *slot);
extern struct preempt_ops kvmeter_preempt_ops;

/* period.c */
int kvmeter_period_init(void);
void kvmeter_period_exit(void);
void kvmeter_period_put(void);
void kvmeter_period_kick(void);
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

/* act_cpu.c: throttle */
void kvmeter_act_cpu_init(struct kvmeter_vm *vm);
u32 kvmeter_act_cpu_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);
void kvmeter_act_cpu_revert(struct kvmeter_vm *vm);
void kvmeter_act_cpu_slot_init(struct kvmeter_slot *slot);
void kvmeter_act_cpu_entry(struct kvmeter_slot *slot);
bool kvmeter_act_cpu_slot_idle(struct kvmeter_slot *slot);
void kvmeter_act_cpu_slot_drop(struct kvmeter_slot *slot);
void kvmeter_act_cpu_drain(struct kvmeter_slot *slot);
void kvmeter_act_cpu_nudge(struct kvmeter_slot *slot);

/* act_boost.c: priority and frequency */

/** enum kvmeter_knob - what can move a VM's CPU */
enum kvmeter_knob {
	KVMETER_KNOB_THROTTLE,
	KVMETER_KNOB_NICE,
	KVMETER_KNOB_UCLAMP,
	KVMETER_KNOB_CPUFREQ,
	KVMETER_NR_KNOBS,
};

extern const char * const kvmeter_knob_name[KVMETER_NR_KNOBS];
const char *kvmeter_knob_why(enum kvmeter_knob knob);	/* NULL: enforceable */
void kvmeter_boost_init(void);
void kvmeter_boost_exit(void);
u32 kvmeter_boost_from_bp(const struct kvmeter_vm *vm);
void kvmeter_boost_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns);
void kvmeter_boost_revert(struct kvmeter_slot *slot);

/* cpufreq.c: requests for the highest frequency */
const char *kvmeter_freq_why(void);
void kvmeter_freq_init(void);
void kvmeter_freq_exit(void);
void kvmeter_freq_want(unsigned int cpu, u64 now_ns);
void kvmeter_freq_lapse(u64 now_ns);

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
void kvmeter_sysfs_init_vm(struct kvmeter_vm *vm);
int kvmeter_sysfs_add_vm(struct kvmeter_vm *vm);	/* without kvmeter_lock */
void kvmeter_sysfs_del_vm(struct kvmeter_vm *vm);	/* without kvmeter_lock */

/* Limits and boosts lapse so long after their last renewal; kvmeter_lock. */
static inline u64 kvmeter_lease_ns(void)
{
	return max_t(u64, 5ULL * NSEC_PER_SEC, 10 * kvmeter_conf.period_ns);
}

static inline struct kvmeter_vm *kvmeter_vm_get(struct kvmeter_vm *vm)
{
	kobject_get(&vm->kobj);
	return vm;
}

static inline void kvmeter_vm_put(struct kvmeter_vm *vm)
{
	kobject_put(&vm->kobj);
}

#endif /* KVMETER_H */
