// SPDX-License-Identifier: GPL-2.0
/*
 * Wake: there is something to do before the period ends.
 *
 * The caller may be in an interrupt, or hold a lock of the scheduler, where no
 * thread may be woken.  So the wake-up is left to an irq_work, which runs when the
 * CPU takes interrupts again.  The period hands its thread down.
 */
#include <linux/atomic.h>
#include <linux/irq_work.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "base/wake.h"

static struct task_struct *wake_task;	/* referenced; written at load, before it first runs */
static atomic_t wake_asked = ATOMIC_INIT(0);

static void wake_run(struct irq_work *work)
{
	/* NULL: between the first probe and the thread's start there is none */
	if (wake_task)
		wake_up_process(wake_task);
}

/* in the interrupt with PREEMPT_RT, too, where other irq_works wait for a thread */
static struct irq_work wake_work = IRQ_WORK_INIT_HARD(wake_run);

/**
 * kvmeter_wake - let the period look now
 *
 * Context: any, run-queue locks and interrupts included.
 */
void kvmeter_wake(void)
{
	if (!atomic_xchg(&wake_asked, 1))
		irq_work_queue(&wake_work);
}

/**
 * kvmeter_wake_asked - has anybody called kvmeter_wake() since the last pass?
 *
 * Context: the period's thread, before it sleeps.
 */
bool kvmeter_wake_asked(void)
{
	return atomic_read(&wake_asked);
}

/* A pass begins: a call of kvmeter_wake() from here on causes another one. */
void kvmeter_wake_taken(void)
{
	atomic_set(&wake_asked, 0);
}

/**
 * kvmeter_wake_alive - is there a thread that periods can come from?
 *
 * It may be late or stuck.  After an oops in it, or while the module goes, it has
 * ended.
 *
 * Context: any, interrupts off included; while kvmeter_wake_exit() has not run.
 */
bool kvmeter_wake_alive(void)
{
	const struct task_struct *task = READ_ONCE(wake_task);

	return task && !(READ_ONCE(task->flags) & PF_EXITING);
}

/**
 * kvmeter_wake_init - the thread that kvmeter_wake() wakes
 * @task: the period's thread; it is referenced until kvmeter_wake_exit()
 */
void kvmeter_wake_init(struct task_struct *task)
{
	WRITE_ONCE(wake_task, get_task_struct(task));
}

/* Nothing is left that wakes: wait for the last irq_work. */
void kvmeter_wake_exit(void)
{
	irq_work_sync(&wake_work);
	if (wake_task)
		put_task_struct(wake_task);
	wake_task = NULL;
}
