// SPDX-License-Identifier: GPL-2.0
#include "profile.h"

#define PROFILE_ONE_Q32		0x100000000ULL
#define PROFILE_YOUNGEST	16	/* samples: forgetting starts here */
/* The smaller of two tails is at most 1/2: its surprise has one bit less */
#define PROFILE_TWO_SIDED_MBIT	1000

/* 1 - 2^(-1/H) = x - x^2/2! + x^3/3! ..., x = ln 2 / H */
static u32 profile_alpha_q32(u32 half_life)
{
	u64 x, term, sum;
	u32 k;

	half_life = clamp_t(u32, half_life, 1, KMC_HIST_HALF_LIFE_MAX);
	x = div_u64(KMC_LN2_Q32 + half_life / 2, half_life);
	sum = x;
	term = x;
	for (k = 2; term; k++) {
		term = div_u64(term * x >> 32, k);
		sum = k & 1 ? sum + term : sum - term;
	}
	return sum;
}

/* Set the half-life that fits the age */
static void profile_set_age(struct kmc_profile *p)
{
	/* what waits in the ring is not learned yet */
	u64 age = max_t(u64, p->nr_samples - p->lag_len + p->nr_prior, PROFILE_YOUNGEST);

	kmc_hist_set_half_life(&p->hist, min_t(u64, p->half_life, 1ULL << (fls64(age) - 1)));
}

void kmc_profile_init(struct kmc_profile *p, u32 half_life)
{
	memset(p, 0, sizeof(*p));
	kmc_hist_init(&p->hist, 0);
	kmc_profile_set_half_life(p, half_life);
}

void kmc_profile_set_half_life(struct kmc_profile *p, u32 half_life)
{
	p->half_life = half_life;
	p->alpha_q32 = profile_alpha_q32(half_life);
	profile_set_age(p);
}

/*
 * Make @p's moments those of a mixture with a share of another distribution:
 *   mean' = mean + share * diff
 *   var'  = (1 - share) * var + share * var2 + share * (1 - share) * diff^2
 * A run of n like samples is the same with var2 = 0, share = 1 - (1-alpha)^n.
 */
static void profile_mix(struct kmc_profile *p, u64 mean_q32, u64 var_q16, u64 share_q32)
{
	bool up = mean_q32 >= p->mean_q32;
	u64 diff_q32 = kmc_distance(mean_q32, p->mean_q32);
	u64 step_q32 = kmc_muldiv_floor(diff_q32, share_q32, PROFILE_ONE_Q32);
	u64 rest_q32 = PROFILE_ONE_Q32 - share_q32;
	/* means stay below 2^24, so Q16 has room for the square's 48 bits */
	u64 spread_q16 = kmc_muldiv_floor(diff_q32, diff_q32, 1ULL << 48);

	spread_q16 = kmc_muldiv_floor(spread_q16, share_q32, PROFILE_ONE_Q32);
	p->var_q16 = kmc_muldiv_floor(kmc_sat_add(p->var_q16, spread_q16), rest_q32,
				      PROFILE_ONE_Q32);
	p->var_q16 = kmc_sat_add(p->var_q16,
				 kmc_muldiv_floor(var_q16, share_q32, PROFILE_ONE_Q32));
	p->mean_q32 = up ? p->mean_q32 + step_q32 : p->mean_q32 - step_q32;
}

/* 1 - (1 - alpha)^n, by squaring */
static u64 profile_alpha_n_q32(const struct kmc_profile *p, u32 n)
{
	u64 keep_q32 = PROFILE_ONE_Q32, pow_q32 = PROFILE_ONE_Q32 - p->alpha_q32;

	for (; n; n >>= 1) {
		if (n & 1)
			keep_q32 = kmc_muldiv_floor(keep_q32, pow_q32, PROFILE_ONE_Q32);
		pow_q32 = kmc_muldiv_floor(pow_q32, pow_q32, PROFILE_ONE_Q32);
	}
	return PROFILE_ONE_Q32 - keep_q32;
}

/* Share of @n samples beside @seen others of the same weight */
static u64 profile_share_q32(u64 n, u64 seen)
{
	return n ? kmc_muldiv_floor(n, PROFILE_ONE_Q32, kmc_sat_add(n, seen)) : 0;
}

void kmc_profile_seed(struct kmc_profile *p, const struct kmc_profile *prior, u32 max_samples)
{
	u32 nr = kmc_hist_samples(&prior->hist);
	u32 weight_bp = KMC_BP;

	if (!nr || !max_samples)
		return;
	if (nr > max_samples)
		weight_bp = max_t(u32, div_u64((u64)max_samples * KMC_BP, nr), 1);
	nr = min(nr, max_samples);
	profile_mix(p, prior->mean_q32, prior->var_q16,
		    profile_share_q32(nr, p->nr_samples + p->nr_prior));
	kmc_hist_merge(&p->hist, &prior->hist, weight_bp);
	p->nr_prior += nr;
	profile_set_age(p);
}

void kmc_profile_merge(struct kmc_profile *prior, const struct kmc_profile *p)
{
	u32 nr = kmc_hist_samples(&p->hist);

	profile_mix(prior, p->mean_q32, p->var_q16,
		    profile_share_q32(nr, kmc_hist_samples(&prior->hist)));
	kmc_hist_merge(&prior->hist, &p->hist, KMC_BP);
	prior->nr_samples = kmc_sat_add(prior->nr_samples, p->nr_samples);
}

struct kmc_surprise kmc_profile_judge(const struct kmc_profile *p, u64 demand)
{
	u32 up = kmc_hist_tail_mbit(&p->hist, demand, true);
	u32 down = kmc_hist_tail_mbit(&p->hist, demand, false);
	struct kmc_surprise s = { 0, 0 };
	u32 most = max(up, down);

	if (most > PROFILE_TWO_SIDED_MBIT) {
		s.mbit = most - PROFILE_TWO_SIDED_MBIT;
		s.dir = up > down ? 1 : -1;
	}
	return s;
}

u64 kmc_profile_alarm(const struct kmc_profile *p, u32 threshold_mbit)
{
	return kmc_hist_alarm(&p->hist, threshold_mbit + PROFILE_TWO_SIDED_MBIT);
}

static void profile_learn(struct kmc_profile *p, u8 bin)
{
	u32 limit = min_t(u64, KMC_PROFILE_LAG, ++p->nr_samples / 2);
	u64 learned = p->nr_samples - p->lag_len;

	if (!(learned & (learned - 1)))
		profile_set_age(p);
	if (p->lag_len && p->lag_len >= limit) {
		kmc_hist_add_bin(&p->hist, p->lag[p->lag_tail]);
		p->lag_tail = (p->lag_tail + 1) % KMC_PROFILE_LAG;
		p->lag_len--;
	}
	if (limit) {
		p->lag[(p->lag_tail + p->lag_len) % KMC_PROFILE_LAG] = bin;
		p->lag_len++;
	} else {
		kmc_hist_add_bin(&p->hist, bin);
	}
}

/*
 * After twice the lag the ring has its full length and holds only @bin.  From then
 * on, what goes in comes out at once.
 */
static void profile_learn_n(struct kmc_profile *p, u8 bin, u32 n)
{
	u32 single = min_t(u32, n, 2 * KMC_PROFILE_LAG);

	n -= single;
	while (single--)
		profile_learn(p, bin);
	while (n) {	/* up to each age at which the half-life doubles */
		u64 learned = p->nr_samples - p->lag_len;
		u32 run = min_t(u64, n, (1ULL << fls64(learned)) - learned);

		kmc_hist_add_bin_n(&p->hist, bin, run);
		p->nr_samples += run;
		profile_set_age(p);
		n -= run;
	}
}

void kmc_profile_fold(struct kmc_profile *p, const struct kmc_sample *s, u32 repeat,
		      u32 censor_max)
{
	u64 demand = min_t(u64, s->demand, KMC_HIST_MAX);
	u64 share_q32 = max(profile_alpha_n_q32(p, repeat),
			    profile_share_q32(repeat, p->nr_samples + p->nr_prior));
	u32 learn = repeat;

	profile_mix(p, demand << 32, 0, share_q32);
	if (s->censored) {
		p->nr_censored = kmc_sat_add(p->nr_censored, repeat);
		learn = kmc_censor_run(&p->censored_run, repeat, censor_max);
	} else {
		p->censored_run = 0;
	}
	p->nr_samples = kmc_sat_add(p->nr_samples, repeat - learn);
	profile_learn_n(p, kmc_hist_bin(demand), learn);
}
