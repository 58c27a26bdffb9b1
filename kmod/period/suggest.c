// SPDX-License-Identifier: GPL-2.0
/*
 * Suggest: an application asks for a grant, or asks what one would cost.
 *
 * Three may ask: the operator (netlink), the VM's own side (/dev/kvmeter) and
 * the guest (hypercalls), trusted in this order.  While a suggestion is in
 * force, a source that is trusted less neither replaces nor ends it.
 *
 * What a payer asks for, itself or its guest, costs from the grant on: notice protects
 * from rises that it did not ask for.  An operator's suggestion has notice.
 *
 * A price is quoted by running the price stage itself, on a copy, until it has
 * arrived at what the grant calls for.  So notice, slew and a rise that is
 * pending already count as they will.
 */
#include <uapi/linux/kvmeter.h>

#include "base/host.h"
#include "core/decide.h"
#include "core/pipeline.h"
#include "core/policy.h"
#include "core/price.h"
#include "core/purse.h"
#include "core/units.h"
#include "period/suggest.h"
#include "period/visit.h"
#include "vm/vm.h"

#define QUOTE_STEPS	120	/* of a minute at most: two hours are foreseen */
#define QUOTE_STEP_NS	(60 * NSEC_PER_SEC)

static_assert(KVMETER_RES_CPU == KMC_RES_CPU);
static_assert(KVMETER_RES_MEMORY == KMC_RES_MEMORY);
static_assert(KVMETER_RES_NETWORK == KMC_RES_NETWORK);
static_assert(KVMETER_RES_DISK == KMC_RES_DISK);
static_assert(KVMETER_RES_EXITS == KMC_RES_EXITS);

/* The author of the suggestion in force; KVMETER_BY_NOBODY: none is */
static enum kvmeter_source suggested_by(const struct kvmeter_vm *vm, u32 resource,
					const struct kmc_now *now)
{
	const struct kmc_decide *d = &vm->core.decide[resource];

	return d->rest_until_ns > now->at_ns ? vm->visit->suggested_by[resource] :
		KVMETER_BY_NOBODY;
}

/* What the budget allows of a resource now; U32_MAX: all */
static u32 budget_limit_bp(const struct kvmeter_vm *vm, u32 resource, const struct kmc_now *now)
{
	u32 limit_bp[KMC_NR_ACT], own;

	kmc_vm_budget_limit(&vm->core, max(vm->nr_vcpus, 1U), now, limit_bp, &own);
	return limit_bp[resource];
}

/* The grants in force, but for one */
static void grants_with(const struct kmc_vm *core, u32 resource, u32 grant_bp,
			u32 grants[KMC_NR_ACT])
{
	memcpy(grants, core->effect_bp, sizeof(core->effect_bp));
	grants[resource] = grant_bp;
}

/**
 * kvmeter_price_with - the price that a grant calls for
 * @core: the VM's
 * @resource: an adjusted one
 * @grant_bp: its grant; those of the other resources are as they are in force
 *
 * Return: in ncr per hour.
 */
u64 kvmeter_price_with(const struct kmc_vm *core, u32 resource, u32 grant_bp)
{
	u32 grants[KMC_NR_ACT];

	grants_with(core, resource, grant_bp, grants);
	return kmc_price_target(&core->tariff, grants);
}

/* What a suggestion that goes on would be answered. */
static struct kvmeter_offer offer_of(const struct kvmeter_vm *vm, enum kvmeter_source source,
				     u32 resource, u32 grant_bp, const struct kmc_now *now)
{
	const struct kmc_policy *p = &vm->core.policy[resource];
	struct kvmeter_offer o = {};

	if (!kmc_policy_sold(resource, p)) {
		o.answer = KVMETER_ANSWER_NOT_SOLD;
		return o;
	}
	if (p->mode == KMC_MODE_OBSERVE) {
		o.answer = KVMETER_ANSWER_OBSERVE;
		return o;
	}
	if (suggested_by(vm, resource, now) > source) {
		o.answer = KVMETER_ANSWER_OUTRANKED;
		return o;
	}
	o.accepted_bp = clamp(grant_bp, p->floor_bp, p->ceiling_bp);
	if (budget_limit_bp(vm, resource, now) < o.accepted_bp)
		o.answer = KVMETER_ANSWER_BUDGET;
	else if (o.accepted_bp > grant_bp)
		o.answer = KVMETER_ANSWER_FLOOR;
	else if (o.accepted_bp < grant_bp)
		o.answer = KVMETER_ANSWER_CEILING;
	else
		o.answer = KVMETER_ANSWER_ACCEPTED;
	return o;
}

/* Those who pay ask: notice is not for them. */
static bool pays(enum kvmeter_source source)
{
	return source < KVMETER_BY_HOST;
}

/* When the price, moved by these grants from now on, will have arrived */
static u64 price_arrives_at(const struct kmc_vm *core, const u32 *grants, u32 asked, u64 target,
			    const struct kmc_now *now)
{
	struct kmc_price p = core->price;
	struct kmc_now at = *now;
	int i;

	kmc_price_raise(&p, &core->tariff, core->effect_bp, grants, asked);
	for (i = 0; i < QUOTE_STEPS; i++) {
		kmc_price_move(&p, &core->tariff, grants, &at);
		if (!p.pending_at_ns && p.now_ncr_h == target)
			return at.at_ns;
		if (p.pending_at_ns)
			at.at_ns = p.pending_at_ns;
		else
			at.at_ns += QUOTE_STEP_NS;
	}
	return U64_MAX;
}

/**
 * kvmeter_quote - what a suggestion would bring and cost
 * @vm: the VM, alive
 * @source: its author
 * @resource: an adjusted one
 * @grant_bp: asked for, at most KMC_GRANT_MAX_BP
 * @now: clock
 *
 * Changes nothing.  Context: kvmeter_lock.
 * Return: the quote; a suggestion that would be refused leaves the price as it is.
 */
struct kvmeter_quote kvmeter_quote(const struct kvmeter_vm *vm, enum kvmeter_source source,
				   u32 resource, u32 grant_bp, const struct kmc_now *now)
{
	const struct kmc_vm *core = &vm->core;
	u32 grants[KMC_NR_ACT];
	struct kvmeter_quote q;

	lockdep_assert_held(&kvmeter_lock);
	q.offer = offer_of(vm, source, resource, grant_bp, now);
	q.now_ncr_h = kmc_price_announced(&core->price);
	q.price_ncr_h = q.now_ncr_h;
	q.effective_at_ns = now->at_ns;
	if (!q.offer.accepted_bp)
		return q;
	grants_with(core, resource, q.offer.accepted_bp, grants);
	q.price_ncr_h = kmc_price_target(&core->tariff, grants);
	q.effective_at_ns = price_arrives_at(core, grants, pays(source) ? BIT(resource) : 0,
					     q.price_ncr_h, now);
	return q;
}

/**
 * kvmeter_suggest - ask for a grant for some time
 * @vm: the VM, alive
 * @source: its author
 * @resource: an adjusted one
 * @grant_bp: asked for, at most KMC_GRANT_MAX_BP
 * @duration_ms: for how long; 0 ends the present suggestion
 *
 * Context: kvmeter_lock.
 * Return: the answer.  The budget may limit the grant in force further.
 */
struct kvmeter_offer kvmeter_suggest(struct kvmeter_vm *vm, enum kvmeter_source source,
				     u32 resource, u32 grant_bp, u32 duration_ms)
{
	struct kmc_now now = kvmeter_now();
	struct kmc_vm *core = &vm->core;
	struct kvmeter_offer o;

	lockdep_assert_held(&kvmeter_lock);
	o = offer_of(vm, source, resource, duration_ms ? grant_bp : KMC_BP, &now);
	if (!o.accepted_bp)
		return o;
	kvmeter_vm_refresh(vm, &now);
	vm->visit->suggested_by[resource] = source;
	core->asked &= ~BIT(resource);
	if (pays(source))
		core->asked |= BIT(resource);
	o.accepted_bp = kmc_decide_suggest(&core->decide[resource], &core->policy[resource],
					   grant_bp, duration_ms, &now);
	kvmeter_vm_reconsider(vm, &now);
	return o;
}
