// SPDX-License-Identifier: GPL-2.0
/*
 * Visit: one VM through the stages: meter, plan, act, settle, tell.
 *
 * A VM that is idle and at rest costs one look at its vCPUs' counters.  It is
 * visited once in IDLE_VISIT_NS, so that its charges and its lease do not age.
 */
#include "base/host.h"
#include "core/decide.h"
#include "core/ledger.h"
#include "core/pipeline.h"
#include "core/price.h"
#include "core/q.h"
#include "core/units.h"
#include "cpu/cpu.h"
#include "cpu/times.h"
#include "cpu/vcpu.h"
#include "period/alarm.h"
#include "period/notify.h"
#include "period/resource.h"
#include "period/suggest.h"
#include "period/visit.h"
#include "vm/history.h"
#include "vm/log.h"
#include "vm/trace.h"
#include "vm/vm.h"

#define IDLE_VISIT_NS	NSEC_PER_SEC
#define REPEAT_MAX	1000	/* idle periods learned at one visit */
#define CONTENDED_BP	100	/* neighbours' waiting, in bp of a CPU: contention */

static u64 all_wait_ns;	/* run-queue wait of all VMs in the last period; kvmeter_lock */

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
	kvmeter_notify_priced(vm, c);
}

/* Charge what fell due, and let the price follow the grants that are in force. */
static void vm_settle(struct kvmeter_vm *vm, const u32 effect_bp[KMC_NR_ACT],
		      struct kmc_notice *notice, const struct kmc_now *now)
{
	struct kmc_used used;
	int r;

	for (r = 0; r < KMC_NR_ACT; r++) {
		used.of[r] = kmc_sat_sub(kvmeter_vm_used(vm, r), vm->visit->billed.of[r]);
		vm->visit->billed.of[r] += used.of[r];
	}
	kmc_settle(&vm->core, effect_bp, &used, notice, now);
	kvmeter_notify_settled(vm);
	if (now->at_ns - vm->core.ledger.opened_at_ns >= kvmeter_conf.record_ns)
		kmc_ledger_close(&vm->core.ledger, &vm->core.price, now);
	if (notice->budget_events)
		kvmeter_notify_budget(vm, notice->budget_events);
	if (notice->own_events)
		kvmeter_notify_own_budget(vm, notice->own_events);
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
	a->source = v->reason == KMC_REASON_SUGGESTION ? vm->visit->suggested_by[r] :
		KVMETER_BY_NOBODY;
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
	kvmeter_notify_adjusted(vm, a);
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
		vm->visit->alert[r].nr++;
		vm->visit->alert[r].real_ns = now->real_ns;
		vm->visit->alert[r].mbit = plan->alert_mbit[r];
		trace_kvmeter_alert(vm->id, r, vm->core.sample[r].demand, vm->core.unusual[r].mbit,
				    plan->alert_mbit[r]);
		resources |= BIT(r);
	}
	if (resources)
		kvmeter_notify_alerted(vm, resources);
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

/**
 * enum vm_look - why a VM goes through the stages
 * @LOOK_PERIOD: its period ended: act, and learn
 * @LOOK_EARLY: its alarm rang inside the period: act on what was used so far
 * @LOOK_AGAIN: a setting changed: act on the last whole period.  A part of one tells
 *              less: a tenant could end an episode by changing something in each
 */
enum vm_look {
	LOOK_PERIOD,
	LOOK_EARLY,
	LOOK_AGAIN,
};

/* What the stages are told of a period that began at the last visit. */
static void vm_sample(struct kvmeter_vm *vm, struct kmc_plan_in *in, enum vm_look look,
		      const struct kmc_now *now)
{
	u64 span_ns = max(now->at_ns - vm->visit->visited_ns, 1ULL);

	*in = (struct kmc_plan_in) {
		.nr_vcpus = max(vm->nr_vcpus, 1U),
		.early = look == LOOK_EARLY,
		.again = look == LOOK_AGAIN,
		.repeat = 1,
	};
	if (look == LOOK_AGAIN)
		return;
	/* inside the period: what was used so far is the least that the period will show */
	if (look == LOOK_EARLY)
		span_ns = max(span_ns, vm->core.period_ns);
	else
		in->repeat = vm_repeat(vm, span_ns);
	kvmeter_vm_sample(vm, in->sample, span_ns);
	in->contended = kmc_muldiv_floor(kmc_sat_sub(all_wait_ns, vm->visit->wait_ns), KMC_BP,
					 vm->core.period_ns) >= CONTENDED_BP;
}

/*
 * Plan, act, settle, tell.  Meter and charges are up to date.
 * Return: whether a new price was announced.
 */
static bool vm_adjust(struct kvmeter_vm *vm, enum vm_look look, const struct kmc_now *now)
{
	u32 effect_bp[KMC_NR_ACT];
	struct kmc_notice notice;
	struct kmc_plan_in in;
	struct kmc_plan plan;
	int r, nr_adjusted;

	vm_sample(vm, &in, look, now);
	if (look == LOOK_PERIOD)
		kvmeter_history_add(vm, in.sample, in.repeat, now);
	kmc_plan(&vm->core, &in, &plan, now);
	if (look != LOOK_AGAIN) {
		trace_samples(vm, &in, now);
		trace_deviations(vm, &plan);
	}
	take_alerts(vm, &plan, now);
	nr_adjusted = vm_act(vm, &plan, effect_bp, now);
	vm_settle(vm, effect_bp, &notice, now);

	for (r = 0; r < KMC_NR_ACT; r++)
		if (plan.verdict[r].new_bp != plan.verdict[r].old_bp)
			log_adjustment(vm, r, &plan, &notice, effect_bp[r], now);
	if (notice.price_changed)
		price_record(vm, &notice, nr_adjusted ? kvmeter_adjustment_seq : 0, now);
	return notice.price_changed;
}

/* All stages but the meter, which was read. */
static void vm_visit(struct kvmeter_vm *vm, enum vm_look look, const struct kmc_now *now)
{
	/* charge first: what is left of the budget decides what may be granted */
	vm_charge(vm, now);
	vm_adjust(vm, look, now);
}

/**
 * kvmeter_vm_begin - the VM was just created
 * @vm: the VM
 * @now: the pass's clock
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vm_begin(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	vm->visit->visited_ns = now->at_ns;
	vm->visit->next_visit_ns = now->at_ns;
}

/**
 * kvmeter_vm_refresh - bring a VM's meter and charges up to date
 * @vm: the VM; nothing is done to one that is over or dead
 * @now: up to when
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vm_refresh(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	lockdep_assert_held(&kvmeter_lock);
	if (vm->over || vm->dead)
		return;
	kvmeter_vm_read(vm);
	vm_charge(vm, now);
}

/**
 * kvmeter_vm_reconsider - a setting changed: act on it now, not at the period's end
 * @vm: the VM; nothing is done to one that is over or dead
 * @now: the clock that kvmeter_vm_refresh() was called with before the change
 *
 * What fell due was charged by that refresh, under the old settings.  Nothing is
 * charged here before the plan: to settle under the new tariff and the old
 * grants would announce a price that nobody set.
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vm_reconsider(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	lockdep_assert_held(&kvmeter_lock);
	if (vm->over || vm->dead)
		return;
	/*
	 * The CPU time that the budget still pays was computed at the old price.  The
	 * grant is the one that was just brought in force, so its result is known.
	 */
	if (vm_adjust(vm, LOOK_AGAIN, now))
		kvmeter_vm_apply(vm, KMC_RES_CPU, vm->core.decide[KMC_RES_CPU].grant_bp,
				 now->at_ns);
}

/**
 * kvmeter_vm_finish - the VM is gone: its last charge and record
 * @vm: the VM, all its threads folded
 * @now: the pass's clock
 *
 * Context: kvmeter_lock.
 */
void kvmeter_vm_finish(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	if (!vm->over) {
		vm->cpu->times = vm->cpu->gone;
		vm->cpu->counts = vm->cpu->gone_counts;
		vm_charge(vm, now);
	}
	kmc_ledger_close(&vm->core.ledger, &vm->core.price, now);
}

/**
 * kvmeter_visit_alarm - a thread rang: was it the VM's sum?
 * @vm: the VM
 * @now: the pass's clock
 *
 * Visits a VM whose sum passed the level.
 *
 * Context: the period, kvmeter_lock.
 */
void kvmeter_visit_alarm(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	if (vm->over || vm->dead)
		return;
	kvmeter_vm_read(vm);
	if (kvmeter_alarm_passed(vm))
		vm_visit(vm, LOOK_EARLY, now);
}

/* The period of this VM is over: the next begins with what is counted now. */
static void period_turn(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	u64 span_ns = max(now->at_ns - vm->visit->visited_ns, 1ULL);

	kvmeter_vcpus_turn(vm, span_ns, vm_repeat(vm, span_ns));
	kvmeter_vm_turn(vm);
	vm->visit->visited_ns = now->at_ns;
	vm->visit->next_visit_ns = now->at_ns + IDLE_VISIT_NS;
	kvmeter_alarm_set(vm);
}

static bool vm_due(struct kvmeter_vm *vm, const struct kmc_now *now)
{
	/* born inside this period: a few ms are no sample, its first period is longer */
	if (vm->over || now->at_ns - vm->visit->visited_ns < vm->core.period_ns / 2)
		return false;
	return now->at_ns >= vm->visit->next_visit_ns || !kmc_vm_at_rest(&vm->core) ||
	       vm->cpu->pool.runway_ns != U64_MAX || kvmeter_vm_ran(vm);
}

/**
 * kvmeter_visit - a period ended: visit the VM, if that is due
 * @vm: the VM
 * @period: the period's number
 * @now: the pass's clock
 *
 * Context: the period, kvmeter_lock.
 * Return: how long the VM waited for CPUs, in ns per period; 0 if it was not due.
 */
u64 kvmeter_visit(struct kvmeter_vm *vm, u32 period, const struct kmc_now *now)
{
	if (!kvmeter_vm_turn_now(vm, period))
		return vm->visit->wait_ns;
	if (!vm_due(vm, now)) {
		vm->visit->wait_ns = 0;
		return 0;
	}
	kvmeter_vm_read(vm);
	vm->visit->wait_ns =
		kmc_muldiv_floor(vm->cpu->times.wait_ns - vm->cpu->period_times.wait_ns,
				 vm->core.period_ns, now->at_ns - vm->visit->visited_ns);
	vm_visit(vm, LOOK_PERIOD, now);
	period_turn(vm, now);
	return vm->visit->wait_ns;
}

/**
 * kvmeter_visit_waited - how long all VMs waited for CPUs in the period
 * @wait_ns: the sum of what kvmeter_visit() returned
 *
 * In the next period, a VM's neighbours are said to contend by this.
 *
 * Context: the period, kvmeter_lock.
 */
void kvmeter_visit_waited(u64 wait_ns)
{
	all_wait_ns = wait_ns;
}
