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
#include <linux/kthread.h>
#include <linux/sched/signal.h>

#include "base/clock.h"
#include "base/host.h"
#include "base/wake.h"
#include "core/ledger.h"
#include "core/price.h"
#include "core/units.h"
#include "cpu/call.h"
#include "cpu/freq.h"
#include "period/birth.h"
#include "period/gap.h"
#include "period/hint.h"
#include "period/life.h"
#include "period/notify.h"
#include "period/period.h"
#include "period/resource.h"
#include "period/visit.h"
#include "vm/vm.h"

static struct task_struct *period_task;

static void period_end(const struct kmc_now *now)
{
	static u32 nr;		/* of the period; this thread's own */
	u64 wait_ns = 0;
	struct kvmeter_vm *vm;

	kvmeter_gap_note(now->at_ns);
	kvmeter_clock_update();
	nr++;
	list_for_each_entry(vm, &kvmeter_vms, node)
		wait_ns += kvmeter_visit(vm, nr, now);
	kvmeter_visit_waited(wait_ns);
	kvmeter_freq_lapse(now->at_ns);
}

/* A VM's threads called inside the period. */
static void period_answer(struct kvmeter_vm *vm, unsigned int why, const void *arg)
{
	const struct kmc_now *now = arg;

	if (why & KVMETER_CALL_ENDED)
		kvmeter_life_vm(vm, now);
	if (why & KVMETER_CALL_RANG)
		kvmeter_visit_alarm(vm, now);
}

static int period_thread(void *unused)
{
	u64 next_ns = ktime_get_ns() + kvmeter_conf.period_ns;
	struct kmc_now now;
	ktime_t until;
	u64 period_ns;

	sched_set_fifo_low(current);
	kvmeter_gap_begin(ktime_get_ns());
	while (!kthread_should_stop()) {
		set_current_state(TASK_IDLE);
		if (!kvmeter_wake_asked() && !kthread_should_stop()) {
			until = ns_to_ktime(next_ns);
			schedule_hrtimeout(&until, HRTIMER_MODE_ABS);
		}
		__set_current_state(TASK_RUNNING);
		kvmeter_wake_taken();

		rt_mutex_lock(&kvmeter_lock);
		now = kvmeter_now();
		period_ns = kvmeter_conf.period_ns;
		/* it may have become shorter */
		next_ns = min(next_ns, now.at_ns + period_ns);
		/* only those that called are looked at, but for once a period */
		kvmeter_births_take(&now);
		kvmeter_calls_take(period_answer, &now);
		kvmeter_hints_take();
		if (now.at_ns >= next_ns) {
			kvmeter_life_update(&now);
			period_end(&now);
			next_ns += period_ns;
			/* late by a period or more: do not run after it */
			if (next_ns <= now.at_ns)
				next_ns = now.at_ns + period_ns;
		}
		rt_mutex_unlock(&kvmeter_lock);
	}
	return 0;
}

int kvmeter_period_init(void)
{
	period_task = kthread_create(period_thread, NULL, "kvmeter");
	if (IS_ERR(period_task)) {
		int err = PTR_ERR(period_task);

		period_task = NULL;
		return err;
	}
	/* ended threads and setters wake it to the last: kvmeter_wake_exit() lets go of it */
	kvmeter_wake_init(period_task);
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

	kthread_stop(period_task);
	kvmeter_life_settle();
	rt_mutex_lock(&kvmeter_lock);
	list_for_each_entry(vm, &kvmeter_vms, node) {
		kvmeter_vm_revert(vm);
		kvmeter_vm_refresh(vm, &now);
		kmc_ledger_close(&vm->core.ledger, &vm->core.price, &now);
		pr_info("kvmeter: unload: vm %u (%s, process %d) was charged %llu ncr for %llu cpu ns up to record %llu of epoch %llu\n",
			vm->id, vm->name, vm->tgid, kmc_price_charged(&vm->core.price),
			vm->visit->billed.of[KMC_RES_CPU], vm->core.ledger.next_seq - 1,
			kvmeter_epoch);
		kvmeter_notify_gone(vm);
	}
	rt_mutex_unlock(&kvmeter_lock);
}
