/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A pseudo-random VM through the whole pipeline, and the checksum of all that
 * it forecast, decided and charged.  Kernel and userspace must agree to the
 * bit, whatever the compiler; a change of behaviour changes the checksum, and
 * then it is to be looked at and replaced.
 */
#ifndef KMC_VECTORS_DIGEST_H
#define KMC_VECTORS_DIGEST_H

#define DIGEST_PERIODS		20000
#define DIGEST_PERIOD_NS	(100 * KMC_NS_PER_MS)
#define DIGEST_RING		8
#define DIGEST_WANT		0xa62fc642458b4776ULL

struct digest {
	u64 hash;	/* FNV-1a */
	u64 lcg;
};

static inline void digest_add(struct digest *g, u64 v)
{
	int i;

	for (i = 0; i < 8; i++, v >>= 8)
		g->hash = (g->hash ^ (v & 0xff)) * 0x100000001b3ULL;
}

static inline u32 digest_random(struct digest *g)
{
	g->lcg = g->lcg * 6364136223846793005ULL + 1442695040888963407ULL;
	return g->lcg >> 33;
}

/* Usage up to what the grant allows of the nominal allotment, in sample units */
static inline void digest_sample(const struct kmc_vm *vm, enum kmc_resource r, u64 demand,
				 struct kmc_sample *s)
{
	const struct kmc_policy *p = &vm->policy[r];
	u64 cap = kmc_grant_cap_bp(p, vm->effect_bp[r]);

	if (p->nominal)
		cap = kmc_muldiv_floor(p->nominal, cap, KMC_BP);
	s->demand = demand;
	s->usage = kmc_policy_sold(r, p) ? min(demand, cap) : demand;
	s->censored = s->usage < demand;
}

/*
 * A CPU load around 3000 bp with spikes, idle runs, throttled periods; memory
 * that grows and shrinks, a network that is mostly idle, a disk that is not sold
 */
static inline void digest_input(struct digest *g, u32 i, const struct kmc_vm *vm,
				struct kmc_plan_in *in)
{
	u32 demand = 2000 + (digest_random(g) & 1023) + (digest_random(g) & 1023);
	u32 shift;

	in->repeat = 1;
	if (i % 1000 >= 900 && i > 2000)
		demand = 10000 - (digest_random(g) & 255);
	if (i % 777 == 0) {
		demand = 0;
		in->repeat = 1 + (digest_random(g) & 511);
	}
	digest_sample(vm, KMC_RES_CPU, demand, &in->sample[KMC_RES_CPU]);
	demand = 1500 + i % 5000 / 8 + (digest_random(g) & 15);
	digest_sample(vm, KMC_RES_MEMORY, demand, &in->sample[KMC_RES_MEMORY]);
	demand = i % 1500 > 1400 ? 30000 + (digest_random(g) & 8191) : digest_random(g) & 63;
	digest_sample(vm, KMC_RES_NETWORK, demand, &in->sample[KMC_RES_NETWORK]);
	digest_sample(vm, KMC_RES_DISK, digest_random(g) & 4095, &in->sample[KMC_RES_DISK]);
	shift = 8 + (digest_random(g) & 15);
	in->sample[KMC_RES_EXITS].usage = digest_random(g) >> shift;
	in->sample[KMC_RES_EXITS].demand = in->sample[KMC_RES_EXITS].usage;
	in->sample[KMC_RES_EXITS].censored = false;
	in->nr_vcpus = 2;
	in->contended = digest_random(g) & 1;
	in->early = i % 50 == 49;
	in->again = false;
}

static inline void digest_settings(struct kmc_policy policy[KMC_NR_ACT], struct kmc_tariff *t,
				   struct kmc_budget_conf *b)
{
	int r;

	for (r = 0; r < KMC_NR_ACT; r++) {
		struct kmc_policy *p = &policy[r];

		kmc_policy_default(p);
		p->mode = KMC_MODE_ELASTIC;
		p->threshold_mbit = 5000;
		p->half_life_s = 600;
	}
	policy[KMC_RES_CPU].nominal_bp = 5000;
	policy[KMC_RES_MEMORY].nominal = 2048;
	policy[KMC_RES_MEMORY].follow = 1U << KMC_RES_CPU;
	policy[KMC_RES_NETWORK].nominal = 20000;
	kmc_tariff_default(t);
	t->rate_ncr[KMC_RES_CPU] = 300000007;
	t->rate_ncr[KMC_RES_MEMORY] = 50000003;
	t->rate_ncr[KMC_RES_NETWORK] = 20000003;
	t->rate_ncr[KMC_RES_DISK] = 10000019;
	t->cost_ncr_h[KMC_RES_NETWORK] = 200000000;
	t->notice_ms = 700;
	t->slew_ncr_h_min = 900000001;
	kmc_budget_default(b);
	b->cap_ncr = 180000000;
	b->period_s = 480;
}

static inline void digest_output(struct digest *g, const struct kmc_vm *vm,
				 const struct kmc_plan *plan, const struct kmc_notice *notice)
{
	int i;

	for (i = 0; i < KMC_NR_RES; i++) {
		digest_add(g, vm->predict[i].next.mean);
		digest_add(g, vm->predict[i].next.p95);
		digest_add(g, vm->predict[i].next.p99);
		digest_add(g, vm->surprise[i].mbit);
		digest_add(g, vm->surprise[i].dir);
		digest_add(g, vm->alarm[i]);
		digest_add(g, vm->profile[i].mean_q32);
		digest_add(g, vm->profile[i].var_q16);
	}
	for (i = 0; i < KMC_NR_ACT; i++) {
		digest_add(g, plan->verdict[i].new_bp);
		digest_add(g, plan->verdict[i].reason);
	}
	digest_add(g, vm->price.now_ncr_h);
	digest_add(g, vm->price.pending_ncr_h);
	digest_add(g, notice->budget_events);
	for (i = 0; i < KMC_NR_CHARGES; i++)
		digest_add(g, notice->charge.ncr[i]);
}

/*
 * @vm and @ring (DIGEST_RING records) are the caller's; @reasons collects a bit
 * per reason of a change and resource, so that a test can see that all parts
 * took part
 */
static inline u64 digest_run(struct kmc_vm *vm, struct kmc_record *ring,
			     u32 reasons[KMC_NR_ACT])
{
	struct digest g = { 0xcbf29ce484222325ULL, 1 };
	struct kmc_now now = { 1000, 1000000 };
	struct kmc_budget_conf budget;
	struct kmc_policy policy[KMC_NR_ACT];
	struct kmc_tariff tariff;
	u32 i;

	digest_settings(policy, &tariff, &budget);
	kmc_vm_init(vm, policy, &tariff, &budget, DIGEST_PERIOD_NS, ring, DIGEST_RING, &now);
	for (i = 0; i < DIGEST_PERIODS; i++) {
		struct kmc_notice notice;
		struct kmc_plan_in in;
		u32 effect_bp[KMC_NR_ACT];
		struct kmc_used used;
		struct kmc_plan plan;
		u64 span_ns;
		int r;

		vm->budget_conf.pace = i / 4000 & 1;
		digest_input(&g, i, vm, &in);
		span_ns = in.repeat * DIGEST_PERIOD_NS;
		now.at_ns += span_ns;
		now.real_ns += span_ns;
		kmc_plan(vm, &in, &plan, &now);
		for (r = 0; r < KMC_NR_ACT; r++) {
			if (plan.verdict[r].old_bp != plan.verdict[r].new_bp)
				reasons[r] |= 1U << plan.verdict[r].reason;
			effect_bp[r] = vm->decide[r].grant_bp;
			/* about right, and different for each */
			used.of[r] = in.sample[r].usage * in.repeat * 100;
		}
		used.of[KMC_RES_CPU] = in.sample[KMC_RES_CPU].usage * in.nr_vcpus *
				       div_u64(span_ns, KMC_BP);
		kmc_settle(vm, effect_bp, &used, &notice, &now);
		digest_output(&g, vm, &plan, &notice);
		if (i % 100 == 99)
			digest_add(&g, kmc_ledger_close(&vm->ledger, &vm->price, &now));
	}
	digest_add(&g, vm->ledger.open.total_ncr);
	digest_add(&g, vm->ledger.open.total_waived_ncr);
	return g.hash;
}

#endif /* KMC_VECTORS_DIGEST_H */
