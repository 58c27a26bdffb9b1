// SPDX-License-Identifier: GPL-2.0
#include "predict.h"

#define PREDICT_LOSS_SHIFT	6	/* losses forget over 64 samples */
/* A run of like samples is followed so far, then all experts agree but for
 * the last 2 % of the slowest one's error
 */
#define PREDICT_RUN_MAX		256
#define PREDICT_P95_Q16		62259
#define PREDICT_P99_Q16		64881

/* An expert is an EWMA with alpha 2^-shift, or the profile's mean */
#define PREDICT_MEAN		255
static const u8 predict_expert_shift[KMC_NR_EXPERTS] = {
	[KMC_EXPERT_LAST]	= 0,
	[KMC_EXPERT_EWMA2]	= 1,
	[KMC_EXPERT_EWMA8]	= 3,
	[KMC_EXPERT_EWMA64]	= 6,
	[KMC_EXPERT_MEAN]	= PREDICT_MEAN,
};

static_assert(sizeof(struct kmc_profile) + sizeof(struct kmc_predict) <= 3072);

void kmc_predict_init(struct kmc_predict *p, u32 half_life)
{
	memset(p, 0, sizeof(*p));
	kmc_hist_init(&p->excess, half_life);
}

void kmc_predict_set_half_life(struct kmc_predict *p, u32 half_life)
{
	kmc_hist_set_half_life(&p->excess, half_life);
}

/* @avg + (@v - @avg) / 2^shift, rounded to the nearest */
static u64 predict_ewma(u64 avg, u64 v, u32 shift)
{
	u64 round = (1ULL << shift) >> 1;

	return v >= avg ? avg + ((v - avg + round) >> shift) : avg - ((avg - v + round) >> shift);
}

static u64 predict_distance(u64 a, u64 b)
{
	return a > b ? a - b : b - a;
}

/* The shift grows with age, so that the first errors count in full */
static void predict_charge(struct kmc_predict *p, u64 demand_q8)
{
	u32 shift = min_t(u32, PREDICT_LOSS_SHIFT, fls64(p->nr_samples) - 1);
	u32 i;

	for (i = 0; i < KMC_NR_EXPERTS; i++)
		p->loss_q8[i] = predict_ewma(p->loss_q8[i],
					     predict_distance(demand_q8, p->value_q8[i]), shift);
}

static void predict_learn(struct kmc_predict *p, const struct kmc_profile *profile, u64 demand_q8)
{
	u32 i;

	for (i = 0; i < KMC_NR_EXPERTS; i++) {
		if (predict_expert_shift[i] == PREDICT_MEAN)
			p->value_q8[i] = (profile->mean_q32 + (1U << 23)) >> 24;
		else if (p->nr_samples)
			p->value_q8[i] = predict_ewma(p->value_q8[i], demand_q8,
						      predict_expert_shift[i]);
		else
			p->value_q8[i] = demand_q8;
	}
}

static u32 predict_best(const struct kmc_predict *p)
{
	u32 best = 0, i;

	for (i = 1; i < KMC_NR_EXPERTS; i++)
		if (p->loss_q8[i] < p->loss_q8[best])
			best = i;
	return best;
}

/* The scale is a quarter of the least loss: an expert that errs by a quarter
 * more than the best has half its weight, whatever the unit.
 */
static void predict_weigh(struct kmc_predict *p)
{
	u32 best = predict_best(p), left = 65536, sum = 0, i;
	u64 least = p->loss_q8[best];

	for (i = 0; i < KMC_NR_EXPERTS; i++) {
		u64 mbit = div64_u64((p->loss_q8[i] - least) * 4000, max_t(u64, least, 1));

		p->weight_q16[i] = kmc_exp2neg_q16(min_t(u64, mbit, 20000));
		sum += p->weight_q16[i];
	}
	for (i = 0; i < KMC_NR_EXPERTS; i++) {
		p->weight_q16[i] = div_u64((u64)p->weight_q16[i] << 16, sum);
		left -= p->weight_q16[i];
	}
	p->weight_q16[best] += left;
}

static void predict_mix(struct kmc_predict *p)
{
	u64 sum_q24 = 0;
	u32 i;

	for (i = 0; i < KMC_NR_EXPERTS; i++)
		sum_q24 += p->value_q8[i] * p->weight_q16[i];
	p->next.mean = (sum_q24 + (1U << 23)) >> 24;
}

static u8 predict_excess_bin(const struct kmc_predict *p, u64 demand)
{
	return kmc_hist_bin(kmc_sat_sub(demand, p->next.mean));
}

static void predict_step(struct kmc_predict *p, const struct kmc_profile *profile, u64 demand)
{
	if (p->nr_samples) {
		kmc_hist_add_bin(&p->excess, predict_excess_bin(p, demand));
		predict_charge(p, demand << 8);
	}
	predict_learn(p, profile, demand << 8);
	p->nr_samples++;
	predict_weigh(p);
	predict_mix(p);
}

/* All that follow the demand have reached it: more of the same moves none */
static bool predict_settled(const struct kmc_predict *p, u64 demand)
{
	u32 i;

	for (i = 0; i < KMC_NR_EXPERTS; i++)
		if (predict_expert_shift[i] != PREDICT_MEAN && p->value_q8[i] != demand << 8)
			return false;
	return p->nr_samples;
}

void kmc_predict_observe(struct kmc_predict *p, const struct kmc_profile *profile,
			 const struct kmc_sample *s, u32 repeat)
{
	u64 demand = min_t(u64, s->demand, KMC_HIST_MAX);
	u32 run;

	for (run = 0; repeat && run < PREDICT_RUN_MAX; run++, repeat--) {
		/* the first step always: the profile's mean and the losses move on */
		if (run && predict_settled(p, demand))
			break;
		predict_step(p, profile, demand);
	}
	kmc_hist_add_bin_n(&p->excess, predict_excess_bin(p, demand), repeat);
	p->nr_samples = kmc_sat_add(p->nr_samples, repeat);
	p->next.p95 = p->next.mean + kmc_hist_quantile(&p->excess, PREDICT_P95_Q16);
	p->next.p99 = p->next.mean + kmc_hist_quantile(&p->excess, PREDICT_P99_Q16);
}
