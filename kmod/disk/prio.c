// SPDX-License-Identifier: GPL-2.0
/*
 * Act on disk: a grant becomes a weight among those who want the disk.
 *
 * I/O priority has eight levels of best effort.  Of the kernel's I/O schedulers
 * only bfq gives them a meaning that a grant can have: level n has the weight
 * 8 - n, and the disk's time goes by weight among those who wait.  A thread at
 * the default, level 4, has weight 4; with a grant of g it gets the weight
 * next to 4 g.
 *
 * Worked: 20 000 is weight 8, level 0; 15 000 is weight 6, level 2; 5000 is
 * weight 2, level 6; 2500 and less is weight 1, level 7.  The class stays best
 * effort: idle would starve, real time would let others starve.
 *
 * All of the VMM's threads get it: which of them does the I/O is the VMM's
 * business and changes.  Threads that are new are found each period; they
 * begin with the priority of the thread that made them, which may be ours, and
 * then go back to what that one had.  What the page cache writes back later
 * has the priority of the kernel thread that does it.
 *
 * Of a cgroup that was handed over io.weight is scaled by the grant besides: it
 * counts among cgroups where the operator has switched the kernel's cost model
 * on (io.cost.qos), which can not be seen from here, so that alone nobody pays.
 *
 * Where priority has no effect nothing is set and nobody pays: the scheduler of
 * the disk that the VM used last is looked up in sysfs, by a work, as what the
 * kernel's structures tell a module is only whether there is one.
 *
 * Leased as a boost is (act_boost.c): a work takes all back, and needs nothing
 * that a period holds that stopped half-way.
 */
#include <linux/fs.h>
#include <linux/iocontext.h>
#include <linux/ioprio.h>
#include <linux/kdev_t.h>
#include <linux/sched/rt.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "cgroup/cgroup.h"
#include "compat/thread.h"
#include "disk/disk.h"
#include "base/lease.h"

#define LOOK_JIFFIES	HZ	/* a scheduler may be changed at any time */
#define LOOK_DISKS	32	/* at one look; others wait for the next */
#define WEIGHT_MAX	IOPRIO_NR_LEVELS

/**
 * struct prio_thread - a thread whose I/O priority we hold
 * @node: disk->threads
 * @task: referenced
 * @saved: its priority before us
 * @level: what that means; below 0: not best effort, let alone
 * @set: what we set
 * @theirs: someone else has set another since: it stays
 */
struct prio_thread {
	struct list_head node;
	struct task_struct *task;
	u16 saved;
	s8 level;
	u16 set;
	bool theirs;
};

/* protects the list and a disk's threads, held_node and conflict; inside kvmeter_lock */
static DEFINE_MUTEX(prio_lock);
static LIST_HEAD(held);			/* disks some of whose threads have ours */

static struct kvmeter_lease prio_lease;
static void look(struct work_struct *work);
static DECLARE_WORK(look_work, look);

/* priority of threads */

static u16 prio_get(struct task_struct *task)
{
	u16 prio;

	task_lock(task);
	prio = task->io_context ? task->io_context->ioprio : 0;
	task_unlock(task);
	return prio;
}

/* The thread is on its way out: it has no priority any more, or soon. */
static bool ending(const struct task_struct *task)
{
	return READ_ONCE(task->flags) & PF_EXITING;
}

/* The level that @prio means for @task; below 0: it is not best effort. */
static s8 level_of(struct task_struct *task, u16 prio)
{
	switch (IOPRIO_PRIO_CLASS(prio)) {
	case IOPRIO_CLASS_NONE:
		if (rt_task(task) || task->policy == SCHED_IDLE)
			return -1;
		return (task_nice(task) + 20) / 5;
	case IOPRIO_CLASS_BE:
		return prio & (IOPRIO_NR_LEVELS - 1);
	default:
		return -1;
	}
}

static u16 prio_of_grant(const struct prio_thread *p, u32 grant_bp)
{
	u32 weight;

	if (p->level < 0 || grant_bp == KMC_BP)
		return p->saved;
	weight = DIV_ROUND_CLOSEST((WEIGHT_MAX - p->level) * min(grant_bp, 10 * KMC_BP), KMC_BP);
	return IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, WEIGHT_MAX - clamp(weight, 1U, WEIGHT_MAX));
}

static void prio_free(struct list_head *threads)
{
	struct prio_thread *p, *next;

	list_for_each_entry_safe(p, next, threads, node) {
		put_task_struct(p->task);
		kfree(p);
	}
	INIT_LIST_HEAD(threads);
}

/* A thread that we did not know has @prio from the one that made it, if that is ours. */
static u16 prio_inherited(const struct kvmeter_disk *disk, u16 prio)
{
	const struct prio_thread *p;

	list_for_each_entry(p, &disk->threads, node)
		if (p->set == prio && !p->theirs)
			return p->saved;
	return prio;
}

/* @at: the one before which it belongs */
static struct prio_thread *prio_new(struct kvmeter_disk *disk, struct task_struct *task,
				    struct list_head *at)
{
	struct prio_thread *p = kzalloc(sizeof(*p), GFP_NOWAIT | __GFP_NOWARN);

	if (!p)		/* it is found again in the next period */
		return NULL;
	p->task = get_task_struct(task);
	p->set = prio_get(task);
	p->saved = prio_inherited(disk, p->set);
	p->level = level_of(task, p->saved);
	list_add_tail(&p->node, at);
	return p;
}

static void prio_set(struct kvmeter_disk *disk, struct prio_thread *p, u32 grant_bp)
{
	u16 now = prio_get(p->task), want = prio_of_grant(p, grant_bp);

	if (ending(p->task))
		return;
	if (now != p->set) {
		p->theirs = true;
		disk->conflict = true;
	}
	if (p->theirs || now == want || set_task_ioprio(p->task, want))
		return;
	p->set = want;
}

/*
 * Every thread of the group gets what the grant means for it.  The group's list
 * is in order of age and so is ours: one walk over both.
 */
static void prio_set_all(struct kvmeter_disk *disk, u32 grant_bp)
{
	struct list_head *at = disk->threads.next;
	struct prio_thread *p;
	struct task_struct *t;
	LIST_HEAD(gone);

	disk->conflict = false;
	rcu_read_lock();
	kvmeter_for_each_thread(disk->leader->signal, t) {
		if (ending(t))
			continue;
		for (;;) {
			p = at == &disk->threads ? NULL :
			    list_entry(at, struct prio_thread, node);
			if (!p || p->task == t || !ending(p->task))
				break;
			at = at->next;
			list_move(&p->node, &gone);
		}
		if (p && p->task == t)
			at = at->next;
		else
			p = prio_new(disk, t, at);
		if (!p)
			continue;
		disk->conflict |= p->theirs;
		prio_set(disk, p, grant_bp);
	}
	rcu_read_unlock();
	prio_free(&gone);
}

static bool is_held(const struct kvmeter_disk *disk)
{
	return !list_empty(&disk->held_node);
}

/* Return: false: someone else changed what we had set */
static bool prio_hold(struct kvmeter_disk *disk, u32 grant_bp)
{
	bool ours;

	mutex_lock(&prio_lock);
	if (!is_held(disk))
		list_add(&disk->held_node, &held);
	prio_set_all(disk, grant_bp);
	ours = !disk->conflict;
	mutex_unlock(&prio_lock);
	return ours;
}

/*
 * As it was before us, but for what someone else has set since.  A thread that
 * was just made by one that still had ours is found by the second walk.
 * prio_lock.
 */
static void prio_end(struct kvmeter_disk *disk)
{
	list_del_init(&disk->held_node);
	prio_set_all(disk, KMC_BP);
	prio_set_all(disk, KMC_BP);
	prio_free(&disk->threads);
	disk->conflict = false;
}

static void prio_revert(struct kvmeter_disk *disk)
{
	mutex_lock(&prio_lock);
	if (is_held(disk))
		prio_end(disk);
	mutex_unlock(&prio_lock);
}

/* No period has renewed a priority for the length of a lease; perhaps none was due. */
static void prio_lapse(struct kvmeter_lease *lease)
{
	struct kvmeter_disk *disk, *next;
	bool late;

	mutex_lock(&prio_lock);
	late = !list_empty(&held);
	list_for_each_entry_safe(disk, next, &held, held_node)
		prio_end(disk);
	mutex_unlock(&prio_lock);
	if (late)
		pr_warn("kvmeter: periods are late, I/O priorities have lapsed\n");
}

/* schedulers */

/* Why I/O priority has no effect on a disk; NULL: it has. */
static const char *scheduler_why(dev_t dev)
{
	char path[64], buf[128];
	struct file *file;
	loff_t pos = 0;
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/queue/scheduler", MAJOR(dev),
		 MINOR(dev));
	file = filp_open(path, O_RDONLY, 0);
	if (IS_ERR(file))
		return "the disk's scheduler is not known";
	len = kernel_read(file, buf, sizeof(buf) - 1, &pos);
	filp_close(file, NULL);
	buf[max_t(ssize_t, len, 0)] = 0;
	/* where there is no choice "none" stands alone */
	if (strstr(buf, "[bfq]"))
		return NULL;
	if (strstr(buf, "[mq-deadline]"))
		return "the disk's scheduler is mq-deadline: levels of priority have no effect";
	if (strstr(buf, "[kyber]"))
		return "the disk's scheduler is kyber: I/O priority has no effect";
	if (strstr(buf, "none"))
		return "the disk's scheduler is none: I/O priority has no effect";
	return "the disk's scheduler is not known";
}

/* The disks whose schedulers are to be looked at, each once. */
static unsigned int look_collect(dev_t *devs)
{
	const struct kvmeter_disk *disk;
	struct kvmeter_vm *vm;
	unsigned int i, n = 0;

	mutex_lock(&kvmeter_lock);
	list_for_each_entry(vm, &kvmeter_vms, node) {
		disk = vm->group->disk;
		for (i = 0; i < n && devs[i] != disk->dev; i++)
			;
		if (disk->dev && i == n && n < LOOK_DISKS)
			devs[n++] = disk->dev;
	}
	mutex_unlock(&kvmeter_lock);
	return n;
}

static void look(struct work_struct *work)
{
	struct kvmeter_vm *vm;
	dev_t devs[LOOK_DISKS];
	const char *why;
	unsigned int i, n;

	n = look_collect(devs);
	for (i = 0; i < n; i++) {
		why = scheduler_why(devs[i]);
		mutex_lock(&kvmeter_lock);
		list_for_each_entry(vm, &kvmeter_vms, node)
			if (vm->group->disk->dev == devs[i]) {
				vm->group->disk->scheduler_why = why;
				vm->group->disk->looked = true;
			}
		mutex_unlock(&kvmeter_lock);
	}
}

/* Why priority has no effect for this VMM, as last looked. */
static const char *prio_why(struct kvmeter_disk *disk)
{
	dev_t dev = 0;

	/* below a stacked disk is where the queue is */
	if (!kvmeter_disk_devs(disk, true, &dev))
		kvmeter_disk_devs(disk, false, &dev);
	if (dev && dev != disk->dev) {
		disk->dev = dev;
		disk->looked = false;
		disk->look = jiffies;
	}
	if (!disk->dev)
		return "no disk of the VM is known yet";
	if (time_after_eq(jiffies, disk->look)) {
		disk->look = jiffies + LOOK_JIFFIES;
		queue_work(system_unbound_wq, &look_work);
	}
	return disk->looked ? disk->scheduler_why : "the disk's scheduler is not known yet";
}

/* the actuator */

static u32 prio_apply(struct kvmeter_disk *disk, u32 grant_bp, const char **why)
{
	*why = prio_why(disk);
	if (*why || grant_bp == KMC_BP) {
		/* without the lock: only a period begins to hold, and this is it */
		if (is_held(disk))
			prio_revert(disk);
		return KMC_BP;
	}
	kvmeter_lease_renew(&prio_lease);
	if (!prio_hold(disk, grant_bp)) {
		*why = "someone else changed the I/O priority of a thread of the VMM";
		return KMC_BP;
	}
	/* eight levels, four to either side of the default */
	return clamp(grant_bp, KMC_BP / 4, 2 * KMC_BP);
}

/**
 * kvmeter_act_disk_apply - bring a grant in force, renew its lease
 * @vm: the VM
 * @grant_bp: the grant
 * @now_ns: CLOCK_MONOTONIC
 *
 * Context: kvmeter_lock.
 * Return: the grant in force; vm->unenforceable[] says why it is another than
 * asked.
 */
u32 kvmeter_act_disk_apply(struct kvmeter_vm *vm, u32 grant_bp, u64 now_ns)
{
	const char **why = &vm->unenforceable[KMC_RES_DISK];
	const char *max_text, *prio_text;
	u32 prio_bp;

	lockdep_assert_held(&kvmeter_lock);
	*why = NULL;
	if (!kvmeter_disk_owns(vm)) {
		*why = "disk use of its VMM is that of another VM";
		return KMC_BP;
	}
	if (!vm->core.policy[KMC_RES_DISK].nominal) {
		kvmeter_act_disk_revert(vm);
		return KMC_BP;
	}
	kvmeter_cgroup_scale(vm, KVMETER_CG_IO_WEIGHT, grant_bp);
	prio_bp = prio_apply(vm->group->disk, grant_bp, &prio_text);
	/* a limit holds the grant; a priority is the next best */
	if (kvmeter_iomax_apply(vm, grant_bp, &max_text))
		return grant_bp;
	*why = prio_text && vm->cgroup ? max_text : prio_text;
	return prio_bp;
}

/* Back to how it was before us. */
void kvmeter_act_disk_revert(struct kvmeter_vm *vm)
{
	lockdep_assert_held(&kvmeter_lock);
	if (!kvmeter_disk_owns(vm))
		return;
	prio_revert(vm->group->disk);
	kvmeter_cgroup_unset(vm, KVMETER_CG_IO_WEIGHT);
	kvmeter_iomax_revert(vm);
}

/* How much more a held VM wants is not known: it is taken to want a quarter more. */
bool kvmeter_act_disk_holds(const struct kvmeter_vm *vm, struct kmc_sample *s)
{
	if (!kvmeter_iomax_holds(vm, s->usage))
		return false;
	s->demand += s->usage / 4;
	return true;
}

/* The group has no VM any more. */
void kvmeter_act_disk_group_gone(struct kvmeter_disk *disk)
{
	prio_revert(disk);
}

void kvmeter_act_disk_init(void)
{
	kvmeter_lease_init(&prio_lease, prio_lapse);
}

/* Nobody applies any more; groups are reverted as they go. */
void kvmeter_act_disk_exit(void)
{
	kvmeter_lease_stop(&prio_lease);
	cancel_work_sync(&look_work);
}
