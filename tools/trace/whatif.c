// SPDX-License-Identifier: GPL-2.0
/*
 * A VM that demands what a trace says, under the core's own two stages.
 *
 * A recorded demand is taken as what the VM wants whatever it is given.  What
 * the grant does not allow is withheld and gone, not made up for later.  The
 * core sees what the module would have shown it: the usage that was left, and
 * that it was throttled.
 */
#include "trace/whatif.h"

#define CENSOR_BP	100	/* as the module: a share withheld that makes a sample censored */

void whatif_default(struct whatif_conf *conf)
{
	int r;

	memset(conf, 0, sizeof(*conf));
	conf->tune = kmc_predict_tune_default;
	conf->detect = kmc_detect_default;
	for (r = 0; r < KMC_NR_ACT; r++)
		kmc_policy_default(&conf->policy[r]);
	kmc_tariff_default(&conf->tariff);
	kmc_budget_default(&conf->budget);
	conf->contended = 1;
}

void whatif_init(struct whatif *w, const struct whatif_conf *conf, u64 period_ns, u32 nr_vcpus)
{
	int r;

	memset(w, 0, sizeof(*w));
	w->conf = conf;
	w->nr_vcpus = conf->nr_vcpus ? conf->nr_vcpus : max(nr_vcpus, 1U);
	/* any moment but 0 will do, and the same for all runs */
	w->now.at_ns = KMC_NS_PER_S;
	w->now.real_ns = KMC_NS_PER_S;
	kmc_vm_init(&w->vm, conf->policy, &conf->tariff, &conf->budget, period_ns, w->ring,
		    WHATIF_RING, &w->now);
	for (r = 0; r < KMC_NR_RES; r++) {
		w->vm.predict[r].tune = &conf->tune;
		kmc_predict_set_model(&w->vm.predict[r], conf->model);
	}
}

/* What the grant allows, sample unit */
static u64 whatif_cap(const struct whatif *w)
{
	enum kmc_resource r = w->conf->resource;
	const struct kmc_policy *p;

	if (r >= KMC_NR_ACT)
		return U64_MAX;
	p = &w->vm.policy[r];
	if (!kmc_policy_sold(r, p))
		return U64_MAX;
	if (r == KMC_RES_CPU)
		return kmc_grant_cap_bp(p, w->vm.effect_bp[r]);
	return kmc_muldiv_floor(p->nominal, w->vm.effect_bp[r], KMC_BP);
}

/* A period's use in the amounts that rates are paid for */
static u64 whatif_used(const struct whatif *w, u64 usage)
{
	u64 period_ns = w->vm.period_ns;

	switch (w->conf->resource) {
	case KMC_RES_CPU:
		return kmc_muldiv_floor(usage, period_ns * w->nr_vcpus, KMC_BP);
	case KMC_RES_MEMORY:
		return kmc_muldiv_floor(usage, period_ns, KMC_NS_PER_MS);
	default:
		return kmc_muldiv_floor(usage * 1024, period_ns, KMC_NS_PER_S);
	}
}

void whatif_step(struct whatif *w, u64 demand, struct whatif_step *step)
{
	enum kmc_resource r = w->conf->resource;
	struct kmc_plan_in in = { .repeat = 1, .nr_vcpus = w->nr_vcpus,
				  .contended = w->conf->contended };
	u64 usage = min(demand, whatif_cap(w));
	u32 before_bp = r < KMC_NR_ACT ? w->vm.effect_bp[r] : KMC_BP;
	u32 effect_bp[KMC_NR_ACT];
	struct kmc_used used = {};
	struct kmc_notice notice;
	struct kmc_plan plan;
	int i;

	w->now.at_ns += w->vm.period_ns;
	w->now.real_ns += w->vm.period_ns;
	in.sample[r].usage = usage;
	in.sample[r].demand = demand;
	in.sample[r].censored = (demand - usage) * KMC_BP > CENSOR_BP * demand;
	if (r < KMC_NR_ACT)
		used.of[r] = whatif_used(w, usage);
	/* charge first, as the module does: what is left decides what may be granted */
	memcpy(effect_bp, w->vm.effect_bp, sizeof(effect_bp));
	kmc_settle(&w->vm, effect_bp, &used, &notice, &w->now);
	kmc_plan(&w->vm, &in, &plan, &w->now);
	for (i = 0; i < KMC_NR_ACT; i++)
		effect_bp[i] = w->vm.decide[i].grant_bp;
	memset(&used, 0, sizeof(used));
	kmc_settle(&w->vm, effect_bp, &used, &notice, &w->now);

	memset(step, 0, sizeof(*step));
	step->usage = usage;
	step->grant_bp = KMC_BP;
	step->would_bp = KMC_BP;
	if (r < KMC_NR_ACT) {
		const struct kmc_verdict *v = &plan.verdict[r];

		step->grant_bp = effect_bp[r];
		step->would_bp = w->vm.decide[r].policy_bp;
		step->reason = v->new_bp != v->old_bp ? v->reason : 0;
		w->nr_adjustments += v->new_bp != v->old_bp;
	}
	step->price_ncr_h = w->vm.price.now_ncr_h;
	step->charged_ncr = kmc_price_charged(&w->vm.price);
	step->waived_ncr = w->vm.price.waived_ncr;
	w->nr_periods++;
	w->nr_below += before_bp < KMC_BP;
	w->nr_above += before_bp > KMC_BP;
	w->demand = kmc_sat_add(w->demand, demand);
	w->withheld = kmc_sat_add(w->withheld, demand - usage);
}
