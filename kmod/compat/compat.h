/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that differs between the kernels kvmeter builds for.  No version test
 * stands anywhere else.
 */
#ifndef KVMETER_COMPAT_H
#define KVMETER_COMPAT_H

#ifdef __KERNEL__
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "kvmeter needs Linux 6.1 or newer"
#endif

#if !IS_ENABLED(CONFIG_X86_64)
#error "kvmeter needs x86-64: the KVM tracepoints' arguments differ elsewhere"
#endif

#if !IS_ENABLED(CONFIG_PREEMPT_NOTIFIERS) || !IS_ENABLED(CONFIG_TRACEPOINTS) || \
	!IS_ENABLED(CONFIG_SCHED_INFO) || !IS_ENABLED(CONFIG_SMP)
#error "kvmeter needs PREEMPT_NOTIFIERS (comes with KVM), TRACEPOINTS, SCHED_INFO and SMP"
#endif

#ifndef __ASSEMBLY__
#include <linux/task_work.h>

/*
 * Queue task work from a context that must not allocate.  Since 6.12
 * task_work_add() records a stack under KASAN and may allocate for it unless
 * told not to.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define KVMETER_TWA_RESUME	(TWA_RESUME | TWAF_NO_ALLOC)
#else
#define KVMETER_TWA_RESUME	TWA_RESUME
#endif

/* An eventfd counts by one: 6.1's function takes how many. */
#include <linux/eventfd.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#define kvmeter_eventfd_signal(ctx)	eventfd_signal(ctx)
#else
#define kvmeter_eventfd_signal(ctx)	eventfd_signal(ctx, 1)
#endif

/* A mapping's flags are written by functions since 6.3. */
#include <linux/mm.h>
static inline void kvmeter_vma_flags(struct vm_area_struct *vma, unsigned long set,
				     unsigned long clear)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
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
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	return percpu_counter_sum_positive(&mm->rss_stat[kind]);
#else
	return get_mm_counter(mm, kind);
#endif
}

#endif /* __ASSEMBLY__ */
#endif /* __KERNEL__ */
#endif /* KVMETER_COMPAT_H */
