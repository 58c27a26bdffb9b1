/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels kvmeter builds for, for all files.  What a
 * kernel has, Kbuild.include asks its headers: KVMETER_HAVE_*.  The versions in
 * comments are those of the kernel's own releases.
 */
#ifndef KVMETER_COMPAT_H
#define KVMETER_COMPAT_H

#ifdef __KERNEL__
#if !IS_ENABLED(CONFIG_X86_64) && !IS_ENABLED(CONFIG_ARM64)
#error "kvmeter needs x86-64 or arm64: the KVM tracepoints' arguments differ elsewhere"
#endif

#ifndef __ASSEMBLY__
#include <linux/task_work.h>

/*
 * Queue task work from a context that must not allocate.  In 6.12 and 6.13
 * task_work_add() records a stack under KASAN and may allocate for it unless
 * told not to.  From 6.14 on it never does.
 */
#ifdef KVMETER_HAVE_TWAF_NO_ALLOC
#define KVMETER_TWA_RESUME	(TWA_RESUME | TWAF_NO_ALLOC)
#else
#define KVMETER_TWA_RESUME	TWA_RESUME
#endif

/* An eventfd counts by one: 6.1's function takes how many. */
#include <linux/eventfd.h>
#ifdef KVMETER_HAVE_EVENTFD_SIGNAL_ONE
#define kvmeter_eventfd_signal(ctx)	eventfd_signal(ctx)
#else
#define kvmeter_eventfd_signal(ctx)	eventfd_signal(ctx, 1)
#endif

/* Who owns a directory of sysfs is asked with a const kobject since 6.2. */
#ifdef KVMETER_HAVE_KOBJ_CONST
#define KVMETER_KOBJ_CONST	const
#else
#define KVMETER_KOBJ_CONST
#endif

/* A mapping's flags are written by functions since 6.3. */
#include <linux/mm.h>
static inline void kvmeter_vma_flags(struct vm_area_struct *vma, unsigned long set,
				     unsigned long clear)
{
#ifdef KVMETER_HAVE_VM_FLAGS_MOD
	vm_flags_mod(vma, set, clear);
#else
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
#endif
}

/*
 * Pages of one kind that are resident in @mm, exactly.  Since 6.2 the counters
 * are per CPU, and what get_mm_counter() returns may be off by 32 pages or more
 * for each CPU.
 */
static inline u64 kvmeter_mm_pages(struct mm_struct *mm, int kind)
{
#ifdef KVMETER_HAVE_RSS_PERCPU
	return percpu_counter_sum_positive(&mm->rss_stat[kind]);
#else
	return get_mm_counter(mm, kind);
#endif
}

/* A timer gets its function when it is made: since 6.13, and from 6.15 on only so. */
#include <linux/hrtimer.h>
#ifndef KVMETER_HAVE_HRTIMER_SETUP
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *timer),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* Before 6.17 it has another name, which 7.2 and later warn of, once. */
#include <linux/workqueue.h>
#ifndef KVMETER_HAVE_SYSTEM_DFL_WQ
#define system_dfl_wq	system_unbound_wq
#endif

/* What sched_process_exit tells: since 6.16 also whether the thread group is over. */
#ifdef KVMETER_HAVE_EXIT_GROUP_DEAD
#define KVMETER_TASK_EXIT_PROBE(name) \
	void name(void *data, struct task_struct *task, bool group_dead)
#else
#define KVMETER_TASK_EXIT_PROBE(name) \
	void name(void *data, struct task_struct *task)
#endif

/*
 * The same without a walk over all CPUs.  What each CPU holds back is missing; it
 * changes slowly, so a difference between two calls is nearly exact.
 */
static inline s64 kvmeter_mm_pages_about(struct mm_struct *mm, int kind)
{
#ifdef KVMETER_HAVE_RSS_PERCPU
	return percpu_counter_read(&mm->rss_stat[kind]);
#else
	return get_mm_counter(mm, kind);
#endif
}

#endif /* __ASSEMBLY__ */
#endif /* __KERNEL__ */
#endif /* KVMETER_COMPAT_H */
