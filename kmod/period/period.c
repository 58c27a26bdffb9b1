// SPDX-License-Identifier: GPL-2.0
/*
 * The period: everything that is not counting.
 *
 * One thread visits each VM that ran, once a period, and takes it through
 * the stages: meter, plan, act, settle, notify.  A VM that is idle and at
 * rest costs one look at its vCPUs' counters, and is visited once in
 * IDLE_VISIT_NS so that its charges and lease do not age.
 *
 * The alarm rings inside the period: its level is computed at the period's
 * end as CPU time that the VM may use in the next.  The VM's sum passes it
 * only if one of its n vCPU threads passes a n-th, so each thread compares
 * its own counter with its own share, and no cache line is shared.  A ring
 * that was not the sum's hands out what remains anew.
 *
 * The thread is real-time of the lowest priority: the cap on a budget must
 * hold on a host whose every CPU is busy with guests.  It is bounded: one
 * pass over the VMs.
 */
#include <linux/kthread.h>
#include <linux/sched/signal.h>

#include "base/clock.h"
#include "kvmeter.h"
#include "period/life.h"
#include "period/resource.h"
#include "vm/trace.h"

#define IDLE_VISIT_NS	NSEC_PER_SEC
#define REPEAT_MAX	1000	/* idle periods learned at one visit */
#define CONTENDED_BP	100	/* neighbours' waiting, in bp of a CPU: contention */

static struct task_struct *period_task;
static u64 all_wait_ns;	/* run-queue wait of all VMs in the last period */

static void price_record(struct kvmeter_vm *vm, const struct kmc_notice *notice,
			 u64 adjustment_seq, const struct kmc_now *now)
{
	struct kvmeter_price_change *c = kvmeter_price_new(vm);

	c->real_ns = now->real_ns;
	c->effective_real_ns = kvmeter_real_ns(notice->effective_at_ns, now);
	c->old_ncr_h = notice->old_ncr_h;
	c->new_ncr_h = notice->new_ncr_h;
	c->adjustment_seq = adjustment_seq;
	trace_kvmeter_price(vm->id, c);
	kvmeter_notify_price(vm, c);
}

static void vm_settle(struct kvmeter_vm *vm, const u32 effect_bp[KMC_NR_ACT],
		      struct kmc_notice *notice, const struct kmc_now *now)
{
	struct kmc_used used;
	int r;

	for (r = 0; r < KMC_NR_ACT; r++) {
		used.of[r] = kmc_sat_sub(kvmeter_vm_used(vm, r), vm->billed.of[r]);
		vm->billed.of[r] += used.of[r];
	}
	kmc_settle(&vm->core, effect_bp, &used, notice, now);
	kvmeter_page_update(vm);
	if (now->at_ns - vm->core.ledger.opened_at_ns >= kvmeter_conf.record_ns)
		kmc_ledger_close(&vm->core.ledger, &vm->core.price, now);
	if (notice->budget_events)
		kvmeter_notify_budget(vm, notice->budget_events);
}

static void log_adjustment(struct kvmeter_vm *vm, u32 r, const struct kmc_plan *plan,
			   const struct kmc_notice *notice, u32 effect_bp,
			   const struct kmc_now *now)
{
	struct kvmeter_adjustment *a = kvmeter_log_new(vm);
	const struct kmc_observation *o = &plan->obs[r];
	const struct kmc_verdict *v = &plan->verdict[r];

	a->at_ns = now->at_ns;
	a->real_ns = now->real_ns;
	a->resource = r;
	a->reason = v->reason;
	a->mode = vm->core.policy[r].mode;
	a->source = v->reason == KMC_REASON_SUGGESTION ? vm->suggested_by[r] : KVMETER_BY_NOBODY;
	a->would = v->would;
	a->enforced = !v->would && effect_bp == v->new_bp;
	a->old_grant_bp = v->old_bp;
	a->new_grant_bp = v->new_bp;
	a->factor_bp = v->factor_bp;
	a->threshold_mbit = vm->core.policy[r].threshold_mbit;
	a->surprise_mbit = max(o->surprise.mbit, o->led_mbit);
	a->usage_bp = o->usage_bp;
	a->demand_bp = o->demand_bp;
	a->predicted_bp = o->predicted_bp;
	a->p99_bp = o->p99_bp;
	a->old_ncr_h = notice->old_ncr_h;
	a->new_ncr_h = notice->new_ncr_h;
	a->effective_real_ns = notice->price_changed ?
			       kvmeter_real_ns(notice->effective_at_ns, now) : now->real_ns;
	trace_kvmeter_adjustment(a);
	kvmeter_notify_adjust(vm, a);
}

/* What fell due up to now, at the grants that were in force. */
static void vm_charge(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	struct kmc_notice notice;

	vm_settle(vm, vm->core.effect_bp, &notice, now);
	if (notice.price_changed)
		price_record(vm, &notice, 0, now);
}

static void trace_samples(const struct kvmeter_vm *vm, const struct kmc_plan_in *in,
			  const struct kmc_now *now)
{
	int r;

	if (trace_kvmeter_sample_enabled())
		for (r = 0; r < KMC_NR_RES; r++)
			trace_kvmeter_sample(vm->id, r, in, &vm->core, now->at_ns);
}

static void trace_deviations(const struct kvmeter_vm *vm, const struct kmc_plan *plan)
{
	const struct kmc_vm *core = &vm->core;
	int r;

	for (r = 0; r < KMC_NR_ACT; r++)
		if (core->surprise[r].mbit >= core->policy[r].threshold_mbit)
			trace_kvmeter_deviation(vm->id, r, plan->obs[r].demand_bp,
						plan->obs[r].predicted_bp, core->surprise[r].mbit,
						core->surprise[r].dir);
}

/* What people should look at: each alert is counted, and told. */
static void take_alerts(struct kvmeter_vm *vm, const struct kmc_plan *plan,
			const struct kmc_now *now)
{
	u32 resources = 0;
	int r;

	for (r = 0; r < KMC_NR_RES; r++) {
		if (!plan->alert_mbit[r])
			continue;
		vm->alert[r].nr++;
		vm->alert[r].real_ns = now->real_ns;
		vm->alert[r].mbit = plan->alert_mbit[r];
		trace_kvmeter_alert(vm->id, r, vm->core.sample[r].demand, vm->core.unusual[r].mbit,
				    plan->alert_mbit[r]);
		resources |= BIT(r);
	}
	if (resources)
		kvmeter_notify_alert(vm, resources);
}

/* What was decided, brought in force; returns how many adjustments that makes. */
static int vm_act(struct kvmeter_vm *vm, const struct kmc_plan *plan, u32 effect_bp[KMC_NR_ACT],
		  const struct kmc_now *now)
{
	int r, nr = 0;

	for (r = 0; r < KMC_NR_ACT; r++) {
		effect_bp[r] = kvmeter_vm_apply(vm, r, vm->core.decide[r].grant_bp, now->at_ns);
		nr += plan->verdict[r].new_bp != plan->verdict[r].old_bp;
	}
	return nr;
}

/* How many periods that is, to the nearest */
static u32 vm_repeat(const struct kvmeter_vm *vm, u64 span_ns)
{
	return clamp_t(u64, div64_u64(span_ns + vm->core.period_ns / 2, vm->core.period_ns),
		       1, REPEAT_MAX);
}

/* One VM through the stages.  @early: inside the period, to act but not to learn. */
static void vm_visit(struct kvmeter_vm *vm, bool early, const struct kmc_now *now)
{
	u64 span_ns = max(now->at_ns - vm->visited_ns, 1ULL);
	struct kmc_plan_in in = {
		.nr_vcpus = max(vm->nr_vcpus, 1U),
		.early = early,
		.repeat = 1,
	};
	u32 effect_bp[KMC_NR_ACT];
	struct kmc_notice notice;
	struct kmc_plan plan;
	int r, nr_adjusted;

	/* inside the period: what was used so far is the least that the period will show */
	if (early)
		span_ns = max(span_ns, vm->core.period_ns);
	else
		in.repeat = vm_repeat(vm, span_ns);
	kvmeter_vm_sample(vm, in.sample, span_ns);
	in.contended = kmc_muldiv_floor(kmc_sat_sub(all_wait_ns, vm->wait_ns), KMC_BP,
					vm->core.period_ns) >= CONTENDED_BP;

	/* charge first: what is left of the budget decides what may be granted */
	vm_charge(vm, now);
	if (!early)
		kvmeter_history_add(vm, in.sample, in.repeat, now);
	kmc_plan(&vm->core, &in, &plan, now);
	trace_samples(vm, &in, now);
	trace_deviations(vm, &plan);
	take_alerts(vm, &plan, now);
	nr_adjusted = vm_act(vm, &plan, effect_bp, now);
	vm_settle(vm, effect_bp, &notice, now);

	for (r = 0; r < KMC_NR_ACT; r++)
		if (plan.verdict[r].new_bp != plan.verdict[r].old_bp)
			log_adjustment(vm, r, &plan, &notice, effect_bp[r], now);
	if (notice.price_changed)
		price_record(vm, &notice, nr_adjusted ? kvmeter_adjustment_seq : 0, now);
}

/* What the VM may use in the period that begins before the alarm rings; U64_MAX: all. */
static u64 alarm_ns(const struct kvmeter_vm *vm)
{
	const struct kmc_vm *core = &vm->core;
	u64 alarm_bp = core->alarm[KMC_RES_CPU];

	if (alarm_bp == U64_MAX)
		return U64_MAX;
	alarm_bp = max(alarm_bp, core->predict[KMC_RES_CPU].next.mean +
		       core->policy[KMC_RES_CPU].dead_band_bp);
	return kmc_muldiv_floor(alarm_bp, core->period_ns * max(vm->nr_vcpus, 1U), KMC_BP);
}

static u64 slot_used_ns(const struct kvmeter_times *t)
{
	return t->guest_ns + t->host_ns + t->halt_poll_ns;
}

/* Hand @ns out as shares to the threads; U64_MAX: no alarm. */
static void alarm_set(struct kvmeter_vm *vm, u64 ns)
{
	struct kvmeter_slot *slot;
	u64 share = ns == U64_MAX ? 0 : div_u64(ns, max(vm->nr_slots, 1U));

	list_for_each_entry(slot, &vm->slots, node) {
		WRITE_ONCE(slot->rang, false);
		WRITE_ONCE(slot->attention_cyc, ns == U64_MAX ? U64_MAX :
			   kvmeter_ns_to_cyc(slot_used_ns(&slot->times) + share));
	}
}

static bool vm_rang(struct kvmeter_vm *vm)
{
	struct kvmeter_slot *slot;

	list_for_each_entry(slot, &vm->slots, node)
		if (READ_ONCE(slot->rang))
			return true;
	return false;
}

/* A share was passed: was it the VM's sum? */
static void vm_alarm(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	u64 level = alarm_ns(vm), used;

	kvmeter_vm_read(vm);
	used = kvmeter_billable_ns(&vm->times) - kvmeter_billable_ns(&vm->period_times);
	if (used < level) {
		/*
		 * Halt polling rings but is not used: hand out a hundredth of the
		 * level at least, so that a VM rings at most a hundred times.
		 */
		alarm_set(vm, level == U64_MAX ? U64_MAX :
			  max(level - used, div_u64(level, 100)));
		return;
	}
	alarm_set(vm, U64_MAX);
	vm_visit(vm, true, now);
}

/* The period of this VM is over: the next begins with what is counted now. */
static void period_turn(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	u64 span_ns = max(now->at_ns - vm->visited_ns, 1ULL);

	kvmeter_vcpus_turn(vm, span_ns, vm_repeat(vm, span_ns));
	kvmeter_vm_turn(vm);
	vm->visited_ns = now->at_ns;
	vm->next_visit_ns = now->at_ns + IDLE_VISIT_NS;
	alarm_set(vm, alarm_ns(vm));
}

static bool vm_due(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	/* born inside this period: a few ms are no sample, its first period is longer */
	if (vm->over || now->at_ns - vm->visited_ns < vm->core.period_ns / 2)
		return false;
	return now->at_ns >= vm->next_visit_ns || !kmc_vm_at_rest(&vm->core) ||
	       vm->pool.runway_ns != U64_MAX || kvmeter_vm_ran(vm);
}

static void period_end(const struct kmc_now *now)
{
	u64 wait_ns = 0;
	struct kvmeter_vm *vm;

	kvmeter_clock_update();
	list_for_each_entry(vm, &kvmeter_vms, node) {
		if (vm_due(vm, now)) {
			kvmeter_vm_read(vm);
			vm->wait_ns = kmc_muldiv_floor(vm->times.wait_ns -
						       vm->period_times.wait_ns,
						       vm->core.period_ns,
						       now->at_ns - vm->visited_ns);
			vm_visit(vm, false, now);
			period_turn(vm, now);
		} else {
			vm->wait_ns = 0;
		}
		wait_ns += vm->wait_ns;
	}
	all_wait_ns = wait_ns;
	kvmeter_freq_lapse(now->at_ns);
}

static void period_alarms(const struct kmc_now *now)
{
	struct kvmeter_vm *vm;

	list_for_each_entry(vm, &kvmeter_vms, node)
		if (!vm->over && vm_rang(vm))
			vm_alarm(vm, now);
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
		if (!kvmeter_wake_asked() && !kthread_should_stop()) {
			until = ns_to_ktime(next_ns);
			schedule_hrtimeout(&until, HRTIMER_MODE_ABS);
		}
		__set_current_state(TASK_RUNNING);
		kvmeter_wake_taken();

		mutex_lock(&kvmeter_lock);
		now = kvmeter_now();
		period_ns = kvmeter_conf.period_ns;
		/* it may have become shorter */
		next_ns = min(next_ns, now.at_ns + period_ns);
		kvmeter_life_update(&now);
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

/*
 * Stop.  Limits are lifted and accounts closed while netlink can still tell;
 * the kernel's log keeps the totals, for a ledger that nobody read to its end.
 */
void kvmeter_period_exit(void)
{
	struct kmc_now now = kvmeter_now();
	struct kvmeter_vm *vm;

	kthread_stop(period_task);
	kvmeter_life_settle();
	mutex_lock(&kvmeter_lock);
	list_for_each_entry(vm, &kvmeter_vms, node) {
		kvmeter_vm_revert(vm);
		kvmeter_vm_refresh(vm, &now);
		kmc_ledger_close(&vm->core.ledger, &vm->core.price, &now);
		pr_info("kvmeter: unload: vm %u (%s, process %d) was charged %llu ncr for %llu cpu ns up to record %llu of epoch %llu\n",
			vm->id, vm->name, vm->tgid, kmc_price_charged(&vm->core.price),
			vm->billed.of[KMC_RES_CPU], vm->core.ledger.next_seq - 1, kvmeter_epoch);
		kvmeter_notify_vm(vm, false);
	}
	mutex_unlock(&kvmeter_lock);
}

/* The VM was just created. */
void kvmeter_vm_begin(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	vm->visited_ns = now->at_ns;
	vm->next_visit_ns = now->at_ns;
}

/* Bring meter and charges of a VM up to now; kvmeter_lock. */
void kvmeter_vm_refresh(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	lockdep_assert_held(&kvmeter_lock);
	if (vm->over || vm->dead)
		return;
	kvmeter_vm_read(vm);
	vm_charge(vm, now);
}

/* The VM is gone: its last charge and record. */
void kvmeter_vm_finish(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	if (!vm->over) {
		vm->times = vm->gone;
		vm->counts = vm->gone_counts;
		vm_charge(vm, now);
	}
	kmc_ledger_close(&vm->core.ledger, &vm->core.price, now);
}

/* A setting changed: act on it now, not at the period's end. */
static void vm_reconsider(struct kvmeter_vm *vm)
{
	struct kmc_now now = kvmeter_now();

	if (vm->over)
		return;
	kvmeter_vm_read(vm);
	vm_visit(vm, true, &now);
}

void kvmeter_vm_set_policy(struct kvmeter_vm *vm, const struct kmc_policy policy[KMC_NR_ACT])
{
	int r;

	for (r = 0; r < KMC_NR_ACT; r++)
		kmc_vm_set_policy(&vm->core, r, &policy[r]);
	kvmeter_vcpus_set_half_life(vm);
	vm_reconsider(vm);
}

void kvmeter_vm_set_tariff(struct kvmeter_vm *vm, const struct kmc_tariff *tariff)
{
	struct kmc_now now = kvmeter_now();

	/* what fell due so far is charged by the old rates */
	kvmeter_vm_refresh(vm, &now);
	vm->core.tariff = *tariff;
	vm_reconsider(vm);
}

void kvmeter_vm_set_budget(struct kvmeter_vm *vm, const struct kmc_budget_conf *budget)
{
	struct kmc_now now = kvmeter_now();

	kvmeter_vm_refresh(vm, &now);
	vm->core.budget_conf = *budget;
	vm_reconsider(vm);
}

u32 kvmeter_vm_suggest(struct kvmeter_vm *vm, enum kmc_resource r, u32 grant_bp,
		       u32 duration_ms)
{
	struct kmc_now now = kvmeter_now();
	u32 accepted = kmc_decide_suggest(&vm->core.decide[r], &vm->core.policy[r], grant_bp,
					  duration_ms, &now);

	if (accepted)
		vm_reconsider(vm);
	return accepted;
}

/* The length of the period, for all VMs; kvmeter_lock. */
void kvmeter_set_period(u64 period_ns)
{
	struct kvmeter_vm *vm;

	lockdep_assert_held(&kvmeter_lock);
	kvmeter_conf.period_ns = period_ns;
	list_for_each_entry(vm, &kvmeter_vms, node) {
		kmc_vm_set_period(&vm->core, period_ns);
		kvmeter_vcpus_set_period(vm);
	}
	kvmeter_wake();
}
