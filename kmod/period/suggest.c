// SPDX-License-Identifier: GPL-2.0
/*
 * Quote: the answer to an application that asks for a grant, or asks what one
 * would cost.
 *
 * Three may ask: the operator (netlink), the VM's own side (/dev/kvmeter) and
 * the guest (hypercalls), trusted in this order.  While a suggestion is in
 * force, those who are trusted less neither replace nor end it.
 *
 * A price is quoted by running the price stage itself, on a copy, until it has
 * arrived at what the grant calls for: notice, slew and a rise that is pending
 * already count as they will.
 */
#include "api/tenant/tenant.h"

#define QUOTE_STEPS	120	/* of a minute at most: two hours are foreseen */
#define QUOTE_STEP_NS	(60 * NSEC_PER_SEC)

static_assert(KVMETER_RES_CPU == KMC_RES_CPU);
static_assert(KVMETER_RES_MEMORY == KMC_RES_MEMORY);
static_assert(KVMETER_RES_NETWORK == KMC_RES_NETWORK);
static_assert(KVMETER_RES_DISK == KMC_RES_DISK);
static_assert(KVMETER_RES_EXITS == KMC_RES_EXITS);

/* Who asked for what is in force; KVMETER_BY_NOBODY: nobody */
static enum kvmeter_source suggested_by(const struct kvmeter_vm *vm, u32 resource,
					const struct kmc_now *now)
{
	const struct kmc_decide *d = &vm->core.decide[resource];

	return d->rest_until_ns > now->at_ns ? vm->suggested_by[resource] : KVMETER_BY_NOBODY;
}

/* What the budget allows of a resource now; U32_MAX: all */
static u32 budget_limit_bp(const struct kvmeter_vm *vm, u32 resource, const struct kmc_now *now)
{
	u32 limit_bp[KMC_NR_ACT];

	kmc_vm_budget_limit(&vm->core, max(vm->nr_vcpus, 1U), now, limit_bp);
	return limit_bp[resource];
}

/* The grants in force, but for one */
static void grants_with(const struct kmc_vm *core, u32 resource, u32 grant_bp,
			u32 grants[KMC_NR_ACT])
{
	memcpy(grants, core->effect_bp, sizeof(core->effect_bp));
	grants[resource] = grant_bp;
}

/* The price that a grant calls for, the others as they are. */
u64 kvmeter_price_with(const struct kmc_vm *core, u32 resource, u32 grant_bp)
{
	u32 grants[KMC_NR_ACT];

	grants_with(core, resource, grant_bp, grants);
	return kmc_price_target(&core->tariff, grants);
}

/* What would be answered; *@accepted_bp is 0 when it is refused */
static enum kvmeter_answer answer(const struct kvmeter_vm *vm, enum kvmeter_source source,
				  u32 resource, u32 grant_bp, const struct kmc_now *now,
				  u32 *accepted_bp)
{
	const struct kmc_policy *p = &vm->core.policy[resource];

	*accepted_bp = 0;
	if (!kmc_policy_sold(resource, p))
		return KVMETER_ANSWER_NOT_SOLD;
	if (p->mode == KMC_MODE_OBSERVE)
		return KVMETER_ANSWER_OBSERVE;
	if (suggested_by(vm, resource, now) > source)
		return KVMETER_ANSWER_OUTRANKED;
	*accepted_bp = clamp(grant_bp, p->floor_bp, p->ceiling_bp);
	if (budget_limit_bp(vm, resource, now) < *accepted_bp)
		return KVMETER_ANSWER_BUDGET;
	if (*accepted_bp > grant_bp)
		return KVMETER_ANSWER_FLOOR;
	return *accepted_bp < grant_bp ? KVMETER_ANSWER_CEILING : KVMETER_ANSWER_ACCEPTED;
}

/* When the price, moved by these grants from now on, will have arrived */
static u64 price_arrives_at(const struct kmc_vm *core, const u32 *grants, u64 target,
			    const struct kmc_now *now)
{
	struct kmc_price p = core->price;
	struct kmc_now at = *now;
	int i;

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
 * @source: who asks
 * @resource: an adjusted one
 * @grant_bp: asked for, at most KMC_GRANT_MAX_BP
 * @now: clock
 * @q: set
 *
 * Changes nothing.  Context: kvmeter_lock.
 */
void kvmeter_quote(const struct kvmeter_vm *vm, enum kvmeter_source source, u32 resource,
		   u32 grant_bp, const struct kmc_now *now, struct kvmeter_quote *q)
{
	const struct kmc_vm *core = &vm->core;
	u32 grants[KMC_NR_ACT];

	lockdep_assert_held(&kvmeter_lock);
	q->answer = answer(vm, source, resource, grant_bp, now, &q->accepted_bp);
	q->now_ncr_h = kmc_price_announced(&core->price);
	q->price_ncr_h = q->now_ncr_h;
	q->effective_at_ns = now->at_ns;
	if (!q->accepted_bp)
		return;
	grants_with(core, resource, q->accepted_bp, grants);
	q->price_ncr_h = kmc_price_target(&core->tariff, grants);
	q->effective_at_ns = price_arrives_at(core, grants, q->price_ncr_h, now);
}

/**
 * kvmeter_suggest - ask for a grant for some time
 * @vm: the VM, alive
 * @source: who asks
 * @resource: an adjusted one
 * @grant_bp: asked for, at most KMC_GRANT_MAX_BP
 * @duration_ms: for how long; 0 ends the present suggestion
 * @accepted_bp: set to the grant that it rests at; 0: refused
 *
 * Context: kvmeter_lock.
 * Return: enum kvmeter_answer.
 */
u32 kvmeter_suggest(struct kvmeter_vm *vm, enum kvmeter_source source, u32 resource,
		    u32 grant_bp, u32 duration_ms, u32 *accepted_bp)
{
	struct kmc_now now = kvmeter_now();
	enum kvmeter_answer a;

	lockdep_assert_held(&kvmeter_lock);
	a = answer(vm, source, resource, duration_ms ? grant_bp : KMC_BP, &now, accepted_bp);
	if (!*accepted_bp)
		return a;
	vm->suggested_by[resource] = source;
	*accepted_bp = kvmeter_vm_suggest(vm, resource, grant_bp, duration_ms);
	return a;
}
