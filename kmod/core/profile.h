/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Profile: what is normal for one resource of one VM (or vCPU thread).
 *
 * A detector that learns what it is about to judge has forgiven it already.
 * So the histogram learns late: a sample waits in a ring of bin numbers for
 * KMC_PROFILE_LAG periods (fewer while young: half of what was seen) before
 * it is added.  A spike shorter than the lag is judged by what came before
 * it.  In the long run every sample counts once and in full, so the tail
 * stays calibrated.
 *
 * A VM's first samples are its boot, which says little of what it does later.
 * A young profile forgets fast: the half-life is the age, rounded
 * down to a power of two, until it reaches the one that was set.  A sample's
 * weight then grows in proportion to its number: boot that was the first 5 %
 * of all samples counts 0.25 %.
 *
 * Throttled samples are censored: what the VM would have used is known only
 * as a bound.  The moments learn demand (usage + what was withheld), the
 * histogram skips them, up to KMC_PROFILE_CENSOR_MAX_S in a row; after that
 * the change is taken as the VM's new nature and demand is learned.
 */
#ifndef KMC_PROFILE_H
#define KMC_PROFILE_H

#include "hist.h"

#define KMC_PROFILE_LAG			128
#define KMC_PROFILE_CENSOR_MAX_S	900
/* periods that a prior weighs at most: a minute of periods of 100 ms */
#define KMC_PROFILE_PRIOR		600

/**
 * struct kmc_sample - one period of one resource
 * @usage: consumed, in the resource's sample unit
 * @demand: usage plus what throttling withheld; equals @usage when nothing was
 * @censored: the period was throttled
 */
struct kmc_sample {
	u64 usage;
	u64 demand;
	bool censored;
};

/**
 * struct kmc_surprise - how improbable a sample was
 * @mbit: -log2 of twice the smaller tail probability, 0 at least
 * @dir: +1 too much, -1 too little, 0 neither (mbit is 0)
 */
struct kmc_surprise {
	u32 mbit;
	s32 dir;
};

/**
 * struct kmc_profile - decayed distribution of one resource
 * @hist: decayed histogram of demand, learned late
 * @mean_q32: decayed mean of demand; Q32, because at an hour's half-life a sample
 *            moves it by 2^-16 of the difference, and fewer bits would stand still
 * @var_q16: decayed variance of demand, Q16; demand counts up to KMC_HIST_MAX
 * @nr_samples: samples seen since init, prior not counted
 * @nr_prior: effective samples that came with the prior
 * @nr_censored: how many samples were censored
 * @censored_run: censored samples in a row, ends at the first free one
 * @half_life: in samples, as set; 0: no decay
 * @alpha_q32: share of a new sample in mean and variance, Q32: 1 - 2^(-1/H); a
 *             young profile takes a sample's equal share while that is larger
 * @lag: bins that wait to be learned, oldest at @lag_tail
 * @lag_tail: index of the oldest bin that waits
 * @lag_len: how many bins wait
 */
struct kmc_profile {
	struct kmc_hist hist;
	u64 mean_q32;
	u64 var_q16;
	u64 nr_samples;
	u64 nr_censored;
	u32 nr_prior;
	u32 censored_run;
	u32 half_life;
	u32 alpha_q32;
	u8 lag[KMC_PROFILE_LAG];
	u8 lag_tail;
	u8 lag_len;
};

/**
 * kmc_censor_run - count censored samples in a row
 * @run: how many there were, updated
 * @n: how many more there are
 * @most: the first @most in a row are not learned
 *
 * Return: how many of the @n samples are to be learned.
 */
static inline u32 kmc_censor_run(u32 *run, u32 n, u32 most)
{
	u32 before = *run;

	*run = min_t(u64, (u64)before + n, U32_MAX);
	return *run <= most ? 0 : *run - max(before, most);
}

/**
 * kmc_profile_init - an empty profile
 * @p: set
 * @half_life: in samples (periods); 0: no decay
 */
void kmc_profile_init(struct kmc_profile *p, u32 half_life);

/**
 * kmc_profile_set_half_life - decay at another rate from now on
 * @p: profile; what is learned stays
 * @half_life: in samples (periods); 0: no decay
 */
void kmc_profile_set_half_life(struct kmc_profile *p, u32 half_life);

/**
 * kmc_profile_seed - start from an image's prior
 * @p: profile
 * @prior: the image's
 * @max_samples: the prior's histogram counts as at most this many of the VM's own
 *               samples, so that the VM's own behaviour takes over after as many
 *               periods
 */
void kmc_profile_seed(struct kmc_profile *p, const struct kmc_profile *prior, u32 max_samples);

/**
 * kmc_profile_merge - fold a VM's profile into an image's prior, once per VM
 * @prior: the image's
 * @p: the VM's; samples count the same whichever VM they came from
 */
void kmc_profile_merge(struct kmc_profile *prior, const struct kmc_profile *p);

/**
 * kmc_profile_judge - how surprising a demand is; changes nothing
 * @p: profile
 * @demand: in the sample unit
 *
 * Return: the surprise under what was learned.
 */
struct kmc_surprise kmc_profile_judge(const struct kmc_profile *p, u64 demand);

/**
 * kmc_profile_alarm - smallest demand that is this surprising upwards
 * @p: profile
 * @threshold_mbit: surprise
 *
 * Return: the demand; U64_MAX when there is none yet.
 */
u64 kmc_profile_alarm(const struct kmc_profile *p, u32 threshold_mbit);

/**
 * kmc_profile_mean - decayed mean of demand
 * @p: profile
 *
 * Return: in the sample unit, rounded to the nearest.
 */
static inline u64 kmc_profile_mean(const struct kmc_profile *p)
{
	return (p->mean_q32 + (1ULL << 31)) >> 32;
}

/**
 * kmc_profile_fold - learn a sample
 * @p: profile
 * @s: sample
 * @repeat: how often it came (idle periods come in one call)
 * @censor_max: censored samples in a row after which demand is learned
 */
void kmc_profile_fold(struct kmc_profile *p, const struct kmc_sample *s, u32 repeat,
		      u32 censor_max);

#endif /* KMC_PROFILE_H */
