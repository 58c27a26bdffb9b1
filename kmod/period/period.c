// SPDX-License-Identifier: GPL-2.0
/*
 * The period: everything that is not counting.
 *
 * One thread visits each VM that ran, once a period (visit.c).  Inside the period
 * it wakes up for births, deaths, hints and alarms.
 *
 * The thread is real-time of the lowest priority: the cap on a budget must
 * hold on a host whose every CPU is busy with guests.  It is bounded: one
 * pass over the VMs.
 */
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "base/clock.h"
#include "kvmeter.h"
#include "period/hint.h"
#include "period/notify.h"
#include "period/period.h"
#include "period/visit.h"

static struct task_struct *period_task;
static atomic_t period_kicked = ATOMIC_INIT(0);
static struct irq_work period_irq_work;

static void period_end(const struct kmc_now *now)
{
	u64 wait_ns = 0;
	struct kvmeter_vm *vm;

	kvmeter_clock_update();
	list_for_each_entry(vm, &kvmeter_vms, node)
		wait_ns += kvmeter_visit(vm, now);
	kvmeter_visit_waited(wait_ns);
	kvmeter_freq_lapse(now->at_ns);
}

static void period_alarms(const struct kmc_now *now)
{
	struct kvmeter_vm *vm;

	list_for_each_entry(vm, &kvmeter_vms, node)
		kvmeter_visit_alarm(vm, now);
}

static int period_thread(void *unused)
{
	u64 next_ns = ktime_get_ns() + kvmeter_conf.period_ns;
	struct kmc_now now;
	ktime_t until;
	u64 period_ns;

	sched_set_fifo_low(current);
	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		if (!atomic_read(&period_kicked) && !kthread_should_stop()) {
			until = ns_to_ktime(next_ns);
			schedule_hrtimeout(&until, HRTIMER_MODE_ABS);
		}
		__set_current_state(TASK_RUNNING);
		atomic_set(&period_kicked, 0);

		mutex_lock(&kvmeter_lock);
		now = kvmeter_now();
		period_ns = kvmeter_conf.period_ns;
		/* it may have become shorter */
		next_ns = min(next_ns, now.at_ns + period_ns);
		kvmeter_registry_update(&now);
		kvmeter_hints_take();
		period_alarms(&now);
		if (now.at_ns >= next_ns) {
			period_end(&now);
			next_ns += period_ns;
			/* late by a period or more: do not run after it */
			if (next_ns <= now.at_ns)
				next_ns = now.at_ns + period_ns;
		}
		mutex_unlock(&kvmeter_lock);
	}
	return 0;
}

static void period_wake(struct irq_work *work)
{
	/* NULL: between the first probe and the thread's start there is none */
	if (period_task)
		wake_up_process(period_task);
}

/* There is something to do before the period's end.  Any context. */
void kvmeter_period_kick(void)
{
	if (!atomic_xchg(&period_kicked, 1))
		irq_work_queue(&period_irq_work);
}

/**
 * kvmeter_period_init - start the thread
 *
 * Return: 0 or -errno.
 */
int kvmeter_period_init(void)
{
	init_irq_work(&period_irq_work, period_wake);
	period_task = kthread_create(period_thread, NULL, "kvmeter");
	if (IS_ERR(period_task)) {
		int err = PTR_ERR(period_task);

		period_task = NULL;
		return err;
	}
	/* ended threads and setters kick to the last, see kvmeter_period_put() */
	get_task_struct(period_task);
	wake_up_process(period_task);
	return 0;
}

/**
 * kvmeter_period_exit - stop the thread
 *
 * Limits are lifted and accounts closed while netlink can still tell.  The
 * kernel's log keeps the totals, for a ledger that nobody read to its end.
 */
void kvmeter_period_exit(void)
{
	struct kmc_now now = kvmeter_now();
	struct kvmeter_vm *vm;
	int r;

	kthread_stop(period_task);
	kvmeter_registry_settle();
	mutex_lock(&kvmeter_lock);
	list_for_each_entry(vm, &kvmeter_vms, node) {
		for (r = 0; r < KMC_NR_ACT; r++)
			kvmeter_resources[r].revert(vm);
		kvmeter_vm_refresh(vm, &now);
		kmc_ledger_close(&vm->core.ledger, &vm->core.price, &now);
		pr_info("kvmeter: unload: vm %u (%s, process %d) was charged %llu ncr for %llu cpu ns up to record %llu of epoch %llu\n",
			vm->id, vm->name, vm->tgid, kmc_price_charged(&vm->core.price),
			vm->billed.of[KMC_RES_CPU], vm->core.ledger.next_seq - 1, kvmeter_epoch);
		kvmeter_notify_gone(vm);
	}
	mutex_unlock(&kvmeter_lock);
}

/** kvmeter_period_put - nothing is left that kicks */
void kvmeter_period_put(void)
{
	irq_work_sync(&period_irq_work);
	if (period_task)
		put_task_struct(period_task);
}
